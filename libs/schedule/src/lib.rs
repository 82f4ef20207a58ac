//! When a task fires: local schedules to UTC instants, with the promised DST semantics. Pure.
//!
//! The semantics are published in `docs/time.md`, each row with the test that shows it. This crate performs no
//! IO and never asks a clock: "now" is always an argument.

mod cron;
mod describe;
mod format;
mod language;
mod local;
mod next;
mod phrases;
mod recurrence;
mod rule;
mod schedule;
mod validate;
mod zone;

pub use format::{format_instant, format_instant_in, format_late, format_late_in};
pub use language::{Language, Unit};
pub use local::local_to_utc;
pub use next::{CatchUp, MISSED_CAP};
pub use schedule::{Cycle, Schedule};
pub use validate::ScheduleError;
pub use zone::{ZoneError, parse_zone};
