//! The loop that turns due rows into events: claim, publish, record; one call each, however many are due.
//!
//! A crash after the claim: the lease runs out and the tasks are claimed again. A crash after publishing: they
//! are published again under the same event id, which whoever handles them knows already. A crash after
//! recording: nothing is left to do.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bus::{Bus, BusError};
use messages::{Envelope, Event, TaskAction, Topic, TraceId};
use rest_client::{ClaimTasks, Client, NewTaskRunOf, NewTaskRuns, RunOutcome};
use service_kit::{Clock, Lifecycle};
use tokio::time::Instant;
use uuid::Uuid;

use crate::due::{Firing, firing};

/// How many tasks one claim takes; more due at once take more claims, one after the other.
const BATCH: u32 = 200;

/// How long a claim holds, in seconds: a crashed replica's tasks wait this long. A batch takes well under a second.
/// Where it takes longer, others claim the tasks meanwhile and nobody's runs are recorded: each such batch doubles it, up
/// to [`LONGEST_LEASE`], and each that was in time halves it again.
const LEASE: u32 = 1;

const LONGEST_LEASE: u32 = 32;

/// The longest wait after failed looks; the first is the poll interval, doubling.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Turns due tasks into events.
pub struct Ticker {
    rest: Client,
    bus: Bus,
    clock: Arc<dyn Clock>,
    /// How long the next claim holds, in seconds.
    lease: AtomicU32,
}

/// Why a look at what is due failed; nothing is lost, the next look finds it again.
#[derive(Debug, thiserror::Error)]
pub enum TickError {
    /// The due tasks could not be claimed.
    #[error("cannot claim due tasks")]
    Claim(#[source] rest_client::Error),
    /// They could not be published.
    #[error("cannot publish due tasks")]
    Publish(#[source] BusError),
    /// The runs could not be recorded.
    #[error("cannot record the runs")]
    Record(#[source] rest_client::Error),
}

impl Ticker {
    /// A ticker that asks `rest` and publishes on `bus`.
    pub fn new(rest: Client, bus: Bus, clock: Arc<dyn Clock>) -> Self {
        Self {
            rest,
            bus,
            clock,
            lease: AtomicU32::new(LEASE),
        }
    }

    /// Looks every `poll` until the process stops.
    pub async fn run(&self, poll: Duration, lifecycle: &Lifecycle) {
        let mut wait = poll;
        while !lifecycle.is_stopping() {
            let started = Instant::now();
            match self.tick().await {
                Ok(fired) if fired == BATCH as usize => continue,
                Ok(_) => wait = poll,
                Err(error) => {
                    if wait == poll {
                        tracing::warn!(error = %chain(&error), "due tasks wait; trying again");
                    }
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
            let pause = tokio::time::sleep_until(started + wait);
            if lifecycle.until_stopping(pause).await.is_none() {
                break;
            }
        }
    }

    /// Claims one batch of due tasks, publishes it and records the runs; how many there were.
    ///
    /// # Errors
    /// See [`TickError`]. What was not recorded is claimed again when its lease has run out.
    pub async fn tick(&self) -> Result<usize, TickError> {
        let claim = ClaimTasks {
            limit: BATCH,
            lease_seconds: self.lease.load(Ordering::Relaxed),
        };
        let claim = self.rest.claim_tasks(&claim).await.map_err(TickError::Claim)?;
        if claim.tasks.is_empty() {
            return Ok(0);
        }
        let now = self.clock.now();
        let firings: Vec<_> = claim
            .tasks
            .into_iter()
            .filter_map(|task| firing(task, now))
            .collect();
        let events: Vec<_> = firings
            .iter()
            .map(|firing| {
                let envelope = Envelope {
                    id: firing.event_id.clone(),
                    trace_id: TraceId::random(),
                    at: now,
                    event: Event::TaskDueV1(firing.event.clone()),
                };
                let key = match firing.event.action {
                    TaskAction::Remind => firing.event.to.prompt_key(),
                    TaskAction::Prompt => firing.event.to.task_key(firing.event.task_id),
                };
                (key, envelope)
            })
            .collect();
        self.bus
            .publish_all(&Topic::ASSISTANT_INBOX, &events)
            .await
            .map_err(TickError::Publish)?;
        for (firing, (_, envelope)) in firings.iter().zip(&events) {
            let late = (now - firing.event.scheduled_for).as_seconds_f64();
            metrics::histogram!("task_late_seconds").record(late.max(0.0));
            tracing::info!(event_id = %firing.event_id, trace_id = %envelope.trace_id, user_id = %firing.event.user_id, late_s = late, missed = firing.event.missed, "task fired");
        }
        self.record(claim.lease_token, &firings).await?;
        Ok(firings.len())
    }

    /// Records all runs in one call.
    async fn record(&self, lease_token: Uuid, firings: &[Firing]) -> Result<(), TickError> {
        let runs = firings.iter().map(|firing| NewTaskRunOf {
            task_id: firing.event.task_id,
            scheduled_for: firing.event.scheduled_for,
            fired_at: firing.event.fired_at,
            missed: firing.event.missed,
            next_run_at: firing.next_run_at,
        });
        let runs = NewTaskRuns {
            lease_token,
            runs: runs.collect(),
        };
        let recorded = self.rest.record_runs(&runs).await;
        let held = self.lease.load(Ordering::Relaxed);
        let longer = (held * 2).min(LONGEST_LEASE);
        let lease = match &recorded {
            // Nobody says what took so long, and the next may as well.
            Err(_) => longer,
            // One that a user changed meanwhile is stale, too, and says nothing of the time that it took.
            Ok(recorded) if is_mostly_stale(&recorded.outcomes) => {
                tracing::warn!(lease_s = longer, "due tasks took longer than their claim held");
                longer
            }
            Ok(_) => (held / 2).max(LEASE),
        };
        self.lease.store(lease, Ordering::Relaxed);
        let recorded = recorded.map_err(TickError::Record)?;
        for (firing, outcome) in firings.iter().zip(recorded.outcomes) {
            let task_id = firing.event.task_id;
            match outcome {
                RunOutcome::Recorded | RunOutcome::Known => {}
                // Another replica took the lease over, or the user changed the task meanwhile: theirs stands.
                RunOutcome::StaleLease | RunOutcome::NotFound => {
                    tracing::debug!(%task_id, "another replica has the task, or it was changed while it fired");
                }
            }
        }
        Ok(())
    }
}

/// Whether others have claimed most of a batch meanwhile.
fn is_mostly_stale(outcomes: &[RunOutcome]) -> bool {
    let stale = outcomes
        .iter()
        .filter(|outcome| **outcome == RunOutcome::StaleLease);
    stale.count() * 2 > outcomes.len()
}

/// An error with its causes, for one log line.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |cause| cause.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
