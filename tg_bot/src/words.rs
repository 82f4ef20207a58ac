//! What the bot itself says, in Markdown.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rest_client::{Usage, UsageReport, User};

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

/// The answer to /help, with the list of commands.
pub(crate) fn help(commands: &str) -> String {
    format!(
        "I answer questions, keep your reminders, and know the time around the world. For example:\n\
        - _remind me in 90 minutes to call Ann_\n\
        - _remind me every weekday at 9 to stretch_\n\
        - _list my reminders_, then _cancel the stretch one_; or answer the reminder with _cancel this one_\n\
        - _what time is it in Tokyo?_\n\
        - _connect my calendar_, then _what's on tomorrow?_\n\
        - _I'm in Lisbon now_\n\n\
        {commands}\n\n\
        Every change that I make is shown as a line of its own below my answer. An answer without one changed nothing. \
        Undo works for a day. What others would see, deletions in your calendar, and what follows from messages that you \
        forward wait for your Yes. Answers of the built-in offline model say so in their last line.\n\n\
        I read text and the captions of photos; edits of messages that I have answered I do not see."
    )
}

/// The answer to /new.
pub(crate) const NEW_CONVERSATION: &str = "A new conversation. What is on your mind?";

/// The answer to a command that does not exist.
pub(crate) const UNKNOWN_COMMAND: &str = "I do not know that command. /help shows what I can do.";

/// The one line for strangers.
pub(crate) const ASK_OWNER: &str = "This is a private assistant. Ask its owner to let you in.";

/// The one line for strangers while nobody owns the bot.
pub(crate) const NO_OWNER: &str = "This is a private assistant that has no owner yet. If it is yours, send me the owner code that \
    `manage` printed.";

/// The word to the owner when more strangers ask than they are asked about one by one.
pub(crate) const MORE_REQUESTS: &str = "More people ask to use this assistant than I can ask you about one by one. \
    `manage user list --state pending` shows all of them; `manage user approve` lets one in.";

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

/// The question at the beginning.
pub(crate) const WHERE_ARE_YOU: &str = "Where are you? I need it for times of day. Press your place, send me your location \
    (📎, then Location), or write `/tz` and your city, such as `/tz Leipzig`.";

/// What a new owner is told of their zone.
pub(crate) fn owner_zone(zone: Tz) -> String {
    format!(
        "Your time zone is {}, as on this machine; `/tz` changes it.",
        escape(zone.name())
    )
}

/// The button that shares where somebody is.
pub(crate) const SHARE_LOCATION: &str = "📍 Send my location";

/// The button that takes a change back.
pub(crate) const UNDO: &str = "Undo";

/// The answer to /tz alone.
pub(crate) fn your_zone(zone: &str, now: DateTime<Utc>, has_button: bool) -> String {
    let known = match zone.parse::<Tz>() {
        Ok(Tz::UTC) | Err(_) => "I do not know where you are, so I take UTC.".to_owned(),
        Ok(zone) => format!("Your time zone is {}.", with_time(zone, now)),
    };
    let how = if has_button {
        "To change it, press the button below, or write `/tz` and a city, a country or an offset: `/tz Leipzig`."
    } else {
        "To change it, write `/tz` and a city, a country or an offset: `/tz Leipzig`."
    };
    format!("{known}\n\n{how}")
}

/// The answer to a change of zone.
pub(crate) fn zone_is(zone: Tz, now: DateTime<Utc>) -> String {
    format!(
        "🌍 Your time zone is {}. Recurring reminders keep their time of day there.",
        with_time(zone, now)
    )
}

/// The answer to what changes nothing.
pub(crate) fn in_your_zone(zone: Tz, now: DateTime<Utc>) -> String {
    format!("That is your time zone: {}.", with_time(zone, now))
}

/// The answer to a place that nobody knows.
pub(crate) fn no_such_place(words: &str) -> String {
    let words: String = words.chars().take(80).collect();
    format!(
        "I do not know a place “{}”. Write a larger city nearby, a country, an offset such as `UTC+2`, or send me your \
         location (📎, then Location).",
        escape(&words)
    )
}

/// The question which of several places.
pub(crate) fn which_place(words: &str) -> String {
    format!("Which one is “{}”?", escape(words))
}

/// The answer to a pin that is nowhere.
pub(crate) const NO_ZONE_THERE: &str =
    "I cannot tell the time zone of that place. Write `/tz` and a city nearby.";

/// The offer when a pin is in another zone.
pub(crate) fn elsewhere(zone: Tz, own: &str) -> String {
    format!(
        "That place is in the time zone {}; yours is {}. Shall I change yours?",
        escape(zone.name()),
        escape(own)
    )
}

/// The button that takes another zone.
pub(crate) fn use_zone(zone: &str) -> String {
    format!("Use {zone}")
}

/// The button that keeps a zone.
pub(crate) fn keep_zone(zone: Tz) -> String {
    format!("Keep {}", zone.name())
}

fn with_time(zone: Tz, now: DateTime<Utc>) -> String {
    let name = match zone {
        Tz::Etc__UTC => "UTC",
        zone => zone.name(),
    };
    format!(
        "{}; it is {} there",
        escape(name),
        now.with_timezone(&zone).format("%H:%M")
    )
}

/// The answer to a message whose only word is the bot's name.
pub(crate) const NOTHING_SAID: &str = "Yes? Write what you would like me to do.";

/// The answer to what cannot be read.
pub(crate) fn cannot_read(kind: &str) -> String {
    format!("I cannot read {kind} yet. Please write it to me as text.")
}

/// The answer to a die.
pub(crate) fn thrown(emoji: &str, value: i64) -> String {
    format!("{emoji} That is a {value}! I only play with words, though: what can I do for you?")
}

/// What /calendar asks the assistant.
pub(crate) const CALENDAR_QUESTION: &str = "What's on in my calendar today and tomorrow?";

/// The answer to /reminders where there are none.
pub(crate) const NO_REMINDERS: &str =
    "You have no reminders. Say, for example, _remind me tomorrow at 9 to water the plants_.";

/// The answer to /reminders: the lines of those that are shown, of so many.
pub(crate) fn reminders(lines: &[String], all: usize) -> String {
    let mut text = "Your reminders; a button cancels the one of its number:\n\n".to_owned();
    for (number, line) in (1..).zip(lines) {
        text.push_str(&format!("{number}. {}\n", escape(line)));
    }
    if all > lines.len() {
        text.push_str(&format!("\n… and {} more.", all - lines.len()));
    }
    text
}

/// The answer to /usage.
pub(crate) fn usage(report: &UsageReport) -> String {
    let sum = |count: fn(&Usage) -> i64| report.items.iter().map(count).sum::<i64>();
    let turns = sum(|usage| usage.turns);
    if turns == 0 {
        return "You have asked nothing in the last 30 days.".to_owned();
    }
    format!(
        "In the last 30 days: {turns} answers, for which a model was asked {} times; it read {} tokens and wrote {}.",
        sum(|usage| usage.model_calls),
        sum(|usage| usage.prompt_tokens),
        sum(|usage| usage.completion_tokens)
    )
}

/// The answer to /status: who the user is to us, how many reminders there are, and the next one.
pub(crate) fn status(user: &User, reminders: usize, next: Option<String>, now: DateTime<Utc>) -> String {
    let zone = match user.time_zone.parse::<Tz>() {
        Ok(Tz::UTC) | Err(_) => "not known yet; /tz sets it".to_owned(),
        Ok(zone) => with_time(zone, now),
    };
    let mut text = format!(
        "I am here. You are {}.\n- Time zone: {zone}\n- Reminders: {reminders}",
        escape(&user.name)
    );
    if let Some(next) = next {
        text.push_str(&format!("\n- Next: {}", escape(&next)));
    }
    text
}

/// The answer to /privacy.
pub(crate) const PRIVACY: &str = "\
    I keep, on the machine of whoever runs me: your name, language and time zone; what we say to each other; your \
    reminders; the key to your calendar, encrypted, if you connect one. Nobody else who uses me sees any of it.\n\n\
    What you write goes to the language model that the owner has set up, and places that you ask the weather for go to \
    the weather service. Old messages are deleted after the time that the owner has set.\n\n\
    The owner can give you everything that is kept about you as a file. /delete\\_me deletes it.";

/// The answer to a command that a group cannot give.
pub(crate) const ONLY_IN_PRIVATE: &str = "Please ask me that in our private chat.";

/// The question of /delete_me.
pub(crate) const ERASE_QUESTION: &str = "Shall I delete everything that I know about you: our conversation, your reminders, your calendar's key, you? \
    It cannot be taken back, and the owner has to let you in again.";

/// The button that does it.
pub(crate) const ERASE: &str = "Delete everything";

/// The button that does not.
pub(crate) const KEEP: &str = "No, keep it";

/// The answer to the latter.
pub(crate) const KEPT: &str = "Nothing was deleted.";

/// The answer to the former.
pub(crate) const ERASED: &str = "Everything about you is deleted. Goodbye!";
