//! The one thing that every language model is to this service: a conversation in, text and tool calls out.

use std::{
    borrow::Cow,
    fmt,
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rest_client::{BudgetOf, BudgetPeriod};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::{sync::watch, time::Instant};

pub mod catalogue;
pub mod chain;
mod measured;
pub mod offline;
pub(crate) mod ollama;
pub mod openai;

pub(crate) use measured::Measured;

/// A language model.
#[async_trait]
pub trait Model: Send + Sync + 'static {
    /// The model's name, for requests that name none.
    fn name(&self) -> &str;

    /// Whether it is one: it reads several messages at once, and can write the notes of a conversation. Rules cannot.
    fn is_language_model(&self) -> bool {
        true
    }

    /// Answers one request. While the answer is written, `live` holds its text so far.
    ///
    /// # Errors
    /// [`ModelError`], after the tries that make sense before `request.deadline`. Never half an answer.
    async fn answer(
        &self,
        request: &ModelRequest,
        live: &watch::Sender<String>,
    ) -> Result<ModelAnswer, ModelError>;
}

/// What a model is asked.
#[derive(Clone, Debug)]
pub struct ModelRequest {
    /// The model's name, where the assistant has one of its own; several with commas between stand in for each other.
    pub model: Option<String>,
    /// Who it is, whom it talks to, and what time it is.
    pub instructions: String,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// What it may call.
    pub tools: Arc<[ToolSpec]>,
    /// The assistant's parameters (`temperature`, …), handed on as they are.
    pub parameters: Map<String, Value>,
    /// The most tokens that the answer may have.
    pub max_output_tokens: u32,
    /// When it was said, and the zone and language of who said it: what words of time are read against.
    pub time: when::Context,
    /// The present instant, which may be later than when it was said.
    pub now: DateTime<Utc>,
    /// When an answer that has not begun is no longer of use; one that is coming by then is waited for.
    pub deadline: Instant,
    /// What pays for it; nothing is counted without.
    pub purse: Option<Arc<dyn Purse>>,
}

/// What pays for requests to models.
#[async_trait]
pub trait Purse: fmt::Debug + Send + Sync {
    /// Before a request is sent that may cost this much.
    ///
    /// # Errors
    /// [`ModelError::Budget`] when it must not be sent.
    async fn hold(&self, model: &str, worst: Cost) -> Result<(), ModelError>;

    /// What the request that was held back for has cost, answered or not.
    fn paid(&self, cost: Cost);
}

/// One message of a conversation, as models see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// The user said it.
    User(String),
    /// The model said it.
    Assistant {
        /// What it said; empty when it only called tools.
        text: String,
        /// What it called.
        tool_calls: Vec<ToolCall>,
        /// What its server wants back with it.
        provider: Option<ProviderFields>,
    },
    /// A tool's result.
    Tool {
        /// The call's id.
        call_id: String,
        /// The result, as JSON.
        content: String,
    },
}

impl Message {
    /// The assistant said this, and called nothing.
    pub fn said(text: impl Into<String>) -> Self {
        Self::Assistant {
            text: text.into(),
            tool_calls: Vec::new(),
            provider: None,
        }
    }
}

/// What a server said beside an answer and wants to be sent back with it: the state of its reasoning, signatures of its
/// thoughts. No other server gets them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderFields {
    /// The server's address.
    pub server: String,
    /// Fields of the message.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub message: Map<String, Value>,
    /// Fields of each call, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Map<String, Value>>,
}

impl ProviderFields {
    /// How much of a request they take, in bytes.
    pub fn size(&self) -> usize {
        size_of_json(self)
    }
}

/// A tool that the model wants to have run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The model's id for the call, to which the result refers.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// Its arguments: JSON, if the model wrote it well.
    pub arguments: String,
}

/// A tool as the model is told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolSpec {
    /// Its name.
    pub name: Cow<'static, str>,
    /// What it does and when to use it.
    pub description: Cow<'static, str>,
    /// The JSON schema of its arguments.
    pub parameters: Value,
}

impl ToolSpec {
    /// How much of a request it takes, in bytes.
    pub(crate) fn size(&self) -> usize {
        size_of_json(&self.parameters) + self.description.len()
    }
}

/// How long a value is as JSON, in bytes.
pub(crate) fn size_of_json(value: &impl Serialize) -> usize {
    struct Count(usize);
    impl Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Counting does not fail, and what cannot be written takes no place.
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}

/// What a model answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelAnswer {
    /// The text; may be empty when there are tool calls.
    pub text: String,
    /// The tools to run, whose results it wants to see.
    pub tool_calls: Vec<ToolCall>,
    /// Likely answers to what the text asks, each of which answers it when it is said.
    pub choices: Vec<String>,
    /// What it cost, with the tries before it that were paid for.
    pub usage: Usage,
    /// What its server wants back with it.
    pub provider: Option<ProviderFields>,
    /// Which model answered, where there are several; empty for the one that was asked.
    pub model: String,
}

/// Tokens of one or more model calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the request.
    pub input: u32,
    /// Tokens of the answer.
    pub output: u32,
}

impl Usage {
    /// Both together.
    pub fn total(self) -> u32 {
        self.input.saturating_add(self.output)
    }

    /// What is left of this without what is in another one.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_sub(other.input),
            output: self.output.saturating_sub(other.output),
        }
    }

    /// The sum of this and another call's.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
        }
    }
}

/// What requests cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// The tokens.
    pub usage: Usage,
    /// Millionths of a dollar; `None` where no price is known.
    pub micros: Option<u64>,
}

impl Cost {
    /// The sum of this and another one, as far as prices are known.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            usage: self.usage.plus(other.usage),
            micros: match (self.micros, other.micros) {
                (None, micros) | (micros, None) => micros,
                (Some(one), Some(other)) => Some(one.saturating_add(other)),
            },
        }
    }

    /// Millionths of a dollar, as they are stored; 0 where no price is known.
    pub fn micros_or_none(self) -> i64 {
        i64::try_from(self.micros.unwrap_or(0)).unwrap_or(i64::MAX)
    }
}

/// Why there is no answer, by what it means. The texts are for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The model cannot be reached, or says that it cannot serve now.
    #[error("the model is unavailable: {reason}")]
    Unavailable {
        /// What was seen.
        reason: String,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// We ask too often.
    #[error("the model limits the rate of requests")]
    RateLimited {
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The model will not take this request however often it is sent: a wrong key, no money, a bad request.
    #[error("the model refused the request: {0}")]
    Refused(String),
    /// The answer was cut, empty, malformed or repeated itself.
    #[error("the model's answer was broken: {0}")]
    Broken(String),
    /// The conversation is longer than what the model takes, however much of it is left out.
    #[error("the conversation is too long for the model: {0}")]
    TooLong(String),
    /// No answer began within this time, or it was silent for as long.
    #[error("the model gave no answer within {} s", .0.as_secs_f32())]
    Deadline(Duration),
    /// It was not asked: what the answer may cost would cross a budget.
    #[error("the budget of the {} for the {} does not cover the call", name_of(.of), name_for(.period))]
    Budget {
        /// Whose budget.
        of: BudgetOf,
        /// For how long it is.
        period: BudgetPeriod,
        /// When the next period begins, as the user is told.
        resets: String,
    },
}

fn name_of(of: &BudgetOf) -> &'static str {
    match of {
        BudgetOf::User => "user",
        BudgetOf::Installation => "installation",
    }
}

fn name_for(period: &BudgetPeriod) -> &'static str {
    match period {
        BudgetPeriod::Day => "day",
        BudgetPeriod::Month => "month",
    }
}
