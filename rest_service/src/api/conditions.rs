//! Versions as entity tags (RFC 9110 §8.8.3, §13.1): every answer that is one versioned resource carries
//! `ETag: "VERSION"`, a change takes `If-Match`, a read takes `If-None-Match`.
//!
//! A change without `If-Match`, or with `*`, is made whatever the version is: the last write wins. One with a stale
//! tag is answered with 412 and the version that is stored; it is compared in the transaction of the change.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use rest_client::{Assistant, Fact, ProblemKind, ScheduledTask, Tool, User};
use schemars::SchemaGenerator;
use serde_json::json;

use super::{
    answer::{Created, Stored},
    describe::{Answer, Described, Input, Output},
    error::ApiError,
    extract::Json,
};
use crate::store::IfMatch;

/// A resource that counts its changes.
pub(crate) trait Versioned {
    /// Its version.
    fn version(&self) -> i64;
}

/// An answer that is one versioned resource, with its tag: [`Json`], [`Created`] or [`Stored`].
pub(crate) struct Tagged<A>(pub(crate) A);

macro_rules! versioned {
    ($($resource:ty),*) => {$(
        impl Versioned for $resource {
            fn version(&self) -> i64 {
                self.version
            }
        }
    )*};
}

versioned!(Assistant, Fact, ScheduledTask, Tool, User);

impl<T: Versioned> Versioned for Json<T> {
    fn version(&self) -> i64 {
        self.0.version()
    }
}

impl<T: Versioned> Versioned for Created<T> {
    fn version(&self) -> i64 {
        self.0.version()
    }
}

impl<T: Versioned> Versioned for Stored<T> {
    fn version(&self) -> i64 {
        self.value.version()
    }
}

impl<A: IntoResponse + Versioned> IntoResponse for Tagged<A> {
    fn into_response(self) -> Response {
        let tag = HeaderValue::try_from(format!("\"{}\"", self.0.version()));
        let mut response = self.0.into_response();
        if let Ok(tag) = tag {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

impl<A: Output> Output for Tagged<A> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        let others = described.answers.len();
        A::describe(described, schemas);
        for answer in &mut described.answers[others..] {
            answer
                .headers
                .push(("ETag", "The version, in quotes: what `If-Match` takes."));
        }
    }
}

impl Input for IfMatch {
    fn describe(described: &mut Described, _: &mut SchemaGenerator) {
        let about = "The `ETag` that the caller knows; a change of any other version is refused with 412. \
                     Without it, or with `*`, the last write wins.";
        let schema = json!({ "type": "string", "minLength": 1, "pattern": "^(\\*|\"[0-9]{1,18}\")$" });
        described.header("If-Match", about, false, schema);
        described.fails(&[ProblemKind::Malformed, ProblemKind::PreconditionFailed]);
    }
}

/// What a read of one versioned resource takes and answers besides; see [`unless_known`].
pub(crate) fn describe_read(described: &mut Described) {
    let is_tagged = |answer: &Answer| answer.headers.iter().any(|(name, _)| *name == "ETag");
    if described.answers.iter().any(is_tagged) {
        let about = "The `ETag` that the caller knows: the same version is answered with 304 and no body.";
        described.header("If-None-Match", about, false, json!({ "type": "string" }));
        described.answers.push(Answer {
            status: 304,
            description: "It is as the caller knows it.",
            body: None,
            headers: Vec::new(),
        });
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let tags = parts.headers.get_all(header::IF_MATCH);
        if tags.iter().next().is_none() {
            return Ok(Self::Any);
        }
        let mut versions = Vec::new();
        for value in tags {
            let text = value.to_str().map_err(|_| malformed())?;
            if text.trim() == "*" {
                return Ok(Self::Any);
            }
            for tag in text.split(',') {
                // A weak tag never matches here (§13.1.1), and neither does one that is no version of ours.
                let opaque = opaque(tag).ok_or_else(malformed)?;
                let is_weak = tag.trim().starts_with("W/");
                versions.extend(opaque.parse::<i64>().ok().filter(|_| !is_weak));
            }
        }
        Ok(Self::OneOf(versions))
    }
}

/// The answer 304 in place of one that the caller has already.
pub(crate) fn unless_known(wanted: &HeaderMap, response: Response) -> Response {
    let tag = response
        .headers()
        .get(header::ETAG)
        .and_then(|tag| tag.to_str().ok());
    let is_known = tag.and_then(opaque).is_some_and(|own| {
        wanted.get_all(header::IF_NONE_MATCH).iter().any(|value| {
            value
                .to_str()
                .is_ok_and(|text| text.trim() == "*" || text.split(',').any(|tag| opaque(tag) == Some(own)))
        })
    });
    if !is_known || response.status() != StatusCode::OK {
        return response;
    }
    let tag = response.headers().get(header::ETAG).cloned();
    let mut known = StatusCode::NOT_MODIFIED.into_response();
    known.headers_mut().extend(tag.map(|tag| (header::ETAG, tag)));
    known
}

/// What an entity tag says, weak or not.
fn opaque(tag: &str) -> Option<&str> {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    tag.strip_prefix('"')?
        .strip_suffix('"')
        .filter(|text| !text.contains('"'))
}

fn malformed() -> ApiError {
    ApiError::saying(
        ProblemKind::Malformed,
        "If-Match must be *, or ETags as they were received, such as \"3\"",
    )
}
