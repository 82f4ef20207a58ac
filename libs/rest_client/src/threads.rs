//! Threads and their messages: what was said, in order.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::limits;

/// A run of messages with one assistant in one conversation. At most one is open per user, conversation and
/// assistant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Thread {
    /// The thread's id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// Who answers in it.
    pub assistant_id: Uuid,
    /// The conversation's key (`telegram:42`): the channel, a colon, and the chat.
    #[schemars(example = &"telegram:42")]
    pub conversation: String,
    /// The thread of the assistant that asked, for a sub-assistant's.
    pub parent_id: Option<Uuid>,
    /// The number of the newest message; 0 when there is none.
    pub last_seq: i64,
    /// The older messages in short; empty when nothing is summarised.
    #[schemars(example = &"They spoke about tea.")]
    pub summary: String,
    /// The number of the newest message that the summary covers; 0 when nothing is summarised.
    pub summarised_to: i64,
    /// When it was closed; `null` while it is open.
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Changes a thread; what is absent stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThreadPatch {
    /// The older messages in short, up to 50,000 characters.
    #[schemars(length(max = limits::SUMMARY), example = &"They spoke about tea.")]
    pub summary: String,
    /// The number of the newest message that the summary covers. One that covers less than the stored one is
    /// not taken.
    #[schemars(range(min = 0))]
    pub summarised_to: i64,
}

/// Closes the open threads of a conversation, so that the next message begins a new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseThreads {
    /// The conversation's key.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"telegram:42")]
    pub conversation: String,
}

/// How many threads were open and are closed now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClosedThreads {
    /// How many.
    pub closed: u64,
}

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageRole {
    /// The user.
    User,
    /// The assistant.
    Assistant,
    /// A tool, answering a call.
    Tool,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// The message's id.
    pub id: Uuid,
    /// Whose thread it is in.
    pub user_id: Uuid,
    /// The thread.
    pub thread_id: Uuid,
    /// The turn that stored it.
    pub turn_id: Uuid,
    /// Its number in the thread, from 1 without gaps.
    #[schemars(range(min = 1))]
    pub seq: i64,
    /// Who said it.
    pub role: MessageRole,
    /// The text.
    #[schemars(example = &"Good morning!")]
    pub content: String,
    /// The tool calls that the assistant made, as the assistant wrote them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Value>,
    /// The call that a tool answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// Whether it may hold the words of others than the user: a turn that is shown it asks before it changes anything.
    #[serde(default)]
    pub from_outside: bool,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
}

/// A message to store with a turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// Who said it.
    pub role: MessageRole,
    /// The text, up to 200,000 characters; may be empty.
    #[schemars(length(max = limits::TEXT), example = &"Good morning!")]
    pub content: String,
    /// The tool calls that the assistant made; any JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Value>,
    /// The call that a tool answers, up to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK))]
    pub tool_call_id: Option<String>,
    /// Whether it may hold the words of others than the user.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_outside: bool,
}
