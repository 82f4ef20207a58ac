//! Runs one turn: performs the core's effects until it is over, and makes the record of it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use messages::{Button, EventId, Receipt, ReplyKind, ReplyV1};
use rest_client::{Client, Context, NewMessage, NewTurn, TurnCost, TurnStatus};
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

use super::{
    Driver, Failure, Task, answering,
    own_words::{self, Heard},
    reminder,
    subs::{self, Family},
    wallet::{TurnPurse, Wallet},
};
use crate::{
    context::{self, Conversation, to_stored},
    live,
    model::{Message, ModelError, ModelRequest, ProviderFields, Purse},
    tools::{self, Question, ToolContext, Toolbox, ask, timezone},
    turn::{Budget, Effect, Event, Outcome, RunTool, Stop, Turn},
};

/// For how long a task waits for a model that is out, before its user is told: half an hour.
const PATIENCE: TimeDelta = TimeDelta::minutes(30);

/// What the effects of one turn are performed with: the user's own, or a sub-assistant's within it.
pub(super) struct Run<'r> {
    pub(super) driver: &'r Driver,
    pub(super) task: &'r Task<'r>,
    pub(super) context: &'r Context,
    pub(super) rest: &'r Client,
    pub(super) family: &'r Family<'r>,
    /// The event of the turn; a sub-assistant's follows from it.
    pub(super) event_id: EventId,
    /// The assistants from the user's own to this one.
    pub(super) path: Vec<Uuid>,
    pub(super) conversation: Conversation,
    pub(super) toolbox: Toolbox,
    pub(super) begun: Instant,
    pub(super) deadline: Instant,
    pub(super) live: watch::Sender<String>,
    /// Whether a model has read what others wrote, in this turn or in a part of it.
    pub(super) outside: Arc<AtomicBool>,
    /// Whether the conversation before this turn holds words of others: then only what the user says now is theirs.
    pub(super) quotes: bool,
    /// What its model calls are paid with.
    pub(super) purse: Arc<TurnPurse>,
}

/// An effect under way.
type Doing<'r> = BoxFuture<'r, Result<Event, rest_client::Error>>;

impl Driver {
    /// Runs the turn for what was said.
    pub(super) async fn answer(
        &self,
        task: &Task<'_>,
        context: &Context,
        rest: &Client,
        wallet: &Arc<Wallet>,
    ) -> Result<NewTurn, Failure> {
        let started_at = self.clock.now();
        let begun = Instant::now();
        let zone = context::zone_of(context);
        let (live, live_text) = watch::channel(String::new());
        let conversation =
            context::compose(context, task.text, started_at, zone, self.settings.context_tokens);
        let is_outside = task.is_outside || conversation.messages.iter().any(context::has_others);
        let family = Family::new(
            &context.sub_assistants,
            Budget::new(self.settings.limits),
            zone,
            wallet,
        );
        let path = vec![context.assistant.id];
        self.learn_of_google(task.user_id, &context.tools).await;
        let outside = Arc::new(AtomicBool::new(task.from_outside || is_outside));
        // Words of others stay theirs for as long as a model is shown them.
        let quotes = conversation.is_from_outside || conversation.messages.iter().any(context::has_ours);
        let run = Run {
            driver: self,
            task,
            context,
            rest,
            family: &family,
            event_id: task.cause.id.clone(),
            conversation,
            toolbox: self.tools.toolbox_with(&self.useful(&context.tools), |taken| {
                ask::offer(&path, &context.sub_assistants, taken)
            }),
            path,
            begun,
            deadline: begun + self.settings.limits.time,
            live,
            outside: Arc::clone(&outside),
            quotes,
            purse: wallet.purse(),
        };
        let relayed = live::relay(
            &self.bus,
            &*self.clock,
            task.cause,
            task.user_id,
            task.to,
            live_text,
        );
        let (outcome, transcript) = tokio::select! {
            finished = run.to_the_end() => match finished {
                Ok(finished) => finished,
                Err(error) => {
                    drop(run);
                    wallet.count(&self.model_of(context)).await;
                    return Err(error.into());
                }
            },
            never = relayed => match never {},
        };
        drop(run);
        metrics::histogram!("assistant_turn_seconds").record(begun.elapsed().as_secs_f64());
        if let Some(stopped) = &outcome.stopped {
            tracing::warn!(reason = %stopped, "the turn was stopped");
            if let Some(error) = self.worth_another_try(task, &outcome, stopped) {
                wallet.count(&self.model_of(context)).await;
                return Err(Failure::Model(error));
            }
        }
        let outside = quotes || outside.load(Ordering::Relaxed);
        let is_refused = matches!(outcome.stopped, Some(Stop::Model(ModelError::Budget { .. })));
        let notice = wallet.notice().filter(|_| !is_refused);
        let (notice, told) = notice.unwrap_or_default();
        let mut turn = NewTurn {
            sub_turns: subs::to_stored_turns(family),
            ..self.record(task, context, outcome, &transcript, outside, started_at)
        };
        // Later turns are not shown it.
        if let Some(reply) = turn.replies.first_mut().filter(|_| !notice.is_empty()) {
            reply.text.push_str("\n\n");
            reply.text.push_str(&notice);
        }
        wallet.pay(&mut turn, told);
        Ok(turn)
    }

    /// Why what a task asks is asked again later: the model is out, nothing was changed, and nobody sits and waits. What
    /// somebody says is answered at once, with what is wrong.
    fn worth_another_try(&self, task: &Task<'_>, outcome: &Outcome, stopped: &Stop) -> Option<ModelError> {
        let messages::Event::TaskDueV1(due) = &task.cause.event else {
            return None;
        };
        let Stop::Model(error) = stopped else {
            return None;
        };
        let is_passing = match error {
            ModelError::Unavailable { .. }
            | ModelError::RateLimited { .. }
            | ModelError::Broken(_)
            | ModelError::Deadline(_) => true,
            ModelError::Refused(_) | ModelError::TooLong(_) | ModelError::Budget { .. } => false,
        };
        let is_in_time = self.clock.now() - due.fired_at < PATIENCE;
        (is_passing
            && is_in_time
            && !task.tries.is_last
            && outcome.receipts.is_empty()
            && outcome.questions.is_empty())
        .then(|| error.clone())
    }

    fn record(
        &self,
        task: &Task<'_>,
        context: &Context,
        outcome: Outcome,
        transcript: &[Message],
        outside: bool,
        started_at: DateTime<Utc>,
    ) -> NewTurn {
        // A question may quote others: the thread holds only that one was asked.
        let words = match (&task.cause.event, &outcome.stopped) {
            (messages::Event::TaskDueV1(due), Some(_)) => reminder::not_done(
                due,
                &outcome.text,
                context::zone_of(context),
                &context.user.locale,
            ),
            _ => outcome.text,
        };
        let said = with_a_word_on_questions(&words, &outcome.questions);
        let text = with_questions(words, &outcome.questions);
        let question = answering::mark(task.text, &said);
        let choices = outcome
            .choices
            .iter()
            .filter_map(|choice| Button::say(choice, &question));
        let reply = ReplyV1 {
            event_id: task.cause.id.clone(),
            user_id: task.user_id,
            to: task.to.clone(),
            kind: match outcome.stopped {
                None => ReplyKind::Answer,
                Some(_) => ReplyKind::Notice,
            },
            text,
            receipts: numbered(outcome.receipts),
            buttons: answers(outcome.questions).into_iter().chain(choices).collect(),
            in_reply_to: task.message_ref.map(str::to_owned),
            toast: None,
        };
        NewTurn {
            event_id: task.cause.id.clone(),
            conversation: task.to.key(),
            assistant_id: context.assistant.id,
            thread_id: context.thread.as_ref().map(|thread| thread.id),
            status: match outcome.stopped {
                None => TurnStatus::Completed,
                Some(_) => TurnStatus::Failed,
            },
            messages: stored_exchange(
                task.text,
                task.from_outside,
                transcript,
                &said,
                outcome.provider,
                outside,
            ),
            replies: vec![reply],
            covers: Vec::new(),
            sub_turns: Vec::new(),
            model: Some(outcome.model.unwrap_or_else(|| self.model_of(context))),
            prompt_tokens: outcome.spent.usage.input,
            completion_tokens: outcome.spent.usage.output,
            model_calls: outcome.spent.model_calls,
            cost: TurnCost::default(),
            error: outcome
                .stopped
                .map(|stopped| stopped.to_string().replace('\0', "")),
            started_at,
            finished_at: self.clock.now(),
        }
    }

    /// The name of the model that answers for the context's assistant.
    pub(super) fn model_of(&self, context: &Context) -> String {
        let own = context.assistant.model.as_deref();
        own.unwrap_or(self.model.name()).to_owned()
    }
}

/// What was said in a turn, as it is stored. `outside`: a model was shown words of others in it, so whatever it wrote
/// may be theirs; what the user said is not, unless a task of others' words said it.
pub(super) fn stored_exchange(
    said: &str,
    said_outside: bool,
    transcript: &[Message],
    answer: &str,
    provider: Option<ProviderFields>,
    outside: bool,
) -> Vec<NewMessage> {
    exchange(said, transcript, answer, provider)
        .iter()
        .map(|message| {
            let is_said = matches!(message, Message::User(_));
            to_stored(message, if is_said { said_outside } else { outside })
        })
        .collect()
}

/// What was said in a turn, from the request to the answer.
pub(super) fn exchange(
    said: &str,
    transcript: &[Message],
    answer: &str,
    provider: Option<ProviderFields>,
) -> Vec<Message> {
    let said = Message::User(said.to_owned());
    let answered = Message::Assistant {
        text: answer.to_owned(),
        tool_calls: Vec::new(),
        provider,
    };
    [&[said][..], transcript, &[answered]].concat()
}

/// The model's answer with the questions below it, which the server wrote; of several, with the number that their
/// buttons have.
fn with_questions(mut text: String, questions: &[Question]) -> String {
    let asked: Vec<&Question> = questions
        .iter()
        .filter(|question| !question.text.is_empty())
        .collect();
    for (number, question) in (1..).zip(&asked) {
        let number = if asked.len() > 1 {
            format!("{number}: ")
        } else {
            String::new()
        };
        text.push_str(&format!("\n\n❓ {number}{}", context::escaped(&question.text)));
    }
    text
}

/// The model's answer as later turns are shown it.
fn with_a_word_on_questions(text: &str, questions: &[Question]) -> String {
    let asked = questions
        .iter()
        .filter(|question| !question.text.is_empty())
        .count();
    match asked {
        0 => text.to_owned(),
        1 => format!("{text}\n\n(The user was asked a question with Yes and No buttons.)"),
        several => format!("{text}\n\n(The user was asked {several} questions with Yes and No buttons.)"),
    }
}

/// Where several changes can be undone, the buttons say which: the first line, the second.
fn numbered(mut receipts: Vec<Receipt>) -> Vec<Receipt> {
    let undos = receipts.iter_mut().filter_map(|receipt| receipt.undo.as_mut());
    let undos: Vec<&mut Button> = undos.collect();
    if undos.len() > 1 {
        for (number, undo) in (1..).zip(undos) {
            undo.label = format!("{} {number}", undo.label);
        }
    }
    receipts
}

/// The buttons of all questions; of several, with the number of their question. The same button twice is one.
fn answers(questions: Vec<Question>) -> Vec<Button> {
    let asked = questions
        .iter()
        .filter(|question| !question.text.is_empty())
        .count();
    let mut buttons: Vec<Button> = Vec::new();
    let mut number = 0;
    for question in questions {
        number += usize::from(!question.text.is_empty());
        for mut button in question.buttons {
            if asked > 1 && !question.text.is_empty() {
                button.label = format!("{} {number}", button.label);
            }
            if buttons.iter().all(|known| known.label != button.label) {
                buttons.push(button);
            }
        }
    }
    buttons
}

impl Run<'_> {
    /// Feeds the core until it is over. A tool that cannot reach what it needs breaks the turn off: it is run again
    /// later, and finds what it has changed by the calls' idempotency keys.
    pub(super) async fn to_the_end(&self) -> Result<(Outcome, Vec<Message>), rest_client::Error> {
        let depth = u32::try_from(self.path.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let time = self.deadline.saturating_duration_since(self.begun);
        let budget = self.family.budget.clone();
        let mut turn = Turn::within(budget, time, depth, self.toolbox.names())
            .in_language(context::language_of(self.context))
            .tried_before(self.task.tries.is_again);
        let mut doing: FuturesUnordered<Doing<'_>> = FuturesUnordered::new();
        let mut effects = turn.handle(Event::Started);
        let mut is_late = false;
        let mut is_stopped = false;
        let mut made: Vec<String> = Vec::new();
        loop {
            for effect in effects.drain(..) {
                match effect {
                    Effect::AskModel => doing.push(self.ask(turn.transcript()).boxed()),
                    Effect::RunTool(call) => {
                        let nth = made.iter().filter(|name| **name == call.name).count();
                        made.push(call.name.clone());
                        // What the model said before it is no answer.
                        self.live
                            .send_if_modified(|live| !std::mem::take(live).is_empty());
                        let context = self.tool_context(&call, u32::try_from(nth).unwrap_or(u32::MAX));
                        doing.push(self.run_tool(call, context).boxed());
                    }
                    Effect::Finish(outcome) => return Ok((outcome, turn.transcript().to_vec())),
                }
            }
            effects = tokio::select! {
                // What is stopped before it begins does nothing.
                biased;
                () = self.stopped(), if !is_stopped => {
                    is_stopped = true;
                    turn.handle(Event::Stopped)
                }
                Some(event) = doing.next() => turn.handle(event?),
                () = tokio::time::sleep_until(self.deadline), if !is_late => {
                    is_late = true;
                    turn.handle(Event::DeadlineReached)
                }
            };
        }
    }

    /// Waits until the user wants no answer any more.
    async fn stopped(&self) {
        match self.task.stop {
            Some(stop) => stop.stopped().await,
            None => std::future::pending().await,
        }
    }

    fn ask(
        &self,
        transcript: &[Message],
    ) -> impl Future<Output = Result<Event, rest_client::Error>> + Send + use<'_> {
        let mut messages = self.conversation.messages.clone();
        messages.extend_from_slice(transcript);
        let request = ModelRequest {
            model: self.context.assistant.model.clone(),
            instructions: self.conversation.instructions.clone(),
            messages,
            tools: self.toolbox.specs(),
            parameters: self.context.assistant.parameters.clone(),
            max_output_tokens: self.driver.settings.answer_tokens,
            time: tools::when::context(self.task.cause.at, self.family.zone(), &self.context.user.locale),
            now: self.driver.clock.now(),
            deadline: self.deadline,
            purse: Some(Arc::clone(&self.purse) as Arc<dyn Purse>),
        };
        let model = Arc::clone(&self.driver.model);
        async move {
            match model.answer(&request, &self.live).await {
                Ok(answer) => Ok(Event::ModelAnswered(answer)),
                // Not asked, because what it may cost could not be held back: the turn runs again later.
                Err(error) => match self.family.wallet.failure() {
                    Some(failed) => Err(failed),
                    None => Ok(Event::ModelFailed(error)),
                },
            }
        }
    }

    async fn run_tool(&self, call: RunTool, context: ToolContext) -> Result<Event, rest_client::Error> {
        let begun = Instant::now();
        let sub = self.toolbox.asks(&call.name).map(|ask| ask.assistant_id);
        let result = match sub {
            Some(sub) => self.ask_sub(sub, &call, context.nth).await?,
            None => self.toolbox.run(&context, &call).await?,
        };
        if call.name == timezone::NAME {
            self.family
                .moved(context::zone_of_user(&self.rest.user(self.task.user_id).await?));
        }
        // The names of sub-assistants are the installation's own, and may be many; what is no tool is whatever the
        // model made up.
        let tool = match sub {
            Some(_) => "ask",
            None => self.toolbox.metric_label(&call.name),
        };
        metrics::histogram!("assistant_tool_seconds", "tool" => tool).record(begun.elapsed().as_secs_f64());
        Ok(Event::ToolFinished {
            ordinal: call.ordinal,
            result,
        })
    }

    fn tool_context(&self, call: &RunTool, nth: u32) -> ToolContext {
        let heard = || Heard {
            said: context::own_words(self.task.text),
            pointed_at: context::pointed_at(self.task.text),
            time: tools::when::context(self.task.cause.at, self.family.zone(), &self.context.user.locale),
            now: self.driver.clock.now(),
        };
        let is_quoting = self.quotes && !own_words::asks_for(&call.name, &call.arguments, &heard());
        ToolContext {
            rest: self.rest.clone(),
            calendar: self
                .driver
                .calendar
                .as_ref()
                .map(|calendar| calendar.with_trace(self.task.cause.trace_id)),
            outside: self.outside.clone(),
            after_outside: is_quoting || self.outside.load(Ordering::Relaxed),
            user_id: self.task.user_id,
            zone: self.family.zone(),
            locale: self.context.user.locale.clone(),
            to: self.task.to.clone(),
            event_id: self.event_id.clone(),
            nth,
            is_late: self.task.tries.is_late,
            said_at: self.task.cause.at,
            now: self.driver.clock.now(),
        }
    }
}
