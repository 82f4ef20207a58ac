//! Errors on the wire: problem details (RFC 9457).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of problem; its URI reference is the stable `type` that programs match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ProblemKind {
    /// 400: the body is not JSON, or the query string cannot be read.
    #[serde(rename = "/problems/malformed")]
    Malformed,
    /// 401: no key, or one that is wrong, expired or revoked.
    #[serde(rename = "/problems/unauthorized")]
    Unauthorized,
    /// 403: the user is not let in.
    #[serde(rename = "/problems/not-active")]
    NotActive,
    /// 403: the key lacks the scope, which `detail` names.
    #[serde(rename = "/problems/missing-scope")]
    MissingScope,
    /// 404: no such thing, or not this user's.
    #[serde(rename = "/problems/not-found")]
    NotFound,
    /// 404: no such route.
    #[serde(rename = "/problems/unknown-route")]
    UnknownRoute,
    /// 405: the route does not take this method.
    #[serde(rename = "/problems/method-not-allowed")]
    MethodNotAllowed,
    /// 409: it exists already.
    #[serde(rename = "/problems/already-exists")]
    AlreadyExists,
    /// 409: something else refers to it.
    #[serde(rename = "/problems/in-use")]
    InUse,
    /// 409: the id belongs to someone else.
    #[serde(rename = "/problems/taken")]
    Taken,
    /// 409: nobody else could let people in.
    #[serde(rename = "/problems/last-owner")]
    LastOwner,
    /// 409: the lease has run out, or the task was changed meanwhile.
    #[serde(rename = "/problems/stale-lease")]
    StaleLease,
    /// 409: a call with the same idempotency key is being served; try again.
    #[serde(rename = "/problems/in-progress")]
    InProgress,
    /// 412: it was changed meanwhile; `current_version` says what it is now.
    #[serde(rename = "/problems/precondition-failed")]
    PreconditionFailed,
    /// 408: the body did not arrive in time; send it again.
    #[serde(rename = "/problems/slow-request")]
    SlowRequest,
    /// 413: the body is over the limit.
    #[serde(rename = "/problems/too-large")]
    TooLarge,
    /// 415: the body is not said to be JSON.
    #[serde(rename = "/problems/unsupported-media-type")]
    UnsupportedMediaType,
    /// 422: well-formed, but not acceptable; `errors` names the fields.
    #[serde(rename = "/problems/invalid")]
    Invalid,
    /// 422: the idempotency key was used for another request.
    #[serde(rename = "/problems/idempotency-key-reused")]
    IdempotencyKeyReused,
    /// 429: the key's calls of this minute are used up, or this address has shown too many wrong keys; wait for
    /// as long as `Retry-After` says.
    #[serde(rename = "/problems/too-many-requests")]
    TooManyRequests,
    /// 500: a fault of ours.
    #[serde(rename = "/problems/internal")]
    Internal,
    /// 503: the database or the bus cannot be reached; try again.
    #[serde(rename = "/problems/unavailable")]
    Unavailable,
    /// 504: it took too long; try again.
    #[serde(rename = "/problems/timeout")]
    Timeout,
}

/// A problem as the server tells it (`application/problem+json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The stable kind.
    #[serde(rename = "type")]
    pub kind: ProblemKind,
    /// The kind in words; the same for all problems of the kind.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Every field that is not acceptable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Of `/problems/precondition-failed`: the version that it has now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_version: Option<i64>,
    /// The id by which the logs know the request; the header `X-Request-Id` tells it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// One field that is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldError {
    /// The field's name, with a path for nested ones (`messages[2].content`).
    pub field: String,
    /// What is wrong with it, for people.
    pub message: String,
}

impl ProblemKind {
    /// The HTTP status that goes with it.
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Unauthorized => 401,
            Self::NotActive | Self::MissingScope => 403,
            Self::NotFound | Self::UnknownRoute => 404,
            Self::MethodNotAllowed => 405,
            Self::AlreadyExists
            | Self::InUse
            | Self::Taken
            | Self::LastOwner
            | Self::StaleLease
            | Self::InProgress => 409,
            Self::SlowRequest => 408,
            Self::PreconditionFailed => 412,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Invalid | Self::IdempotencyKeyReused => 422,
            Self::TooManyRequests => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
            Self::Timeout => 504,
        }
    }

    /// The kind in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Malformed => "The request cannot be read",
            Self::Unauthorized => "A valid key is needed",
            Self::NotActive => "The user is not let in",
            Self::MissingScope => "The key lacks the scope",
            Self::NotFound => "There is no such thing",
            Self::UnknownRoute => "There is no such route",
            Self::MethodNotAllowed => "The route does not take this method",
            Self::AlreadyExists => "It exists already",
            Self::InUse => "Something refers to it",
            Self::Taken => "The id belongs to someone else",
            Self::LastOwner => "Nobody else could let people in",
            Self::StaleLease => "The lease no longer holds",
            Self::InProgress => "The same call is being served",
            Self::PreconditionFailed => "It was changed meanwhile",
            Self::SlowRequest => "The request did not arrive in time",
            Self::TooLarge => "The request is too large",
            Self::UnsupportedMediaType => "The request body must be JSON",
            Self::Invalid => "The request is not acceptable",
            Self::IdempotencyKeyReused => "The idempotency key was used for another request",
            Self::TooManyRequests => "Too many requests",
            Self::Internal => "Something went wrong here",
            Self::Unavailable => "The service cannot serve this now",
            Self::Timeout => "It took too long",
        }
    }
}
