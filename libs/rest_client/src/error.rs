//! Why a call failed, sorted by what the caller can do about it.

use crate::{FieldError, Problem, ProblemKind};

/// Why something conflicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictKind {
    /// It exists already.
    AlreadyExists,
    /// Something else refers to it.
    InUse,
    /// The id belongs to someone else.
    Taken,
    /// Nobody else could let people in.
    LastOwner,
    /// The lease has run out, or the task was changed meanwhile.
    StaleLease,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it is not this user's.
    #[error("rest_service knows no such thing")]
    NotFound,
    /// What is stored does not allow it.
    #[error("rest_service refused: {detail}")]
    Conflict {
        /// Why.
        kind: ConflictKind,
        /// Why, in words.
        detail: String,
    },
    /// It was changed since the version that the caller knows.
    #[error("it was changed meanwhile")]
    Stale {
        /// The version that it has now.
        current_version: Option<i64>,
    },
    /// The request is not acceptable; trying again does not help.
    #[error("rest_service refused the request: {detail}")]
    Invalid {
        /// What is wrong, in words.
        detail: String,
        /// Every field that is not acceptable.
        errors: Vec<FieldError>,
    },
    /// The key is wrong, expired or revoked.
    #[error("rest_service refused the service key")]
    Unauthorized,
    /// The key lacks the scope.
    #[error("rest_service refused: {detail}")]
    Forbidden {
        /// Which scope, in words.
        detail: String,
    },
    /// The user is pending or blocked.
    #[error("the user is not let in")]
    NotActive,
    /// It cannot be reached or cannot serve now; trying again later helps.
    #[error("rest_service cannot be reached or cannot serve now")]
    Unavailable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// It answered what this build does not understand.
    #[error("rest_service gave an answer that cannot be understood (status {status})")]
    Protocol {
        /// The HTTP status.
        status: u16,
        /// What could not be read.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl Error {
    /// Whether trying again later can help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
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
        let conflict = |kind| Self::Conflict {
            kind,
            detail: detail.clone(),
        };
        match problem.kind {
            ProblemKind::NotFound => Self::NotFound,
            ProblemKind::Unauthorized => Self::Unauthorized,
            ProblemKind::NotActive => Self::NotActive,
            ProblemKind::MissingScope => Self::Forbidden { detail },
            ProblemKind::AlreadyExists => conflict(ConflictKind::AlreadyExists),
            ProblemKind::InUse => conflict(ConflictKind::InUse),
            ProblemKind::Taken => conflict(ConflictKind::Taken),
            ProblemKind::LastOwner => conflict(ConflictKind::LastOwner),
            ProblemKind::StaleLease => conflict(ConflictKind::StaleLease),
            ProblemKind::PreconditionFailed => Self::Stale {
                current_version: problem.current_version,
            },
            ProblemKind::Malformed
            | ProblemKind::IdempotencyKeyReused
            | ProblemKind::TooLarge
            | ProblemKind::UnsupportedMediaType
            | ProblemKind::Invalid => Self::Invalid {
                detail,
                errors: problem.errors,
            },
            ProblemKind::InProgress
            | ProblemKind::SlowRequest
            | ProblemKind::TooManyRequests
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
