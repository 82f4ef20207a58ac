//! The names of the queues.

use std::{borrow::Cow, fmt};

use crate::Channel;

/// A queue on the bus.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic(Cow<'static, str>);

impl Topic {
    /// What users say and press, and tasks that are due, for the assistant; keyed by conversation, and reminders and
    /// presses by [`crate::Address::prompt_key`].
    pub const ASSISTANT_INBOX: Self = Self(Cow::Borrowed("assistant.inbox"));

    /// What is to be sent to users of one channel; keyed by conversation.
    pub fn outbox(channel: Channel) -> Self {
        Self(Cow::Borrowed(match channel {
            Channel::Telegram => "outbox.telegram",
            Channel::Api => "outbox.api",
        }))
    }

    /// A topic of another name: lower-case letters, digits, `.`, `_` and `-`.
    pub fn named(name: impl Into<String>) -> Self {
        Self(Cow::Owned(name.into()))
    }

    /// The name as it appears in keys and logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
