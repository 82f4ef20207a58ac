//! cron_service as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    service_kit::launch("cron_service", cron_service::ABOUT, cron_service::run)
}
