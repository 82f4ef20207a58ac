//! The zones that people's words and pins mean.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod guesses;
mod memory;
mod pins;
mod words;
