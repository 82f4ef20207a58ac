//! The bus's contract, once for both stores, and what only Redis can go through.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod backend;
mod child;
mod contract;
mod lost_answers;
mod redis_streams;
mod url;
