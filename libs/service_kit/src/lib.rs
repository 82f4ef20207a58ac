//! What every service is built from: settings, telemetry, health, lifecycle, clock, HTTP, retry.
//!
//! A service is a library with `run(settings, lifecycle)`; its `main` is one call to [`launch`].

mod allocator;
pub mod answer;
pub mod clock;
pub mod commits;
mod error;
pub mod health;
pub mod http;
mod launch;
mod lifecycle;
pub mod ops;
pub mod retry;
pub mod settings;
pub mod sse;
pub mod telemetry;
pub mod trace;

pub use clock::{Clock, ManualClock, SystemClock};
pub use error::OperatorError;
pub use health::Health;
pub use launch::{ProcessSettings, launch, launch_with, launch_with_args};
pub use lifecycle::{Lifecycle, STOP_LIMIT};
