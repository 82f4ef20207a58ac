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
    /// The channel's own name for the place: Telegram's chat id in decimal, with the topic behind a `/` where the chat has
    /// topics (`-1001234/7`), so that each is a conversation of its own; the user's id on the API channel.
    #[schemars(length(min = 1, max = 200), regex(pattern = r"\S"), example = &"42")]
    pub chat: String,
}

impl Address {
    /// A Telegram chat, or a topic in it.
    pub fn telegram(chat: i64, topic: Option<i64>) -> Self {
        Self {
            channel: Channel::Telegram,
            chat: match topic {
                Some(topic) => format!("{chat}/{topic}"),
                None => chat.to_string(),
            },
        }
    }

    /// The chat without its topic.
    pub fn whole_chat(&self) -> &str {
        self.chat.split_once('/').map_or(&self.chat, |(chat, _)| chat)
    }

    /// The topic within the chat; `None` for a chat without any, and for what older versions wrote.
    pub fn topic(&self) -> Option<&str> {
        self.chat.split_once('/').map(|(_, topic)| topic)
    }

    /// The ordering key of the conversation: everything with one key is handled in order, one at a time.
    pub fn key(&self) -> String {
        format!("{}:{}", self.channel, self.chat)
    }

    /// The ordering key of what no model answers, reminders and pressed buttons: in order among themselves, and never
    /// behind a question of the same conversation that is still being thought about.
    pub fn prompt_key(&self) -> String {
        format!("{}:prompt", self.key())
    }

    /// The ordering key of what a task asks of a model when it is due: it waits out an outage of the model by itself,
    /// and nobody's conversation waits with it.
    pub fn task_key(&self, task: Uuid) -> String {
        format!("{}:task:{}", self.key(), task.simple())
    }
}

/// Who wrote something that a user shows us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Author {
    /// The user themselves.
    User,
    /// We.
    Assistant,
    /// Somebody else, whose words are no orders.
    Other {
        /// What they call themselves; may be empty.
        #[serde(default)]
        name: String,
    },
}

/// The message that another one answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quoted {
    /// The channel's id of it, where it is in the same chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_ref: Option<String>,
    /// Who wrote it.
    pub author: Author,
    /// What it says: the part that the user chose, or else the whole; may be empty, such as a picture's.
    #[serde(default)]
    pub text: String,
}

/// A link whose address the text does not show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The words that are linked.
    pub text: String,
    /// What they open.
    pub url: String,
}

/// A file that came with a message, at the channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What it is, in the channel's words: `photo`, `voice`, `document`.
    pub kind: String,
    /// What the channel gives it out for.
    pub file_ref: String,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its media type, as the sender's app claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// How many bytes it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// What it says, where the channel could read it; the words of whoever made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A user said something, and this is what it was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserMessageV2 {
    /// Who said it; known and let in, or there would be no message.
    pub user_id: Uuid,
    /// Where it was said, and where the answer goes.
    pub from: Address,
    /// The channel's id of the message, for answers that quote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_ref: Option<String>,
    /// The topic within the chat, by the channel's id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// What was said, as plain text; what others said when it is forwarded.
    pub text: String,
    /// When it was said, by the channel's clock.
    pub sent_at: DateTime<Utc>,
    /// Who wrote the text, when the user forwards it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded_from: Option<Author>,
    /// What it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Quoted>,
    /// The links behind its words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The files that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// As [`UserMessageV2`], without what it was about; what earlier versions sent.
impl From<UserMessageV1> for UserMessageV2 {
    fn from(message: UserMessageV1) -> Self {
        Self {
            user_id: message.user_id,
            from: message.from,
            message_ref: message.message_ref,
            thread: None,
            text: message.text,
            sent_at: message.sent_at,
            forwarded_from: None,
            reply_to: None,
            links: Vec::new(),
            attachments: Vec::new(),
        }
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
