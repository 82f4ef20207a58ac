//! The calendars that a user sees.

use serde::{Deserialize, Serialize};

/// What the user may do with a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// See when it is busy, and nothing else.
    FreeBusy,
    /// Read events.
    Reader,
    /// Read and write events.
    Writer,
    /// All of it.
    Owner,
}

/// A calendar in the user's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Google's id: an address.
    pub id: String,
    /// What the user calls it.
    pub name: String,
    /// The IANA zone that its events are planned in by default.
    pub time_zone: String,
    /// What the user may do with it.
    pub access: Access,
    /// Whether it is the user's main calendar.
    pub primary: bool,
    /// Whether the user shows it in Google Calendar; agendas and searches read these when no calendar is named.
    pub shown: bool,
}
