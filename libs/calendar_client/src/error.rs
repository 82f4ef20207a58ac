//! Why a call failed, sorted by what the caller can do about it.

use std::time::Duration;

use rest_client::FieldError;

use crate::{Problem, ProblemKind};

/// Why a call failed. Its text can be shown to a model or a user.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user has not connected an account: offer them a link.
    #[error("Google Calendar is not connected")]
    NotConnected,
    /// Google no longer takes what the user granted: offer them a link.
    #[error("Google Calendar must be connected again")]
    ReconnectNeeded,
    /// The operator has not set the product up with Google; nobody can connect.
    #[error("Google Calendar is not set up here; the operator can do that")]
    NotSetUp,
    /// There is no such event, calendar, user or write.
    #[error("there is no such thing in Google Calendar")]
    NotFound,
    /// It was deleted, or the time to undo it has passed.
    #[error("it is no longer there: {detail}")]
    Gone {
        /// What, in words.
        detail: String,
    },
    /// It was changed since it was read: read it again and decide anew.
    #[error("the event was changed meanwhile, so it is left as it is")]
    Changed,
    /// What is stored does not allow it.
    #[error("it cannot be done: {detail}")]
    Conflict {
        /// Why, in words.
        detail: String,
    },
    /// Google says that the user may not do this.
    #[error("Google does not allow it: {detail}")]
    Forbidden {
        /// Why, in words.
        detail: String,
    },
    /// Google limits how often it is asked, also after waiting for a while.
    #[error("Google Calendar asks to wait before it is asked again")]
    RateLimited {
        /// When trying again may help, where Google says so.
        retry_after: Option<Duration>,
    },
    /// Google or calendar_service cannot be reached or cannot serve now; trying again later helps. A write may have
    /// had its effect: sent again with the same idempotency key, it has it once.
    #[error("Google Calendar cannot be reached now")]
    Unavailable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// The request is not acceptable; trying again does not help.
    #[error("the calendar refused the request: {detail}")]
    Invalid {
        /// What is wrong, in words.
        detail: String,
        /// Every field that is not acceptable.
        errors: Vec<FieldError>,
    },
    /// The service key is wrong.
    #[error("calendar_service refused the service key")]
    Unauthorized,
    /// It answered what this build does not understand.
    #[error("calendar_service gave an answer that cannot be understood (status {status})")]
    Protocol {
        /// The HTTP status.
        status: u16,
        /// What could not be read.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl Error {
    /// Whether the same call again, later, can help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::RateLimited { .. })
    }

    /// Whether a link to connect would help.
    pub fn needs_link(&self) -> bool {
        matches!(self, Self::NotConnected | Self::ReconnectNeeded)
    }

    /// The error for an answer that is not a success.
    pub(crate) fn from_answer(status: u16, body: &[u8]) -> Self {
        if let Ok(problem) = serde_json::from_slice::<Problem>(body) {
            return Self::from_problem(problem);
        }
        match status {
            401 => Self::Unauthorized,
            502..=504 => Self::Unavailable(None),
            _ => Self::Protocol { status, source: None },
        }
    }

    fn from_problem(problem: Problem) -> Self {
        let detail = problem.detail.unwrap_or(problem.title);
        match problem.kind {
            ProblemKind::NotConnected => Self::NotConnected,
            ProblemKind::ReconnectNeeded => Self::ReconnectNeeded,
            ProblemKind::NotSetUp => Self::NotSetUp,
            ProblemKind::NotFound => Self::NotFound,
            ProblemKind::Gone => Self::Gone { detail },
            ProblemKind::Changed => Self::Changed,
            ProblemKind::Conflict => Self::Conflict { detail },
            ProblemKind::Forbidden => Self::Forbidden { detail },
            ProblemKind::RateLimited => Self::RateLimited {
                retry_after: problem
                    .retry_after
                    .map(|seconds| Duration::from_secs(seconds.into())),
            },
            ProblemKind::Unauthorized => Self::Unauthorized,
            ProblemKind::Malformed
            | ProblemKind::TooLarge
            | ProblemKind::UnsupportedMediaType
            | ProblemKind::Invalid => Self::Invalid {
                detail,
                errors: problem.errors,
            },
            ProblemKind::SlowRequest
            | ProblemKind::Internal
            | ProblemKind::Unavailable
            | ProblemKind::Timeout => Self::Unavailable(None),
            ProblemKind::UnknownRoute | ProblemKind::MethodNotAllowed => Self::Protocol {
                status: problem.status,
                source: None,
            },
        }
    }
}
