//! The bot's commands. To add one: a variant with its description here, and its answer in `incoming.rs`.

use teloxide::{payloads::SetMyCommands, types::BotCommand, utils::command::BotCommands};

use crate::telegram::{Telegram, TelegramError};

/// What a message that begins with `/` asks for.
#[derive(BotCommands, Clone, Debug, PartialEq, Eq)]
#[command(rename_rule = "lowercase")]
pub(crate) enum Command {
    /// Begins; carries the owner code when the bot was opened by a link with one.
    #[command(description = "Say hello")]
    Start(String),
    /// Says what the bot can do.
    #[command(description = "What I can do")]
    Help,
    /// Begins a new conversation.
    #[command(description = "Start a new conversation")]
    New,
}

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
    /// Reads a text; `bot` is the bot's name without `@`.
    pub(crate) fn of(text: &str, bot: &str) -> Self {
        use teloxide::utils::command::ParseError;
        if !text.starts_with('/') {
            return Self::Text;
        }
        match Command::parse(text, bot) {
            Ok(command) => Self::Command(command),
            Err(ParseError::WrongBotName(_)) => Self::NotForUs,
            Err(_) => Self::Unknown,
        }
    }
}

/// Tells Telegram the commands, for the menu beside the input field.
///
/// # Errors
/// See [`TelegramError`].
pub(crate) async fn publish(telegram: &Telegram) -> Result<(), TelegramError> {
    let commands = Command::bot_commands()
        .into_iter()
        .map(|command| BotCommand::new(command.command.trim_start_matches('/'), command.description));
    telegram
        .call::<_, bool>(&SetMyCommands::new(commands.collect::<Vec<_>>()))
        .await
        .map(drop)
}
