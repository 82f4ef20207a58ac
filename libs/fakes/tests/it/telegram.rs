//! The fake Telegram.

mod entities;
