//! Answers of the server itself: to requests that no route gets to see. They look like the services' own problems
//! (RFC 9457) and name their trace in [`REQUEST_ID`] as those do.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, Version, header, uri::Authority},
    response::{IntoResponse, Response},
};
use messages::TraceId;

use crate::trace::{self, REQUEST_ID};

/// Why a request is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Too many of strangers are in hand.
    TooMany,
    /// HTTP/1.1 without `Host`, more than one, or one that names no host (RFC 9112, section 3.2).
    Host,
    /// The head cannot be read.
    Malformed,
    /// The head is longer than it may be.
    HeadTooLarge,
}

impl Refusal {
    /// What is wrong with a head that could be read.
    pub(super) fn of_head(version: Version, headers: &HeaderMap) -> Option<Self> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let is_right = match (hosts.next(), hosts.next()) {
            (None, _) => version < Version::HTTP_11,
            // Empty where the target names none.
            (Some(host), None) => host.is_empty() || Authority::try_from(host.as_bytes()).is_ok(),
            (Some(_), Some(_)) => false,
        };
        (!is_right).then_some(Self::Host)
    }

    /// What the HTTP library refused by itself, from the answer that it is about to write: it knows neither bodies nor
    /// traces. `None` of every other piece of an answer.
    pub(super) fn of_library(answer: &[u8]) -> Option<Self> {
        let status = answer
            .strip_prefix(b"HTTP/1.1 ")
            .or_else(|| answer.strip_prefix(b"HTTP/1.0 "))?;
        let refusal = match status.get(..4)? {
            b"400 " => Self::Malformed,
            b"431 " => Self::HeadTooLarge,
            _ => return None,
        };
        let has = |part: &[u8]| {
            answer
                .windows(part.len())
                .any(|window| window.eq_ignore_ascii_case(part))
        };
        let is_bare =
            answer.ends_with(b"\r\n\r\n") && has(b"\r\ncontent-length: 0\r\n") && !has(b"\r\nx-request-id:");
        is_bare.then_some(refusal)
    }

    fn status(self) -> StatusCode {
        match self {
            Self::TooMany => StatusCode::SERVICE_UNAVAILABLE,
            Self::Host | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        }
    }

    /// The problem's type, its title and what is wrong: none of it holds anything that needs escaping in JSON.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::TooMany => (
                "/problems/unavailable",
                "The service cannot serve this now",
                "too many requests are being served; try again in a second",
            ),
            Self::Host => (
                "/problems/malformed",
                "The request cannot be read",
                "an HTTP/1.1 request must have one Host header that names a host",
            ),
            Self::Malformed => (
                "/problems/malformed",
                "The request cannot be read",
                "the request line or a header is not HTTP/1.1",
            ),
            Self::HeadTooLarge => (
                "/problems/too-large",
                "The request is too large",
                "the request line and headers are longer than 32 KiB",
            ),
        }
    }

    fn body(self, trace_id: TraceId) -> String {
        let (kind, title, detail) = self.words();
        let status = self.status().as_u16();
        format!(
            r#"{{"type":"{kind}","title":"{title}","status":{status},"detail":"{detail}","request_id":"{trace_id}"}}"#
        )
    }

    /// The answer to a request whose head was read; it ends the connection.
    pub(super) fn answer(self, headers: &HeaderMap) -> Response {
        let trace_id = trace::of_request(headers);
        self.note(trace_id);
        let mut response = (self.status(), self.body(trace_id)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        if self == Self::TooMany {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if let Ok(id) = HeaderValue::try_from(trace_id.to_string()) {
            headers.insert(REQUEST_ID, id);
        }
        response
    }

    /// The whole answer as bytes, instead of the library's.
    pub(super) fn bytes(self) -> Vec<u8> {
        let (trace_id, status) = (TraceId::random(), self.status());
        let body = self.body(trace_id);
        self.note(trace_id);
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: {PROBLEM}\r\ncontent-length: {}\r\nconnection: close\r\n\
             {REQUEST_ID}: {trace_id}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }

    fn note(self, trace_id: TraceId) {
        tracing::debug!(%trace_id, status = self.status().as_u16(), refusal = ?self, "request refused");
    }
}

const PROBLEM: &str = "application/problem+json";
