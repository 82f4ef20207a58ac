//! The bot's tests: pure parts by table and property, the rest against a strict Telegram server, the real
//! rest_service and the real bus.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod access;
mod backlog;
mod commands;
mod edits;
mod files;
mod flood;
mod fuzz;
mod incoming;
mod judged;
mod live;
mod outgoing;
mod pace;
mod presses;
mod reach;
mod render;
mod sent_files;
mod shapes;
mod situations;
mod split;
mod stack;
mod starting;
mod topics;
mod voices;
mod webhook;
mod zone;
