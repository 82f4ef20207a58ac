//! Bodies, paths and query strings, whose faults are problem details.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use calendar_client::ProblemKind;
use serde::{Serialize, de::DeserializeOwned};
use service_kit::http::SlowBody;

use super::error::ApiError;

/// A JSON body.
pub(crate) struct Json<T>(pub(crate) T);

/// The variables of the path.
pub(crate) struct Path<T>(pub(crate) T);

/// The query string.
pub(crate) struct Query<T>(pub(crate) T);

impl<S, T> FromRequest<S> for Json<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok()?.split(';').next())
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
        if !is_json {
            return Err(ApiError::of(ProblemKind::UnsupportedMediaType));
        }
        let bytes =
            Bytes::from_request(request, state)
                .await
                .map_err(|rejection| match rejection.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => ApiError::of(ProblemKind::TooLarge),
                    _ if SlowBody::caused(&rejection) => ApiError::of(ProblemKind::SlowRequest),
                    _ => ApiError::saying(ProblemKind::Malformed, "the body ended early"),
                })?;
        let body: serde_json::Value = serde_json::from_slice(&bytes)
            .map_err(|error| ApiError::saying(ProblemKind::Malformed, error.to_string()))?;
        T::deserialize(body)
            .map(Self)
            .map_err(|error| ApiError::saying(ProblemKind::Invalid, error.to_string()))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = ApiError;

    /// What cannot be an id names nothing.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(path)) => Ok(Self(path)),
            Err(_) => Err(ApiError::of(ProblemKind::NotFound)),
        }
    }
}

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(ApiError::saying(ProblemKind::Malformed, rejection.body_text())),
        }
    }
}
