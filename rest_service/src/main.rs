//! rest_service as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    service_kit::launch("rest_service", rest_service::ABOUT, rest_service::run)
}
