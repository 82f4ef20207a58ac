//! One message in a handler's hand, and the three ways to settle it.

use std::{error::Error, time::Duration};

use messages::{DecodeError, Envelope};
use tokio::time::Instant;

use crate::{BusError, names::GroupName, redis_streams, sqlite, telemetry};

/// One message in a handler's hand. A delivery that is dropped unsettled is handed out again at once.
#[must_use = "a delivery that is dropped comes back"]
#[derive(Debug)]
pub struct Delivery {
    envelope: Envelope,
    key: String,
    attempt: u32,
    max_attempts: u32,
    handed_at: Instant,
    ticket: Ticket,
}

impl Delivery {
    /// What was published.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The ordering key that it was published with.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The how-manieth time it is handed out, from 1; attempts of consumers that died count.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Whether [`Self::retry`] makes it a dead letter, because there are no more attempts.
    pub fn is_last_attempt(&self) -> bool {
        self.attempt >= self.max_attempts
    }

    /// The message is done; the next one of its key may come.
    ///
    /// # Errors
    /// [`BusError::LeaseLost`] when someone else has it by now; [`BusError::Unavailable`] when the store did not
    /// answer in time: then it may come again.
    pub async fn ack(self) -> Result<(), BusError> {
        self.settle(Settlement::Ack).await
    }

    /// The message is handed out again after the given time; its key waits that long, other keys do not.
    /// On the last attempt it becomes a dead letter instead.
    ///
    /// # Errors
    /// As for [`Self::ack`].
    pub async fn retry(self, after: Duration, reason: impl Into<String>) -> Result<(), BusError> {
        let reason = shortened(reason.into());
        if self.is_last_attempt() {
            return self.give_up(reason).await;
        }
        self.settle(Settlement::Retry { after, reason }).await
    }

    /// The message becomes a dead letter; the next one of its key may come.
    ///
    /// # Errors
    /// As for [`Self::ack`].
    pub async fn fail(self, reason: impl Into<String>) -> Result<(), BusError> {
        self.give_up(shortened(reason.into())).await
    }

    /// What waits behind it for the same key, in order, up to `limit`; nothing of it is taken. Some may be missing where
    /// very many messages of other keys lie in between.
    ///
    /// # Errors
    /// [`BusError::Unavailable`] or [`BusError::Store`] when the store cannot be used.
    pub async fn behind(&self, limit: usize) -> Result<Vec<Envelope>, BusError> {
        let payloads = match &self.ticket {
            Ticket::Redis(ticket) => ticket.behind(&self.key, limit).await?,
            Ticket::Sqlite(ticket) => ticket.behind(limit).await?,
        };
        // What this build does not read has its own fate when its turn comes.
        Ok(payloads
            .iter()
            .map_while(|payload| Envelope::decode(payload).ok())
            .collect())
    }

    async fn give_up(self, reason: String) -> Result<(), BusError> {
        let attempts = self.attempt;
        self.settle(Settlement::Fail { reason, attempts }).await
    }

    async fn settle(self, settlement: Settlement) -> Result<(), BusError> {
        let name = self.ticket.name().clone();
        let took = self.handed_at.elapsed();
        let count: Option<fn(&GroupName)> = match settlement {
            Settlement::Ack => None,
            Settlement::Retry { .. } => Some(telemetry::retried),
            Settlement::Fail { .. } => Some(telemetry::dead),
        };
        self.ticket.settle(settlement).await?;
        telemetry::handled(&name, took);
        if let Some(count) = count {
            count(&name);
        }
        Ok(())
    }

    /// Called when the handler really gets it: from now on dropping it counts as an attempt.
    pub(crate) fn hand_over(mut self) -> Self {
        self.handed_at = Instant::now();
        self.ticket.mark_handed_over();
        telemetry::delivered(self.ticket.name());
        self
    }
}

/// What a handler decided.
#[derive(Debug)]
pub(crate) enum Settlement {
    Ack,
    Retry {
        after: Duration,
        reason: String,
    },
    /// `attempts` is how often a handler had it.
    Fail {
        reason: String,
        attempts: u32,
    },
}

/// The right to settle one delivery. Dropped unused, it tells its consumer to hand the message out again.
#[derive(Debug)]
pub(crate) enum Ticket {
    Redis(redis_streams::Ticket),
    Sqlite(sqlite::Ticket),
}

impl Ticket {
    fn name(&self) -> &GroupName {
        match self {
            Self::Redis(ticket) => ticket.name(),
            Self::Sqlite(ticket) => ticket.name(),
        }
    }

    fn mark_handed_over(&mut self) {
        match self {
            Self::Redis(ticket) => ticket.mark_handed_over(),
            Self::Sqlite(ticket) => ticket.mark_handed_over(),
        }
    }

    async fn settle(self, settlement: Settlement) -> Result<(), BusError> {
        match self {
            Self::Redis(ticket) => ticket.settle(settlement).await,
            Self::Sqlite(ticket) => ticket.settle(settlement).await,
        }
    }
}

/// A message whose attempt is recorded as if it were handed over, before anyone has looked into it.
pub(crate) struct Candidate {
    pub(crate) key: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) attempt: u32,
    /// Why the last attempt was retried, if it was.
    pub(crate) last_reason: Option<String>,
    pub(crate) ticket: Ticket,
}

impl Candidate {
    /// A delivery, or `None` when the message is a dead letter now: it has no attempts left, or this build does
    /// not read it.
    pub(crate) async fn into_delivery(self, max_attempts: u32) -> Result<Option<Delivery>, BusError> {
        let reason = if self.attempt > max_attempts {
            let earlier = self.last_reason.map(|reason| format!("; before that: {reason}"));
            format!(
                "no attempts left, and the last handler ended without a word{}",
                earlier.unwrap_or_default()
            )
        } else {
            match Envelope::decode(&self.payload) {
                Ok(envelope) => {
                    return Ok(Some(Delivery {
                        envelope,
                        key: self.key,
                        attempt: self.attempt,
                        max_attempts,
                        handed_at: Instant::now(),
                        ticket: self.ticket,
                    }));
                }
                Err(error) => explained(&error),
            }
        };
        let name = self.ticket.name().clone();
        tracing::error!(topic = %name.topic, group = %name.group, key = %self.key, reason, "message became a dead letter");
        self.ticket
            .settle(Settlement::Fail {
                reason: shortened(reason),
                attempts: self.attempt.saturating_sub(1),
            })
            .await?;
        telemetry::dead(&name);
        Ok(None)
    }
}

/// The error with its sources, for people.
fn explained(error: &DecodeError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// Reasons are for people: the first 2,000 characters say enough.
fn shortened(mut reason: String) -> String {
    if let Some((end, _)) = reason.char_indices().nth(2000) {
        reason.truncate(end);
    }
    reason
}
