//! Each story runs on PostgreSQL and on SQLite, through the real router on a real port with the real client.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod db;
mod support;
