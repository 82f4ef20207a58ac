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
}
