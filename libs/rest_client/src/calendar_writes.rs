//! Changes in users' calendars: written down before they are made, kept for a day so that they can be undone.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Sealed;

/// How far a change has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalendarWriteState {
    /// It is decided; whether it was made is not known yet.
    Begun,
    /// It was made.
    Done,
    /// It was taken back.
    Undone,
}

/// A change in a user's calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CalendarWrite {
    /// The change's id, which calendar_service makes of the user and the idempotency key.
    pub id: Uuid,
    /// Whose calendar it is in.
    pub user_id: Uuid,
    /// How far it has come.
    pub state: CalendarWriteState,
    /// What it does and what takes it back, which only calendar_service can read.
    pub plan: Sealed,
    /// When it was decided.
    pub created_at: DateTime<Utc>,
    /// When its state changed.
    pub updated_at: DateTime<Utc>,
}

/// Writes a change down before it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCalendarWrite {
    /// What it does and what takes it back; the ciphertext has up to 500,000 characters.
    pub plan: Sealed,
}

/// Says how far a change has come. A state never goes back: to say again what is known changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarWritePatch {
    /// `done` or `undone`.
    pub state: CalendarWriteState,
    /// What it did and what takes it back, with what Google answered.
    pub plan: Sealed,
}
