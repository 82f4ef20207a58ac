//! Performs what events ask for: context, turn, store, publish, settle. Each step can be repeated.
//!
//! ```text
//! delivery ─▶ context (one REST call) ─┬─ stored turn? ──────────────────────┐
//!                                      └─ turn or reminder ─▶ store (one call)┴─▶ publish replies ─▶ ack
//! ```

use std::{sync::Arc, time::Duration};

use bus::{Bus, BusError, Delivery};
use messages::{
    Address, Envelope, Event, EventId, ReplyKind, ReplyV1, TaskAction, TaskDueV1, Topic, TraceId,
};
use rest_client::{Client, Context, ContextQuery, NewTurn, UserState};
use service_kit::Clock;
use tracing::Instrument;
use uuid::Uuid;

use crate::{model::Model, tools::Registry, turn::Limits};

mod offered;
mod presses;
mod reminder;
mod runner;
mod said;
mod subs;

/// How many stored messages a turn starts from at most.
const MOST_MESSAGES: u32 = 100;

/// From which try on a user is told that their calendar is away: some twenty seconds after they asked.
const LATE: u32 = 4;

/// What turns may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnSettings {
    /// The limits of each turn.
    pub limits: Limits,
    /// How much of the conversation the model is sent, in tokens.
    pub context_tokens: usize,
    /// The most tokens of one answer of the model's.
    pub answer_tokens: u32,
}

/// Performs events.
pub struct Driver {
    bus: Bus,
    rest: Client,
    calendar: Option<calendar_client::Client>,
    google: offered::Google,
    model: Arc<dyn Model>,
    tools: Registry,
    clock: Arc<dyn Clock>,
    settings: TurnSettings,
}

/// Why an event could not be handled.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("rest_service")]
    Rest(#[from] rest_client::Error),
    #[error("the bus")]
    Bus(#[from] BusError),
    #[error("{0} events have no place on this topic")]
    Foreign(&'static str),
}

impl Failure {
    /// Whether the same event can succeed later.
    fn is_passing(&self) -> bool {
        match self {
            // A wrong key or a server of another version is the operator's to mend, and then it goes on.
            Self::Rest(error) => !matches!(
                error,
                rest_client::Error::Invalid { .. } | rest_client::Error::Conflict { .. }
            ),
            Self::Bus(error) => !matches!(error, BusError::Encode(_) | BusError::InvalidName { .. }),
            Self::Foreign(_) => false,
        }
    }

    /// With what lies below, for the log and the dead letter.
    fn reason(&self) -> String {
        let mut reason = self.to_string();
        let mut below = std::error::Error::source(self);
        while let Some(error) = below {
            reason.push_str(&format!(": {error}"));
            below = error.source();
        }
        reason
    }
}

/// One thing to answer: what was said (or is to be done), by whom, where.
struct Task<'e> {
    cause: &'e Envelope,
    user_id: Uuid,
    to: &'e Address,
    text: &'e str,
    /// Whether words of others are in the text.
    is_outside: bool,
    /// The channel's id of the message that is answered, so that the answer can quote it.
    message_ref: Option<&'e str>,
    /// Whether it was tried so often that a user is told what is away, where that can be told.
    is_late: bool,
}

impl Driver {
    /// A driver that asks `model` and lets it call `tools`.
    pub fn new(
        bus: Bus,
        rest: Client,
        model: Arc<dyn Model>,
        tools: Registry,
        clock: Arc<dyn Clock>,
        settings: TurnSettings,
    ) -> Self {
        Self {
            bus,
            rest,
            calendar: None,
            google: offered::Google::default(),
            model,
            tools,
            clock,
            settings,
        }
    }

    /// The same, which reaches calendars.
    #[must_use]
    pub fn with_calendar(self, calendar: Option<calendar_client::Client>) -> Self {
        Self { calendar, ..self }
    }

    /// Handles one delivery and settles it.
    pub async fn handle(&self, delivery: Delivery) {
        let envelope = delivery.envelope().clone();
        let span = tracing::info_span!("event", event_id = %envelope.id, trace_id = %envelope.trace_id);
        self.settle(delivery, &envelope).instrument(span).await;
    }

    async fn settle(&self, delivery: Delivery, envelope: &Envelope) {
        let attempt = delivery.attempt();
        let is_late = attempt >= LATE || delivery.is_last_attempt();
        let settled = match self.perform(envelope, is_late).await {
            Ok(()) => {
                tracing::info!(attempt, "the event is done");
                delivery.ack().await
            }
            // Erased, before it was handled or while it was: nobody is left to answer, and nothing of theirs is
            // kept as a dead letter.
            Err(Failure::Rest(rest_client::Error::NotFound)) if self.is_for_nobody(envelope).await => {
                tracing::info!("dropped: the user is not known any more");
                delivery.ack().await
            }
            Err(failure) if failure.is_passing() && !delivery.is_last_attempt() => {
                let reason = failure.reason();
                tracing::warn!(attempt, reason, "the event waits for its next try");
                delivery.retry(backoff(attempt), reason).await
            }
            Err(failure) => {
                let reason = failure.reason();
                tracing::error!(attempt, reason, "the event is given up");
                metrics::counter!("assistant_events_failed_total").increment(1);
                self.tell_of_failure(envelope).await;
                delivery.fail(reason).await
            }
        };
        if let Err(error) = settled {
            tracing::warn!(%error, "the event could not be settled and may come again");
        }
    }

    /// Whether the user of the event was erased. Something else that was not found, such as an assistant that was
    /// deleted at the same moment, is there again or replaced at the next try.
    async fn is_for_nobody(&self, envelope: &Envelope) -> bool {
        let user = match &envelope.event {
            Event::UserMessageV1(message) => message.user_id,
            Event::UserMessageV2(message) => message.user_id,
            Event::TaskDueV1(due) => due.user_id,
            _ => return false,
        };
        matches!(self.rest.user(user).await, Err(rest_client::Error::NotFound))
    }

    async fn perform(&self, envelope: &Envelope, is_late: bool) -> Result<(), Failure> {
        let said = match &envelope.event {
            Event::UserMessageV2(message) => Some(said::compose(message)),
            _ => None,
        };
        let task = match &envelope.event {
            Event::UserMessageV2(message) => Task {
                cause: envelope,
                user_id: message.user_id,
                to: &message.from,
                text: said.as_ref().map_or("", |said| said.text.as_str()),
                is_outside: said.as_ref().is_some_and(|said| said.is_outside),
                message_ref: message.message_ref.as_deref(),
                is_late,
            },
            Event::UserMessageV1(message) => Task {
                cause: envelope,
                user_id: message.user_id,
                to: &message.from,
                text: &message.text,
                is_outside: false,
                message_ref: message.message_ref.as_deref(),
                is_late,
            },
            Event::TaskDueV1(due) => Task {
                cause: envelope,
                user_id: due.user_id,
                to: &due.to,
                text: &due.text,
                is_outside: false,
                message_ref: None,
                is_late,
            },
            Event::ButtonPressedV1(press) => Task {
                cause: envelope,
                user_id: press.user_id,
                to: &press.from,
                text: "",
                is_outside: false,
                message_ref: press.message_ref.as_deref(),
                is_late,
            },
            other => return Err(Failure::Foreign(other.type_name())),
        };
        let Task { user_id, to, .. } = task;
        let rest = self.rest.with_trace(envelope.trace_id);
        let query = ContextQuery {
            conversation: to.key(),
            event_id: envelope.id.clone(),
            limit: Some(MOST_MESSAGES),
        };
        let mut context = rest.context(user_id, &query).await?;
        if let Some(stored) = context.turn.take() {
            tracing::info!("the turn is stored already; its replies are published again");
            return self.publish(&stored.replies, envelope.trace_id).await;
        }
        if context.user.state != UserState::Active {
            tracing::info!(%user_id, "not answered: the user is not let in");
            return Ok(());
        }
        let turn = match &envelope.event {
            Event::TaskDueV1(due) if due.action == TaskAction::Remind => self.remind(&task, due, &context),
            Event::ButtonPressedV1(press) => self.pressed(&task, press, &context, &rest).await?,
            _ => self.answer(&task, &context, &rest).await?,
        };
        let stored = rest.create_turn(user_id, &turn).await?;
        self.publish(&stored.replies, envelope.trace_id).await
    }

    fn remind(&self, task: &Task<'_>, due: &TaskDueV1, context: &Context) -> NewTurn {
        let now = self.clock.now();
        reminder::turn(task.cause, due, context, now)
    }

    /// The replies of a turn carry ids that follow from its event, so that publishing them again changes nothing.
    async fn publish(&self, replies: &[ReplyV1], trace_id: TraceId) -> Result<(), Failure> {
        for (n, reply) in replies.iter().enumerate() {
            self.publish_reply(reply.event_id.child(n), reply.clone(), trace_id)
                .await?;
        }
        Ok(())
    }

    async fn publish_reply(&self, id: EventId, reply: ReplyV1, trace_id: TraceId) -> Result<(), Failure> {
        let (topic, key) = (Topic::outbox(reply.to.channel), reply.to.key());
        let envelope = Envelope {
            id,
            trace_id,
            at: self.clock.now(),
            event: Event::ReplyV1(reply),
        };
        Ok(self.bus.publish(&topic, &key, &envelope).await?)
    }

    /// Says that an event was given up; a reminder is sent all the same. As far as the bus can carry it.
    async fn tell_of_failure(&self, envelope: &Envelope) {
        let (id, reply) = match &envelope.event {
            Event::TaskDueV1(due) if due.action == TaskAction::Remind => {
                (envelope.id.child(0), reminder::reply(envelope, due))
            }
            Event::UserMessageV1(message) => (
                failure_id(envelope),
                failure_notice(envelope, message.user_id, &message.from),
            ),
            Event::UserMessageV2(message) => (
                failure_id(envelope),
                failure_notice(envelope, message.user_id, &message.from),
            ),
            Event::ButtonPressedV1(press) => (
                failure_id(envelope),
                failure_notice(envelope, press.user_id, &press.from),
            ),
            Event::TaskDueV1(due) => (
                failure_id(envelope),
                failure_notice(envelope, due.user_id, &due.to),
            ),
            _ => return,
        };
        if let Err(failure) = self.publish_reply(id, reply, envelope.trace_id).await {
            tracing::error!(reason = failure.reason(), "the user could not be told");
        }
    }
}

/// 0.5 s, 1 s, 2 s, … up to 30 s.
pub fn backoff(attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(6);
    Duration::from_millis(500 << doublings).min(Duration::from_secs(30))
}

/// Apart from the replies' ids: when the operator has the event tried again, its answer must still be delivered.
fn failure_id(envelope: &Envelope) -> EventId {
    EventId::new(format!("{}:failed", envelope.id))
}

fn failure_notice(envelope: &Envelope, user_id: Uuid, to: &Address) -> ReplyV1 {
    ReplyV1 {
        event_id: envelope.id.clone(),
        user_id,
        to: to.clone(),
        kind: ReplyKind::Notice,
        text: "Sorry, something on my side failed, and trying again did not help. Please send your message again."
            .to_owned(),
        receipts: Vec::new(),
        buttons: Vec::new(),
        in_reply_to: None,
    }
}
