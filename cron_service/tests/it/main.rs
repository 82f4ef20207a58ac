//! cron_service on real stores.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod clean_up;
mod clocks;
