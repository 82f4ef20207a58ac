//! The time that fakes write into dates: handed in by the caller, or one that starts at a fixed moment.

use std::sync::Arc;

/// Answers the time in seconds since 1970.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// 2026-01-01T00:00:00Z, where the default clock starts.
const START: i64 = 1_767_225_600;

/// A clock that starts on 2026-01-01 and runs with tokio's time, so that a paused test owns it.
pub(crate) fn default_clock() -> Now {
    let started = tokio::time::Instant::now();
    Arc::new(move || START.saturating_add(i64::try_from(started.elapsed().as_secs()).unwrap_or(0)))
}
