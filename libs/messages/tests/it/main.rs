//! The wire format, pinned: what one build writes, every later build reads.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod envelope;
mod plain;
mod trace;
