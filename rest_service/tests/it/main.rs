//! Each story runs on PostgreSQL and on SQLite, through the real router on a real port with the real client.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod assistants;
mod audit;
mod calendar_accounts;
mod calendar_writes;
mod channel;
mod configuration;
mod db;
mod deliveries;
mod facts;
mod http;
mod idempotency;
mod identities;
mod lists;
mod openapi;
mod outage;
mod plans;
mod retention;
mod runs;
mod scheduled_tasks;
mod sub_assistants;
mod support;
mod turns;
mod user_data;
mod users;
mod versions;
mod walls;
