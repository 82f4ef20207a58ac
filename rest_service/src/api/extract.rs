//! Bodies, paths and query strings, whose faults are problem details.

use std::convert::Infallible;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use rest_client::{FieldError, ProblemKind};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use service_kit::http::SlowBody;

use schemars::{JsonSchema, SchemaGenerator};

use super::{
    App, Work,
    describe::{Described, Input, PathVariables},
    error::ApiError,
    exact,
    place::Place,
};

/// A JSON body.
pub(crate) struct Json<T>(pub(crate) T);

/// The variables of the path.
pub(crate) struct Path<T>(pub(crate) T);

/// The query string.
pub(crate) struct Query<T>(pub(crate) T);

/// What every handler has at hand; its database is the request's, with the transaction that the request may open.
/// Axum's own would not do: what it gives knows nothing of the request.
pub(crate) struct State<T>(pub(crate) T);

impl<S, T> FromRequest<S> for Json<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Serialize,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::saying(
                ProblemKind::UnsupportedMediaType,
                "send the body with content-type: application/json",
            ));
        }
        let bytes = whole_body(request, state).await?;
        let body = exact::json(&bytes)?;
        let mut errors = Vec::new();
        refuse_nul(&body, Place::Document, &mut errors);
        exact::refuse_rounded(&bytes, &body, &mut errors);
        if !errors.is_empty() {
            return Err(ApiError::invalid(errors));
        }
        let read: T = serde_path_to_error::deserialize(&body).map_err(|error| {
            let field = error.path().to_string();
            let message = error.into_inner().to_string();
            match field.as_str() {
                // The body as a whole.
                "." => ApiError::saying(ProblemKind::Invalid, message),
                _ => ApiError::invalid(vec![FieldError { field, message }]),
            }
        })?;
        // Serde reads an object's fields from a list too, in their order, which nobody means.
        let meant = serde_json::to_value(&read).unwrap_or_default();
        refuse_lists(&body, &meant, Place::Document, &mut errors);
        if !errors.is_empty() {
            return Err(ApiError::invalid(errors));
        }
        Ok(Self(read))
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
            Err(rejection) => Err(ApiError::saying(ProblemKind::NotFound, rejection.body_text())),
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

impl<T: JsonSchema> Input for Json<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.takes::<T>(schemas);
    }
}

impl<T: PathVariables> Input for Path<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.path = T::schemas(schemas);
        described.fails(&[ProblemKind::NotFound]);
    }
}

impl<T: JsonSchema> Input for Query<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.query::<T>(schemas);
        described.fails(&[ProblemKind::Malformed, ProblemKind::Invalid]);
    }
}

/// The body's type without its parameters, in lower case.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let kind = value.split(';').next().unwrap_or_default();
    Some(kind.trim().to_ascii_lowercase())
}

impl FromRequestParts<App> for State<App> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let mut app = app.clone();
        if let Some(work) = parts.extensions.get::<Work>() {
            app.db = work.db.clone();
            app.work = Some(work.clone());
        }
        Ok(Self(app))
    }
}

impl<T> Input for State<T> {
    fn describe(_: &mut Described, _: &mut SchemaGenerator) {}
}

/// The whole body. A compressed one is not read: what it unfolds to would have to be bounded too, and no call here
/// is so large that it is worth it.
pub(super) async fn whole_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    let codings = request.headers().get_all(header::CONTENT_ENCODING);
    if codings
        .iter()
        .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(ApiError::saying(
            ProblemKind::UnsupportedMediaType,
            "send the body without content-encoding",
        ));
    }
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| unreadable(&rejection))
}

/// The problem of a body that cannot be had.
pub(crate) fn unreadable(rejection: &BytesRejection) -> ApiError {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::of(ProblemKind::TooLarge),
        _ if SlowBody::caused(rejection) => ApiError::of(ProblemKind::SlowRequest),
        _ => ApiError::saying(ProblemKind::Malformed, "the body ended early"),
    }
}

/// `application/json`, or a type that is JSON by its suffix (RFC 6839 §3.1).
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|kind| kind == "application/json" || kind.ends_with("+json"))
}

/// Names the lists that were read as objects.
fn refuse_lists(sent: &Value, meant: &Value, place: Place<'_>, errors: &mut Vec<FieldError>) {
    match (sent, meant) {
        (Value::Array(_), Value::Object(_)) => place.is_wrong(|| "must be an object".to_owned(), errors),
        (Value::Array(sent), Value::Array(meant)) => {
            for (i, (sent, meant)) in sent.iter().zip(meant).enumerate() {
                refuse_lists(sent, meant, Place::Item(&place, i), errors);
            }
        }
        (Value::Object(sent), Value::Object(meant)) => {
            for (name, sent) in sent {
                let Some(meant) = meant.get(name) else { continue };
                refuse_lists(sent, meant, Place::Field(&place, name), errors);
            }
        }
        _ => {}
    }
}

/// PostgreSQL cannot hold the character U+0000, in texts or in JSON.
pub(super) fn refuse_nul(value: &Value, place: Place<'_>, errors: &mut Vec<FieldError>) {
    let message = || "must not contain the character U+0000".to_owned();
    match value {
        Value::String(text) if text.contains('\0') => place.is_wrong(message, errors),
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                refuse_nul(item, Place::Item(&place, i), errors);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let place = Place::Field(&place, name);
                if name.contains('\0') {
                    place.is_wrong(message, errors);
                }
                refuse_nul(value, place, errors);
            }
        }
        _ => {}
    }
}
