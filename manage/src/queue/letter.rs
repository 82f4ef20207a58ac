//! A dead letter as the operator reads it, and the name it goes by on the command line.

use std::fmt;

use anyhow::bail;
use bus::DeadLetter;
use chrono::{DateTime, Utc};
use messages::Topic;
use serde::Serialize;
use serde_json::Value;

/// A dead letter with its queue.
#[derive(Serialize)]
pub(super) struct Letter {
    id: String,
    key: String,
    kind: String,
    reason: String,
    attempts: u32,
    published_at: DateTime<Utc>,
    failed_at: DateTime<Utc>,
    payload: Value,
}

impl Letter {
    pub(super) fn new(topic: &Topic, group: &str, dead: &DeadLetter) -> Self {
        // What nobody could read is the very reason why some are here: it is shown as text then.
        let payload = serde_json::from_slice(&dead.payload)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&dead.payload).into_owned()));
        let kind = payload
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or("unreadable")
            .to_owned();
        Self {
            id: name(topic, group, &dead.id),
            key: dead.key.clone(),
            kind,
            reason: dead.reason.clone(),
            attempts: dead.attempts,
            published_at: dead.published_at,
            failed_at: dead.failed_at,
            payload,
        }
    }
}

/// Without what the message says: it is somebody's, and a terminal may be watched.
impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}  {}  given up {} after {} attempts: {}",
            self.id,
            self.kind,
            self.failed_at.format("%Y-%m-%d %H:%M:%S UTC"),
            self.attempts,
            self.reason
        )
    }
}

/// The name of a dead letter: its queue, the queue's reader and the bus's own id.
pub(super) fn name(topic: &Topic, group: &str, id: &str) -> String {
    format!("{topic}/{group}/{id}")
}

/// The dead letter that a name means.
///
/// # Errors
/// It is not such a name.
pub(super) fn find(name: &str) -> anyhow::Result<(Topic, &'static str, String)> {
    for (topic, group) in cron_service::queues() {
        if let Some(id) = name.strip_prefix(&format!("{topic}/{group}/")) {
            return Ok((topic, group, id.to_owned()));
        }
    }
    bail!("{name} is not the id of a dead letter; `manage queue dead` lists them")
}
