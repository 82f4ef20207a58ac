//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the same call again, with the same key, has its
//! effect once and gets the answer that it got the first time, for 24 hours.
//!
//! Why it holds, whatever dies: the key is taken by an insert that is the first statement of the transaction in
//! which the effect is made, and the answer is written by the last one. Killed before the commit, nothing is there,
//! neither effect nor key, and the call again is the first. Killed behind it, both are there, and the call again
//! finds the answer. A twin that comes meanwhile waits at the insert, for the unique key in PostgreSQL, for the one
//! writer in SQLite, and finds what the first has left; who waits too long is told 409 with `Retry-After`. What is
//! put on the bus is not in the transaction, but carries an id that follows from the call, so that twice is once.
//!
//! Only successes are kept: another answer means that nothing was done, so the key is free again, for a corrected
//! body too. A caller is an API key, or the services together: nobody finds another's answers. A call without the
//! header costs no statement more.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use chrono::{DateTime, Utc};
use rest_client::ProblemKind;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    answer::KeptAs,
    caller::{Caller, Who},
    describe::Described,
    error::ApiError,
};
use crate::{
    db::Db,
    store::{
        StoreError,
        idempotency::{self, Answer, Known},
    },
};

/// The header.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Marks an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The longest key, in characters.
const LONGEST: usize = 200;

/// The headers that belong to an answer and not to the moment.
const KEPT_HEADERS: [HeaderName; 3] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];

/// What an operation that writes takes and answers besides.
pub(crate) fn describe(described: &mut Described) {
    let about = "Makes the call safe to repeat for 24 hours: again with the same key, it has its effect once and \
                 gets the same answer.";
    let schema =
        json!({ "type": "string", "pattern": r"^[!#-\[\]-~]+$", "minLength": 1, "maxLength": LONGEST });
    described.header("Idempotency-Key", about, false, schema);
    described.fails(&[
        ProblemKind::Malformed,
        ProblemKind::SlowRequest,
        ProblemKind::TooLarge,
        ProblemKind::InProgress,
        ProblemKind::IdempotencyKeyReused,
    ]);
}

/// A caller's key for one request.
pub(crate) struct Key {
    caller: String,
    key: String,
    fingerprint: String,
}

impl Key {
    /// The key of a request that has one: a quoted string (RFC 9651 §3.3.3), or the same without the quotes.
    ///
    /// # Errors
    /// It is empty, too long, or holds other than visible ASCII characters.
    pub(crate) fn of(headers: &HeaderMap, caller: &Caller) -> Result<Option<Self>, ApiError> {
        let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        let text = value.to_str().unwrap_or_default().trim();
        let key = match text.strip_prefix('"') {
            Some(quoted) => quoted.strip_suffix('"').unwrap_or_default(),
            None => text,
        };
        let is_key = (1..=LONGEST).contains(&key.len())
            && key
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
        if !is_key || values.next().is_some() {
            return Err(ApiError::saying(
                ProblemKind::Malformed,
                "Idempotency-Key must be one text of 1 to 200 visible ASCII characters, such as a UUID",
            ));
        }
        Ok(Some(Self {
            caller: match &caller.who {
                Who::Service => "service".to_owned(),
                Who::Key(key) => key.id.to_string(),
            },
            key: key.to_owned(),
            fingerprint: String::new(),
        }))
    }

    /// The key, bound to what is asked.
    pub(crate) fn for_request(mut self, parts: &Parts, body: &[u8]) -> Self {
        let mut hash = Sha256::new();
        // Neither a method nor a URL holds a line feed.
        hash.update(format!("{}\n{}\n", parts.method, parts.uri));
        hash.update(body);
        self.fingerprint = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        self
    }

    /// Takes the key in a transaction that it opens, or gives the answer that is kept.
    ///
    /// # Errors
    /// Another request had the key, or its twin takes too long.
    pub(crate) async fn take(&self, db: &Db, now: DateTime<Utc>) -> Result<Option<Response>, ApiError> {
        db.begin().await?;
        match idempotency::take(db, now, &self.caller, &self.key, &self.fingerprint).await {
            Ok(Known::New) => Ok(None),
            Ok(Known::Answered(answer)) => Ok(Some(replayed(answer))),
            Ok(Known::Other) => Err(ApiError::saying(
                ProblemKind::IdempotencyKeyReused,
                "take a new key for another request",
            )),
            // The statement failed and the connection is well: it waited for its twin in vain.
            Err(StoreError::Db(error)) if error.is_transient() && db.rollback().await.is_ok() => {
                Err(ApiError::saying(
                    ProblemKind::InProgress,
                    "a call with this key is being served; send it again to get its answer",
                ))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps the answer in the transaction of its effect.
    ///
    /// # Errors
    /// It could not be kept, so the effect must not stay.
    pub(crate) async fn keep(self, db: &Db, response: Response) -> Result<Response, ApiError> {
        let (parts, body) = response.into_parts();
        let internal = || ApiError::of(ProblemKind::Internal);
        let body = axum::body::to_bytes(body, usize::MAX)
            .await
            .map_err(|_| internal())?;
        let text = match parts.extensions.get::<KeptAs>() {
            Some(KeptAs(instead)) => instead.clone(),
            None => String::from_utf8(body.to_vec()).map_err(|_| internal())?,
        };
        let headers = KEPT_HEADERS.iter().filter_map(|name| {
            let value = parts.headers.get(name)?.to_str().ok()?;
            Some((name.to_string(), value.to_owned()))
        });
        let answer = Answer {
            status: parts.status.as_u16(),
            headers: headers.collect(),
            body: text,
        };
        idempotency::keep(db, &self.caller, &self.key, &answer).await?;
        Ok(Response::from_parts(parts, Body::from(body)))
    }
}

fn replayed(answer: Answer) -> Response {
    let Answer {
        status,
        headers,
        body,
    } = answer;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers: BTreeMap<String, String> = headers;
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
