//! A process with nothing but the operators' endpoints, to try what slow callers do to a listener:
//!
//! ```sh
//! (ulimit -n 256; cargo run -p service_kit --example listener -- 127.0.0.1:8099)
//! cargo run -p service_kit --example listener -- 127.0.0.1:8098
//! cargo run -p fakes --example slow_crowd -- 127.0.0.1:8099 127.0.0.1:8098 10000
//! ```
//!
//! Its service key is `a-key-for-trying-things`.
#![expect(clippy::print_stderr, reason = "the program's purpose")]

use std::process::ExitCode;

use service_kit::{Lifecycle, SystemClock, ops};

#[tokio::main]
async fn main() -> ExitCode {
    let address = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let (lifecycle, supervisor) = Lifecycle::new(std::sync::Arc::new(SystemClock));
    service_kit::telemetry::metrics();
    let key = "a-key-for-trying-things".into();
    let outcome = match ops::listen(address, "the address", &key, &lifecycle).await {
        Ok(()) => supervisor.supervise().await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
