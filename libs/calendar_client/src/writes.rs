//! Changes of events: how much of a series they mean, what they answer with, and how they are undone.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Event, EventPatch};

/// How much of a series a change means. For an event that does not repeat all are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The instance that was named.
    #[default]
    ThisOne,
    /// The instance that was named and all after it.
    ThisAndFollowing,
    /// The whole series.
    All,
}

/// Changes an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateEvent {
    /// The same key again has no further effect and answers the same; 1 to 200 characters.
    pub idempotency_key: String,
    /// What changes.
    pub patch: EventPatch,
    /// How much of a series. A new time of a whole series moves every instance by as much as the named one.
    #[serde(default)]
    pub scope: Scope,
    /// The [`Event::etag`] that the change was decided on; with it, an event that was changed since is left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_version: Option<String>,
}

/// Deletes an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteEvent {
    /// The same key again has no further effect and answers the same; 1 to 200 characters.
    pub idempotency_key: String,
    /// How much of a series.
    #[serde(default)]
    pub scope: Scope,
    /// The [`Event::etag`] that the deletion was decided on; with it, an event that was changed since is left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_version: Option<String>,
}

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WriteKind {
    /// Made an event.
    Create,
    /// Changed one.
    Update,
    /// Deleted one.
    Delete,
}

/// A write that was made: the evidence, from what Google stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The write's id, to undo it by.
    pub id: Uuid,
    /// What it did.
    pub kind: WriteKind,
    /// How much of a series it meant.
    pub scope: Scope,
    /// The event as Google has it now; of a deletion, as it was.
    pub event: Event,
    /// The event as it was before a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Event>,
    /// Until when it can be undone.
    pub undo_until: DateTime<Utc>,
}

/// A write that was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// The write.
    pub id: Uuid,
    /// What the write had done.
    pub kind: WriteKind,
    /// The event as it is now; of a creation, as it was before it was removed again.
    pub event: Event,
}
