//! The bot as a process.

use std::process::ExitCode;

fn main() -> ExitCode {
    service_kit::launch::<tg_bot::Settings, _>("tg_bot", "Telegram in and out.", tg_bot::run)
}
