//! The API channel: what a user says over REST, and what comes back on the user's event stream.

use chrono::{DateTime, Utc};
use messages::{EventId, ReplyDeltaV1, ReplyV1};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits;

/// Says something as a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUserMessage {
    /// The client's own id of the message, 1 to 100 characters without colons; the same id again is the same
    /// message, so sending it again is safe.
    #[schemars(length(min = 1, max = limits::CLIENT_ID), regex(pattern = limits::CLIENT_ID_PATTERN), example = &"m-1")]
    pub client_id: String,
    /// What is said, as plain text; 1 to 200,000 characters.
    #[schemars(length(min = 1, max = limits::TEXT), regex(pattern = limits::NOT_BLANK), example = &"Remind me at nine.")]
    pub text: String,
    /// When it was said, by the client's clock; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<DateTime<Utc>>,
}

/// Presses a button as a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPress {
    /// The client's own id of the press, 1 to 100 characters without colons; the same id again is the same press.
    #[schemars(length(min = 1, max = limits::CLIENT_ID), regex(pattern = limits::CLIENT_ID_PATTERN), example = &"p-1")]
    pub client_id: String,
    /// The button's action, as the reply carried it; 1 to 200 characters.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"undo:01900000000070008000000000000002")]
    pub action: String,
}

/// A message or a press that is not lost any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AcceptedMessage {
    /// Its event, which the replies to it name.
    pub event_id: EventId,
}

/// Where an event stream starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventsQuery {
    /// Behind this reply; behind the newest one when absent. `Last-Event-ID` wins over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub after: Option<i64>,
}

/// The first event of a stream (`hello`): it listens from now on, so that a message sent after this one is
/// answered on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hello {
    /// Behind which reply the stream starts.
    pub position: i64,
}

/// The last event of a stream (`end`) that the server ends for a reason. One that just closes may be opened again at
/// once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StreamEnd {
    /// Why it ends.
    pub reason: StreamEndReason,
}

/// Why the server ends a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StreamEndReason {
    /// The key was revoked, has expired or is no longer good for this.
    Key,
    /// The user is no longer let in.
    UserNotActive,
    /// The user was erased.
    UserErased,
    /// The server cannot find out whether the stream may go on; opening it again may work.
    Unavailable,
}

/// What a user is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserEvent {
    /// The stream is open, for the first time or again.
    Hello(Hello),
    /// A whole reply; each comes once, in order.
    Reply {
        /// Its position on the user's stream.
        id: i64,
        /// The reply.
        reply: ReplyV1,
    },
    /// An answer as far as it is written; may be lost.
    Delta(ReplyDeltaV1),
}
