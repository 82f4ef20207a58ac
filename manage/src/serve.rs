//! `manage serve NAME`: one service as this process, from the one binary that has them all.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use service_kit::launch_with_args;

/// Which service to run.
#[derive(Args)]
#[command(after_help = "Examples:\n  manage serve rest_service\n  manage serve assistant -- --help")]
pub(crate) struct ServeArgs {
    /// The service.
    service: Service,
    /// Flags for the service; `-- --help` lists them.
    #[arg(last = true)]
    args: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Service {
    #[value(name = "assistant")]
    Assistant,
    #[value(name = "rest_service")]
    Rest,
    #[value(name = "calendar_service")]
    Calendar,
    #[value(name = "cron_service")]
    Cron,
    #[value(name = "tg_bot")]
    Telegram,
}

/// Runs the service to its end.
pub(crate) fn run(args: &ServeArgs) -> ExitCode {
    let flags = || std::iter::once("manage serve").chain(args.args.iter().map(String::as_str));
    match args.service {
        Service::Assistant => launch_with_args("assistant", assistant::ABOUT, flags(), assistant::run),
        Service::Rest => launch_with_args("rest_service", rest_service::ABOUT, flags(), rest_service::run),
        Service::Calendar => launch_with_args(
            "calendar_service",
            calendar_service::ABOUT,
            flags(),
            calendar_service::run,
        ),
        Service::Cron => launch_with_args("cron_service", cron_service::ABOUT, flags(), cron_service::run),
        Service::Telegram => launch_with_args("tg_bot", tg_bot::ABOUT, flags(), tg_bot::run),
    }
}
