//! The pure core of a turn: it decides what to do next, and knows the limits. It performs nothing.
//!
//! The driver feeds it events and performs the effects that it returns:
//!
//! ```text
//! Started ──▶ AskModel ──▶ ModelAnswered ─┬─ text only ──────────────▶ Finish
//!                 ▲                       └─ tool calls ──▶ RunTool…
//!                 └── all results are in ◀── ToolFinished… ◀────┘
//! ```

use std::{borrow::Cow, time::Duration};

use messages::Receipt;
use texts::{Language, Text};

use crate::{
    model::{Message, ModelAnswer, ModelError, ProviderFields, ToolCall, Usage},
    tools::Question,
};

mod budget;
mod claims;
mod repeats;
mod words;

pub use budget::Budget;
use repeats::Repeats;
pub use words::Stop;

/// The longest name and id of a call, as OpenAI has them.
const LONGEST_NAME: usize = 64;

/// How much one turn may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How often the model may be asked.
    pub model_calls: u32,
    /// How many tool calls it may make.
    pub tool_calls: u32,
    /// Tokens of all model calls together.
    pub tokens: u32,
    /// How long the turn may take. The driver keeps this one and reports it with [`Event::DeadlineReached`].
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            model_calls: 8,
            tool_calls: 16,
            tokens: 200_000,
            time: Duration::from_secs(60),
        }
    }
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The turn begins.
    Started,
    /// The model answered.
    ModelAnswered(ModelAnswer),
    /// The model did not answer, and will not.
    ModelFailed(ModelError),
    /// A tool is done.
    ToolFinished {
        /// Which call.
        ordinal: u32,
        /// What it says.
        result: ToolResult,
    },
    /// The time is up.
    DeadlineReached,
    /// The user wants no answer any more.
    Stopped,
}

/// What a tool call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolResult {
    /// What the model is told, as JSON.
    pub content: String,
    /// What the user is shown; one for each change.
    pub receipts: Vec<Receipt>,
    /// What the user is asked.
    pub questions: Vec<Question>,
    /// Likely answers to what the model is told to ask.
    pub choices: Vec<String>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the model, with [`Turn::transcript`] after the conversation.
    AskModel,
    /// Run a tool; several of them side by side.
    RunTool(RunTool),
    /// The turn is over.
    Finish(Outcome),
}

/// A tool call to perform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunTool {
    /// The number of the call in this turn, from 0.
    pub ordinal: u32,
    /// The tool, one of those that the turn was made with.
    pub name: String,
    /// Its arguments as the model wrote them.
    pub arguments: String,
}

/// How a turn ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What the user is told.
    pub text: String,
    /// What was changed, in the order of the calls.
    pub receipts: Vec<Receipt>,
    /// What the user is asked, in the order of the calls.
    pub questions: Vec<Question>,
    /// Likely answers to what the text asks.
    pub choices: Vec<String>,
    /// Why it ended without the model's answer, if it did.
    pub stopped: Option<Stop>,
    /// What it cost.
    pub spent: Spent,
    /// What the answer's server wants back with it.
    pub provider: Option<ProviderFields>,
    /// The model that answered last, where it says so.
    pub model: Option<String>,
}

/// What a turn spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// How often the model was asked.
    pub model_calls: u32,
    /// How many tool calls it made.
    pub tool_calls: u32,
    /// The tokens of all model calls.
    pub usage: Usage,
}

/// A turn under way.
#[derive(Debug)]
pub struct Turn {
    budget: Budget,
    /// How long this turn may take.
    time: Duration,
    /// How many assistants stand above it: 0 for the user's own.
    depth: u32,
    /// What it speaks where no model does.
    language: Language,
    /// Whether an earlier try may have changed something.
    is_again: bool,
    tools: Vec<Cow<'static, str>>,
    transcript: Vec<Message>,
    state: State,
    /// Once the time is up nothing new begins; what is under way is finished.
    time_is_up: bool,
    is_stopped: bool,
    /// Why calls failed that were to change something.
    failed_changes: Vec<String>,
    /// The model that answered last.
    model: Option<String>,
    spent: Spent,
    receipts: Vec<(u32, Receipt)>,
    questions: Vec<(u32, Question)>,
    /// Of the newest round of calls, or of the answer.
    choices: Vec<String>,
    repeats: Repeats,
}

#[derive(Debug)]
enum State {
    Asking,
    /// One slot for each call of the round, in the model's order.
    Running(Vec<Slot>),
    Over,
}

#[derive(Debug)]
struct Slot {
    ordinal: u32,
    call: ToolCall,
    content: Option<String>,
}

impl Turn {
    /// A turn that may call `tools`.
    pub fn new(limits: Limits, tools: Vec<impl Into<Cow<'static, str>>>) -> Self {
        Self::within(Budget::new(limits), limits.time, 0, tools)
    }

    /// The same, which speaks this language where no model does.
    #[must_use]
    pub fn in_language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// The same, which may have been tried before, and then claims not that nothing was changed.
    #[must_use]
    pub fn tried_before(self, is_again: bool) -> Self {
        Self { is_again, ..self }
    }

    /// A turn that spends from the budget of another one, `depth` assistants below the user's own.
    pub fn within(
        budget: Budget,
        time: Duration,
        depth: u32,
        tools: Vec<impl Into<Cow<'static, str>>>,
    ) -> Self {
        Self {
            budget,
            time,
            depth,
            language: Language::default(),
            is_again: false,
            tools: tools.into_iter().map(Into::into).collect(),
            transcript: Vec::new(),
            state: State::Asking,
            time_is_up: false,
            is_stopped: false,
            failed_changes: Vec::new(),
            model: None,
            spent: Spent::default(),
            receipts: Vec::new(),
            questions: Vec::new(),
            choices: Vec::new(),
            repeats: Repeats::default(),
        }
    }

    /// What the model said and the tools answered in this turn so far.
    pub fn transcript(&self) -> &[Message] {
        &self.transcript
    }

    /// Takes an event; returns what to do about it. An event that comes too late changes nothing.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        match (&mut self.state, event) {
            (State::Over, _) | (State::Running(_), Event::Started) => Vec::new(),
            (State::Asking, Event::Started) => self.ask(),
            (State::Asking, Event::ModelAnswered(answer)) => self.answered(answer),
            (State::Asking, Event::ModelFailed(ModelError::Deadline(_))) if self.time_is_up => {
                self.finish(Stop::Time(self.time))
            }
            (State::Asking, Event::ModelFailed(error)) => self.finish(Stop::Model(error)),
            // An answer that is coming is waited for, and the model itself gives up one that has not begun. A round of
            // calls is finished, for its receipts.
            (State::Asking | State::Running(_), Event::DeadlineReached) => {
                self.time_is_up = true;
                Vec::new()
            }
            (State::Asking, Event::Stopped) => self.finish(Stop::ByUser),
            (State::Running(_), Event::Stopped) => {
                self.is_stopped = true;
                Vec::new()
            }
            (State::Running(round), Event::ToolFinished { ordinal, result }) => {
                let waiting = round
                    .iter_mut()
                    .find(|slot| slot.ordinal == ordinal && slot.content.is_none());
                let Some(slot) = waiting else {
                    return Vec::new();
                };
                self.repeats.finished(&slot.call, &result);
                self.failed_changes
                    .extend(words::failed_change(&slot.call.name, &result));
                slot.content = Some(result.content);
                self.choices.extend(result.choices);
                self.receipts
                    .extend(result.receipts.into_iter().map(|receipt| (ordinal, receipt)));
                self.questions
                    .extend(result.questions.into_iter().map(|question| (ordinal, question)));
                self.next_round()
            }
            (State::Running(_), Event::ModelAnswered(_) | Event::ModelFailed(_))
            | (State::Asking, Event::ToolFinished { .. }) => Vec::new(),
        }
    }

    fn ask(&mut self) -> Vec<Effect> {
        if let Err(stop) = self.budget.take_model_call(self.depth) {
            return self.finish(stop);
        }
        self.spent.model_calls += 1;
        self.state = State::Asking;
        vec![Effect::AskModel]
    }

    fn answered(&mut self, answer: ModelAnswer) -> Vec<Effect> {
        self.spent.usage = self.spent.usage.plus(answer.usage);
        self.budget.add(answer.usage);
        if !answer.model.is_empty() {
            self.model = Some(answer.model);
        }
        if answer.tool_calls.is_empty() {
            self.choices.extend(answer.choices);
            let text = self.honest(answer.text);
            return self.over(text, None, answer.provider);
        }
        let asked = u32::try_from(answer.tool_calls.len()).unwrap_or(u32::MAX);
        if let Err(stop) = self.budget.take_tool_calls(asked) {
            return self.finish(stop);
        }
        if self.repeats.are_a_circle(&answer.tool_calls) {
            return self.finish(Stop::Circle);
        }
        let mut calls = answer.tool_calls;
        for (n, call) in (self.spent.tool_calls..).zip(&mut calls) {
            self.make_sound(call, n);
        }
        let mut effects = Vec::new();
        let mut round: Vec<Slot> = Vec::new();
        for (ordinal, call) in (self.spent.tool_calls..).zip(&calls) {
            let known = if self.tools.iter().any(|tool| *tool == call.name) {
                self.repeats.start(call)
            } else {
                Some(words::unknown_tool(&call.name, &self.tools))
            };
            if known.is_none() {
                effects.push(Effect::RunTool(RunTool {
                    ordinal,
                    name: call.name.clone(),
                    arguments: call.arguments.clone(),
                }));
            }
            round.push(Slot {
                ordinal,
                call: call.clone(),
                content: known,
            });
        }
        self.spent.tool_calls += asked;
        // What an earlier round was told to ask is answered, or is asked again.
        self.choices.clear();
        self.transcript.push(Message::Assistant {
            text: answer.text,
            tool_calls: calls.into_iter().map(sendable).collect(),
            provider: answer.provider,
        });
        self.state = State::Running(round);
        if effects.is_empty() {
            return self.next_round();
        }
        effects
    }

    /// When every call of the round has its result: tells the model, and asks on.
    fn next_round(&mut self) -> Vec<Effect> {
        let State::Running(round) = &mut self.state else {
            return Vec::new();
        };
        if round.iter().any(|slot| slot.content.is_none()) {
            return Vec::new();
        }
        for slot in std::mem::take(round) {
            self.transcript.push(Message::Tool {
                call_id: slot.call.id,
                content: slot.content.unwrap_or_default(),
            });
        }
        if self.is_stopped {
            return self.finish(Stop::ByUser);
        }
        if self.time_is_up {
            return self.finish(Stop::Time(self.time));
        }
        self.ask()
    }

    /// Gives the call an id of its own where the model gave none, one twice, or one that cannot be stored.
    fn make_sound(&self, call: &mut ToolCall, ordinal: u32) {
        for text in [&mut call.id, &mut call.name, &mut call.arguments] {
            text.retain(|c| c != '\0');
        }
        call.name = call.name.chars().take(LONGEST_NAME).collect();
        let is_taken = self.transcript.iter().any(|message| match message {
            Message::Assistant { tool_calls, .. } => tool_calls.iter().any(|known| known.id == call.id),
            Message::User(_) | Message::Tool { .. } => false,
        });
        if call.id.is_empty() || call.id.len() > LONGEST_NAME || is_taken {
            call.id = format!("call{ordinal:05}");
        }
    }

    /// The answer, which says that nothing was changed where it claims that something was, or leaves it open.
    fn honest(&self, text: String) -> String {
        if !self.receipts.is_empty() || !self.questions.is_empty() {
            return text;
        }
        let is_told = self.failed_changes.iter().any(|why| text.contains(why));
        let is_open = !self.failed_changes.is_empty() && !is_told && !claims::are_denied_in(&text);
        match is_open || claims::are_in(&text) {
            true => format!("{text}\n\n{}", self.language.say(&Text::NothingChanged)),
            false => text,
        }
    }

    fn finish(&mut self, stop: Stop) -> Vec<Effect> {
        let has_changed = match self.receipts.is_empty() {
            false => Some(true),
            true => (!self.is_again).then_some(false),
        };
        let text = words::stopped(self.language, &stop, has_changed);
        self.over(text, Some(stop), None)
    }

    fn over(&mut self, text: String, stopped: Option<Stop>, provider: Option<ProviderFields>) -> Vec<Effect> {
        self.state = State::Over;
        // Calls of one round finish in any order; the user reads them in the order they were asked for.
        self.receipts.sort_by_key(|(ordinal, _)| *ordinal);
        self.questions.sort_by_key(|(ordinal, _)| *ordinal);
        vec![Effect::Finish(Outcome {
            text,
            receipts: std::mem::take(&mut self.receipts)
                .into_iter()
                .map(|(_, receipt)| receipt)
                .collect(),
            questions: once_each(std::mem::take(&mut self.questions)),
            choices: if stopped.is_none() {
                std::mem::take(&mut self.choices)
            } else {
                Vec::new()
            },
            stopped,
            spent: self.spent,
            provider,
            model: self.model.take(),
        })]
    }
}

/// Some servers refuse a conversation whose tool arguments are not JSON; the tool's result says what was wrong.
fn sendable(call: ToolCall) -> ToolCall {
    if serde_json::from_str::<&serde_json::value::RawValue>(&call.arguments).is_ok() {
        return call;
    }
    ToolCall {
        arguments: "{}".to_owned(),
        ..call
    }
}

/// Two calls may ask the same, such as where the user is: it is asked once.
fn once_each(questions: Vec<(u32, Question)>) -> Vec<Question> {
    let mut asked: Vec<Question> = Vec::new();
    for (_, question) in questions {
        if !asked.contains(&question) {
            asked.push(question);
        }
    }
    asked
}
