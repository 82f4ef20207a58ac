//! cron_service on real stores.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod clean_up;
