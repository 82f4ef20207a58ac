//! The identity of an event: deterministic, so that the same happening always has the same id.

use std::fmt;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The deterministic id of an event; what makes every later step idempotent.
///
/// The forms are `tg:{bot}:{update_id}`, `api:{user}:{client id}`, `api:{user}:{client id}:press`, `task:{id}:{scheduled_for}`, and
/// `{event}:{n}` for the n-th reply to an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct EventId(
    #[schemars(length(min = 1, max = 200), regex(pattern = r"\S"), example = &"tg:1:42")] String,
);

impl EventId {
    /// Takes an id as its source wrote it.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id of a Telegram update as one bot saw it: update ids are unique per bot only.
    pub fn telegram(bot_id: u64, update_id: impl Into<i64>) -> Self {
        let update_id: i64 = update_id.into();
        Self(format!("tg:{bot_id}:{update_id}"))
    }

    /// The id of one planned firing of a task; `scheduled_for` is in Unix milliseconds.
    pub fn task(task_id: Uuid, scheduled_for_ms: i64) -> Self {
        Self(format!("task:{task_id}:{scheduled_for_ms}"))
    }

    /// The instant that a firing of a task was planned for, by its id.
    pub fn planned_for(&self) -> Option<DateTime<Utc>> {
        let (_, milliseconds) = self.0.strip_prefix("task:")?.split_once(':')?;
        DateTime::from_timestamp_millis(milliseconds.parse().ok()?)
    }

    /// The id of a message that a user sent over REST, by the id that the client made for it.
    pub fn api(user_id: Uuid, client_id: &str) -> Self {
        Self(format!("api:{user_id}:{client_id}"))
    }

    /// The id of a press over REST, by the id that the client made for it.
    pub fn api_press(user_id: Uuid, client_id: &str) -> Self {
        Self(format!("api:{user_id}:{client_id}:press"))
    }

    /// The id of the n-th thing that follows from this event: a reply, a tool call.
    #[must_use]
    pub fn child(&self, n: usize) -> Self {
        Self(format!("{}:{n}", self.0))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
