//! The cleanup: asks rest_service to drop what has been kept for long enough, and purges old dead letters.
//!
//! Both can be repeated and done by two replicas at once: what one has removed, the other does not find.

use std::sync::Arc;

use bus::{Bus, BusError};
use chrono::{DateTime, TimeDelta, Utc};
use messages::Topic;
use rest_client::{CleanUp, Client};
use service_kit::Clock;

use crate::jobs::queues;

/// How often rest_service is asked to go on in one cleanup, each time for some seconds; what is left then is left
/// to the next cleanup.
const MOST_STEPS: usize = 30;

/// How many dead letters are looked at in one go.
const PAGE: usize = 200;

/// Drops what is old.
pub struct Cleaner {
    rest: Client,
    bus: Bus,
    clock: Arc<dyn Clock>,
    dead_letters_days: u32,
}

impl Cleaner {
    /// A cleaner that purges dead letters after so many days; 0 keeps them.
    pub fn new(rest: Client, bus: Bus, clock: Arc<dyn Clock>, dead_letters_days: u32) -> Self {
        Self {
            rest,
            bus,
            clock,
            dead_letters_days,
        }
    }

    /// Does what can be done now; a part that fails is done by the next cleanup.
    pub async fn clean_up(&self) {
        let what = CleanUp {
            dead_letters_days: self.dead_letters_days,
        };
        for _ in 0..MOST_STEPS {
            match self.rest.clean_up(&what).await {
                Ok(done) => {
                    tracing::info!(removed = ?done.removed, complete = done.complete, "cleaned up");
                    if done.complete {
                        break;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the database is not cleaned up; trying again at the next cleanup");
                    break;
                }
            }
        }
        let days = TimeDelta::days(self.dead_letters_days.into());
        let Some(cutoff) = self.clock.now().checked_sub_signed(days) else {
            return;
        };
        if self.dead_letters_days == 0 {
            return;
        }
        for (topic, group) in queues() {
            match self.purge(&topic, group, cutoff).await {
                Ok(0) => {}
                Ok(purged) => {
                    metrics::counter!("bus_dead_letters_purged_total", "topic" => topic.to_string(), "group" => group)
                        .increment(purged);
                    tracing::info!(%topic, group, purged, "purged old dead letters");
                }
                Err(error) => tracing::warn!(%topic, group, %error, "old dead letters are not purged"),
            }
        }
    }

    /// Purges the dead letters that were given up before the cutoff; how many.
    async fn purge(&self, topic: &Topic, group: &str, cutoff: DateTime<Utc>) -> Result<u64, BusError> {
        let mut purged = 0;
        let mut after: Option<String> = None;
        loop {
            let page = self
                .bus
                .dead_letters(topic, group, after.as_deref(), PAGE)
                .await?;
            // The oldest stand first, but one that was tried again is as old as its last try: all are looked at.
            for dead in page.iter().filter(|dead| dead.failed_at < cutoff) {
                purged += u64::from(self.bus.purge_dead(topic, group, &dead.id).await?);
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.id.clone()),
                _ => return Ok(purged),
            }
        }
    }
}
