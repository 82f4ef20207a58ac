//! When a task fires: local schedules to UTC instants, with the promised DST semantics. Pure.
//!
//! The semantics are published in `docs/time.md`, each row with the test that shows it. This crate performs no
//! IO and never asks a clock: "now" is always an argument.

mod next;
mod schedule;
mod validate;
mod zone;

pub use next::{CatchUp, MISSED_CAP};
pub use schedule::{Cycle, Schedule};
pub use validate::ScheduleError;
pub use zone::ZoneError;
