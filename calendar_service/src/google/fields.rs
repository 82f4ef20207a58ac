//! Our events as the fields that Google takes.

use calendar_client::{EventTime, Reminder, ReminderMethod, Reminders};
use chrono::SecondsFormat;
use google_calendar3::api;
use serde_json::{Map, Value, json};

/// An event's fields by Google's names.
pub(crate) type Fields = Map<String, Value>;

/// What Google says of an event and does not take from us.
const READ_ONLY: [&str; 15] = [
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
    "locked",
    "privateCopy",
    "attendeesOmitted",
];

/// An event's fields as Google gave them, without those that are not set.
fn event_fields(event: &api::Event) -> Fields {
    match without_nulls(serde_json::to_value(event).unwrap_or_default()) {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

/// The fields that can be written again: what Google says of an event is left out.
pub(crate) fn bare(event: &api::Event) -> Fields {
    let mut fields = event_fields(event);
    fields.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
    fields
}

/// google-calendar3's types write what is not set as `null`, which in a patch would clear it.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name, without_nulls(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

/// `start` and `end`. In a patch, the `null`s clear what another kind of time left.
pub(crate) fn time_fields(time: &EventTime) -> [(&'static str, Value); 2] {
    match time {
        EventTime::AllDay { first, last } => {
            let day = |day: chrono::NaiveDate| json!({ "date": day.to_string(), "dateTime": null, "timeZone": null });
            // Google's last day is the first that is not part of it.
            let end = last.succ_opt().unwrap_or(*last);
            [("start", day(*first)), ("end", day(end))]
        }
        EventTime::Timed { start, end, zone } => {
            let at = |at: &chrono::DateTime<chrono::Utc>| json!({ "dateTime": at.to_rfc3339_opts(SecondsFormat::Secs, true), "timeZone": zone, "date": null });
            [("start", at(start)), ("end", at(end))]
        }
    }
}

/// `reminders`.
pub(crate) fn reminder_fields(reminders: &Reminders) -> Value {
    match reminders {
        Reminders::Default => json!({ "useDefault": true, "overrides": [] }),
        Reminders::Own { list } => {
            let overrides: Vec<Value> = list
                .iter()
                .map(|Reminder { method, minutes }| {
                    let method = match method {
                        ReminderMethod::Popup => "popup",
                        ReminderMethod::Email => "email",
                    };
                    json!({ "method": method, "minutes": minutes })
                })
                .collect();
            json!({ "useDefault": false, "overrides": overrides })
        }
    }
}
