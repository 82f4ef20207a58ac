//! The command line of Smart Assistant, and its one-process mode.

mod assistant;
mod backup;
mod bench;
mod calendar;
mod chat;
mod cli;
mod compose;
mod config;
mod data_folder;
mod doctor;
mod document;
mod health;
mod init;
mod key;
mod migrations;
mod openapi;
mod queue;
mod run;
mod say;
mod serve;
mod service;
mod task;
mod test;
mod user;
mod words;

use service_kit::settings;

fn main() -> std::process::ExitCode {
    // `.env` is read before anything else: no thread may run while the environment changes.
    let outcome = settings::load_dotenv()
        .map_err(anyhow::Error::new)
        .and_then(|()| cli::run());
    outcome.unwrap_or_else(|error| {
        say::failure(&error);
        std::process::ExitCode::FAILURE
    })
}
