//! The bot's commands: one list for the menu, for `/help` and for what people type. To add one: a variant, a line in
//! `COMMANDS`, its words in the catalogue (`libs/texts`), and its answer in `incoming/commands.rs`.

use teloxide::{
    payloads::{SetMyCommands, SetMyCommandsSetters},
    types::{BotCommand, BotCommandScope, ChatId},
};
use texts::{Language, Text};

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
    /// Ends the answer that is being made.
    Stop,
    /// Lists the user's reminders.
    Reminders,
    /// What is in the calendar; connects one.
    Calendar,
    /// Tells or changes the time zone.
    Tz(String),
    /// Tells or changes the language of the bot's own words.
    Language(String),
    /// What the user's answers have cost.
    Usage,
    /// How the bot is, and what it knows of the user.
    Status,
    /// What is remembered of the user, with buttons that forget it.
    Memory,
    /// How the last answer came about.
    Why,
    /// What is kept of the user.
    Privacy,
    /// Everything that is kept of the user, as a file.
    Export,
    /// Erases the user.
    DeleteMe,
    /// Who uses the bot, and who waits; the owner's.
    Users,
    /// A link for somebody new; the owner's.
    Invite,
}

/// One command, in the order of the menu.
struct Entry {
    name: &'static str,
    /// What people read, in the menu and in `/help`.
    says: Text<'static>,
    make: fn(&str) -> Command,
    /// Whether it is the owner's alone.
    is_owners: bool,
}

/// One that is everybody's.
const fn entry(name: &'static str, says: Text<'static>, make: fn(&str) -> Command) -> Entry {
    Entry {
        name,
        says,
        make,
        is_owners: false,
    }
}

/// One that is the owner's alone.
const fn owners(name: &'static str, says: Text<'static>, make: fn(&str) -> Command) -> Entry {
    Entry {
        is_owners: true,
        ..entry(name, says, make)
    }
}

/// All of them.
const COMMANDS: [Entry; 17] = [
    entry("start", Text::MenuStart, |words| Command::Start(words.to_owned())),
    entry("help", Text::MenuHelp, |_| Command::Help),
    entry("new", Text::MenuNew, |_| Command::New),
    entry("stop", Text::MenuStop, |_| Command::Stop),
    entry("reminders", Text::MenuReminders, |_| Command::Reminders),
    entry("calendar", Text::MenuCalendar, |_| Command::Calendar),
    entry("tz", Text::MenuTz, |words| Command::Tz(words.to_owned())),
    entry("language", Text::MenuLanguage, |words| {
        Command::Language(words.to_owned())
    }),
    entry("memory", Text::MenuMemory, |_| Command::Memory),
    entry("why", Text::MenuWhy, |_| Command::Why),
    entry("usage", Text::MenuUsage, |_| Command::Usage),
    entry("status", Text::MenuStatus, |_| Command::Status),
    entry("privacy", Text::MenuPrivacy, |_| Command::Privacy),
    entry("export", Text::MenuExport, |_| Command::Export),
    entry("delete_me", Text::MenuDeleteMe, |_| Command::DeleteMe),
    owners("users", Text::MenuUsers, |_| Command::Users),
    owners("invite", Text::MenuInvite, |_| Command::Invite),
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

/// Those that somebody may give.
fn those_of(is_owner: bool) -> impl Iterator<Item = &'static Entry> {
    COMMANDS.iter().filter(move |entry| is_owner || !entry.is_owners)
}

/// The list as `/help` shows it, in Markdown.
pub(crate) fn list(language: Language, is_owner: bool) -> String {
    let lines = those_of(is_owner).map(|entry| {
        let name = entry.name.replace('_', "\\_");
        format!("- /{name} — {}", language.say(&entry.says))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn menu(language: Language, is_owner: bool) -> SetMyCommands {
    let commands = those_of(is_owner).map(|entry| BotCommand::new(entry.name, language.say(&entry.says)));
    SetMyCommands::new(commands.collect::<Vec<_>>())
}

/// Tells Telegram the commands, for the menu beside the input field: to everybody in the language of their app.
///
/// # Errors
/// See [`TelegramError`].
pub(crate) async fn publish(telegram: &Telegram) -> Result<(), TelegramError> {
    telegram
        .call::<_, bool>(&menu(Language::default(), false))
        .await?;
    for language in Language::ALL {
        let menu = menu(language, false).language_code(language.code());
        telegram.call::<_, bool>(&menu).await?;
    }
    Ok(())
}

/// Tells Telegram the commands of one private chat, in the language of its user.
///
/// # Errors
/// See [`TelegramError`].
pub(crate) async fn publish_for(
    telegram: &Telegram,
    chat: i64,
    language: Language,
    is_owner: bool,
) -> Result<(), TelegramError> {
    let scope = BotCommandScope::Chat {
        chat_id: ChatId(chat).into(),
    };
    telegram
        .call::<_, bool>(&menu(language, is_owner).scope(scope))
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
            for language in Language::ALL {
                let words = language.say(&entry.says);
                assert!(
                    (1..=256).contains(&words.chars().count()),
                    "{}: {words}",
                    entry.name
                );
            }
        }
    }
}
