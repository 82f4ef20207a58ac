//! Events: what they hold, what makes one, what changes one, and how they are looked for.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{EventTime, NewTime};

/// Whether an event takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventStatus {
    /// It does.
    Confirmed,
    /// It may.
    Tentative,
    /// It does not: it was deleted, or is a deleted instance of a series.
    Cancelled,
}

/// What somebody answered to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// Nothing yet.
    NeedsAction,
    /// No.
    Declined,
    /// Maybe.
    Tentative,
    /// Yes.
    Accepted,
}

/// Somebody who is invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    /// Their address.
    pub email: String,
    /// Their name, where Google knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What they answered.
    pub response: Response,
    /// Whether they need not come.
    #[serde(default)]
    pub optional: bool,
    /// Whether this is the user.
    #[serde(default, rename = "self")]
    pub is_self: bool,
    /// Whether they made the event.
    #[serde(default)]
    pub organizer: bool,
}

/// How a reminder of Google's reaches the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReminderMethod {
    /// On the user's devices.
    Popup,
    /// By mail.
    Email,
}

/// A reminder that Google sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reminder {
    /// How.
    pub method: ReminderMethod,
    /// How many minutes before the event begins: 0 to 40,320 (four weeks).
    pub minutes: u32,
}

/// Which reminders Google sends for an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Reminders {
    /// Those of the calendar.
    Default,
    /// These, at most five; none when empty.
    Own {
        /// The reminders.
        list: Vec<Reminder>,
    },
}

/// How a series repeats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// `RRULE`, `RDATE` and `EXDATE` lines (RFC 5545), without `DTSTART`.
    pub rules: Vec<String>,
    /// The same as a phrase: `every week on Monday and Friday`.
    pub description: String,
}

/// An event, or one instance of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Google's id, unique in its calendar.
    pub id: String,
    /// The calendar it was read from.
    pub calendar_id: String,
    /// The version: it changes with every change.
    pub etag: String,
    /// Whether it takes place.
    pub status: EventStatus,
    /// What it is called; empty when it has no title or the user may not see it.
    pub title: String,
    /// When it is.
    pub time: EventTime,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// More about it; may be HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who is invited; at most 200.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attendees: Vec<Attendee>,
    /// Who made it, when it was not the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizer: Option<String>,
    /// What Google reminds of.
    pub reminders: Reminders,
    /// How it repeats, when this is a series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// The series, when this is an instance of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series_id: Option<String>,
    /// When the series planned this instance, which may have been moved since. Of an all-day one: the first
    /// instant of that date in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_start: Option<DateTime<Utc>>,
    /// Whether it keeps the user busy.
    pub busy: bool,
    /// What the user answered, when they are invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Response>,
    /// Its page in Google Calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_link: Option<String>,
    /// Where the call is joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_link: Option<String>,
}

impl Event {
    /// Whether it is a series or an instance of one: a change must say how much of it is meant.
    pub fn is_of_series(&self) -> bool {
        self.recurrence.is_some() || self.series_id.is_some()
    }

    /// Whether others are invited, who will see a change.
    pub fn has_guests(&self) -> bool {
        self.attendees.iter().any(|attendee| !attendee.is_self)
    }
}

/// Makes an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewEvent {
    /// The same key again answers with the event that it made; 1 to 200 characters.
    pub idempotency_key: String,
    /// What it is called, 1 to 1,000 characters.
    pub title: String,
    /// When.
    pub time: NewTime,
    /// Where, up to 1,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// More about it, up to 8,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The addresses of who is invited, at most 100; Google mails them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attendees: Vec<String>,
    /// What Google reminds of; the calendar's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminders: Option<Reminders>,
    /// How it repeats: `RRULE:…` lines (RFC 5545); not at all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recurrence: Vec<String>,
}

/// The fields of an event that change; what is absent stays, and `null` clears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventPatch {
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<NewTime>,
    /// Where.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub location: Option<Option<String>>,
    /// More about it.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub description: Option<Option<String>>,
    /// Everybody who is invited, without the user. Who was invited before keeps their answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attendees: Option<Vec<String>>,
    /// What Google reminds of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminders: Option<Reminders>,
    /// How it repeats; an empty list makes a series one event. Not for one instance of a series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Vec<String>>,
}

impl EventPatch {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which events, and which page of them. Series are expanded to their instances; the earliest come first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsQuery {
    /// Words that the title, place, description or people contain; up to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The first local day; 30 days ago when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The last local day; a year from now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// The calendar; the user's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// The IANA zone of the days; the user's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The `next_cursor` of the page before; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many at most: 1 to 250, 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Reads a field that is present, `null` included; with `#[serde(default)]` an absent one stays `None`.
fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
