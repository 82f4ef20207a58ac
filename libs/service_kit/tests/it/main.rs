//! service_kit as services use it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answer;
mod connections;
mod error;
mod health;
mod http;
mod lifecycle;
mod retry;
mod settings;
mod sse;
