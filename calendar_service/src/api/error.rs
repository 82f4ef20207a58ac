//! Why a request is not served, as problem details (RFC 9457).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::tokens::AccountError;

/// Why a request is not served.
#[derive(Debug)]
pub(crate) enum ApiError {
    Unauthorized,
    UnknownRoute,
    MethodNotAllowed,
    /// The user's account cannot be used.
    Account(AccountError),
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        Self::Account(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, kind, title) = match &self {
            Self::Unauthorized => (401, "unauthorized", "A valid service key is needed"),
            Self::UnknownRoute => (404, "unknown-route", "There is no such route"),
            Self::MethodNotAllowed => (405, "method-not-allowed", "The route does not take this method"),
            Self::Account(AccountError::NotConnected) => {
                (409, "not-connected", "The user has not connected Google Calendar")
            }
            Self::Account(AccountError::ReconnectNeeded) => (
                409,
                "reconnect-needed",
                "The user must connect Google Calendar again",
            ),
            Self::Account(AccountError::NotSetUp) => {
                (501, "not-set-up", "The operator has not set Google Calendar up")
            }
            Self::Account(AccountError::Unavailable(_)) => {
                (503, "unavailable", "The service cannot serve this now")
            }
        };
        let body = json!({ "type": format!("/problems/{kind}"), "title": title, "status": status });
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(body)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}
