//! How a bus and a consumer behave.

use std::time::Duration;

/// How a bus behaves.
#[derive(Clone, Debug)]
pub struct BusOptions {
    /// What every Redis key starts with; not used on SQLite, where the file is the name space.
    pub key_prefix: String,
    /// Into how many partitions a new topic is cut on Redis, 1 to 1024: the most consumers of a group that can
    /// work at the same time. Stored with the topic when it is first used, and never changed after that.
    pub partitions: u32,
}

impl Default for BusOptions {
    fn default() -> Self {
        Self {
            key_prefix: "sa".into(),
            partitions: 16,
        }
    }
}

/// How a consumer behaves.
#[derive(Clone, Debug)]
pub struct ConsumerOptions {
    /// How many deliveries may be unsettled at the same time.
    ///
    /// Up to 16 of them are fetched ahead of [`crate::Consumer::next`]; with 1, nothing is fetched ahead.
    pub max_in_flight: usize,
    /// How often a message is handed out before it becomes a dead letter.
    pub max_attempts: u32,
    /// How long after its last sign of life a consumer is believed dead. It is renewed five times as often, and at
    /// least every second; that is also how often a consumer looks whether another one died.
    pub lease: Duration,
    /// How often streams are trimmed behind what every group has acked (Redis; SQLite trims with each ack).
    pub trim_interval: Duration,
}

impl Default for ConsumerOptions {
    /// 64 in flight, 5 attempts, a lease of 6 s (so that a dead consumer's work is taken over within 10 s).
    fn default() -> Self {
        Self {
            max_in_flight: 64,
            max_attempts: 5,
            lease: Duration::from_secs(6),
            trim_interval: Duration::from_secs(10),
        }
    }
}

impl ConsumerOptions {
    /// How many deliveries are fetched ahead of the handler: few, because a crash counts as an attempt of each.
    pub(crate) fn buffer(&self) -> usize {
        self.max_in_flight.clamp(1, 16)
    }

    /// How often the lease is renewed.
    pub(crate) fn renew_every(&self) -> Duration {
        (self.lease / 5).clamp(Duration::from_millis(10), Duration::from_secs(1))
    }
}
