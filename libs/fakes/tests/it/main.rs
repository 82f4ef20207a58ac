//! The fakes, driven over HTTP as their clients would.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod telegram;
