//! The assistant's tests: the core by tables, the models by their servers, the whole by real peers.

mod offline;
mod support;
mod tools;
mod turn;
mod when;
