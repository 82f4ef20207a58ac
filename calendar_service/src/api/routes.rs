//! The list of routes.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use calendar_client::ProblemKind;

use super::{
    App, accounts, agenda, calendars, connect,
    error::{self, ApiError},
    events, free, guard,
};

/// The largest body that is read, in bytes.
const BODY_LIMIT: usize = 256 * 1024;

/// The largest form that is read, in bytes.
const PAGE_BODY_LIMIT: usize = 4 * 1024;

/// All routes but the operators' own.
pub(crate) fn routes(app: App) -> Router {
    for_services(app.clone()).merge(for_browsers(app))
}

/// What other services call; each request shows the service key.
fn for_services(app: App) -> Router {
    Router::new()
        .route(
            "/users/{user}/account",
            get(accounts::get).delete(accounts::disconnect),
        )
        .route("/users/{user}/links", post(accounts::link))
        .route("/accounts/reencrypt", post(accounts::reencrypt))
        .route("/users/{user}/calendars", get(calendars::list))
        .route("/users/{user}/agenda", get(agenda::get))
        .route("/users/{user}/events", get(events::find))
        .route("/users/{user}/calendars/{calendar}/events", post(events::create))
        .route(
            "/users/{user}/calendars/{calendar}/events/{event}",
            get(events::get).patch(events::update).delete(events::delete),
        )
        .route("/users/{user}/writes/{write}/undo", post(events::undo))
        .route("/users/{user}/free_busy", post(free::busy))
        .route("/users/{user}/free_slots", post(free::slots))
        .fallback(async || ApiError::of(ProblemKind::UnknownRoute))
        .method_not_allowed_fallback(async || ApiError::of(ProblemKind::MethodNotAllowed))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(app.clone(), guard::require_key))
        .layer(middleware::from_fn(error::name_request))
        .with_state(app)
}

/// The pages that connect an account; open to everybody.
fn for_browsers(app: App) -> Router {
    Router::new()
        .route("/auth/start", get(connect::start).post(connect::go))
        .route("/auth/callback", get(connect::callback))
        .layer(DefaultBodyLimit::max(PAGE_BODY_LIMIT))
        .with_state(app)
}
