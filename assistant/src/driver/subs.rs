//! Runs the turn of a sub-assistant inside of the turn that asks it.
//!
//! Nothing of it is stored before the whole turn is: both go into the database in one transaction, under the event of
//! the whole. A crash before that leaves neither, and the event runs again; a crash behind it finds both. So a
//! sub-assistant's thread never holds an answer that the user's conversation knows nothing of, and there is one call to
//! rest_service less. What its tools changed meanwhile is found again by idempotency keys, which follow from the
//! sub-turn's own id.

use std::sync::{Arc, Mutex, PoisonError, atomic::Ordering};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures::{FutureExt, future::BoxFuture};
use messages::EventId;
use rest_client::{Context, NewSubTurn, SubAssistant, TurnStatus, limits};
use serde_json::json;
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

use super::{
    runner::{Run, exchange},
    wallet::Wallet,
};
use crate::{
    context::{self, to_stored},
    model::{Cost, Message},
    tools::{ask, told},
    turn::{Budget, Outcome, RunTool, ToolResult},
};

/// How much of a sub-assistant's answer the asking model reads, in characters.
const LONGEST_ANSWER: usize = 20_000;

/// How many bytes of what was said to sub-assistants are stored with a turn: the whole must fit one request.
const STORED_BYTES: usize = 200_000;

/// What the turns of one event share: the user's own, and those within it.
pub(super) struct Family<'r> {
    subs: &'r [SubAssistant],
    pub(super) budget: Budget,
    pub(super) wallet: &'r Arc<Wallet>,
    /// The user's zone, which a tool may set in the middle of it.
    zone: Mutex<Tz>,
    /// In the order in which they ended.
    ended: Mutex<Vec<Ended>>,
}

/// A sub-assistant's turn that is over.
struct Ended {
    event_id: EventId,
    assistant_id: Uuid,
    model: String,
    messages: Vec<Message>,
    outcome: Outcome,
    cost: Cost,
    started_at: DateTime<Utc>,
    finished_at: DateTime<Utc>,
    /// Whether a model had read what others wrote by its end.
    outside: bool,
}

impl<'r> Family<'r> {
    pub(super) fn new(subs: &'r [SubAssistant], budget: Budget, zone: Tz, wallet: &'r Arc<Wallet>) -> Self {
        Self {
            subs,
            budget,
            wallet,
            zone: Mutex::new(zone),
            ended: Mutex::default(),
        }
    }

    /// The user's zone.
    pub(super) fn zone(&self) -> Tz {
        *self.zone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The user is in this zone from now on.
    pub(super) fn moved(&self, zone: Tz) {
        *self.zone.lock().unwrap_or_else(PoisonError::into_inner) = zone;
    }

    /// What this assistant was asked and answered earlier in this turn; it belongs to its thread, and is not stored yet.
    fn said_before(&self, assistant: Uuid) -> Vec<Message> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended
            .iter()
            .filter(|ended| ended.assistant_id == assistant)
            .flat_map(|ended| ended.messages.clone())
            .collect()
    }

    fn ended(&self, turn: Ended) {
        self.ended
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(turn);
    }
}

/// The sub-assistants' parts of the turn, as they are stored.
pub(super) fn to_stored_turns(family: Family<'_>) -> Vec<NewSubTurn> {
    let ended = family.ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut left = STORED_BYTES;
    ended
        .into_iter()
        .take(limits::SUB_TURNS)
        .map(|turn| {
            let outside = turn.outside;
            let mut messages: Vec<_> = turn
                .messages
                .iter()
                .map(|message| to_stored(message, outside))
                .collect();
            let size = |messages: &[rest_client::NewMessage]| {
                serde_json::to_vec(messages).map_or(usize::MAX, |text| text.len())
            };
            if messages.len() > limits::TURN_MESSAGES || size(&messages) > left {
                // The request and the answer, without the steps between; and those short, if they must be.
                messages.drain(1..messages.len().saturating_sub(1));
                for message in &mut messages {
                    if message.content.len() > left / 4 {
                        message.content = message.content.chars().take(1000).collect();
                    }
                }
            }
            left = left.saturating_sub(size(&messages));
            let spent = turn.outcome.spent;
            let usage = turn.cost.usage;
            NewSubTurn {
                event_id: turn.event_id,
                assistant_id: turn.assistant_id,
                status: match turn.outcome.stopped {
                    None => TurnStatus::Completed,
                    Some(_) => TurnStatus::Failed,
                },
                messages,
                model: Some(turn.model),
                prompt_tokens: spent.usage.input.max(usage.input),
                completion_tokens: spent.usage.output.max(usage.output),
                model_calls: spent.model_calls,
                cost_micros: turn.cost.micros_or_none(),
                error: turn
                    .outcome
                    .stopped
                    .map(|stopped| stopped.to_string().replace('\0', "")),
                started_at: turn.started_at,
                finished_at: turn.finished_at,
            }
        })
        .collect()
}

impl Run<'_> {
    /// Has a sub-assistant do something. Its failure is a result, for the model that asks.
    pub(super) fn ask_sub<'a>(
        &'a self,
        assistant: Uuid,
        call: &'a RunTool,
        nth: u32,
    ) -> BoxFuture<'a, Result<ToolResult, rest_client::Error>> {
        async move {
            let sub = self.family.subs.iter().find(|sub| sub.assistant.id == assistant);
            let Some(sub) = sub else {
                return Ok(told("there is no such sub-assistant"));
            };
            let args: ask::Args = match serde_json::from_str(&call.arguments) {
                Ok(args) => args,
                Err(error) => {
                    return Ok(told(&format!(
                        "the arguments of {} are wrong: {error}",
                        call.name
                    )));
                }
            };
            let request = args.request.trim();
            if request.is_empty() {
                return Ok(told("what shall it do? request is empty"));
            }
            self.run_sub(sub, request, nth).await
        }
        .boxed()
    }

    async fn run_sub(
        &self,
        sub: &SubAssistant,
        request: &str,
        nth: u32,
    ) -> Result<ToolResult, rest_client::Error> {
        let driver = self.driver;
        let context = Context {
            user: self.context.user.clone(),
            assistant: sub.assistant.clone(),
            tools: sub.tools.clone(),
            thread: sub.thread.clone(),
            messages: sub.messages.clone(),
            ..self.context.clone()
        };
        let started_at = driver.clock.now();
        let begun = Instant::now();
        // A quarter of the time that is left is for whoever asks: to tell of a failure, or to go on.
        let left = self.deadline.saturating_duration_since(begun);
        let deadline = begun + left.mul_f32(0.75);
        let mut conversation = context::compose_for_sub(
            &context,
            &self.context.assistant.name,
            request,
            started_at,
            self.family.zone(),
            driver.settings.context_tokens,
        );
        let last = conversation.messages.len().saturating_sub(1);
        let before = self.family.said_before(sub.assistant.id);
        conversation.messages.splice(last..last, before);
        let quotes = self.quotes || conversation.is_from_outside;
        let path = [self.path.as_slice(), &[sub.assistant.id]].concat();
        let event_id = sub_event(&self.event_id, sub.assistant.id, nth);
        // Nobody follows its words: the answer is the asking assistant's.
        let (live, _) = watch::channel(String::new());
        let run = Run {
            driver,
            task: self.task,
            context: &context,
            rest: self.rest,
            family: self.family,
            event_id: event_id.clone(),
            conversation,
            toolbox: driver
                .tools
                .toolbox_with(&driver.useful(&context.tools), |taken| {
                    ask::offer(&path, self.family.subs, taken)
                }),
            path,
            begun,
            deadline,
            live,
            outside: self.outside.clone(),
            quotes,
            purse: self.family.wallet.purse(),
        };
        let (outcome, transcript) = run.to_the_end().await?;
        let cost = run.purse.spent();
        if quotes {
            // Whoever asked reads its answer.
            self.outside.store(true, Ordering::Relaxed);
        }
        let name = &sub.assistant.name;
        let content = match &outcome.stopped {
            None => {
                let answer: String = outcome.text.chars().take(LONGEST_ANSWER).collect();
                json!({ "from": name, "answer": answer })
            }
            Some(stopped) => {
                tracing::warn!(assistant_id = %sub.assistant.id, reason = %stopped, "a sub-assistant's turn was stopped");
                json!({ "from": name, "error": format!("{name} gave no answer: {}", outcome.text) })
            }
        };
        let ending = if outcome.stopped.is_none() {
            "answered"
        } else {
            "stopped"
        };
        metrics::counter!("assistant_sub_turns_total", "outcome" => ending).increment(1);
        let result = ToolResult {
            content: content.to_string(),
            receipts: outcome.receipts.clone(),
            questions: outcome.questions.clone(),
            // The one who asked the sub-assistant words the question anew.
            choices: Vec::new(),
        };
        self.family.ended(Ended {
            event_id,
            assistant_id: sub.assistant.id,
            model: outcome.model.clone().unwrap_or_else(|| driver.model_of(&context)),
            messages: exchange(request, &transcript, &outcome.text, outcome.provider.clone()),
            outcome,
            cost,
            started_at,
            finished_at: driver.clock.now(),
            outside: quotes || self.outside.load(Ordering::Relaxed),
        });
        Ok(result)
    }
}

/// The id of the n-th time that an assistant asks this sub-assistant in a turn: the same when the turn is run again, and
/// short, because it stands in the idempotency keys of the tools.
fn sub_event(event: &EventId, sub: Uuid, nth: u32) -> EventId {
    let (.., random) = sub.as_u64_pair();
    EventId::new(format!("{event}:{:08x}.{nth}", random & 0xffff_ffff))
}
