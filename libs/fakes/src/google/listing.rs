//! Lists: which events a query finds, in which order, page by page, and since a sync token.

use super::calendar::{Calendar, Target, View};
use super::error::ApiError;
use super::events;
use super::state::State;
use super::times;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const DEFAULT_PAGE: usize = 250;
const MAX_PAGE: usize = 2500;
/// How far series without an end are unrolled when the query has none either; Google does not say how far it goes.
const HORIZON_DAYS: i64 = 730;
/// How far back `updatedMin` may lie; Google names no figure, this one is a guess.
const REMEMBERED_DAYS: i64 = 28;
/// What a sync token can't be combined with, and what keeps a list from giving one.
const NO_SYNC: [&str; 6] = [
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "updatedMin",
];

/// Two instants between which something has to lie; `None` is no bound.
type Range = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// A list that did not fit on its pages so far.
pub(crate) struct Page {
    /// The query that it belongs to, without the token and the page's size.
    query: String,
    /// The whole list, and how much of it was given out.
    items: Arc<Vec<Value>>,
    given: usize,
    /// The sync token for the last page.
    sync: Option<String>,
}

/// A checked query.
pub(crate) struct Query<'a>(pub(crate) &'a [(String, String)]);

impl Query<'_> {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    fn all(&self, name: &str) -> Vec<&str> {
        let found = self.0.iter().filter(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }

    fn time(&self, name: &str) -> Option<DateTime<Utc>> {
        let time = DateTime::parse_from_rfc3339(self.text(name)?).ok()?;
        // Google takes fractions, and ignores them.
        DateTime::from_timestamp(time.timestamp(), 0)
    }

    /// The zone in which times are answered.
    pub(crate) fn zone(&self, calendar: Tz) -> Result<Tz, ApiError> {
        let Some(name) = self.text("timeZone") else {
            return Ok(calendar);
        };
        let message = format!("Invalid time zone: '{name}'.");
        times::zone(name).ok_or_else(|| ApiError::parameter("timeZone", "invalid", message))
    }

    fn page_size(&self, default: usize, max: usize) -> usize {
        let wanted = self.text("maxResults").and_then(|text| text.parse().ok());
        wanted.unwrap_or(default).min(max)
    }

    /// The range of the query; its bounds are exclusive.
    fn range(&self) -> Result<Range, ApiError> {
        let (min, max) = (self.time("timeMin"), self.time("timeMax"));
        match (min, max) {
            (Some(min), Some(max)) if min >= max => Err(ApiError::empty_range()),
            _ => Ok((min, max)),
        }
    }

    /// What makes two queries the same list.
    fn identity(&self, of: &str) -> String {
        let mut parts: Vec<String> = self
            .0
            .iter()
            .filter(|(name, _)| name != "pageToken" && name != "maxResults")
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        parts.sort();
        format!("{of}?{}", parts.join("&"))
    }
}

/// Cuts a page off a list, or goes on with the list of the query's page token. `list` makes the items and the sync
/// token of the last page.
pub(crate) fn paged(
    state: &mut State,
    query: &Query<'_>,
    of: &str,
    sizes: (usize, usize),
    list: impl FnOnce(&State) -> Result<(Vec<Value>, Option<String>), ApiError>,
) -> Result<Value, ApiError> {
    let identity = query.identity(of);
    let (items, given, sync) = match query.text("pageToken") {
        None => {
            let (items, sync) = list(state)?;
            (Arc::new(items), 0, sync)
        }
        Some(token) => match state.pages.get(token) {
            Some(page) if page.query == identity => (Arc::clone(&page.items), page.given, page.sync.clone()),
            _ => {
                let message = "Invalid page token value.";
                return Err(ApiError::parameter("pageToken", "invalid", message));
            }
        },
    };
    let size = query.page_size(sizes.0, sizes.1);
    let size = match state.page_limit {
        // An empty first page, and then the others as asked for.
        Some(0) if query.text("pageToken").is_none() && !items.is_empty() => 0,
        Some(0) | None => size,
        Some(most) => size.min(most),
    };
    let mut body = json!({});
    let end = items.len().min(given + size);
    body["items"] = items.iter().take(end).skip(given).cloned().collect();
    if end < items.len() {
        let token = state.secret(40);
        let page = Page {
            query: identity,
            items,
            given: end,
            sync,
        };
        state.pages.insert(token.clone(), page);
        body["nextPageToken"] = json!(token);
    } else if let Some(sync) = sync {
        body["nextSyncToken"] = json!(sync);
    }
    Ok(body)
}

/// `events.list`.
pub(crate) fn events(
    state: &mut State,
    account: &str,
    calendar: &str,
    query: &Query<'_>,
) -> Result<Value, ApiError> {
    let id = events::readable(state, calendar, account)?;
    check(query)?;
    let zone = query.zone(state.calendars[&id].time_zone)?;
    let mut body = paged(state, query, &id, (DEFAULT_PAGE, MAX_PAGE), |state| {
        let calendar = &state.calendars[&id];
        let views = match query.text("syncToken") {
            None => find(state, calendar, query)?,
            Some(token) => changed(state, calendar, query, token)?,
        };
        let sync = NO_SYNC.iter().all(|name| query.text(name).is_none());
        let items = views
            .iter()
            .map(|view| present(calendar, view, account, zone, query));
        Ok((items.collect(), sync.then(|| sync_token(state.changes))))
    })?;
    let calendar = &state.calendars[&id];
    let updated = calendar.events.values().map(|event| event.updated).max();
    body["kind"] = json!("calendar#events");
    body["etag"] = json!(format!("\"p{}\"", state.changes));
    body["summary"] = json!(calendar.summary);
    body["updated"] = json!(times::rfc3339_millis(updated.unwrap_or(0)));
    body["timeZone"] = json!(zone.name());
    body["accessRole"] = json!(calendar.roles[account].name());
    body["defaultReminders"] = json!([{ "method": "popup", "minutes": 10 }]);
    Ok(body)
}

/// `events.instances`.
pub(crate) fn instances(
    state: &mut State,
    account: &str,
    calendar: &str,
    event_id: &str,
    query: &Query<'_>,
) -> Result<Value, ApiError> {
    let id = events::readable(state, calendar, account)?;
    let zone = query.zone(state.calendars[&id].time_zone)?;
    let (min, max) = query.range()?;
    let of = format!("{id}/{event_id}");
    let mut body = paged(state, query, &of, (DEFAULT_PAGE, MAX_PAGE), |state| {
        let calendar = &state.calendars[&id];
        let Some(Target::Kept(series)) = calendar.find(event_id) else {
            return Err(ApiError::not_found());
        };
        if !series.is_series() {
            return Err(ApiError::bad("invalid", "The event is not recurring."));
        }
        let mut views = calendar.instances(&series, until(state, min, max));
        views.retain(|view| {
            view.overlaps(min, max, calendar.time_zone)
                && (!view.is_cancelled() || query.flag("showDeleted"))
                && is_original(view, query.text("originalStart"))
        });
        sort(&mut views, Some("startTime"), calendar.time_zone);
        let items = views
            .iter()
            .map(|view| present(calendar, view, account, zone, query));
        Ok((items.collect(), None))
    })?;
    body["kind"] = json!("calendar#events");
    body["timeZone"] = json!(zone.name());
    body["accessRole"] = json!(state.calendars[&id].roles[account].name());
    Ok(body)
}

fn is_original(view: &View, wanted: Option<&str>) -> bool {
    let Some(wanted) = wanted else { return true };
    let Some((_, original)) = view.original else {
        return false;
    };
    let time = DateTime::parse_from_rfc3339(wanted).map(|time| time.to_utc());
    match original {
        times::Moment::Day(day) => day.to_string() == wanted,
        times::Moment::At(instant, _) => time.is_ok_and(|time| time == instant),
    }
}

/// One item of a list.
pub(crate) fn present(calendar: &Calendar, view: &View, account: &str, zone: Tz, query: &Query<'_>) -> Value {
    let mut json = view.present(calendar, account, zone);
    let max = query
        .text("maxAttendees")
        .and_then(|text| text.parse::<usize>().ok());
    if let (Some(max), Some(attendees)) = (max, json["attendees"].as_array_mut())
        && attendees.len() > max
    {
        // Google keeps the participant, which is the account itself.
        attendees.retain(|attendee| attendee["self"] == true);
        json["attendeesOmitted"] = json!(true);
    }
    json
}

fn check(query: &Query<'_>) -> Result<(), ApiError> {
    query.range()?;
    if query.text("orderBy") == Some("startTime") && !query.flag("singleEvents") {
        let message = "The requested ordering is not available for the particular query.";
        return Err(ApiError::parameter("orderBy", "badRequest", message));
    }
    if query.text("syncToken").is_some() {
        let with = ["timeMin", "timeMax"].iter().chain(&NO_SYNC);
        if let Some(name) = with.into_iter().find(|name| query.text(name).is_some()) {
            let message = format!("Sync token cannot be used with {name}.");
            return Err(ApiError::parameter("syncToken", "invalid", message));
        }
        if query.text("showDeleted") == Some("false") {
            let message = "Sync token cannot be used with showDeleted set to false.";
            return Err(ApiError::parameter("syncToken", "invalid", message));
        }
    }
    for name in ["privateExtendedProperty", "sharedExtendedProperty"] {
        if query.all(name).iter().any(|text| !text.contains('=')) {
            let message = format!("Invalid value for: {name}");
            return Err(ApiError::parameter(name, "invalid", message));
        }
    }
    Ok(())
}

/// Until when series are unrolled.
fn until(state: &State, min: Option<DateTime<Utc>>, max: Option<DateTime<Utc>>) -> DateTime<Utc> {
    let now = DateTime::from_timestamp(state.now(), 0).unwrap_or_default();
    let horizon = min
        .unwrap_or(now)
        .max(now)
        .checked_add_signed(TimeDelta::days(HORIZON_DAYS));
    max.or(horizon).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn find(state: &State, calendar: &Calendar, query: &Query<'_>) -> Result<Vec<View>, ApiError> {
    let (min, max) = query.range()?;
    let until = until(state, min, max);
    let (single, deleted) = (query.flag("singleEvents"), query.flag("showDeleted"));
    let updated_min = query.time("updatedMin").map(|time| time.timestamp());
    if updated_min.is_some_and(|since| since < state.now() - REMEMBERED_DAYS * 24 * 3600) {
        return Err(ApiError::updated_min_too_long_ago());
    }
    let mut views = Vec::new();
    for event in calendar.events.values() {
        let view = calendar.view(&Target::Kept(event.clone()));
        if event.is_series() {
            let instances = calendar.instances(event, until);
            let in_range = |view: &View| view.overlaps(min, max, calendar.time_zone);
            if single {
                views.extend(instances.into_iter().filter(in_range));
            } else if instances.iter().any(in_range) {
                views.push(view);
            }
        } else if event.exception_of.is_some() {
            // Among single events it came with its series.
            let series = event.exception_of.as_ref().map(|(series, _)| series);
            let series = series.and_then(|series| calendar.events.get(series));
            if !single && series.is_some_and(|series| !series.is_cancelled()) {
                views.push(view);
            }
        } else {
            views.push(view);
        }
    }
    views.retain(|view| {
        let is_exception = view.original.is_some();
        let shows_cancelled = deleted || (is_exception && !single) || updated_min.is_some();
        (!view.is_cancelled() || shows_cancelled)
            && updated_min.is_none_or(|since| view.updated >= since)
            && view.overlaps(min, max, calendar.time_zone)
            && matches(calendar, view, query)
    });
    sort(&mut views, query.text("orderBy"), calendar.time_zone);
    Ok(views)
}

fn sort(views: &mut [View], order: Option<&str>, zone: Tz) {
    match order {
        Some("startTime") => views.sort_by_key(|view| (view.start.instant(zone), view.id.clone())),
        Some("updated") => views.sort_by_key(|view| (view.updated, view.change, view.id.clone())),
        // "An unspecified, stable order": by id, which is nobody's order of time.
        _ => views.sort_by(|one, other| one.id.cmp(&other.id)),
    }
}

fn sync_token(changes: u64) -> String {
    format!("CFake{changes}=")
}

fn changed(
    state: &State,
    calendar: &Calendar,
    query: &Query<'_>,
    token: &str,
) -> Result<Vec<View>, ApiError> {
    let number = token
        .strip_prefix("CFake")
        .and_then(|rest| rest.strip_suffix('='));
    let Some(since) = number.and_then(|number| number.parse::<u64>().ok()) else {
        let message = "Invalid sync token value.";
        return Err(ApiError::parameter("syncToken", "invalid", message));
    };
    if since < state.oldest_sync {
        return Err(ApiError::full_sync_required());
    }
    let mut views = Vec::new();
    for event in calendar.events.values().filter(|event| event.change > since) {
        if event.is_series() && query.flag("singleEvents") {
            views.extend(calendar.instances(event, until(state, None, None)));
        } else {
            views.push(calendar.view(&Target::Kept(event.clone())));
        }
    }
    // An exception may have come both by itself and with its series.
    let unique: BTreeMap<String, View> = views.into_iter().map(|view| (view.id.clone(), view)).collect();
    Ok(unique.into_values().collect())
}

/// Whether an event has what the query looks for.
fn matches(calendar: &Calendar, view: &View, query: &Query<'_>) -> bool {
    let json = || view.present(calendar, "", Tz::UTC);
    if let Some(uid) = query.text("iCalUID")
        && json()["iCalUID"] != uid
    {
        return false;
    }
    for (name, kind) in [
        ("privateExtendedProperty", "private"),
        ("sharedExtendedProperty", "shared"),
    ] {
        for wanted in query.all(name) {
            let (property, value) = wanted.split_once('=').unwrap_or((wanted, ""));
            let properties = view.fields.get("extendedProperties");
            if properties.is_none_or(|properties| properties[kind][property] != value) {
                return false;
            }
        }
    }
    let kinds = query.all("eventTypes");
    if !kinds.is_empty() && !kinds.contains(&"default") {
        return false;
    }
    let text = query.text("q").unwrap_or_default();
    let wanted = words(text);
    wanted.is_empty() || {
        let found = words(&searchable(&json()));
        wanted.iter().all(|word| found.contains(word))
    }
}

/// What a search looks through, as Google lists it.
fn searchable(event: &Value) -> String {
    let mut texts: Vec<&str> = ["summary", "description", "location"]
        .iter()
        .filter_map(|name| event[*name].as_str())
        .collect();
    let attendees = event["attendees"].as_array().map_or(&[][..], Vec::as_slice);
    for person in attendees.iter().chain([&event["organizer"]]) {
        texts.extend(
            ["displayName", "email"]
                .iter()
                .filter_map(|name| person[*name].as_str()),
        );
    }
    texts.join(" ")
}

/// Whole words without their case: Google's search does not find parts of words.
fn words(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}
