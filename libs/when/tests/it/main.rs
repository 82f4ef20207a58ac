//! The crate's tests: sentences with their values as data, the corpus, properties, answers.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod answers;
mod chrono_corpus;
mod fuzz;
mod properties;
mod sentences;
mod speed;
mod work;
