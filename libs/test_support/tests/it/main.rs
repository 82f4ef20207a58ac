//! The throw-away servers live and vanish as promised, and the workspace is tidy.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod binaries;
mod leftovers;
mod postgres;
mod redis;
mod sqlite;
mod tidy;
mod wait;
