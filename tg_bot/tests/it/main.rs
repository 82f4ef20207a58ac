//! The bot's tests: pure parts by table and property, the rest against a strict Telegram server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod render;
mod split;
