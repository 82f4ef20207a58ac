//! The envelope that every event travels in, and its JSON form.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Address, ButtonPressedV1, ConfigChangedV1, EventId, MessageEditedV1, ReplyDeltaV1, ReplyV1, StopTurnV1,
    TaskDueV1, TraceId, UserMessageV1, UserMessageV2,
};

/// Everything that can be said on the bus. The tag on the wire names the version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    /// A user said something.
    #[serde(rename = "user_message.v1")]
    UserMessageV1(UserMessageV1),
    /// A user said something, and this is what it was about.
    #[serde(rename = "user_message.v2")]
    UserMessageV2(UserMessageV2),
    /// A user pressed a button.
    #[serde(rename = "button_pressed.v1")]
    ButtonPressedV1(ButtonPressedV1),
    /// A scheduled task is due.
    #[serde(rename = "task_due.v1")]
    TaskDueV1(TaskDueV1),
    /// A message to a user.
    #[serde(rename = "reply.v1")]
    ReplyV1(ReplyV1),
    /// Live text of an answer that is still being written.
    #[serde(rename = "reply_delta.v1")]
    ReplyDeltaV1(ReplyDeltaV1),
    /// Something that services may have cached changed.
    #[serde(rename = "config_changed.v1")]
    ConfigChangedV1(ConfigChangedV1),
    /// A user changed what they had said.
    #[serde(rename = "message_edited.v1")]
    MessageEditedV1(MessageEditedV1),
    /// A user stops a turn.
    #[serde(rename = "stop_turn.v1")]
    StopTurnV1(StopTurnV1),
}

impl Event {
    /// The names of all the versions that this build reads.
    pub const TYPES: [&str; 9] = [
        "user_message.v1",
        "button_pressed.v1",
        "task_due.v1",
        "reply.v1",
        "reply_delta.v1",
        "config_changed.v1",
        "user_message.v2",
        "message_edited.v1",
        "stop_turn.v1",
    ];

    /// The event's name on the wire, with its version.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::UserMessageV1(_) => Self::TYPES[0],
            Self::UserMessageV2(_) => Self::TYPES[6],
            Self::ButtonPressedV1(_) => Self::TYPES[1],
            Self::TaskDueV1(_) => Self::TYPES[2],
            Self::ReplyV1(_) => Self::TYPES[3],
            Self::ReplyDeltaV1(_) => Self::TYPES[4],
            Self::ConfigChangedV1(_) => Self::TYPES[5],
            Self::MessageEditedV1(_) => Self::TYPES[7],
            Self::StopTurnV1(_) => Self::TYPES[8],
        }
    }
}

/// Whom an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addressee<'e> {
    /// Whose event it is; when they are erased, it is for nobody.
    pub user_id: Uuid,
    /// The conversation it belongs to, and where the answer goes.
    pub to: &'e Address,
}

impl Event {
    /// Whom it is about; nobody where it is about the installation. Without a wildcard: a new kind of event says it
    /// here, or does not compile.
    pub fn addressee(&self) -> Option<Addressee<'_>> {
        let (user_id, to) = match self {
            Self::UserMessageV1(said) => (said.user_id, &said.from),
            Self::UserMessageV2(said) => (said.user_id, &said.from),
            Self::ButtonPressedV1(press) => (press.user_id, &press.from),
            Self::TaskDueV1(due) => (due.user_id, &due.to),
            Self::ReplyV1(reply) => (reply.user_id, &reply.to),
            Self::ReplyDeltaV1(delta) => (delta.user_id, &delta.to),
            Self::MessageEditedV1(edit) => (edit.message.user_id, &edit.message.from),
            Self::StopTurnV1(stop) => (stop.user_id, &stop.from),
            Self::ConfigChangedV1(_) => return None,
        };
        Some(Addressee { user_id, to })
    }
}

/// One event with what every hop needs to know about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The event's deterministic id.
    pub id: EventId,
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// When it was put into the envelope.
    pub at: DateTime<Utc>,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Why bytes from the bus are not an envelope that this build reads.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes are well-formed, but of a version (or kind) that this build does not know.
    #[error("unknown event type {type_name:?}; this build reads {known}", known = Event::TYPES.join(", "))]
    UnknownType {
        /// The name it carries.
        type_name: String,
    },
    /// The bytes are not an envelope, or the event lacks what its version promises.
    #[error("malformed envelope")]
    Malformed(#[source] serde_json::Error),
}

impl Envelope {
    /// The envelope as JSON bytes.
    ///
    /// # Errors
    /// None in practice: every wire type has string keys and finite numbers. The error is handed on rather than
    /// hidden, so that a future type that breaks this is found by its first test.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// Reads an envelope, telling an unknown version from a malformed one.
    ///
    /// # Errors
    /// See [`DecodeError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        #[derive(Deserialize)]
        struct Tag {
            #[serde(rename = "type")]
            type_name: String,
        }
        serde_json::from_slice(bytes).map_err(|error| match serde_json::from_slice::<Tag>(bytes) {
            Ok(Tag { type_name }) if !Event::TYPES.contains(&type_name.as_str()) => {
                DecodeError::UnknownType { type_name }
            }
            _ => DecodeError::Malformed(error),
        })
    }
}
