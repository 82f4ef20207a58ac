//! Everything a turn starts from, in one call.

use messages::EventId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Assistant, Budgeted, Fact, Message, SubAssistant, Thread, Tool, Turn, User, limits};

/// What a turn starts from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Context {
    /// Who is talking.
    pub user: User,
    /// Who answers: the user's secretary, or the default one when they have none that is active.
    pub assistant: Assistant,
    /// The assistant's active tools, by name.
    pub tools: Vec<Tool>,
    /// What is to be known of the user, the newest first; up to 100.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// The active sub-assistants that it may ask, and those that they may ask, the nearest first; up to 16.
    #[serde(default)]
    pub sub_assistants: Vec<SubAssistant>,
    /// The open thread, if there is one.
    pub thread: Option<Thread>,
    /// The thread's newest messages that its summary does not cover, oldest first.
    pub messages: Vec<Message>,
    /// The stored turn, when this event was handled already: only its replies are to be sent again.
    pub turn: Option<Turn>,
    /// Whether calls of models are limited, so that they are held back for first; always there in answers of now.
    #[serde(default)]
    pub budget: Option<Budgeted>,
}

/// Which context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContextQuery {
    /// The conversation's key.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"telegram:42")]
    pub conversation: String,
    /// The event to be handled.
    pub event_id: EventId,
    /// How many messages at most: 0 to 200, 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = limits::LONGEST_PAGE))]
    pub limit: Option<u32>,
    /// The thread of which the caller has messages already; an answer about another one is as without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_thread: Option<Uuid>,
    /// The newest message of that thread that the caller has: up to this number they are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub known_seq: Option<i64>,
}
