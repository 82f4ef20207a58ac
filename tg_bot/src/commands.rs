//! The bot's commands: one list for the menu, for `/help` and for what people type. To add one: a variant, a line in
//! `COMMANDS`, and its answer in `incoming/commands.rs`.

use teloxide::{payloads::SetMyCommands, types::BotCommand};

use crate::telegram::{Telegram, TelegramError};

/// What a message that begins with `/` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Begins; carries the owner code when the bot was opened by a link with one.
    Start(String),
    /// Says what the bot can do.
    Help,
    /// Begins a new conversation.
    New,
    /// Lists the user's reminders.
    Reminders,
    /// What is in the calendar; connects one.
    Calendar,
    /// Tells or changes the time zone.
    Tz(String),
    /// What the user's answers have cost.
    Usage,
    /// How the bot is, and what it knows of the user.
    Status,
    /// What is kept of the user.
    Privacy,
    /// Erases the user.
    DeleteMe,
}

/// One command, in the order of the menu.
struct Entry {
    name: &'static str,
    /// What people read, in the menu and in `/help`.
    says: &'static str,
    make: fn(&str) -> Command,
}

/// All of them.
const COMMANDS: [Entry; 10] = [
    Entry {
        name: "start",
        says: "Say hello",
        make: |words| Command::Start(words.to_owned()),
    },
    Entry {
        name: "help",
        says: "What I can do",
        make: |_| Command::Help,
    },
    Entry {
        name: "new",
        says: "Start a new conversation",
        make: |_| Command::New,
    },
    Entry {
        name: "reminders",
        says: "Your reminders, and a button to cancel each",
        make: |_| Command::Reminders,
    },
    Entry {
        name: "calendar",
        says: "What is in your calendar today and tomorrow",
        make: |_| Command::Calendar,
    },
    Entry {
        name: "tz",
        says: "Your time zone, or another: /tz Berlin",
        make: |words| Command::Tz(words.to_owned()),
    },
    Entry {
        name: "usage",
        says: "What your questions have used in 30 days",
        make: |_| Command::Usage,
    },
    Entry {
        name: "status",
        says: "Whether I am well, and your settings",
        make: |_| Command::Status,
    },
    Entry {
        name: "privacy",
        says: "What I keep about you, and for how long",
        make: |_| Command::Privacy,
    },
    Entry {
        name: "delete_me",
        says: "Delete everything that I know about you",
        make: |_| Command::DeleteMe,
    },
];

/// The longest name of a command, in characters (Bot API, "BotCommand").
const LONGEST_NAME: usize = 32;

/// A message as a command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Parsed {
    /// It is not one.
    Text,
    /// It is this one.
    Command(Command),
    /// It is one that this bot does not have.
    Unknown,
    /// It is for another bot of the group.
    NotForUs,
}

impl Parsed {
    /// Reads a text; `bot` is the bot's name without `@`. Case does not matter, and what is no command by its form,
    /// such as a path, is text.
    pub(crate) fn of(text: &str, bot: &str) -> Self {
        let Some(rest) = text.strip_prefix('/') else {
            return Self::Text;
        };
        let (word, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let (name, addressee) = match word.split_once('@') {
            Some((name, addressee)) => (name, Some(addressee)),
            None => (word, None),
        };
        let is_name = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        if !is_name(name) || !addressee.is_none_or(is_name) || name.len() > LONGEST_NAME {
            return Self::Text;
        }
        if addressee.is_some_and(|addressee| !addressee.eq_ignore_ascii_case(bot)) {
            return Self::NotForUs;
        }
        match COMMANDS
            .iter()
            .find(|entry| entry.name.eq_ignore_ascii_case(name))
        {
            Some(entry) => Self::Command((entry.make)(words.trim())),
            None => Self::Unknown,
        }
    }
}

/// The list as `/help` shows it, in Markdown.
pub(crate) fn list() -> String {
    let lines = COMMANDS
        .iter()
        .map(|entry| format!("- /{} — {}", entry.name, entry.says));
    lines.collect::<Vec<_>>().join("\n")
}

/// Tells Telegram the commands, for the menu beside the input field.
///
/// # Errors
/// See [`TelegramError`].
pub(crate) async fn publish(telegram: &Telegram) -> Result<(), TelegramError> {
    let commands = COMMANDS
        .iter()
        .map(|entry| BotCommand::new(entry.name, entry.says));
    telegram
        .call::<_, bool>(&SetMyCommands::new(commands.collect::<Vec<_>>()))
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_read_as_they_mean_it() {
        let start = |words: &str| Parsed::Command(Command::Start(words.to_owned()));
        for (text, parsed) in [
            ("/start", start("")),
            ("/START", start("")),
            ("/Start@My_Bot code ", start("code")),
            ("/start\ncode", start("code")),
            (
                "/tz New York",
                Parsed::Command(Command::Tz("New York".to_owned())),
            ),
            ("/help please", Parsed::Command(Command::Help)),
            ("/DELETE_ME", Parsed::Command(Command::DeleteMe)),
            ("/help@other_bot", Parsed::NotForUs),
            ("/nonsense", Parsed::Unknown),
            ("/", Parsed::Unknown),
            ("/usr/bin/env", Parsed::Text),
            ("/usr/bin/env python does not work", Parsed::Text),
            ("/etc/passwd", Parsed::Text),
            ("/home", Parsed::Unknown),
            ("/-", Parsed::Text),
            ("/приве", Parsed::Text),
            ("/a_name_that_is_longer_than_any_command_may_be", Parsed::Text),
            ("help", Parsed::Text),
            ("", Parsed::Text),
        ] {
            assert_eq!(Parsed::of(text, "my_bot"), parsed, "{text}");
        }
    }

    #[test]
    fn the_menu_is_what_telegram_takes() {
        for entry in &COMMANDS {
            assert!(
                entry.name.len() <= LONGEST_NAME
                    && entry
                        .name
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            );
            assert!((1..=256).contains(&entry.says.chars().count()), "{}", entry.name);
        }
    }
}
