//! Telegram in and out; the only service that knows Telegram.
