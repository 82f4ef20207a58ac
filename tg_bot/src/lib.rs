//! Telegram in and out: updates become user messages on the bus, replies from the bus become messages.

pub mod render;
pub mod split;
