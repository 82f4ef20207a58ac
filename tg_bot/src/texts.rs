//! What the bot itself says, in Markdown.

use crate::outgoing::render::escape;

/// The answer to /start.
pub(crate) fn welcome(name: &str) -> String {
    format!(
        "Hello {}! I am your assistant. Just write to me: ask something, or say \
         _remind me tomorrow at 9 to water the plants_.\n\n\
         /help says what I can do. Answers of the built-in offline model say so in their last line.",
        escape(name)
    )
}

/// The answer to the owner code.
pub(crate) fn welcome_owner(name: &str) -> String {
    format!(
        "Welcome {}! This assistant is yours now. When somebody else writes to me, I will ask you first.\n\n\
         Just write to me, for example _remind me in 10 minutes to call home_. /help says what I can do.",
        escape(name)
    )
}

/// The word to somebody whom the owner has let in.
pub(crate) const LET_IN: &str = "You are in! Just write to me; /help says what I can do.";

/// The answer to /help.
pub(crate) const HELP: &str = "\
    I answer questions, keep your reminders, and know the time around the world. For example:\n\
    - _remind me in 90 minutes to call Ann_\n\
    - _remind me every weekday at 9 to stretch_\n\
    - _list my reminders_, then _cancel the stretch one_\n\
    - _what time is it in Tokyo?_\n\
    - _connect my calendar_, then _what's on tomorrow?_\n\n\
    /new starts a new conversation: I stop looking at what we said before. Reminders stay.\n\n\
    Every change that I make is shown as a line of its own below my answer. An answer without one changed nothing. \
    Undo works for a day. What others would see, and deletions in your calendar, wait for your Yes. \
    Answers of the built-in offline model say so in their last line.\n\n\
    I read text and the captions of photos; edits of messages that I have answered I do not see.";

/// The answer to /new.
pub(crate) const NEW_CONVERSATION: &str = "A new conversation. What is on your mind?";

/// The answer to a command that does not exist.
pub(crate) const UNKNOWN_COMMAND: &str = "I do not know that command. /help shows what I can do.";

/// The answer to stickers, voice and the like.
pub(crate) const ONLY_TEXT: &str = "I can only read text so far.";

/// The one line for strangers.
pub(crate) const ASK_OWNER: &str = "This is a private assistant. Ask its owner to let you in.";

/// The one line for strangers while nobody owns the bot.
pub(crate) const NO_OWNER: &str = "This is a private assistant that has no owner yet. If it is yours, send me the owner code that \
    `manage` printed.";

/// The question to the owner.
pub(crate) fn access_request(name: &str, account: &str) -> String {
    format!(
        "**{}** ({}) would like to use this assistant.",
        escape(name),
        escape(account)
    )
}

/// The alert to somebody who presses another's button.
pub(crate) const NOT_YOUR_BUTTON: &str = "This button is for the person I was talking to.";

/// The answer to the press of a button that nothing stands behind any more.
pub(crate) const SPENT_BUTTON: &str = "This button does nothing any more.";

/// What the answer to a pressed button may have, in characters (Bot API `answerCallbackQuery`: 200).
const TOAST_MAX: usize = 200;

/// A short text over the chat, cut to what Telegram takes.
pub(crate) fn toast(text: &str) -> String {
    text.chars().take(TOAST_MAX).collect()
}
