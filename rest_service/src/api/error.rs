//! What goes wrong, as problem details (RFC 9457).

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use messages::TraceId;
use rest_client::{FieldError, Problem, ProblemKind, Scope};

use super::place::{MOST_FAULTS, shortened};
use crate::{db::DbError, store::StoreError};

/// How many characters one explanation has at most: it may quote what was sent, and that may be long.
const DETAIL: usize = 2000;

/// Why a request is not served.
#[derive(Debug)]
pub(crate) struct ApiError {
    kind: ProblemKind,
    detail: Option<String>,
    errors: Vec<FieldError>,
    /// After how many seconds another try makes sense.
    retry_after: u32,
    current_version: Option<i64>,
}

impl ApiError {
    /// A problem that its kind describes.
    pub(crate) fn of(kind: ProblemKind) -> Self {
        Self {
            kind,
            detail: None,
            errors: Vec::new(),
            retry_after: 1,
            current_version: None,
        }
    }

    /// A problem with what is wrong this time.
    pub(crate) fn saying(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(shortened(detail.into(), DETAIL)),
            ..Self::of(kind)
        }
    }

    /// The key is not good for this.
    pub(crate) fn missing_scope(scope: Scope) -> Self {
        Self::saying(
            ProblemKind::MissingScope,
            format!("this needs a key with the scope {scope}"),
        )
    }

    /// Too many calls, or too many wrong keys; the next try makes sense after so many seconds.
    pub(crate) fn too_many(detail: &str, seconds: u32) -> Self {
        Self {
            retry_after: seconds,
            ..Self::saying(ProblemKind::TooManyRequests, detail)
        }
    }

    /// Fields that are not acceptable.
    pub(crate) fn invalid(mut errors: Vec<FieldError>) -> Self {
        errors.truncate(MOST_FAULTS);
        for error in &mut errors {
            error.field = shortened(std::mem::take(&mut error.field), DETAIL);
            error.message = shortened(std::mem::take(&mut error.message), DETAIL);
        }
        let all: Vec<String> = errors
            .iter()
            .map(|error| format!("{}: {}", error.field, error.message))
            .collect();
        Self {
            errors,
            ..Self::saying(ProblemKind::Invalid, all.join("; "))
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::of(ProblemKind::NotFound),
            StoreError::AlreadyExists => Self::of(ProblemKind::AlreadyExists),
            StoreError::Taken => Self::of(ProblemKind::Taken),
            StoreError::InUse => Self::saying(
                ProblemKind::InUse,
                "something refers to it; make it inactive instead, unless it is the default assistant",
            ),
            StoreError::LastOwner => {
                Self::saying(ProblemKind::LastOwner, "make somebody else an owner first")
            }
            StoreError::Stale { current } => Self {
                current_version: Some(current),
                ..Self::saying(
                    ProblemKind::PreconditionFailed,
                    "read it again, and send the change with the new ETag",
                )
            },
            StoreError::StaleLease => Self::of(ProblemKind::StaleLease),
            StoreError::Invalid { field, message } => Self::invalid(vec![FieldError {
                field: field.to_owned(),
                message,
            }]),
            StoreError::Db(error) => error.into(),
        }
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        match error {
            DbError::NoConnection(_) | DbError::Unavailable(_) => {
                tracing::warn!(%error, source, "the database could not serve");
                Self::of(ProblemKind::Unavailable)
            }
            DbError::Exists(_) => Self::of(ProblemKind::AlreadyExists),
            // What it refers to was deleted at the same moment.
            DbError::Reference(_) => Self::of(ProblemKind::NotFound),
            DbError::Statement(_) => {
                tracing::error!(%error, source, "a statement failed");
                Self::of(ProblemKind::Internal)
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self {
            kind,
            detail,
            errors,
            retry_after,
            current_version,
        } = self;
        let problem = Problem {
            kind,
            title: kind.title().to_owned(),
            status: kind.status(),
            detail,
            errors,
            current_version,
            request_id: None,
        };
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(&problem)).into_response();
        // For who looks at the answer on its way out.
        response.extensions_mut().insert(kind);
        response.extensions_mut().insert(problem);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        match kind {
            ProblemKind::Unauthorized => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            ProblemKind::InProgress
            | ProblemKind::Unavailable
            | ProblemKind::Timeout
            | ProblemKind::TooManyRequests => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
            }
            _ => {}
        }
        response
    }
}

/// Puts the id by which the logs know a request into the problem that it is answered with.
pub(crate) async fn name_request(request: Request, next: Next) -> Response {
    let trace = request.extensions().get::<TraceId>().copied();
    let mut response = next.run(request).await;
    let problem = response.extensions_mut().remove::<Problem>();
    if let (Some(trace), Some(problem)) = (trace, problem) {
        let problem = Problem {
            request_id: Some(trace.to_string()),
            ..problem
        };
        if let Ok(body) = serde_json::to_vec(&problem) {
            response.headers_mut().remove(header::CONTENT_LENGTH);
            *response.body_mut() = Body::from(body);
        }
    }
    response
}
