//! Topics with keyed FIFO consumers and broadcast, on Redis Streams and on SQLite.
//!
//! [`Bus::connect`] chooses the store by URL; everything else is the same on both, and one contract suite
//! (`tests/it/contract.rs`) runs on both:
//!
//! - At least once: a delivery that is not settled comes back. [`Delivery::ack`], [`Delivery::retry`] and
//!   [`Delivery::fail`] consume it; dropping it gives it back at once, and the attempt counts.
//! - A command whose answer is lost does no harm, whether it ran, did not run, or runs later than its sender waited:
//!   what was read is read again, what was published is published once, and what was handed out to nobody is no attempt
//!   (`tests/it/lost_answers.rs` loses every one of them).
//! - Order: the messages of one key are handed out in the order they were published, one at a time, across all
//!   consumers of the group in all processes. Different keys run side by side.
//! - A consumer that dies is noticed when its lease runs out ([`ConsumerOptions::lease`]); another one takes its
//!   work over. The attempt was recorded before the delivery was handed out, so a handler that kills its process
//!   does not do so forever: after [`ConsumerOptions::max_attempts`] the message becomes a dead letter.
//! - A handler may run longer than the lease: the lease is renewed in the background while the process lives. A
//!   consumer that was believed dead and comes back is refused ([`BusError::LeaseLost`]) and changes nothing.
//! - What this build cannot read (unknown version, malformed) becomes a dead letter, payload and reason kept.
//! - A message is dropped from the store when every group of its topic is done with it. Messages published
//!   before the first group exists wait for it; a group that is created later starts at the oldest message that
//!   is still there.
//! - [`Bus::broadcast`] carries what may be lost.

mod bus_handle;
mod consumer;
mod dead_letter;
mod delivery;
mod error;
mod names;
mod open;
mod options;
mod redis_streams;
mod sqlite;
mod subscription;
mod telemetry;

pub use bus_handle::Bus;
pub use consumer::Consumer;
pub use dead_letter::{DeadLetter, GroupStats};
pub use delivery::Delivery;
pub use error::BusError;
pub use open::open;
pub use options::{BusOptions, ConsumerOptions};
pub use redis_streams::{RedisReport, keys as redis_keys};
pub use subscription::Subscription;
