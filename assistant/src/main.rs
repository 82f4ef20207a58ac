//! assistant as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    service_kit::launch("assistant", assistant::ABOUT, assistant::run)
}
