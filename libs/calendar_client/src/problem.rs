//! Errors on the wire: problem details (RFC 9457).

use rest_client::FieldError;
use serde::{Deserialize, Serialize};

/// What kind of problem; its URI reference is the stable `type` that programs match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProblemKind {
    /// 400: the body is not JSON, or the query string cannot be read.
    #[serde(rename = "/problems/malformed")]
    Malformed,
    /// 401: no service key, or a wrong one.
    #[serde(rename = "/problems/unauthorized")]
    Unauthorized,
    /// 403: Google says that the user may not do this.
    #[serde(rename = "/problems/forbidden")]
    Forbidden,
    /// 404: no such event, calendar, user or write.
    #[serde(rename = "/problems/not-found")]
    NotFound,
    /// 404: no such route.
    #[serde(rename = "/problems/unknown-route")]
    UnknownRoute,
    /// 405: the route does not take this method.
    #[serde(rename = "/problems/method-not-allowed")]
    MethodNotAllowed,
    /// 409: the user has not connected an account.
    #[serde(rename = "/problems/not-connected")]
    NotConnected,
    /// 409: Google no longer takes what the user granted; they must connect again.
    #[serde(rename = "/problems/reconnect-needed")]
    ReconnectNeeded,
    /// 409: what Google has stored does not allow it, or the idempotency key was used for something else.
    #[serde(rename = "/problems/conflict")]
    Conflict,
    /// 410: it was deleted, or the time to undo it has passed.
    #[serde(rename = "/problems/gone")]
    Gone,
    /// 412: it was changed meanwhile.
    #[serde(rename = "/problems/changed")]
    Changed,
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
    /// 429: Google limits how often it is asked.
    #[serde(rename = "/problems/rate-limited")]
    RateLimited,
    /// 500: a fault of ours.
    #[serde(rename = "/problems/internal")]
    Internal,
    /// 501: the operator has not set the product up with Google.
    #[serde(rename = "/problems/not-set-up")]
    NotSetUp,
    /// 503: Google or rest_service cannot be reached; try again.
    #[serde(rename = "/problems/unavailable")]
    Unavailable,
    /// 504: it took too long; try again.
    #[serde(rename = "/problems/timeout")]
    Timeout,
}

/// A problem as the server tells it (`application/problem+json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// After how many seconds trying again may help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// The id by which the logs know the request; the header `X-Request-Id` tells it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl ProblemKind {
    /// The HTTP status that goes with it.
    pub fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound | Self::UnknownRoute => 404,
            Self::MethodNotAllowed => 405,
            Self::NotConnected | Self::ReconnectNeeded | Self::Conflict => 409,
            Self::Gone => 410,
            Self::SlowRequest => 408,
            Self::Changed => 412,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Invalid => 422,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::NotSetUp => 501,
            Self::Unavailable => 503,
            Self::Timeout => 504,
        }
    }

    /// The kind in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Malformed => "The request cannot be read",
            Self::Unauthorized => "A valid service key is needed",
            Self::Forbidden => "Google does not let the user do this",
            Self::NotFound => "There is no such thing",
            Self::UnknownRoute => "There is no such route",
            Self::MethodNotAllowed => "The route does not take this method",
            Self::NotConnected => "The user has not connected Google Calendar",
            Self::ReconnectNeeded => "The user must connect Google Calendar again",
            Self::Conflict => "Something stands against it",
            Self::Gone => "It is no longer there",
            Self::Changed => "It was changed meanwhile",
            Self::SlowRequest => "The request did not arrive in time",
            Self::TooLarge => "The request is too large",
            Self::UnsupportedMediaType => "The request body must be JSON",
            Self::Invalid => "The request is not acceptable",
            Self::RateLimited => "Google limits how often it is asked",
            Self::Internal => "Something went wrong here",
            Self::NotSetUp => "The operator has not set Google Calendar up",
            Self::Unavailable => "The service cannot serve this now",
            Self::Timeout => "It took too long",
        }
    }
}
