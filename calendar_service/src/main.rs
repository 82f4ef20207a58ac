//! calendar_service as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    service_kit::launch("calendar_service", calendar_service::ABOUT, calendar_service::run)
}
