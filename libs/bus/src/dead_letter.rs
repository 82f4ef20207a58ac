//! What operators see of a group: its dead letters and its figures.

use chrono::{DateTime, Utc};

/// A message that was given up, with everything needed to judge it and to try it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// What [`crate::Bus::retry_dead`] and [`crate::Bus::purge_dead`] take, and the cursor of the list.
    pub id: String,
    /// The ordering key that it was published with.
    pub key: String,
    /// The bytes that were published; JSON of an envelope unless someone else wrote to the store.
    pub payload: Vec<u8>,
    /// Why it was given up.
    pub reason: String,
    /// How often it was handed out.
    pub attempts: u32,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// When it was first handed out; `None` when it never was.
    pub first_attempt_at: Option<DateTime<Utc>>,
    /// When it was given up.
    pub failed_at: DateTime<Utc>,
}

/// The figures of one group of one topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupStats {
    /// Published for the group and not in a handler's hand: new ones and those that wait for their retry.
    pub waiting: u64,
    /// Handed out and not settled yet.
    pub in_flight: u64,
    /// Dead letters.
    pub dead: u64,
    /// Partitions that no live consumer holds, so that nobody reads them; always 0 on SQLite.
    pub partitions_without_consumer: u32,
}

/// An instant from the store's milliseconds; the epoch for what no calendar holds.
pub(crate) fn instant(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}
