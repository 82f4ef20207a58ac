//! A user changed what they had said, on its way to the assistant.

use serde::{Deserialize, Serialize};

use crate::UserMessageV2;

/// A user changed a message; `message.message_ref` says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageEditedV1 {
    /// The message as it is now.
    pub message: UserMessageV2,
}
