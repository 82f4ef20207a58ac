//! Each story runs on PostgreSQL and on SQLite, through the real router on a real port with the real client.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod assistants;
mod audit;
mod backup;
mod channel;
mod db;
mod deliveries;
mod http;
mod idempotency;
mod identities;
mod openapi;
mod outage;
mod plans;
mod scheduled_tasks;
mod support;
mod turns;
mod users;
mod versions;
mod walls;
