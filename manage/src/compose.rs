//! `manage start`, `stop`, `restart`, `rebuild`, `status`, `logs`: the containers of docker-compose.yml; and those that
//! run the tests.
//!
//! Each is one call of Docker Compose, whose own progress the operator sees.

mod containers;
mod engine;
mod tools;

use std::process::ExitCode;

use clap::{Args, ValueEnum, builder::NonEmptyStringValueParser};
use serde::Serialize;

use crate::say;
use containers::Container;
use engine::Compose;
pub(crate) use tools::with_the_data;

/// What runs in a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Name {
    /// The database.
    Postgres,
    /// The bus.
    Redis,
    /// The REST API.
    RestService,
    /// What answers.
    Assistant,
    /// What fires reminders.
    CronService,
    /// Google Calendar.
    CalendarService,
    /// Telegram.
    TgBot,
}

impl Name {
    /// The name in docker-compose.yml.
    fn service(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::RestService => "rest_service",
            Self::Assistant => "assistant",
            Self::CronService => "cron_service",
            Self::CalendarService => "calendar_service",
            Self::TgBot => "tg_bot",
        }
    }
}

/// Which containers.
#[derive(Args)]
pub(crate) struct Which {
    /// Only this service; may be given more than once.
    #[arg(long = "service", value_name = "NAME", value_enum)]
    services: Vec<Name>,
}

impl Which {
    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.services.iter().map(|name| name.service())
    }
}

/// What to start.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage start\n  manage start --service postgres --service redis\n\n\
    The image is built when it is missing; `manage rebuild` builds it again. Settings come from .env, which \
    `manage init` writes."
)]
pub(crate) struct StartArgs {
    #[command(flatten)]
    which: Which,
}

/// What to stop.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage stop\n  manage stop --service tg_bot\n\nThe data stays. What was accepted is \
    answered after the next start."
)]
pub(crate) struct StopArgs {
    #[command(flatten)]
    which: Which,
}

/// What to restart.
#[derive(Args)]
#[command(
    after_help = "Example:\n  manage restart --service assistant\n\nThe containers are made anew, with the settings \
    that .env has now."
)]
pub(crate) struct RestartArgs {
    #[command(flatten)]
    which: Which,
}

/// What to rebuild.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage rebuild\n  manage rebuild --service assistant\n\nThe image is built from this \
    source and the containers are replaced; with --service, only that one."
)]
pub(crate) struct RebuildArgs {
    #[command(flatten)]
    which: Which,
}

/// Whose state.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage status\n  manage status --json\n\nExit codes: 0 everything that should run is \
    healthy; 1 something is not."
)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    which: Which,
    /// As JSON, for scripts.
    #[arg(long)]
    json: bool,
}

/// Whose log lines.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage logs --follow\n  manage logs --service assistant --tail 200\n  \
    manage logs --turn tg:123456:789"
)]
pub(crate) struct LogsArgs {
    #[command(flatten)]
    which: Which,
    /// Go on printing what is logged, until Ctrl-C.
    #[arg(long, short)]
    follow: bool,
    /// How many of the newest lines of each container.
    #[arg(long, value_name = "N", default_value_t = 100)]
    tail: u32,
    /// Only the lines about this event, reply or trace, from all that is kept and in order of time: the id that log
    /// lines and errors carry. With them, the lines of the traces they belong to: a message's way through all services.
    #[arg(long, value_name = "ID", conflicts_with_all = ["follow", "tail"], value_parser = NonEmptyStringValueParser::new())]
    turn: Option<String>,
}

/// Starts containers and waits until they are healthy.
pub(crate) fn start(args: &StartArgs) -> anyhow::Result<ExitCode> {
    let compose = Compose::find()?;
    compose.up([], args.which.names())?;
    print_status(&compose, &args.which, false)
}

/// Stops containers; their data stays.
pub(crate) fn stop(args: &StopArgs) -> anyhow::Result<ExitCode> {
    Compose::find()?.watch(["stop"], args.which.names())?;
    say::line("Stopped; the data stays. `manage start` goes on where it was.");
    Ok(ExitCode::SUCCESS)
}

/// Makes containers anew from the image that is there.
pub(crate) fn restart(args: &RestartArgs) -> anyhow::Result<ExitCode> {
    let compose = Compose::find()?;
    let mut up = vec!["--force-recreate"];
    if !args.which.services.is_empty() {
        up.push("--no-deps");
    }
    compose.up(up, args.which.names())?;
    print_status(&compose, &args.which, false)
}

/// Builds the image and replaces containers.
pub(crate) fn rebuild(args: &RebuildArgs) -> anyhow::Result<ExitCode> {
    let compose = Compose::find()?;
    let mut up = vec!["--build"];
    if !args.which.services.is_empty() {
        up.extend(["--no-deps", "--force-recreate"]);
    }
    compose.up(up, args.which.names())?;
    print_status(&compose, &args.which, false)
}

/// Says what runs.
pub(crate) fn status(args: &StatusArgs) -> anyhow::Result<ExitCode> {
    print_status(&Compose::find()?, &args.which, args.json)
}

/// Prints log lines.
pub(crate) fn logs(args: &LogsArgs) -> anyhow::Result<ExitCode> {
    let compose = Compose::find()?;
    let Some(id) = &args.turn else {
        let tail = args.tail.to_string();
        let mut logs = vec!["logs", "--tail", &tail];
        if args.follow {
            logs.push("--follow");
        }
        compose.watch(logs, args.which.names())?;
        return Ok(ExitCode::SUCCESS);
    };
    let lines = compose.lines_about(id, args.which.names())?;
    for line in &lines {
        say::line(line);
    }
    if lines.is_empty() {
        anyhow::bail!(
            "no log line that is kept has the id {id}; is it whole, and does LOG_FORMAT/RUST_LOG let it through?"
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether there is a Docker engine that this user may use.
pub(crate) fn engine_answers() -> bool {
    engine::answers()
}

/// Runs `manage test --local ARGS` in a container of docker-compose.test.yml; whether it passed.
///
/// # Errors
/// There is no engine, or no docker-compose.test.yml.
pub(crate) fn test(args: &[String]) -> anyhow::Result<bool> {
    Compose::find()?.test(args)
}

/// What `manage status --json` prints.
#[derive(Serialize)]
struct Status<'a> {
    healthy: bool,
    containers: &'a [Container],
}

fn print_status(compose: &Compose, which: &Which, as_json: bool) -> anyhow::Result<ExitCode> {
    let containers = compose.containers(which.names())?;
    let healthy = !containers.is_empty() && containers.iter().all(Container::is_well);
    if as_json {
        let status = Status {
            healthy,
            containers: &containers,
        };
        say::json(&serde_json::to_string_pretty(&status)?);
    } else if containers.is_empty() {
        say::line("Nothing runs. `manage start` starts it.");
    } else {
        let longest = containers.iter().map(|container| container.name().len()).max();
        let width = longest.unwrap_or_default();
        for container in &containers {
            say::entry(&format!("{:<width$}", container.name()), &container.to_string());
        }
    }
    Ok(if healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
