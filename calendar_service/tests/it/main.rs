//! calendar_service between a real rest_service and a strict fake Google, through the typed client.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod connecting;
mod crash;
mod dates;
mod free;
mod house;
mod keeping;
mod lists;
mod refusals;
mod series;
mod support;
mod writes;
