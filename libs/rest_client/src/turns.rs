//! Turns: what one event led to, stored once.

use chrono::{DateTime, Utc};
use messages::{EventId, ReplyV1};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::limits;

use crate::{NewMessage, NewSubTurn, TurnCost};

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TurnStatus {
    /// With an answer.
    Completed,
    /// With a message that says what failed.
    Failed,
}

/// What one event led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Turn {
    /// The turn's id.
    pub id: Uuid,
    /// The event; there is one turn for each.
    pub event_id: EventId,
    /// Whose it is.
    pub user_id: Uuid,
    /// The thread its messages are in.
    pub thread_id: Uuid,
    /// How it ended.
    pub status: TurnStatus,
    /// What was sent, for sending again.
    pub replies: Vec<ReplyV1>,
    /// The model that answered; `null` when none was asked.
    #[schemars(example = &"gpt-4o-mini")]
    pub model: Option<String>,
    /// Tokens the model read.
    pub prompt_tokens: u32,
    /// Tokens the model wrote.
    pub completion_tokens: u32,
    /// How often a model was asked.
    pub model_calls: u32,
    /// What they cost, in millionths of a US dollar, as far as the model's price is known.
    #[serde(default)]
    pub cost_micros: i64,
    /// What failed, for the operator.
    pub error: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
}

/// Stores a turn. The same event again stores nothing and answers with what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTurn {
    /// The event, 1 to 200 characters.
    pub event_id: EventId,
    /// The conversation's key, 1 to 200 characters.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"telegram:42")]
    pub conversation: String,
    /// Who answered.
    pub assistant_id: Uuid,
    /// The thread that the turn was answered from, open or not; when absent the open one of this conversation
    /// and assistant, made if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<Uuid>,
    /// How it ended.
    pub status: TurnStatus,
    /// What was said, in order; up to 200.
    #[schemars(length(max = limits::TURN_MESSAGES))]
    pub messages: Vec<NewMessage>,
    /// What is to be sent, in order; up to 50, all to this user and for this event.
    #[schemars(length(max = limits::TURN_REPLIES))]
    pub replies: Vec<ReplyV1>,
    /// What sub-assistants did in it, in order; up to 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = limits::SUB_TURNS))]
    pub sub_turns: Vec<NewSubTurn>,
    /// Other events that it answers too: messages that came right behind; up to 50. Each has a turn of its own with
    /// nothing in it, so that it is not answered again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = limits::COVERED))]
    pub covers: Vec<EventId>,
    /// The model that answered, up to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"gpt-4o-mini")]
    pub model: Option<String>,
    /// Tokens the model read.
    #[serde(default)]
    pub prompt_tokens: u32,
    /// Tokens the model wrote.
    #[serde(default)]
    pub completion_tokens: u32,
    /// How often a model was asked.
    #[serde(default)]
    pub model_calls: u32,
    /// What they cost.
    #[serde(default, skip_serializing_if = "TurnCost::is_nothing")]
    pub cost: TurnCost,
    /// What failed, up to 4,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::ERROR))]
    pub error: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
}
