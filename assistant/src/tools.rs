//! The tools: what the model may do, and how it is run.
//!
//! To add one: a file in `tools/` with a type that implements [`Tool`] (its arguments' doc comments are what the
//! model reads), and a line in `all` that names the kind of REST tool that switches it on; ARCHITECTURE.md shows a
//! whole one. Answers are JSON for the model; whatever it changed gets a [`Receipt`], written from what was stored.
//! Sub-assistants are tools too, but made from the configuration: see [`ask`].

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures::future::BoxFuture;
use messages::{Address, Button, EventId, Receipt};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    model::ToolSpec,
    turn::{RunTool, ToolResult},
};

pub mod ask;
mod calendar;
mod calendar_account;
mod calendar_agenda;
mod calendar_change;
mod calendar_create;
mod calendar_delete;
mod calendar_free;
pub(crate) mod deeds;
mod memory;
mod question;
mod reminder_cancel;
mod reminder_change;
mod reminder_create;
mod reminder_list;
mod reminders;
mod schema;
mod time;
pub(crate) mod timezone;
mod undo;
mod weather;
pub mod when;

pub(crate) use calendar::{connect_button, undone as event_undone};
pub use weather::{WeatherClient, WeatherError, WeatherSettings};

use ask::Ask;

/// Every tool, with the kind of REST tool that switches it on.
fn all(outside: &Outside) -> Vec<Entry> {
    vec![
        entry("time", time::Time),
        entry(WITH_TIME, timezone::TimezoneSet),
        entry("weather", weather::Weather(outside.weather.clone())),
        entry("reminder", reminder_create::ReminderCreate),
        entry("reminder", reminder_list::ReminderList),
        entry("reminder", reminder_change::ReminderChange),
        entry("reminder", reminder_cancel::ReminderCancel),
        entry("reminder", undo::Undo),
        entry("memory", memory::Remember),
        entry("memory", memory::Memories),
        entry("memory", memory::Forget),
        entry("calendar", calendar_account::CalendarAccount),
        entry("calendar", calendar_agenda::CalendarAgenda),
        entry("calendar", calendar_create::CalendarCreate),
        entry("calendar", calendar_change::CalendarChange),
        entry("calendar", calendar_delete::CalendarDelete),
        entry("calendar", calendar_free::CalendarFree),
    ]
}

/// The kind of what is on wherever the clock is: it needs no row of its own.
const WITH_TIME: &str = "with_time";

/// What tools reach besides rest_service.
#[derive(Clone)]
pub struct Outside {
    /// The weather service.
    pub weather: Arc<WeatherClient>,
}

/// Something the model can do.
pub trait Tool: Send + Sync + 'static {
    /// What the model calls it.
    const NAME: &'static str;
    /// What it does and when to use it, for the model.
    const DESCRIPTION: &'static str;
    /// What it takes; the schema that the model sees is derived from it.
    type Args: DeserializeOwned + JsonSchema + Send;

    /// Does it.
    fn call(
        &self,
        context: &ToolContext,
        args: Self::Args,
    ) -> impl Future<Output = Result<ToolOutput, ToolError>> + Send;
}

/// On whose behalf a tool runs, and when.
#[derive(Clone, Debug)]
pub struct ToolContext {
    /// The way to what is stored.
    pub rest: rest_client::Client,
    /// The way to the user's calendars, where there is one.
    pub calendar: Option<calendar_client::Client>,
    /// Whether a model has read what others wrote in this turn, which may try to give orders; tools set it.
    pub outside: Arc<AtomicBool>,
    /// Whether one had when this call was made.
    pub after_outside: bool,
    /// Whose things it may see and change.
    pub user_id: Uuid,
    /// The user's zone.
    pub zone: Tz,
    /// The user's language tag (`en-US`), which also tells their units.
    pub locale: String,
    /// The conversation, where reminders made in it go.
    pub to: Address,
    /// The event that the turn answers; within a sub-assistant's turn, that turn's own.
    pub event_id: EventId,
    /// Which call of this tool in the turn it is, from 0.
    pub nth: u32,
    /// Whether the user has waited long enough for a calendar that is away.
    pub is_late: bool,
    /// When the user said it: what "in five minutes" counts from.
    pub said_at: DateTime<Utc>,
    /// The present instant.
    pub now: DateTime<Utc>,
}

impl ToolContext {
    /// The idempotency key of a change that `tool` makes: the same when the turn is run again, even if the model
    /// then looks something up first.
    pub fn idempotency_key(&self, tool: &str) -> String {
        format!("{}:{tool}:{}", self.event_id, self.nth)
    }

    /// The language of what the server itself says to the user.
    pub(crate) fn language(&self) -> schedule::Language {
        schedule::Language::of(&self.locale)
    }

    /// Notes that the model is shown what others wrote.
    pub(crate) fn has_read_outside(&self) {
        self.outside.store(true, Ordering::Relaxed);
    }

    /// Whether the model was shown what others wrote before it made this call. What it then wants to change may be
    /// their wish and not the user's, so the user is asked. What calls beside this one show it comes too late.
    pub(crate) fn is_reading_outside(&self) -> bool {
        self.after_outside
    }
}

/// What a tool call came to.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolOutput {
    /// For the model.
    pub content: Value,
    /// For the user: one line for each change.
    pub receipts: Vec<Receipt>,
    /// For the user: what only a press of theirs decides, and links.
    pub questions: Vec<Question>,
}

/// Something that the server asks the user, below the model's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The question, as plain text; empty when the buttons speak for themselves.
    pub text: String,
    /// The answers.
    pub buttons: Vec<Button>,
}

impl ToolOutput {
    /// The answer of a tool that changed nothing.
    pub fn answer(content: Value) -> Self {
        Self {
            content,
            receipts: Vec::new(),
            questions: Vec::new(),
        }
    }
}

/// Why a tool call failed, by who can do something about it.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// The model (or the user, through it): a sentence that says what is wrong.
    #[error("{0}")]
    Told(String),
    /// The user, through the model: a question, and likely answers to it.
    #[error("ask the user: {question}")]
    Ask {
        /// The question, with what was understood.
        question: String,
        /// The answers, which become buttons.
        choices: Vec<String>,
    },
    /// The model, about what others wrote: a sentence of ours, and their words.
    #[error("{why}")]
    Outside {
        /// What is wrong.
        why: String,
        /// What they wrote.
        text: String,
    },
    /// Nobody: what was to be changed is not as it was when that was decided; what happened to it. It can be decided
    /// anew.
    #[error("{0}, so it is left as it is")]
    Changed(&'static str),
    /// The user, by connecting their calendar; why.
    #[error("{0}")]
    NotConnected(String),
    /// Nobody now: whether a write in the calendar was made is not known. Made again with the same key it is made
    /// once, so the turn is run again, for as long as the user has patience.
    #[error("whether a write in the calendar was made is not known")]
    Unsure(#[source] calendar_client::Error),
    /// Nobody now: what the tool needs is away, and the turn has to be run again.
    #[error("what a tool needs cannot be reached")]
    Away(#[source] rest_client::Error),
}

impl From<rest_client::Error> for ToolError {
    fn from(error: rest_client::Error) -> Self {
        match error {
            rest_client::Error::NotFound => Self::Told("there is no such thing any more".to_owned()),
            rest_client::Error::Invalid { detail, errors } => Self::Told(
                errors
                    .into_iter()
                    .map(|error| error.message)
                    .reduce(|all, one| format!("{all}; {one}"))
                    .unwrap_or(detail),
            ),
            rest_client::Error::Conflict { detail, .. } => Self::Told(detail),
            other => Self::Away(other),
        }
    }
}

/// All tools of this build.
#[derive(Clone)]
pub struct Registry(Arc<[Entry]>);

/// The tools that one assistant has.
#[derive(Clone)]
pub struct Toolbox {
    entries: Vec<Entry>,
    asks: Vec<Ask>,
    specs: Arc<[ToolSpec]>,
}

#[derive(Clone)]
struct Entry {
    kind: &'static str,
    spec: ToolSpec,
    tool: Arc<dyn AnyTool>,
}

impl Registry {
    /// All tools, with their schemas.
    pub fn new(outside: &Outside) -> Self {
        Self(all(outside).into())
    }

    /// These tools alone, whatever their kinds; for tests and for examples of tools.
    pub fn of<T: Tool>(kind: &'static str, tool: T) -> Self {
        Self([entry(kind, tool)].into())
    }

    /// The tools that these REST tools switch on. Where one kind is one tool, its description can be replaced.
    pub fn toolbox(&self, rows: &[rest_client::Tool]) -> Toolbox {
        Toolbox::of(self.entries(rows), Vec::new())
    }

    /// As [`Self::toolbox`], with the sub-assistants that can be asked.
    pub fn toolbox_with(
        &self,
        rows: &[rest_client::Tool],
        asks: impl FnOnce(&[Cow<'static, str>]) -> Vec<Ask>,
    ) -> Toolbox {
        let mut entries = self.entries(rows);
        if rows.iter().any(|row| row.active && row.kind == "time") {
            entries.extend(self.0.iter().filter(|entry| entry.kind == WITH_TIME).cloned());
        }
        let names: Vec<_> = entries.iter().map(|entry| entry.spec.name.clone()).collect();
        Toolbox::of(entries, asks(&names))
    }

    fn entries(&self, rows: &[rest_client::Tool]) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for row in rows.iter().filter(|row| row.active) {
            let of_kind: Vec<&Entry> = self.0.iter().filter(|entry| entry.kind == row.kind).collect();
            for entry in &of_kind {
                if entries.iter().any(|known| known.spec.name == entry.spec.name) {
                    continue;
                }
                let mut entry = Entry::clone(entry);
                if of_kind.len() == 1 && !row.description.is_empty() {
                    entry.spec.description = Cow::Owned(row.description.clone());
                }
                entries.push(entry);
            }
        }
        entries
    }
}

impl Toolbox {
    fn of(entries: Vec<Entry>, asks: Vec<Ask>) -> Self {
        let specs = entries.iter().map(|entry| entry.spec.clone());
        let specs = specs.chain(asks.iter().map(|ask| ask.spec.clone())).collect();
        Self { entries, asks, specs }
    }

    /// The sub-assistant that a tool asks; `None` for every other tool.
    pub fn asks(&self, name: &str) -> Option<&Ask> {
        self.asks.iter().find(|ask| ask.spec.name == name)
    }

    /// The tools as the model is told of them.
    pub fn specs(&self) -> Arc<[ToolSpec]> {
        self.specs.clone()
    }

    /// Their names.
    pub fn names(&self) -> Vec<Cow<'static, str>> {
        self.specs.iter().map(|spec| spec.name.clone()).collect()
    }

    /// What metrics call a tool: nobody but us has named it.
    pub(crate) fn metric_label(&self, name: &str) -> &'static str {
        let known = self.entries.iter().find(|entry| entry.spec.name == name);
        known.map_or("unknown", |entry| match &entry.spec.name {
            Cow::Borrowed(name) => name,
            Cow::Owned(_) => entry.kind,
        })
    }

    /// Runs one call. What is wrong with it is a result, for the model.
    ///
    /// # Errors
    /// What the tool needs is away: the turn has to be run again.
    pub async fn run(&self, context: &ToolContext, call: &RunTool) -> Result<ToolResult, rest_client::Error> {
        let Some(entry) = self.entries.iter().find(|entry| entry.spec.name == call.name) else {
            return Ok(told("there is no such tool"));
        };
        let output = match entry.tool.call(context, &call.arguments).await {
            Err(ToolError::NotConnected(why)) => calendar::offer_to_connect(context, &why).await,
            Err(ToolError::Outside { why, text }) => {
                let mut content = calendar::from_outside(context, text);
                content["error"] = why.into();
                Ok(ToolOutput::answer(content))
            }
            output => output,
        };
        match output {
            Ok(output) => Ok(ToolResult {
                content: output.content.to_string(),
                receipts: output.receipts,
                questions: output.questions,
                choices: Vec::new(),
            }),
            Err(ToolError::Ask { question, choices }) => Ok(ToolResult {
                choices,
                ..told(&format!("ask the user: {question}"))
            }),
            Err(ToolError::Told(text) | ToolError::NotConnected(text)) => Ok(told(&text)),
            Err(error @ (ToolError::Outside { .. } | ToolError::Changed(_))) => Ok(told(&error.to_string())),
            Err(ToolError::Unsure(_)) if context.is_late => Ok(told(calendar::UNSURE)),
            Err(ToolError::Unsure(error)) => Err(rest_client::Error::Unavailable(Some(Box::new(error)))),
            Err(ToolError::Away(error)) => Err(error),
        }
    }
}

/// How much of an error the model is told, in characters: it may quote what the model wrote.
const LONGEST_ERROR: usize = 2000;

pub(crate) fn told(error: &str) -> ToolResult {
    let error: String = error.chars().take(LONGEST_ERROR).collect();
    ToolResult {
        content: json!({ "error": error }).to_string(),
        receipts: Vec::new(),
        questions: Vec::new(),
        choices: Vec::new(),
    }
}

fn entry<T: Tool>(kind: &'static str, tool: T) -> Entry {
    Entry {
        kind,
        spec: ToolSpec {
            name: Cow::Borrowed(T::NAME),
            description: Cow::Borrowed(T::DESCRIPTION),
            parameters: schema::of::<T::Args>(),
        },
        tool: Arc::new(tool),
    }
}

/// A [`Tool`] whatever its arguments' type.
trait AnyTool: Send + Sync {
    fn call<'a>(
        &'a self,
        context: &'a ToolContext,
        arguments: &'a str,
    ) -> BoxFuture<'a, Result<ToolOutput, ToolError>>;
}

impl<T: Tool> AnyTool for T {
    fn call<'a>(
        &'a self,
        context: &'a ToolContext,
        arguments: &'a str,
    ) -> BoxFuture<'a, Result<ToolOutput, ToolError>> {
        Box::pin(async move {
            // Some models write nothing at all where there is nothing to say.
            let arguments = if arguments.trim().is_empty() {
                "{}"
            } else {
                arguments
            };
            let args = serde_json::from_str(arguments).map_err(|error| {
                ToolError::Told(format!("the arguments of {} are wrong: {error}", T::NAME))
            })?;
            Tool::call(self, context, args).await
        })
    }
}
