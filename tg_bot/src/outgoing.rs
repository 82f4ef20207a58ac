//! From the bus to Telegram: each reply rendered, split, paced, sent, and recorded.

mod compose;
mod delivery;
mod lateness;
mod mention;
mod pace;
pub mod render;
pub mod split;

pub use compose::{keyboard, messages};
pub use delivery::GROUP;
pub(crate) use delivery::{LOOKUPS_AT_ONCE, Outbox};
pub use pace::{Pace, Paused, Rank, Rate, Slot};
