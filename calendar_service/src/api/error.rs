//! Why a request is not served, as problem details (RFC 9457).

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use calendar_client::{FieldError, Problem, ProblemKind};
use messages::TraceId;

use crate::{google::GoogleError, tokens::AccountError};

/// Why a request is not served.
#[derive(Debug)]
pub(crate) struct ApiError {
    kind: ProblemKind,
    detail: Option<String>,
    errors: Vec<FieldError>,
    retry_after: Option<u32>,
}

impl ApiError {
    /// A problem that its kind describes.
    pub(crate) fn of(kind: ProblemKind) -> Self {
        Self {
            kind,
            detail: None,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// A problem with what is wrong this time.
    pub(crate) fn saying(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..Self::of(kind)
        }
    }

    /// Fields that are not acceptable.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        let all: Vec<String> = errors
            .iter()
            .map(|error| format!("{}: {}", error.field, error.message))
            .collect();
        Self {
            errors,
            ..Self::saying(ProblemKind::Invalid, all.join("; "))
        }
    }

    /// A field that is not acceptable.
    pub(crate) fn field(field: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError {
            field: field.to_owned(),
            message: message.into(),
        }])
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::NotConnected => Self::of(ProblemKind::NotConnected),
            AccountError::ReconnectNeeded => Self::of(ProblemKind::ReconnectNeeded),
            AccountError::NotSetUp => Self::of(ProblemKind::NotSetUp),
            AccountError::Unavailable(source) => {
                tracing::warn!(%source, "a token could not be had");
                Self::of(ProblemKind::Unavailable)
            }
        }
    }
}

impl From<rest_client::Error> for ApiError {
    fn from(error: rest_client::Error) -> Self {
        match error {
            rest_client::Error::NotFound => Self::of(ProblemKind::NotFound),
            error if error.is_retryable() => {
                tracing::warn!(%error, "rest_service could not serve");
                Self::of(ProblemKind::Unavailable)
            }
            error => {
                tracing::error!(%error, "rest_service refused");
                Self::of(ProblemKind::Internal)
            }
        }
    }
}

impl From<GoogleError> for ApiError {
    fn from(error: GoogleError) -> Self {
        match error {
            GoogleError::Account(error) => error.into(),
            GoogleError::Unauthorized => Self::of(ProblemKind::ReconnectNeeded),
            GoogleError::Forbidden(why) => Self::saying(ProblemKind::Forbidden, why),
            GoogleError::RateLimited { retry_after } => Self {
                retry_after: retry_after.map(|wait| u32::try_from(wait.as_secs()).unwrap_or(u32::MAX)),
                ..Self::of(ProblemKind::RateLimited)
            },
            GoogleError::ApiSwitchedOff => {
                tracing::error!(%error, "switch it on in Google's console, under APIs & Services");
                Self::of(ProblemKind::NotSetUp)
            }
            GoogleError::NotFound => Self::of(ProblemKind::NotFound),
            GoogleError::Exists => {
                Self::saying(ProblemKind::Conflict, "an event with this id exists already")
            }
            GoogleError::Gone => Self::saying(ProblemKind::Gone, "the event was deleted"),
            GoogleError::Changed => Self::of(ProblemKind::Changed),
            GoogleError::Invalid(why) => {
                Self::saying(ProblemKind::Invalid, format!("Google does not take it: {why}"))
            }
            GoogleError::Unavailable(source) => {
                tracing::warn!(%source, "Google could not serve");
                Self::of(ProblemKind::Unavailable)
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
        } = self;
        let problem = Problem {
            kind,
            title: kind.title().to_owned(),
            status: kind.status(),
            detail,
            errors,
            retry_after,
            request_id: None,
        };
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(&problem)).into_response();
        // For who looks at the answer on its way out.
        response.extensions_mut().insert(problem);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if kind == ProblemKind::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let retry_after = match kind {
            ProblemKind::Unavailable | ProblemKind::Timeout => Some(1),
            _ => retry_after,
        };
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
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
