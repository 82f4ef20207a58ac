//! tg_bot as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    service_kit::launch("tg_bot", tg_bot::ABOUT, tg_bot::run)
}
