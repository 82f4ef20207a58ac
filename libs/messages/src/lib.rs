//! What crosses the bus: versioned wire types and their envelope, no IO.
//!
//! An [`Envelope`] is what a topic carries: a deterministic id, the trace it belongs to, and one [`Event`].
//! An event's name on the wire carries its version (`user_message.v1`); a version stays readable until the
//! last stream that may hold it is dry. A snapshot test pins the JSON of each.
//!
//! To add a message: a struct in its own module, a variant in [`Event`], a snapshot in `tests/it`.

mod button_pressed;
mod config_changed;
mod envelope;
mod id;
mod message_edited;
pub mod plain;
mod reply;
mod stop_turn;
mod task_due;
mod topic;
mod trace;
mod user_message;

pub use button_pressed::ButtonPressedV1;
pub use config_changed::{ConfigChangedV1, Resource};
pub use envelope::{Addressee, DecodeError, Envelope, Event};
pub use id::EventId;
pub use message_edited::MessageEditedV1;
pub use reply::{Button, Receipt, ReplyDeltaV1, ReplyKind, ReplyV1};
pub use stop_turn::StopTurnV1;
pub use task_due::{TaskAction, TaskDueV1};
pub use topic::Topic;
pub use trace::TraceId;
pub use user_message::{Address, Attachment, Author, Channel, Link, Quoted, UserMessageV1, UserMessageV2};
