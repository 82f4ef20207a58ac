//! The trace id of an HTTP request: taken from its `traceparent` header, or made.

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use messages::TraceId;
use tokio::time::Instant;
use tracing::Instrument;

/// The W3C Trace Context header (§3.2).
pub const TRACEPARENT: &str = "traceparent";

/// The trace that a request belongs to; a new one when it names none (or none that can be read).
pub fn of_request(headers: &HeaderMap) -> TraceId {
    headers
        .get(TRACEPARENT)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| TraceId::from_traceparent(value).ok())
        .unwrap_or_else(TraceId::random)
}

/// The header of an answer that names its trace, for whoever reports a problem with it.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a request's method is called in metrics: callers may make up any number of them.
pub(crate) fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Axum middleware: runs the request in a span with its trace id, measures it, puts the [`TraceId`] into
/// the request's extensions for handlers that go on to publish or call, and tells it in the answer ([`REQUEST_ID`]).
pub async fn layer(mut request: Request, next: Next) -> Response {
    let trace_id = of_request(request.headers());
    request.extensions_mut().insert(trace_id);
    let method = method_label(request.method());
    // The route's pattern, not the path: ids and unknown paths must not become metric labels.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unknown".to_owned(), |path| path.as_str().to_owned());
    // Who asks again and again reads the answer; what is wrong is logged where it goes wrong.
    let is_probe = route.starts_with("/health/");
    let span = tracing::info_span!("request", %trace_id, method, route);
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let elapsed = started.elapsed();
    let status = response.status();
    metrics::histogram!("http_request_seconds", "method" => method, "route" => route, "status" => status.as_u16().to_string())
        .record(elapsed.as_secs_f64());
    span.in_scope(|| {
        let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        if status.is_server_error() && !is_probe {
            tracing::error!(status = status.as_u16(), elapsed_us, "request failed");
        } else {
            tracing::debug!(status = status.as_u16(), elapsed_us, "request served");
        }
    });
    if let Ok(id) = HeaderValue::try_from(trace_id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
