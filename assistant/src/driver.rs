//! Performs what events ask for: context, turn, store, publish, settle. Each step can be repeated.
//!
//! ```text
//! delivery ─▶ context (one REST call) ─┬─ stored turn? ──────────────────────┐
//!                                      └─ turn or reminder ─▶ store (one call)┴─▶ publish replies ─▶ ack
//! ```

use std::{sync::Arc, time::Duration};

use bus::{Bus, BusError, Delivery};
use messages::{
    Address, Addressee, ButtonPressedV1, Envelope, Event, EventId, ReplyKind, ReplyV1, TaskAction, TaskDueV1,
    Topic, TraceId,
};
use rest_client::{Client, UserState};
use service_kit::Clock;
use texts::{Language, Text};
use together::Gathered;
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    model::Model,
    running::{Running, Stoppable},
    tools::Registry,
    turn::Limits,
};

mod answering;
mod offered;
mod own_words;
mod presses;
mod recent;
mod reminder;
mod runner;
mod said;
mod subs;
mod summary;
mod together;
mod wallet;

/// How many stored messages a turn of the model starts from at most; other turns are shown none.
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
    resting: summary::Resting,
    recent: recent::Recent,
    running: Running,
    unpriced: Arc<wallet::Unpriced>,
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
    #[error("the model did not answer what a task asks")]
    Model(#[source] crate::model::ModelError),
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
            Self::Model(_) => true,
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

/// What an event asks for.
#[derive(Clone, Copy)]
enum Request<'e> {
    /// An answer to what was said, or to what a task says when it is due.
    Answer,
    /// A reminder's text, as it is.
    Remind(&'e TaskDueV1),
    /// What a button stands for.
    Press(&'e ButtonPressedV1),
    /// A word on a correction that came too late.
    Correct,
}

impl Request<'_> {
    /// How much of the conversation it takes: only a model reads any.
    fn messages(self) -> u32 {
        match self {
            Self::Answer => MOST_MESSAGES,
            Self::Remind(_) | Self::Press(_) | Self::Correct => 0,
        }
    }
}

/// How far the tries of an event have come.
#[derive(Clone, Copy)]
struct Tries {
    /// Whether it was tried before, and may have changed something then.
    is_again: bool,
    /// Whether it was tried so often that a user is told what is away, where that can be told.
    is_late: bool,
    /// Whether it is not tried again.
    is_last: bool,
}

impl Tries {
    /// There are no more.
    const OVER: Self = Self {
        is_again: true,
        is_late: true,
        is_last: true,
    };
}

/// One thing to answer: what was said (or is to be done), by whom, where.
struct Task<'e> {
    cause: &'e Envelope,
    request: Request<'e>,
    user_id: Uuid,
    to: &'e Address,
    text: &'e str,
    /// Whether the text may be the words of others alone: that of a task which was made of them.
    from_outside: bool,
    /// Whether words of others stand in the text, each of their lines marked.
    is_outside: bool,
    /// The channel's id of the message that is answered, so that the answer can quote it.
    message_ref: Option<&'e str>,
    /// How far its tries have come.
    tries: Tries,
    /// What its user stops it by.
    stop: Option<&'e Stoppable>,
}

impl<'e> Task<'e> {
    /// What an event of the inbox asks for; `said` is what it says in words, see [`said_by`].
    fn of(cause: &'e Envelope, said: Option<&'e said::Said>, tries: Tries) -> Result<Self, Failure> {
        let foreign = || Failure::Foreign(cause.event.type_name());
        let Addressee { user_id, to } = cause.event.addressee().ok_or_else(foreign)?;
        let (request, text, from_outside, message_ref) = match &cause.event {
            Event::UserMessageV1(said) => {
                let text = said.text.as_str();
                (Request::Answer, text, false, said.message_ref.as_deref())
            }
            Event::UserMessageV2(message) => {
                let text = said.map_or("", |said| said.text.as_str());
                (Request::Answer, text, false, message.message_ref.as_deref())
            }
            Event::TaskDueV1(due) => {
                let request = match due.action {
                    TaskAction::Remind => Request::Remind(due),
                    TaskAction::Prompt => Request::Answer,
                };
                (request, due.text.as_str(), due.from_outside, None)
            }
            Event::ButtonPressedV1(press) => {
                let (request, text) = match answering::answered_by(&cause.event) {
                    Some((answer, _)) => (Request::Answer, answer),
                    None => (Request::Press(press), ""),
                };
                (request, text, false, press.message_ref.as_deref())
            }
            Event::MessageEditedV1(edit) => {
                (Request::Correct, "", false, edit.message.message_ref.as_deref())
            }
            Event::ReplyV1(_) | Event::ReplyDeltaV1(_) | Event::ConfigChangedV1(_) | Event::StopTurnV1(_) => {
                return Err(foreign());
            }
        };
        Ok(Self {
            cause,
            request,
            user_id,
            to,
            text,
            from_outside,
            is_outside: said.is_some_and(|said| said.is_outside),
            message_ref,
            tries,
            stop: None,
        })
    }
}

impl Task<'_> {
    /// Whether somebody sits and waits for a model's answer.
    fn is_waited_for(&self) -> bool {
        matches!(self.request, Request::Answer) && !matches!(self.cause.event, Event::TaskDueV1(_))
    }
}

/// What a message with its context comes to in words.
fn said_by(envelope: &Envelope) -> Option<said::Said> {
    match &envelope.event {
        Event::UserMessageV2(message) => Some(said::compose(message)),
        _ => None,
    }
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
            resting: summary::Resting::default(),
            recent: recent::Recent::default(),
            running: Running::default(),
            unpriced: Arc::default(),
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

    /// Handles one delivery and settles it. What is left to do may be done in the background, see [`Self::sum_up`].
    pub async fn handle(&self, delivery: Delivery) -> Option<summary::Due> {
        let envelope = delivery.envelope().clone();
        let span = tracing::info_span!("event", event_id = %envelope.id, trace_id = %envelope.trace_id);
        self.settle(delivery, &envelope).instrument(span).await
    }

    async fn settle(&self, delivery: Delivery, envelope: &Envelope) -> Option<summary::Due> {
        let mut due = None;
        let attempt = delivery.attempt();
        let tries = Tries {
            is_again: attempt > 1,
            is_late: attempt >= LATE || delivery.is_last_attempt(),
            is_last: delivery.is_last_attempt(),
        };
        let settled = match self.perform_with(&delivery, envelope, tries).await {
            Ok(is_long) => {
                due = is_long;
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
                let wait = match failure {
                    Failure::Model(_) => patient_backoff(attempt),
                    _ => backoff(attempt),
                };
                delivery.retry(wait, reason).await
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
        due
    }

    /// Whether the user of the event was erased. Something else that was not found, such as an assistant that was
    /// deleted at the same moment, is there again or replaced at the next try.
    async fn is_for_nobody(&self, envelope: &Envelope) -> bool {
        let Some(addressee) = envelope.event.addressee() else {
            return false;
        };
        let user = self.rest.user(addressee.user_id).await;
        let is_nobody = matches!(user, Err(rest_client::Error::NotFound));
        if is_nobody {
            self.forget(addressee.user_id);
        }
        is_nobody
    }

    /// Performs what an event asks for together with what came right behind it.
    async fn perform_with(
        &self,
        delivery: &Delivery,
        envelope: &Envelope,
        tries: Tries,
    ) -> Result<Option<summary::Due>, Failure> {
        match &envelope.event {
            Event::UserMessageV2(first) => {
                let gathered = self.gather(delivery, first).await?;
                self.perform(envelope, Some(gathered), tries).await
            }
            Event::MessageEditedV1(edit) => {
                let rest = self.rest.with_trace(envelope.trace_id);
                match rest.turn(edit.message.user_id, &envelope.id).await {
                    // It went into the turn of what it corrects.
                    Ok(_) => return Ok(None),
                    Err(rest_client::Error::NotFound) => {}
                    Err(error) => return Err(error.into()),
                }
                // Said once of a message, however often it is changed.
                let edited = edit.message.message_ref.as_deref().unwrap_or_default();
                let named = Envelope {
                    id: EventId::new(format!("edited:{}:{edited}", edit.message.from.key())),
                    ..envelope.clone()
                };
                self.perform(&named, None, tries).await
            }
            _ => self.perform(envelope, None, tries).await,
        }
    }

    async fn perform(
        &self,
        envelope: &Envelope,
        mut gathered: Option<Gathered<'_>>,
        tries: Tries,
    ) -> Result<Option<summary::Due>, Failure> {
        let said = gathered.as_ref().map(|gathered| gathered.together.said());
        let mut task = Task::of(envelope, said.as_ref(), tries)?;
        let stop = match &gathered {
            Some(gathered) => Some(Arc::clone(&gathered.stop)),
            None => task
                .is_waited_for()
                .then(|| Arc::new(self.running.begin(task.to, task.user_id, None))),
        };
        if let Some(gathered) = &gathered {
            task.message_ref = gathered.together.message_ref();
        }
        task.stop = stop.as_deref();
        let user_id = task.user_id;
        let rest = self.rest.with_trace(envelope.trace_id);
        let mut context = self.context_of(&task, &rest).await?;
        if let Some(stored) = context.turn.take() {
            tracing::info!("the turn is stored already; its replies are published again");
            self.publish(&stored.replies, envelope.trace_id).await?;
            return Ok(None);
        }
        if context.user.state != UserState::Active {
            tracing::info!(%user_id, "not answered: the user is not let in");
            return Ok(None);
        }
        let wallet = self.wallet(&context.user, task.cause.id.clone(), context.budget, &rest);
        let mut turn = match task.request {
            Request::Correct => answering::too_late_to_correct(envelope, &task, &context),
            Request::Remind(due) => reminder::turn(envelope, due, &context, self.clock.now()),
            Request::Press(press) => self.pressed(&task, press, &context, &rest).await?,
            Request::Answer
                if answering::answered_by(&envelope.event)
                    .is_some_and(|(_, question)| !answering::is_open(question, &context)) =>
            {
                answering::too_late(envelope, &task, &context)
            }
            Request::Answer => self.answer(&task, &context, &rest, &wallet).await?,
        };
        if let Some(gathered) = &mut gathered {
            if let Some(newer) = self.corrected(gathered, &turn).await? {
                let said = newer.said();
                let mut task = Task::of(envelope, Some(&said), tries)?;
                task.stop = stop.as_deref();
                task.message_ref = newer.message_ref();
                turn = self.answer(&task, &context, &rest, &wallet).await?;
                gathered.together = newer;
            }
            turn.covers = std::mem::take(&mut gathered.together.covers);
        }
        let stored = rest.create_turn(user_id, &turn).await?;
        self.publish(&stored.replies, envelope.trace_id).await?;
        Ok(self.is_long(&context))
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
        let said = said_by(envelope);
        let Ok(task) = Task::of(envelope, said.as_ref(), Tries::OVER) else {
            return;
        };
        // Where that cannot be known either, it is English.
        let user = self.rest.user(task.user_id).await;
        let language = Language::of(user.as_ref().map_or("", |user| user.locale.as_str()));
        let (id, reply) = match task.request {
            Request::Remind(due) => (envelope.id.child(0), reminder::reply(envelope, due, language)),
            Request::Correct => return,
            Request::Answer | Request::Press(_) => (
                // Apart from the replies' ids: tried again by the operator, its answer must still be delivered.
                EventId::new(format!("{}:failed", envelope.id)),
                failure_notice(envelope, task.user_id, task.to, language),
            ),
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

/// For what nobody waits for: 1 s, 2 s, 4 s, … up to 5 min.
fn patient_backoff(attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(9);
    Duration::from_secs(1 << doublings).min(Duration::from_secs(300))
}

fn failure_notice(envelope: &Envelope, user_id: Uuid, to: &Address, language: Language) -> ReplyV1 {
    ReplyV1 {
        event_id: envelope.id.clone(),
        user_id,
        to: to.clone(),
        kind: ReplyKind::Notice,
        text: language.say(&Text::GaveUp),
        receipts: Vec::new(),
        buttons: Vec::new(),
        in_reply_to: None,
        toast: None,
    }
}
