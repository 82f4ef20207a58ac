//! The crate's tests: sentences with their values as data, the corpus, properties, answers.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and drafts are printed"
)]

mod answers;
mod chrono_corpus;
mod properties;
mod sentences;
mod speed;
