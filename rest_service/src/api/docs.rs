//! The OpenAPI document and a page to read it, `/openapi.json` and `/docs`.
//!
//! They need a key like everything else; so that a browser can show one, they take it as the password of HTTP
//! Basic. The page is plain HTML with its one style sheet inside: it works offline, runs no script, and its
//! Content-Security-Policy lets it load nothing.

use std::sync::LazyLock;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    response::{Html, IntoResponse},
    routing::get,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use super::{App, page, routes::api};

/// What a browser is told when it shows no key.
pub(super) const CHALLENGE: HeaderValue = HeaderValue::from_static(
    "Basic realm=\"Smart Assistant: any name, an API key as password\", charset=\"UTF-8\"",
);

const DOCUMENT_PATH: &str = "/openapi.json";
const PAGE_PATH: &str = "/docs";

static DOCUMENT: LazyLock<String> = LazyLock::new(|| api().document());
static PAGE: LazyLock<String> = LazyLock::new(|| page::write(&DOCUMENT));
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = BASE64_STANDARD.encode(Sha256::digest(page::STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// Whether a path is one of these, and not an operation of the API.
pub(super) fn is_page(path: &str) -> bool {
    path == PAGE_PATH || path == DOCUMENT_PATH
}

/// The two routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(DOCUMENT_PATH, get(document))
        .route(PAGE_PATH, get(read))
}

async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str())
}

async fn read() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    (headers, Html(PAGE.as_str()))
}
