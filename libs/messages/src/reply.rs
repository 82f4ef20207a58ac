//! What goes back to a user: whole replies, which are never lost, and live text, which may be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Address, EventId};

/// What a reply is, so that a channel can present it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplyKind {
    /// The assistant's answer.
    Answer,
    /// A reminder, verbatim.
    Reminder,
    /// A word from the system: a failure, an access request, a connected account.
    Notice,
}

/// Evidence, written by the server from what was stored, that a tool changed something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// One line of plain text, for example `⏰ Tue 24 Nov 2026, 09:00 Europe/Berlin: drink water`.
    pub text: String,
    /// How to take the change back, where there is a way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Button>,
}

/// Something the user can press: it either tells the service that made it, or opens a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Button {
    /// What it says.
    pub label: String,
    /// What pressing it means to the service that handles it, in at most 55 bytes. Buttons whose actions end in the
    /// same text behind the last colon are about the same thing: one press uses all of them up. Empty where it opens
    /// a page.
    #[serde(default)]
    pub action: String,
    /// The page that it opens instead, `https` or `http`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Button {
    /// The longest action, in bytes: Telegram carries 64, and tg_bot puts a few of its own behind it.
    pub const LONGEST_ACTION: usize = 55;

    /// A button that tells whoever handles `action` that it was pressed. An action names a thing of one user's and
    /// is worth nothing to anybody else.
    pub fn press(label: impl Into<String>, action: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            action: action.into(),
            url: None,
        }
    }

    /// A button that opens a page.
    pub fn link(label: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            action: String::new(),
            url: Some(url.into()),
        }
    }

    /// A button that says its label in the conversation, as if it had been typed; `question` names what it answers, so
    /// that the answers to one question are used up together. `None` where it does not fit.
    pub fn say(label: &str, question: &str) -> Option<Self> {
        let action = format!("{SAY}{label}:{question}");
        (action.len() <= Self::LONGEST_ACTION).then(|| Self::press(label, action))
    }

    /// What a button of [`Self::say`] says, and what it answers; `None` for every other action.
    pub fn answer(action: &str) -> Option<(&str, &str)> {
        action.strip_prefix(SAY)?.rsplit_once(':')
    }

    /// What an action chooses about: what stands behind its last colon. Pressing one of several buttons about the
    /// same thing uses all of them up.
    pub fn choice(action: &str) -> &str {
        action.rsplit(':').next().unwrap_or_default()
    }
}

/// What the actions of answers begin with.
const SAY: &str = "say:";

/// A whole message to a user. Its id is `{event}:{n}`, so that a channel delivers it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReplyV1 {
    /// The event it answers.
    pub event_id: EventId,
    /// Whom it is for.
    pub user_id: Uuid,
    /// Where it goes.
    pub to: Address,
    /// What it is.
    pub kind: ReplyKind,
    /// The text, in Markdown (CommonMark); each channel renders it as it can.
    #[schemars(length(max = 200_000), example = &"Good morning!")]
    pub text: String,
    /// What was changed, shown below the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Receipt>,
    /// What can be pressed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// The channel's id of the message that it quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<String>,
    /// What is said in passing to whoever pressed a button of the message that it quotes, while it takes that message's
    /// place. Absent where it is a message of its own, and of no use to a channel that cannot change messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toast: Option<String>,
}

/// The answer as far as the model has written it; broadcast, and replaced by the [`ReplyV1`] that follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReplyDeltaV1 {
    /// The event it answers.
    pub event_id: EventId,
    /// Whom it is for.
    pub user_id: Uuid,
    /// Where it goes.
    pub to: Address,
    /// The whole text so far, so that a lost delta costs nothing.
    pub text: String,
}
