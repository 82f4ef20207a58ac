//! When people are busy and when they are free.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
}

/// Asks when calendars are busy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreeBusyQuery {
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when, at most 90 days later.
    pub to: DateTime<Utc>,
    /// Calendars and people's addresses, at most 50; the user's own calendar when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calendars: Vec<String>,
}

/// When one calendar is busy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusyCalendar {
    /// The calendar or the address.
    pub id: String,
    /// When it is busy, in order.
    pub busy: Vec<Slot>,
    /// Whether the user may see it; when not, `busy` says nothing.
    pub visible: bool,
}

/// When calendars are busy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeBusy {
    /// The calendars, in the order in which they were asked for.
    pub calendars: Vec<BusyCalendar>,
}

/// The hours in which meetings may lie, in the zone of the query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkingHours {
    /// The days of the week, read as `Mon`, `monday`, ….
    pub days: Vec<Weekday>,
    /// When the day begins.
    pub start: NaiveTime,
    /// When it ends, later than it begins; `00:00:00` is midnight at its end.
    pub end: NaiveTime,
}

impl Default for WorkingHours {
    /// Monday to Friday, 09:00 to 17:00.
    fn default() -> Self {
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        Self {
            days: vec![
                Weekday::Mon,
                Weekday::Tue,
                Weekday::Wed,
                Weekday::Thu,
                Weekday::Fri,
            ],
            start: hour(9),
            end: hour(17),
        }
    }
}

/// Asks when the user, and others, are free.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreeSlotsQuery {
    /// How long it must be, in minutes: 5 to 1,440.
    pub minutes: u32,
    /// The first local day; today when absent. What has passed of today is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The last local day, at most 61 days after the first; six days after it when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// The IANA zone of the days and hours; the user's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The hours that count; Monday to Friday, 09:00 to 17:00 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_hours: Option<WorkingHours>,
    /// The addresses of others who must be free too, at most 49.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attendees: Vec<String>,
    /// How many slots at most: 1 to 200, 20 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// When the user, and others, are free.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeSlots {
    /// The zone that the days and hours were taken in.
    pub zone: String,
    /// Spans in which everybody is free, each as long as asked for or longer, in order. They begin on a quarter
    /// of an hour.
    pub slots: Vec<Slot>,
    /// Attendees whose calendars the user may not see: whether they are free is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}
