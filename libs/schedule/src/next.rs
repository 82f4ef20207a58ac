//! When a schedule fires next, and what to do about what was missed.

use chrono::{DateTime, Utc};

/// Missed occurrences are counted up to this many; more are reported as this many.
pub const MISSED_CAP: u32 = 1000;

/// What to do about a task that was found due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatchUp {
    /// How many occurrences after `scheduled_for` and up to now fold into this one; 0 when on time.
    /// [`MISSED_CAP`] means "that many or more".
    pub missed: u32,
    /// The next occurrence, later than both now and `scheduled_for`; `None` when there is none any more.
    pub next: Option<DateTime<Utc>>,
}
