//! The calendars themselves: the user's list of them, their properties, and when they are busy.

use super::calendar::{self, Calendar, Role, Target, View};
use super::error::ApiError;
use super::listing::{self, Query};
use super::state::State;
use super::times;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

/// The longest range of a free/busy query; Google names no figure, clients found 90 days.
const MAX_RANGE_DAYS: i64 = 90;
const MAX_CALENDARS: usize = 50;

/// `calendarList.get`.
pub(crate) fn entry(state: &State, account: &str, id: &str) -> Result<Value, ApiError> {
    let (calendar, role) = calendar::of(&state.calendars, id, account)?;
    Ok(entry_of(calendar, role, account))
}

fn entry_of(calendar: &Calendar, role: Role, account: &str) -> Value {
    let mut json = json!({
        "kind": "calendar#calendarListEntry",
        "etag": etag(calendar),
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.time_zone.name(),
        "colorId": "14",
        "backgroundColor": "#9fe1e7",
        "foregroundColor": "#000000",
        "selected": true,
        "accessRole": role.name(),
        "defaultReminders": [{ "method": "popup", "minutes": 10 }],
        "conferenceProperties": { "allowedConferenceSolutionTypes": ["hangoutsMeet"] },
    });
    if calendar.id == account {
        json["primary"] = json!(true);
    }
    json
}

fn etag(calendar: &Calendar) -> String {
    format!(
        "\"c{}{}\"",
        calendar.summary.len(),
        calendar.time_zone.name().len()
    )
}

/// `calendarList.list`.
pub(crate) fn list(state: &mut State, account: &str, query: &Query<'_>) -> Result<Value, ApiError> {
    if query.text("syncToken").is_some() {
        return Err(ApiError::not_done("sync tokens of the list of calendars"));
    }
    let least = match query.text("minAccessRole") {
        Some("owner") => Role::Owner,
        Some("writer") => Role::Writer,
        Some("reader") => Role::Reader,
        _ => Role::FreeBusyReader,
    };
    let mut body = listing::paged(state, query, "calendarList", (100, 250), |state| {
        let mine = state.calendars.values().filter_map(|calendar| {
            let role = calendar
                .roles
                .get(account)
                .copied()
                .filter(|role| *role >= least)?;
            Some(entry_of(calendar, role, account))
        });
        Ok((mine.collect(), None))
    })?;
    body["kind"] = json!("calendar#calendarList");
    body["etag"] = json!("\"p1\"");
    Ok(body)
}

/// `calendars.get`.
pub(crate) fn get(state: &State, account: &str, id: &str) -> Result<Value, ApiError> {
    let (calendar, _) = calendar::of(&state.calendars, id, account)?;
    Ok(json!({
        "kind": "calendar#calendar",
        "etag": etag(calendar),
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.time_zone.name(),
        "conferenceProperties": { "allowedConferenceSolutionTypes": ["hangoutsMeet"] },
    }))
}

/// `freebusy.query`.
pub(crate) fn freebusy(state: &State, account: &str, body: &Value) -> Result<Value, ApiError> {
    let time = |name: &str| {
        let text = body[name].as_str();
        let text = text.ok_or_else(|| ApiError::bad("required", format!("Missing {name} parameter.")))?;
        let time =
            DateTime::parse_from_rfc3339(text).map_err(|_| ApiError::bad("badRequest", "Bad Request"))?;
        Ok(time.to_utc())
    };
    let (min, max): (DateTime<Utc>, DateTime<Utc>) = (time("timeMin")?, time("timeMax")?);
    if min >= max {
        return Err(ApiError::empty_range());
    }
    if max - min > TimeDelta::days(MAX_RANGE_DAYS) {
        return Err(ApiError::parameter(
            "timeMax",
            "timeRangeTooLong",
            "The requested time range is too long.",
        ));
    }
    let zone = match body["timeZone"].as_str() {
        None => Tz::UTC,
        Some(name) => {
            let message = format!("Invalid time zone: '{name}'.");
            times::zone(name).ok_or_else(|| ApiError::bad("invalid", message))?
        }
    };
    let items = body["items"].as_array().map_or(&[][..], Vec::as_slice);
    let most = body["calendarExpansionMax"].as_i64().unwrap_or(50);
    if items.len() > MAX_CALENDARS || i64::try_from(items.len()).is_ok_and(|count| count > most) {
        return Err(ApiError::bad(
            "tooManyCalendarsRequested",
            "The number of calendars requested is too large.",
        ));
    }
    let mut calendars = Map::new();
    for item in items {
        let id = item["id"].as_str();
        let id = id.ok_or_else(|| ApiError::bad("required", "Missing calendar id."))?;
        let answer = match calendar::of(&state.calendars, id, account) {
            Ok((calendar, _)) => {
                let busy = busy(state, calendar, min, max);
                let busy = busy.iter().map(|(start, end)| {
                    json!({ "start": times::rfc3339(*start, zone), "end": times::rfc3339(*end, zone) })
                });
                json!({ "busy": busy.collect::<Vec<_>>() })
            }
            Err(_) => json!({ "errors": [{ "domain": "global", "reason": "notFound" }], "busy": [] }),
        };
        calendars.insert(id.to_owned(), answer);
    }
    Ok(json!({
        "kind": "calendar#freeBusy",
        "timeMin": min.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        "timeMax": max.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        "calendars": calendars,
    }))
}

/// When a calendar is busy within the range: cut to it, in order, joined where they touch. An event in somebody else's
/// calendar counts when the owner is among its guests.
fn busy(
    state: &State,
    calendar: &Calendar,
    min: DateTime<Utc>,
    max: DateTime<Utc>,
) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let owner = calendar
        .roles
        .iter()
        .find(|(_, role)| **role == Role::Owner)
        .map_or("", |(email, _)| email.as_str());
    let mut spans = Vec::new();
    for other in state.calendars.values() {
        for view in unrolled(other, max) {
            let own = view
                .fields
                .get("attendees")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .find(|attendee| attendee["email"] == owner);
            let declined = own.is_some_and(|own| own["responseStatus"] == "declined");
            let is_here = other.id == calendar.id || (own.is_some() && calendar.id == owner);
            let free = view
                .fields
                .get("transparency")
                .is_some_and(|transparency| transparency == "transparent");
            if !is_here || view.is_cancelled() || declined || free {
                continue;
            }
            let zone = calendar.time_zone;
            let (start, end) = (view.start.instant(zone).max(min), view.end.instant(zone).min(max));
            if start < end {
                spans.push((start, end));
            }
        }
    }
    spans.sort();
    let mut joined: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for (start, end) in spans {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

/// The events of a calendar that start before `until`, series unrolled.
fn unrolled(calendar: &Calendar, until: DateTime<Utc>) -> Vec<View> {
    let mut views = Vec::new();
    for event in calendar.events.values() {
        if event.is_series() {
            views.extend(calendar.instances(event, until));
        } else if event.exception_of.is_none() {
            views.push(calendar.view(&Target::Kept(event.clone())));
        }
    }
    views
}
