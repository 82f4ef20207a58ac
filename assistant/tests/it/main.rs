//! The assistant's tests: the core by tables, the models by their servers, the whole by real peers.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod answering;
mod budgets;
mod calendar;
mod context;
mod digest;
mod end_to_end;
mod example_tool;
mod faults;
mod memory;
mod moving;
mod offline;
mod openai;
mod pressed;
mod presses;
mod promptness;
mod providers;
mod questions;
mod recent;
mod said;
mod service;
mod sources;
mod subs;
mod support;
mod together;
mod tools;
mod turn;
mod weather;
mod when;
mod world;
mod zone;
