//! The commands, their help, and where each goes.
//!
//! To add a command: a module with its arguments and `run`, a variant in [`Command`], an arm in [`Cli::run`].

use std::{path::Path, process::ExitCode};

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand, parser::ValueSource};
use clap_complete::Shell;

use crate::{
    assistant, backup, bench, calendar, chat, compose, config, doctor, health, init, key, migrations,
    openapi, queue, run, serve, task, test, user, words,
};

/// Smart Assistant: a self-hosted assistant for reminders, calendars and more.
///
/// `manage run` is all it takes on one machine: every service in one process, on embedded stores.
#[derive(Parser)]
#[command(name = "manage", version, max_term_width = 100, arg_required_else_help = true)]
#[command(
    after_help = "Beside the .env of an installation in containers, queue, doctor, backup, restore, upgrade and downgrade \
    run in one, where the stores are.\n\nExit codes: 0 done; 1 it could not be done, and the line on standard error says why; 2 wrong usage."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the settings that containers and services need into .env, and check them.
    Init(Box<init::InitArgs>),
    /// Run every service in this process, on embedded stores in a data folder.
    Run(Box<run::RunArgs>),
    /// List users, and say who is let in.
    User(user::UserArgs),
    /// Look at reminders and other tasks; fire, hold or end one.
    Task(task::TaskArgs),
    /// List, show, edit, export and import assistants.
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
    /// Start the containers, and wait until they are healthy.
    Start(compose::StartArgs),
    /// Stop the containers; the data stays.
    Stop(compose::StopArgs),
    /// Make the containers anew, with the settings that .env has now.
    Restart(compose::RestartArgs),
    /// Build the image from this source, and replace the containers.
    Rebuild(compose::RebuildArgs),
    /// Say which containers run, and how they are.
    Status(compose::StatusArgs),
    /// Print the containers' log lines.
    Logs(compose::LogsArgs),
    /// Copy the database and the settings into one encrypted file.
    Backup(backup::BackupArgs),
    /// Put such a copy back, also into the other kind of database.
    Restore(backup::RestoreArgs),
    /// Look at the queues and their dead letters; retry or delete these.
    Queue(queue::QueueArgs),
    /// Find what is wrong, and how to put it right.
    Doctor(Box<doctor::DoctorArgs>),
    /// Show all settings and where they come from, or check them.
    Config(config::ConfigArgs),
    /// Ask a service whether it is ready.
    Health(health::HealthArgs),
    /// Renew the OpenAPI document in the source, or print it.
    #[command(name = "openapi")]
    OpenApi(openapi::OpenApiArgs),
    /// Print what the product itself says to people, in every language side by side.
    Texts(words::TextsArgs),
    /// Run the tests, on every database and bus the product supports.
    Test(test::TestArgs),
    /// Measure the product on this machine, and compare with an earlier run.
    Bench(bench::BenchArgs),
    /// Write a new, empty migration for both databases.
    Migrate(migrations::MigrateArgs),
    /// Apply all pending migrations to the database.
    Upgrade(migrations::DatabaseArgs),
    /// Revert the newest migration of the database.
    Downgrade(migrations::DowngradeArgs),
    /// Print the completions of a shell.
    #[command(
        after_help = "Example:\n  manage completions bash > ~/.local/share/bash-completion/completions/manage"
    )]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// What names the stores of a command; without any, those of the containers are meant where there are some.
const STORES: [&str; 3] = ["database_url", "bus_url", "data_dir"];

/// Does what was asked.
///
/// # Errors
/// It could not be done.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    if let Some(files) = cli.command.on_the_stores()
        && !names_stores(&matches)
        && let Some(containers) = compose::with_the_data()
    {
        if matches!(cli.command, Command::Restore(_)) {
            containers.require_stopped()?;
        }
        return containers.run_manage(&files);
    }
    cli.run()
}

/// Whether a flag or a variable says which stores are meant.
fn names_stores(matches: &ArgMatches) -> bool {
    let named = STORES.iter().any(|id| {
        let is_known = matches.try_contains_id(id).is_ok();
        is_known && !matches!(matches.value_source(id), None | Some(ValueSource::DefaultValue))
    });
    named || matches.subcommand().is_some_and(|(_, below)| names_stores(below))
}

impl Command {
    /// For a command that works on the stores themselves, and not over the REST API: the files that it is given.
    fn on_the_stores(&self) -> Option<Vec<&Path>> {
        match self {
            Self::Backup(args) => Some(args.files()),
            Self::Restore(args) => Some(args.files()),
            Self::Queue(_) | Self::Doctor(_) | Self::Upgrade(_) | Self::Downgrade(_) => Some(Vec::new()),
            _ => None,
        }
    }
}

impl Cli {
    fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Init(args) => init::run(&args),
            Command::Run(args) => run::run(*args),
            Command::User(args) => user::run(args),
            Command::Task(args) => task::run(args),
            Command::Assistant(args) => assistant::run(args),
            Command::Chat(args) => chat::run(args),
            Command::Key(args) => key::run(args),
            Command::Calendar(command) => calendar::run(command),
            Command::Serve(args) => Ok(serve::run(&args)),
            Command::Start(args) => compose::start(&args),
            Command::Stop(args) => compose::stop(&args),
            Command::Restart(args) => compose::restart(&args),
            Command::Rebuild(args) => compose::rebuild(&args),
            Command::Status(args) => compose::status(&args),
            Command::Logs(args) => compose::logs(&args),
            Command::Backup(args) => backup::back_up(&args),
            Command::Restore(args) => backup::restore(&args),
            Command::Queue(args) => queue::run(args),
            Command::Doctor(args) => doctor::run(*args),
            Command::Config(args) => config::run(args),
            Command::Health(args) => health::run(&args),
            Command::OpenApi(args) => openapi::run(&args),
            Command::Texts(args) => words::run(&args),
            Command::Test(args) => test::run(&args),
            Command::Bench(args) => bench::run(&args),
            Command::Migrate(args) => migrations::create(&args),
            Command::Upgrade(args) => migrations::upgrade(&args),
            Command::Downgrade(args) => migrations::downgrade(&args),
            Command::Completions { shell } => {
                clap_complete::generate(shell, &mut Self::command(), "manage", &mut std::io::stdout());
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::{Arg, Args, Command};
    use service_kit::settings::SECRETS;

    use super::{Cli, CommandFactory};

    fn service<S: Args>() -> Command {
        S::augment_args(Command::new("service"))
    }

    /// Adds the variables of a command and of those below it that hold a secret.
    fn secrets(command: &Command, found: &mut BTreeSet<String>) {
        let hidden = command.get_arguments().filter(|arg| arg.is_hide_env_values_set());
        let names = hidden.filter_map(Arg::get_env);
        found.extend(names.map(|name| name.to_string_lossy().into_owned()));
        for below in command.get_subcommands() {
            secrets(below, found);
        }
    }

    #[test]
    fn every_secret_may_come_from_a_file() {
        let mut found = BTreeSet::new();
        secrets(&Cli::command(), &mut found);
        secrets(&service::<rest_service::Settings>(), &mut found);
        secrets(&service::<::assistant::Settings>(), &mut found);
        secrets(&service::<cron_service::Settings>(), &mut found);
        secrets(&service::<calendar_service::Settings>(), &mut found);
        secrets(&service::<tg_bot::Settings>(), &mut found);
        assert_eq!(found, SECRETS.map(str::to_owned).into());
    }
}
