//! Each story runs on PostgreSQL and on SQLite, through the real router on a real port with the real client.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod api_keys;
mod assistants;
mod audit;
mod backup;
mod budgets;
mod calendar_accounts;
mod calendar_writes;
mod channel;
mod clients;
mod compression;
mod configuration;
mod dates;
mod db;
mod deliveries;
mod docs;
mod exact;
mod facts;
mod http;
mod idempotency;
mod identities;
mod links;
mod lists;
mod local;
mod lost_answers;
mod openapi;
mod operations;
mod outage;
mod pending_actions;
mod plans;
mod reach;
mod retention;
mod runs;
mod scheduled_tasks;
mod schemathesis;
mod streams;
mod sub_assistants;
mod support;
mod task_documents;
mod tasks_ahead;
mod turns;
mod user_data;
mod users;
mod versions;
mod walls;
