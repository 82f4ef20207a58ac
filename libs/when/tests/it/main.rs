//! The crate's tests: sentences with their values as data, the corpus, properties, answers.

mod chrono_corpus;
mod sentences;
