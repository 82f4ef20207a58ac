//! A message that a user sent, on its way to the assistant.

use std::fmt;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where users are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A Telegram chat, by tg_bot.
    Telegram,
    /// `POST /users/{id}/messages` and its event stream, by rest_service.
    Api,
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Telegram => "telegram",
            Self::Api => "api",
        })
    }
}

/// A place where a conversation is held: one chat of one channel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Address {
    /// The channel that serves the chat.
    pub channel: Channel,
    /// The channel's own name for the chat: Telegram's chat id in decimal; the user's id on the API channel.
    #[schemars(length(min = 1, max = 200), regex(pattern = r"\S"), example = &"42")]
    pub chat: String,
}

impl Address {
    /// The ordering key of the conversation: everything with one key is handled in order, one at a time.
    pub fn key(&self) -> String {
        format!("{}:{}", self.channel, self.chat)
    }
}

/// A user said something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserMessageV1 {
    /// Who said it; known and let in, or there would be no message.
    pub user_id: Uuid,
    /// Where it was said, and where the answer goes.
    pub from: Address,
    /// The channel's id of the message, for answers that quote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_ref: Option<String>,
    /// What was said, as plain text.
    pub text: String,
    /// When it was said, by the channel's clock.
    pub sent_at: DateTime<Utc>,
}
