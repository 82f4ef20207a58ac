//! The commands, their help, and where each goes.
//!
//! To add a command: a module with its arguments and `run`, a variant in [`Command`], an arm in [`Cli::run`].

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{assistant, calendar, chat, key, migrations, openapi, run, serve, test};

/// Smart Assistant: a self-hosted assistant for reminders, calendars and more.
///
/// `manage run` is all it takes on one machine: every service in one process, on embedded stores.
#[derive(Parser)]
#[command(name = "manage", version, max_term_width = 100, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done; 1 it could not be done, and the line on standard error says why; 2 wrong usage."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every service in this process, on embedded stores in a data folder.
    Run(Box<run::RunArgs>),
    /// List, show, export and import assistants.
    Assistant(assistant::AssistantArgs),
    /// Talk to the assistant in the terminal, or pipe lines in.
    Chat(chat::ChatArgs),
    /// Make, list and revoke keys for the REST API.
    Key(key::KeyArgs),
    /// Look at connected calendars, or change the key that their tokens are encrypted with.
    #[command(subcommand)]
    Calendar(calendar::CalendarCommand),
    /// Run one service as this process, as a container does; its settings come from the environment.
    Serve(serve::ServeArgs),
    /// Renew the OpenAPI document in the source, or print it.
    #[command(name = "openapi")]
    OpenApi(openapi::OpenApiArgs),
    /// Run the tests, on every database and bus the product supports.
    Test(test::TestArgs),
    /// Write a new, empty migration for both databases.
    Migrate(migrations::MigrateArgs),
    /// Apply all pending migrations to the database.
    Upgrade(migrations::DatabaseArgs),
    /// Revert the newest migration of the database.
    Downgrade(migrations::DowngradeArgs),
}

impl Cli {
    /// Does what was asked.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Run(args) => run::run(*args),
            Command::Assistant(args) => assistant::run(args),
            Command::Chat(args) => chat::run(args),
            Command::Key(args) => key::run(args),
            Command::Calendar(command) => calendar::run(command),
            Command::Serve(args) => Ok(serve::run(&args)),
            Command::OpenApi(args) => openapi::run(&args),
            Command::Test(args) => test::run(&args),
            Command::Migrate(args) => migrations::create(&args),
            Command::Upgrade(args) => migrations::upgrade(&args),
            Command::Downgrade(args) => migrations::downgrade(&args),
        }
    }
}
