//! A user wants no answer any more; broadcast, to whoever is making it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Address;

/// A user stops the turn that runs for them in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopTurnV1 {
    /// Whose turn.
    pub user_id: Uuid,
    /// Where.
    pub from: Address,
    /// The channel's id of the message that says so: what was said before it is stopped, what is said behind it is not.
    /// Without it, whatever runs is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_ref: Option<String>,
}
