//! `manage` as its operator uses it: as a process, on real files and ports.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod admin;
mod assistant;
mod backup;
mod bad_input;
mod browser;
mod calendar;
mod chat;
mod compose_file;
mod config;
mod containers;
mod doctor;
mod e2e;
mod init;
mod key;
mod kill;
mod migrations;
mod monitoring;
mod process;
mod run;
mod terminal;
mod words;
