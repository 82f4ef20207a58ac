//! What every request passes: the key, its limits, and a task of its own with a time limit.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use axum::{
    body::{Bytes, HttpBody},
    extract::{ConnectInfo, FromRequest, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use rest_client::ProblemKind;
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;
use tracing::Instrument;

use super::{
    App, address,
    caller::{Caller, Who},
    docs,
    error::ApiError,
    extract,
    keyring::{Fingerprint, Memory, is_valid},
    rate::{Allowance, WINDOW_SECONDS},
    routes::BODY_LIMIT,
};
use crate::db::DbKind;

/// How long a request may take. The database's own limits are as long or shorter.
pub(crate) const REQUEST_LIMIT: Duration = Duration::from_secs(10);

/// The limits of the caller's key (draft-ietf-httpapi-ratelimit-headers-10): what is left, and the rule.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Refuses a request without a good key, whatever it asks for, and one too many of its key.
pub(crate) async fn require_key(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let address = remote_address(&request, &app.limits.trusted_proxies);
    // A browser can only show a key as a password.
    let is_page = docs::is_page(request.uri().path());
    let who = match identify(&app, request.headers(), is_page, address).await {
        Ok(who) => who,
        Err(error) => {
            let mut response = error.into_response();
            if is_page && response.status() == 401 {
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, docs::CHALLENGE);
            }
            return response;
        }
    };
    let allowance = match &who {
        Who::Service => None,
        Who::Key(key) => Some(app.rates.take(key.id, app.now())),
    };
    let mut response = match &allowance {
        Some(Allowance {
            is_granted: false,
            resets_in,
            ..
        }) => ApiError::too_many("the calls of this minute are used up", *resets_in).into_response(),
        _ => {
            request.extensions_mut().insert(Caller { who, address });
            next.run(request).await
        }
    };
    if let Some(allowance) = allowance {
        tell(&allowance, response.headers_mut());
    }
    response
}

/// Whose key it is.
async fn identify(
    app: &App,
    headers: &HeaderMap,
    is_page: bool,
    address: Option<IpAddr>,
) -> Result<Who, ApiError> {
    let token = credentials(headers, is_page).ok_or_else(|| ApiError::of(ProblemKind::Unauthorized))?;
    let service_key = app.service_key.expose_secret().as_bytes();
    if bool::from(token.as_bytes().ct_eq(service_key)) {
        return Ok(Who::Service);
    }
    let now = app.now();
    let fingerprint = Fingerprint::of(&token);
    match app.keyring.recall(fingerprint) {
        Memory::Fresh(key) if is_valid(&key, now) => return Ok(Who::Key(key)),
        Memory::Fresh(_) => return Err(ApiError::of(ProblemKind::Unauthorized)),
        Memory::Stale => {}
        Memory::Unknown => {
            // Who shows a good key is let on whoever guesses behind the same address. Guesses that name no key there is
            // are told so without asking the database each time.
            if let Some(error) = locked_out(app, address, now)
                && !app.keyring.may_exist(&app.db, &token).await?
            {
                return Err(error);
            }
        }
    }
    if let Some(key) = app.keyring.look_up(&app.db, now, &token, fingerprint).await? {
        return Ok(Who::Key(key));
    }
    if let Some(error) = locked_out(app, address, now) {
        return Err(error);
    }
    if let Some(address) = address {
        app.lockout.count(address, now);
    }
    Err(ApiError::of(ProblemKind::Unauthorized))
}

/// The refusal of an address that is locked out.
fn locked_out(app: &App, address: Option<IpAddr>, now: DateTime<Utc>) -> Option<ApiError> {
    let seconds = app.lockout.lasts(address?, now)?;
    Some(ApiError::too_many(
        "too many wrong keys came from this address",
        seconds,
    ))
}

/// The key that a request shows: as a bearer token (RFC 6750 §2.1), or, for a page, as the password of HTTP
/// Basic with any user name (RFC 7617).
fn credentials(headers: &HeaderMap, is_page: bool) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.to_owned());
    }
    if is_page && scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(BASE64_STANDARD.decode(rest).ok()?).ok()?;
        return Some(pair.split_once(':')?.1.to_owned());
    }
    None
}

/// Where a request comes from.
fn remote_address(request: &Request, trusted: &[IpAddr]) -> Option<IpAddr> {
    let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    Some(address::of_caller(peer.ip(), request.headers(), trusted))
}

fn tell(allowance: &Allowance, headers: &mut HeaderMap) {
    let Allowance {
        per_window,
        left,
        resets_in,
        ..
    } = allowance;
    let policy = HeaderValue::try_from(format!("\"default\";q={per_window};w={WINDOW_SECONDS}"));
    let state = HeaderValue::try_from(format!("\"default\";r={left};t={resets_in}"));
    if let (Ok(policy), Ok(state)) = (policy, state) {
        headers.insert(RATE_LIMIT_POLICY, policy);
        headers.insert(RATE_LIMIT, state);
    }
}

/// Reads the body of a request before its own time begins: a caller who is slow to send it is told so, and costs no
/// connection of the database meanwhile. One that says that it will be too large is not waited for.
pub(crate) async fn read_body(request: Request, next: Next) -> Response {
    if request.body().size_hint().lower() > BODY_LIMIT as u64 {
        return ApiError::of(ProblemKind::TooLarge).into_response();
    }
    let (parts, body) = request.into_parts();
    let limited = Request::from_parts(parts.clone(), body);
    match Bytes::from_request(limited, &()).await {
        Ok(body) => next.run(Request::from_parts(parts, body.into())).await,
        Err(rejection) => extract::unreadable(&rejection).into_response(),
    }
}

/// Runs a request as a task that is not dropped with its connection, so that no transaction is left open by a
/// caller who hangs up. A panic in it, or its taking too long, is a problem for its caller alone.
///
/// On PostgreSQL one that takes too long is dropped, or an answer that never comes whole would keep its connection for
/// ever: the pool throws away what has a transaction open. On SQLite it runs to its end, which nothing can keep from
/// coming.
pub(crate) async fn run_as_a_task(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut task = tokio::spawn(next.run(request).in_current_span());
    let finished = tokio::time::timeout(REQUEST_LIMIT, &mut task).await;
    if finished.is_err() && app.db.kind() == DbKind::Postgres {
        task.abort();
    }
    match finished {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => {
            tracing::error!(panicked = error.is_panic(), "a request's task crashed");
            ApiError::of(ProblemKind::Internal).into_response()
        }
        Err(_) => ApiError::of(ProblemKind::Timeout).into_response(),
    }
}

/// Refuses the character U+0000 in paths and query strings, which PostgreSQL cannot hold.
pub(crate) async fn refuse_nul(request: Request, next: Next) -> Response {
    let uri = request.uri();
    if uri.path().contains("%00") || uri.query().is_some_and(|query| query.contains("%00")) {
        return ApiError::saying(
            ProblemKind::Malformed,
            "the URL must not contain the character U+0000",
        )
        .into_response();
    }
    next.run(request).await
}
