//! Reading and writing one event: what Google checks, keeps, and counts as a change.

use super::calendar::{self, Event, Fields, Role, Target, View};
use super::error::ApiError;
use super::recurrence::Recurrence;
use super::state::{GuestMail, State};
use super::times::Moment;
use chrono_tz::Tz;
use serde_json::{Value, json};

/// What clients may send, but only Google sets.
const READ_ONLY: [&str; 16] = [
    "kind",
    "etag",
    "id",
    "htmlLink",
    "created",
    "updated",
    "creator",
    "organizer",
    "recurringEventId",
    "originalStartTime",
    "hangoutLink",
    "sequence",
    "eventType",
    "locked",
    "privateCopy",
    "attendeesOmitted",
];
/// Fields of an attendee that only Google sets.
const ATTENDEE_READ_ONLY: [&str; 3] = ["self", "organizer", "asyncOperation"];
const MAX_ATTENDEES: usize = 200;
const MAX_OVERRIDES: usize = 5;
/// Four weeks.
const MAX_REMINDER_MINUTES: i64 = 40_320;

/// Who does something to which calendar, and whether the guests hear of it.
pub(crate) struct Context<'a> {
    pub(crate) account: &'a str,
    /// As the client wrote it; may be `primary`.
    pub(crate) calendar: &'a str,
    /// `all`, `externalOnly` or `none`.
    pub(crate) send_updates: &'a str,
    /// The `If-Match` header.
    pub(crate) if_match: Option<&'a str>,
}

/// The id of the calendar, when the account may write to it.
fn writable(state: &State, context: &Context<'_>) -> Result<String, ApiError> {
    let (found, role) = calendar::of(&state.calendars, context.calendar, context.account)?;
    if role < Role::Writer {
        return Err(ApiError::read_only());
    }
    Ok(found.id.clone())
}

/// The id of the calendar, when the account may read its events.
pub(crate) fn readable(state: &State, calendar: &str, account: &str) -> Result<String, ApiError> {
    let (found, role) = calendar::of(&state.calendars, calendar, account)?;
    if role < Role::Reader {
        return Err(ApiError::not_found());
    }
    Ok(found.id.clone())
}

fn check_etag(context: &Context<'_>, view: &View) -> Result<(), ApiError> {
    match context.if_match {
        Some(wanted) if wanted != "*" && wanted != view.etag() => Err(ApiError::precondition_failed()),
        _ => Ok(()),
    }
}

fn find(state: &State, calendar_id: &str, id: &str) -> Result<(Target, View), ApiError> {
    let calendar = state.calendars.get(calendar_id).ok_or_else(ApiError::not_found)?;
    let target = calendar.find(id).ok_or_else(ApiError::not_found)?;
    let view = calendar.view(&target);
    Ok((target, view))
}

/// `events.get`. A deleted event is still found, with the status `cancelled`.
pub(crate) fn get(state: &State, context: &Context<'_>, id: &str) -> Result<View, ApiError> {
    let calendar_id = readable(state, context.calendar, context.account)?;
    find(state, &calendar_id, id).map(|(_, view)| view)
}

/// `events.insert`.
pub(crate) fn insert(state: &mut State, context: &Context<'_>, body: &Value) -> Result<View, ApiError> {
    let calendar_id = writable(state, context)?;
    let id = match body["id"].as_str() {
        Some(id) => {
            let is_valid = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'v').contains(&byte);
            if !(5..=1024).contains(&id.len()) || !id.bytes().all(is_valid) {
                return Err(ApiError::bad("invalid", "Invalid resource id value."));
            }
            id.to_owned()
        }
        None => state.event_id(),
    };
    let zone = state.calendars[&calendar_id].time_zone;
    let fields = checked(own_fields(body), zone, false)?;
    if calendar::is_cancelled(&fields) {
        return Err(ApiError::bad("invalid", "Invalid value for: status"));
    }
    let uid = fields.get("iCalUID").cloned();
    let events = &state.calendars[&calendar_id].events;
    let same_uid = |event: &Event| uid.is_some() && event.fields.get("iCalUID") == uid.as_ref();
    // Also when the other one is deleted: an id is never free again.
    if events.contains_key(&id) || events.values().any(same_uid) {
        return Err(ApiError::duplicate());
    }
    let now = state.now();
    let event = Event {
        id: id.clone(),
        fields,
        exception_of: None,
        creator: context.account.to_owned(),
        created: now,
        updated: now,
        sequence: body["sequence"].as_i64().unwrap_or(0).max(0),
        change: state.next_change(),
    };
    keep(state, &calendar_id, event);
    let (_, view) = find(state, &calendar_id, &id)?;
    mail(state, context, &view.fields, &view.id, "invitation");
    Ok(view)
}

/// `events.update` (all fields anew) and `events.patch` (a JSON merge patch).
pub(crate) fn change(
    state: &mut State,
    context: &Context<'_>,
    id: &str,
    body: &Value,
    is_patch: bool,
) -> Result<View, ApiError> {
    let calendar_id = writable(state, context)?;
    let (target, view) = find(state, &calendar_id, id)?;
    check_etag(context, &view)?;
    if body["id"].as_str().is_some_and(|given| given != view.id) {
        return Err(ApiError::bad("invalid", "Invalid resource id value."));
    }
    let calendar = &state.calendars[&calendar_id];
    let before = calendar.full_fields(&target);
    let is_instance = view.original.is_some();
    let wanted = if is_patch {
        let mut merged = Value::Object(before.clone());
        merge(&mut merged, &Value::Object(own_fields(body)));
        match merged {
            Value::Object(fields) => fields,
            _ => Fields::new(),
        }
    } else {
        own_fields(body)
    };
    let mut fields = checked(wanted, calendar.time_zone, is_instance)?;
    if let Some(uid) = before.get("iCalUID") {
        fields.insert("iCalUID".to_owned(), uid.clone());
    }
    let current = event_of(&target);
    if body["sequence"]
        .as_i64()
        .is_some_and(|given| given < current.sequence)
    {
        return Err(ApiError::bad(
            "invalid",
            "Invalid sequence value. The specified sequence number is below the current sequence number of the resource. Re-fetch the resource and use its sequence number on the following request.",
        ));
    }
    let moved = ["start", "end", "recurrence", "status"]
        .iter()
        .any(|name| before.get(*name) != fields.get(*name));
    let was_cancelled = calendar::is_cancelled(&before);
    let is_cancelled = calendar::is_cancelled(&fields);
    let invites = (was_cancelled && !is_cancelled).then_some("invitation");
    let subject = invites.unwrap_or(if is_cancelled { "cancellation" } else { "update" });
    let guests = if is_cancelled { before } else { fields.clone() };
    store(state, &calendar_id, &target, fields, moved, context.account);
    let (_, view) = find(state, &calendar_id, id)?;
    mail(state, context, &guests, id, subject);
    Ok(view)
}

/// `events.delete`.
pub(crate) fn delete(state: &mut State, context: &Context<'_>, id: &str) -> Result<(), ApiError> {
    let calendar_id = writable(state, context)?;
    let (target, view) = find(state, &calendar_id, id)?;
    if view.is_cancelled() {
        return Err(ApiError::deleted());
    }
    check_etag(context, &view)?;
    let mut fields = view.fields.clone();
    fields.insert("status".to_owned(), json!("cancelled"));
    store(state, &calendar_id, &target, fields, true, context.account);
    mail(state, context, &view.fields, id, "cancellation");
    Ok(())
}

fn event_of(target: &Target) -> &Event {
    match target {
        Target::Kept(event) => event,
        Target::Occurrence { series, .. } => series,
    }
}

/// Keeps the new fields of a target; an occurrence becomes an exception of its series.
fn store(state: &mut State, calendar_id: &str, target: &Target, fields: Fields, moved: bool, account: &str) {
    let now = state.now();
    let change = state.next_change();
    let Some(calendar) = state.calendars.get(calendar_id) else {
        return;
    };
    let current = event_of(target);
    let exception_of = match target {
        Target::Kept(event) => event.exception_of.clone(),
        Target::Occurrence { series, original } => Some((series.id.clone(), *original)),
    };
    let (id, fields) = match &exception_of {
        None => (current.id.clone(), fields),
        Some((series_id, original)) => {
            let base = calendar.events.get(series_id).map_or_else(Fields::new, |series| {
                calendar.occurrence_fields(series, *original)
            });
            (
                format!("{series_id}_{}", original.suffix()),
                difference(&base, fields),
            )
        }
    };
    let event = Event {
        id: id.clone(),
        fields,
        exception_of,
        creator: match target {
            Target::Kept(event) => event.creator.clone(),
            Target::Occurrence { .. } => account.to_owned(),
        },
        created: current.created,
        updated: now,
        sequence: current.sequence + i64::from(moved),
        change,
    };
    let is_whole = event.exception_of.is_none();
    keep(state, calendar_id, event);
    if is_whole
        && moved
        && let Some(calendar) = state.calendars.get_mut(calendar_id)
    {
        calendar.drop_lost_exceptions(&id);
    }
}

fn keep(state: &mut State, calendar_id: &str, event: Event) {
    if let Some(calendar) = state.calendars.get_mut(calendar_id) {
        calendar.events.insert(event.id.clone(), event);
    }
}

/// The fields that differ from `base`, with `null` for those that are gone.
fn difference(base: &Fields, fields: Fields) -> Fields {
    let gone = base.keys().filter(|name| !fields.contains_key(*name));
    let mut difference: Fields = gone.map(|name| (name.clone(), Value::Null)).collect();
    difference.extend(
        fields
            .into_iter()
            .filter(|(name, value)| base.get(name) != Some(value)),
    );
    difference
}

/// The fields of a body that a client may set; attendees without what Google says of them.
fn own_fields(body: &Value) -> Fields {
    let mut fields = body.as_object().cloned().unwrap_or_default();
    fields.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
    let attendees = fields.get_mut("attendees").and_then(Value::as_array_mut);
    for attendee in attendees.into_iter().flatten() {
        if let Some(attendee) = attendee.as_object_mut() {
            attendee.retain(|name, value| !ATTENDEE_READ_ONLY.contains(&name.as_str()) && !value.is_null());
        }
    }
    fields
}

/// RFC 7396: objects are merged, everything else is replaced, `null` takes away.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let Some(target) = target.as_object_mut() else {
        return;
    };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            merge(target.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Checks an event's fields and brings them into their kept form.
fn checked(mut fields: Fields, zone: Tz, is_instance: bool) -> Result<Fields, ApiError> {
    fields.retain(|_, value| !value.is_null());
    let part = |name: &str| fields.get(name).cloned().unwrap_or(Value::Null);
    let start = Moment::read(&part("start"), "start", zone)?;
    let end = Moment::read(&part("end"), "end", zone)?;
    match (start, end) {
        // Google takes an event without length, but a day that ends before it is over has none at all.
        (Moment::Day(start), Moment::Day(end)) if end <= start => return Err(ApiError::empty_range()),
        (Moment::At(start, _), Moment::At(end, _)) if end < start => return Err(ApiError::empty_range()),
        (Moment::Day(_), Moment::Day(_)) | (Moment::At(..), Moment::At(..)) => {}
        _ => {
            return Err(ApiError::bad(
                "invalid",
                "The start and end times must either both be date or both be dateTime.",
            ));
        }
    }
    let lines: Vec<Value> = part("recurrence").as_array().cloned().unwrap_or_default();
    if lines.is_empty() {
        fields.remove("recurrence");
    } else {
        if is_instance {
            return Err(ApiError::bad("invalid", "Invalid recurrence rule."));
        }
        for side in ["start", "end"] {
            let is_timed = matches!(start, Moment::At(..));
            if is_timed && fields.get(side).is_some_and(|side| side["timeZone"].is_null()) {
                let message = format!("Missing time zone definition for {side} time.");
                return Err(ApiError::bad("required", message));
            }
        }
        Recurrence::read(lines.iter().filter_map(Value::as_str), start)?;
    }
    check_choices(&fields)?;
    check_attendees(&fields)?;
    check_reminders(&fields)?;
    fields.insert("start".to_owned(), start.canonical());
    fields.insert("end".to_owned(), end.canonical());
    // The default status is not kept, so that setting it changes nothing.
    if fields.get("status").is_some_and(|status| status == "confirmed") {
        fields.remove("status");
    }
    Ok(fields)
}

/// The enumerations that Google's description has only in its prose.
fn check_choices(fields: &Fields) -> Result<(), ApiError> {
    let choices: [(&str, &[&str]); 4] = [
        ("status", &["confirmed", "tentative", "cancelled"]),
        ("transparency", &["opaque", "transparent"]),
        ("visibility", &["default", "public", "private", "confidential"]),
        (
            "colorId",
            &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"],
        ),
    ];
    for (name, allowed) in choices {
        let given = fields.get(name).and_then(Value::as_str);
        if given.is_some_and(|given| !allowed.contains(&given)) {
            return Err(ApiError::bad("invalid", format!("Invalid value for: {name}")));
        }
    }
    if fields.contains_key("conferenceData") || fields.contains_key("attachments") {
        return Err(ApiError::not_done("conferences and attachments"));
    }
    Ok(())
}

fn check_attendees(fields: &Fields) -> Result<(), ApiError> {
    let attendees = fields.get("attendees").and_then(Value::as_array);
    if attendees.is_some_and(|attendees| attendees.len() > MAX_ATTENDEES) {
        return Err(ApiError::bad(
            "invalid",
            "The number of attendees exceeds the limit of 200.",
        ));
    }
    for attendee in attendees.into_iter().flatten() {
        let Some(email) = attendee["email"].as_str() else {
            return Err(ApiError::bad("required", "Missing attendee email."));
        };
        let is_valid = email
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        if !is_valid || email.contains(char::is_whitespace) || email.matches('@').count() != 1 {
            return Err(ApiError::bad("invalid", "Invalid attendee email."));
        }
        let statuses = ["needsAction", "declined", "tentative", "accepted"];
        let status = attendee["responseStatus"].as_str();
        if status.is_some_and(|status| !statuses.contains(&status)) {
            return Err(ApiError::bad("invalid", "Invalid value for: responseStatus"));
        }
    }
    Ok(())
}

fn check_reminders(fields: &Fields) -> Result<(), ApiError> {
    let reminders = fields.get("reminders").unwrap_or(&Value::Null);
    let overrides = reminders["overrides"].as_array();
    let overrides = overrides.map_or(&[][..], Vec::as_slice);
    if reminders["useDefault"] == true && !overrides.is_empty() {
        return Err(ApiError::bad(
            "cannotUseDefaultRemindersAndSpecifyOverride",
            "Cannot specify both default reminders and overrides at the same time.",
        ));
    }
    if overrides.len() > MAX_OVERRIDES {
        return Err(ApiError::bad(
            "invalid",
            "The number of override reminders exceeds the limit of 5.",
        ));
    }
    for reminder in overrides {
        let method = reminder["method"].as_str().unwrap_or_default();
        if !["email", "popup"].contains(&method) {
            return Err(ApiError::bad("invalid", "Invalid value for: reminder method"));
        }
        let minutes = reminder["minutes"].as_i64();
        if !minutes.is_some_and(|minutes| (0..=MAX_REMINDER_MINUTES).contains(&minutes)) {
            return Err(ApiError::bad("invalid", "Invalid value for: reminder minutes"));
        }
    }
    Ok(())
}

/// Notes the mail that the guests get. `externalOnly` reaches those outside the organizer's domain.
fn mail(state: &mut State, context: &Context<'_>, fields: &Fields, id: &str, subject: &'static str) {
    let domain = context.account.split('@').nth(1).unwrap_or_default();
    let attendees = fields.get("attendees").and_then(Value::as_array);
    let guests = attendees
        .into_iter()
        .flatten()
        .filter_map(|attendee| attendee["email"].as_str())
        .filter(|email| *email != context.account);
    let to: Vec<String> = guests
        .filter(|email| match context.send_updates {
            "all" => true,
            "externalOnly" => email.split('@').nth(1) != Some(domain),
            _ => false,
        })
        .map(str::to_owned)
        .collect();
    if !to.is_empty() {
        state.mails.push(GuestMail {
            event_id: id.to_owned(),
            subject,
            to,
        });
    }
}
