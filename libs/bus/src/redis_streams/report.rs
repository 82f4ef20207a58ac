//! What Redis says of its clock, and of what it does with what it was given.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::RedisBus;
use crate::{BusError, dead_letter::instant};

/// What an operator should know of the Redis behind a bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisReport {
    /// Its clock.
    pub now: DateTime<Utc>,
    /// Whether it writes what it confirms to an append-only file; without one, a restart loses messages.
    pub appends: bool,
    /// When that file reaches the disk (`always`, `everysec`, `no`); `None` when it does not tell.
    pub fsync: Option<String>,
    /// What it does when its memory is full; anything but `noeviction` may drop messages.
    pub eviction: String,
    /// The memory that it may take, in bytes; 0 is without limit.
    pub memory_limit: u64,
}

impl RedisBus {
    /// `INFO` rather than `CONFIG GET` where both tell: managed servers forbid the latter.
    pub(crate) async fn report(&self) -> Result<RedisReport, BusError> {
        let ((seconds, micros), persistence, memory): ((i64, i64), String, String) = self
            .run(|mut connection| async move {
                redis::pipe()
                    .cmd("TIME")
                    .cmd("INFO")
                    .arg("persistence")
                    .cmd("INFO")
                    .arg("memory")
                    .query_async(&mut connection)
                    .await
            })
            .await?;
        let fsync: Option<HashMap<String, String>> = self
            .run(|mut connection| async move {
                let mut command = redis::cmd("CONFIG");
                command.arg("GET").arg("appendfsync");
                command.query_async(&mut connection).await
            })
            .await
            .ok();
        Ok(RedisReport {
            now: instant(seconds.saturating_mul(1000).saturating_add(micros / 1000)),
            appends: field(&persistence, "aof_enabled") == Some("1"),
            fsync: fsync.and_then(|mut told| told.remove("appendfsync")),
            eviction: field(&memory, "maxmemory_policy").unwrap_or("unknown").to_owned(),
            memory_limit: field(&memory, "maxmemory")
                .and_then(|bytes| bytes.parse().ok())
                .unwrap_or_default(),
        })
    }
}

/// A field of `INFO`, whose lines are `name:value`.
fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .map(str::trim)
}
