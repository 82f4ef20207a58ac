//! A button that a user pressed, on its way to whoever offered it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Address, Button};

/// A user pressed a button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ButtonPressedV1 {
    /// Who pressed it; known and let in. Whether the thing that the action names is theirs, the handler finds out.
    pub user_id: Uuid,
    /// Where it was pressed, and where the answer goes.
    pub from: Address,
    /// What the button was made with ([`crate::Button::action`]).
    pub action: String,
    /// The channel's id of the message that the button is below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_ref: Option<String>,
    /// When the press reached us.
    pub pressed_at: DateTime<Utc>,
}

impl ButtonPressedV1 {
    /// The ordering key of the press: one that answers a question is said in the conversation, every other waits behind
    /// nothing that a model thinks about.
    pub fn key(&self) -> String {
        match Button::answer(&self.action) {
            Some(_) => self.from.key(),
            None => self.from.prompt_key(),
        }
    }
}
