//! From the bus to Telegram: each reply rendered, split, paced, sent, and recorded.

mod compose;
mod delivery;
mod files;
mod in_place;
mod lateness;
mod mention;
mod pace;
mod preview;
pub mod render;
pub mod split;

pub use compose::{keyboard, messages};
pub use delivery::GROUP;
pub(crate) use delivery::{LOOKUPS_AT_ONCE, Outbox};
pub(crate) use files::{EXPORT, Uploads};
use in_place::no_link_preview;
pub use pace::{Pace, Paused, Rank, Rate, Slot};
pub(crate) use preview::Previews;
