//! Turns: what one event led to, stored once.

use chrono::{DateTime, Utc};
use messages::{EventId, ReplyV1};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::NewMessage;

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnStatus {
    /// With an answer.
    Completed,
    /// With a message that says what failed.
    Failed,
}

/// What one event led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The model that answered; `None` when none was asked.
    pub model: Option<String>,
    /// Tokens the model read.
    pub prompt_tokens: u32,
    /// Tokens the model wrote.
    pub completion_tokens: u32,
    /// How often a model was asked.
    pub model_calls: u32,
    /// What failed, for the operator.
    pub error: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
}

/// Stores a turn. The same event again stores nothing and answers with what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTurn {
    /// The event, 1 to 200 characters.
    pub event_id: EventId,
    /// The conversation's key, 1 to 200 characters.
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
    pub messages: Vec<NewMessage>,
    /// What is to be sent, in order; up to 50, all to this user and for this event.
    pub replies: Vec<ReplyV1>,
    /// The model that answered, up to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    /// What failed, up to 4,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
}
