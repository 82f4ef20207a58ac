//! Where in Telegram something is said: a chat, or one topic of a chat that has several.

use messages::{Address, Channel};
use teloxide::types::{ChatId, MessageId, ThreadId};

use crate::incoming::Message;

/// A chat, or a topic in it. The General topic of a forum has no number, and is the chat itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// The chat.
    pub(crate) chat: ChatId,
    topic: Option<i32>,
}

impl Place {
    /// Where a message stands.
    pub(crate) fn of_message(message: &Message) -> Self {
        // A thread of replies in a group without topics has a number too; only a topic is one.
        let is_topic = message.field::<bool>("is_topic_message") == Some(true);
        Self {
            chat: ChatId(message.chat.id),
            topic: message.field("message_thread_id").filter(|_| is_topic),
        }
    }

    /// Where an address leads; `None` for what is no place of Telegram's.
    pub(crate) fn of(address: &Address) -> Option<Self> {
        if address.channel != Channel::Telegram {
            return None;
        }
        Some(Self {
            chat: ChatId(address.whole_chat().parse().ok()?),
            topic: match address.topic() {
                Some(topic) => Some(topic.parse().ok()?),
                None => None,
            },
        })
    }

    /// The chat without the topic.
    pub(crate) fn whole_chat(self) -> Self {
        Self { topic: None, ..self }
    }

    /// Its address on the bus.
    pub(crate) fn address(self) -> Address {
        Address::telegram(self.chat.0, self.topic.map(i64::from))
    }

    /// The topic, as the Bot API takes it.
    pub(crate) fn topic(self) -> Option<ThreadId> {
        self.topic.map(|topic| ThreadId(MessageId(topic)))
    }
}
