//! Sub-assistants: who may ask whom for special work.

use chrono::{DateTime, Utc};
use messages::EventId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Assistant, Message, NewMessage, Thread, Tool, TurnStatus, limits};

/// How many links lead at most from the assistant that talks to the user to one that works for it.
pub const MAX_SUB_DEPTH: usize = 3;

/// Lets an assistant ask another one. The same again changes the description.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubAssistantLink {
    /// When to ask it, for the asking assistant's model; up to 1,000 characters. When empty, the beginning of its
    /// instructions stands for it.
    #[serde(default)]
    #[schemars(length(max = limits::SUB_DESCRIPTION), example = &"knows recipes and what is in the fridge")]
    pub description: String,
}

/// An assistant that another one may ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LinkedSubAssistant {
    /// Who is asked.
    pub assistant: Assistant,
    /// When to ask it.
    #[schemars(example = &"knows recipes and what is in the fridge")]
    pub description: String,
    /// When it was first linked.
    pub created_at: DateTime<Utc>,
}

/// Who may ask a sub-assistant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubAssistantLink {
    /// The asking assistant.
    pub assistant_id: Uuid,
    /// What it is told about when to ask.
    pub description: String,
}

/// A sub-assistant as a turn needs it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubAssistant {
    /// Who may ask it, of those in the same context.
    pub links: Vec<SubAssistantLink>,
    /// The sub-assistant, which is active.
    pub assistant: Assistant,
    /// Its own active tools, by name.
    pub tools: Vec<Tool>,
    /// Its own open thread with this user in this conversation, if there is one.
    pub thread: Option<Thread>,
    /// The newest messages of that thread, oldest first; up to 20.
    pub messages: Vec<Message>,
}

/// A sub-assistant's part of a turn; stored with the turn, in one transaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubTurn {
    /// Its own id, which follows from the turn's event; 1 to 200 characters.
    pub event_id: EventId,
    /// Who answered. When it has been deleted meanwhile, this part is not stored.
    pub assistant_id: Uuid,
    /// How it ended.
    pub status: TurnStatus,
    /// What was said, in order; up to 200.
    #[schemars(length(max = limits::TURN_MESSAGES))]
    pub messages: Vec<NewMessage>,
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
    /// How often the model was asked.
    #[serde(default)]
    pub model_calls: u32,
    /// What they cost, in millionths of a US dollar.
    #[serde(default, skip_serializing_if = "is_nothing")]
    #[schemars(range(min = 0, max = limits::MOST_SPENT))]
    pub cost_micros: i64,
    /// What failed, up to 4,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::ERROR))]
    pub error: Option<String>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
}

/// Left out, so that a server of before this field takes the rest.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_nothing(micros: &i64) -> bool {
    *micros == 0
}
