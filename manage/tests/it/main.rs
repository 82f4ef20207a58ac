//! `manage` as its operator uses it: as a process, on real files and ports.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod assistant;
mod backup;
mod bad_input;
mod chat;
mod config;
mod doctor;
mod e2e;
mod init;
mod key;
mod kill;
mod migrations;
mod process;
mod run;
