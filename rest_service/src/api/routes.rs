//! The list of routes.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post, put},
};
use rest_client::ProblemKind;

use super::{
    App, assistants, calendar_accounts, calendar_writes, channel, deliveries, error::ApiError, guard,
    identities, scheduled_tasks, threads, tools, turns, users,
};

/// The largest body that is read, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// All routes but the operators' own.
pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .route("/users", get(users::list).post(users::create))
        .route("/users/{user}", get(users::get).patch(users::update))
        .route(
            "/users/{user}/identities",
            get(identities::list).post(identities::link),
        )
        .route(
            "/users/{user}/secretary",
            get(users::secretary).put(users::set_secretary),
        )
        .route("/users/{user}/messages", post(channel::say))
        .route("/users/{user}/events", get(channel::listen))
        .route("/users/{user}/context", get(turns::context))
        .route("/users/{user}/turns", post(turns::create))
        .route("/users/{user}/turns/{event}", get(turns::get))
        .route("/users/{user}/threads", get(threads::list))
        .route("/users/{user}/threads/new", post(threads::close))
        .route(
            "/users/{user}/threads/{thread}",
            axum::routing::patch(threads::summarise),
        )
        .route("/users/{user}/threads/{thread}/messages", get(threads::messages))
        .route(
            "/users/{user}/scheduled_tasks",
            get(scheduled_tasks::list).post(scheduled_tasks::create),
        )
        .route(
            "/users/{user}/scheduled_tasks/{task}",
            get(scheduled_tasks::get)
                .patch(scheduled_tasks::update)
                .delete(scheduled_tasks::cancel),
        )
        .route(
            "/users/{user}/scheduled_tasks/{task}/runs",
            get(scheduled_tasks::runs),
        )
        .route("/users/{user}/deliveries/{reply}", get(deliveries::of_reply))
        .route("/users/{user}/deliveries/{reply}/{part}", put(deliveries::put))
        .route(
            "/users/{user}/calendar_account",
            get(calendar_accounts::get)
                .put(calendar_accounts::put)
                .patch(calendar_accounts::update),
        )
        .route(
            "/users/{user}/calendar_account/{grant}",
            axum::routing::delete(calendar_accounts::erase),
        )
        .route(
            "/users/{user}/calendar_account/refresh",
            post(calendar_accounts::take_refresh),
        )
        .route(
            "/users/{user}/calendar_account/refresh/{lease}",
            axum::routing::delete(calendar_accounts::release_refresh),
        )
        .route(
            "/users/{user}/calendar_account/chore_done",
            post(calendar_accounts::chore_done),
        )
        .route(
            "/users/{user}/calendar_links",
            post(calendar_accounts::create_link),
        )
        .route(
            "/users/{user}/calendar_links/{link}",
            get(calendar_accounts::link),
        )
        .route(
            "/users/{user}/calendar_links/{link}/start",
            put(calendar_accounts::start_link),
        )
        .route(
            "/users/{user}/calendar_links/{link}/use",
            post(calendar_accounts::use_link),
        )
        .route(
            "/users/{user}/calendar_writes/{write}",
            get(calendar_writes::get)
                .put(calendar_writes::begin)
                .patch(calendar_writes::settle),
        )
        .route("/calendar_accounts", get(calendar_accounts::list))
        .route("/calendar_accounts/chores", post(calendar_accounts::chores))
        .route("/identities/resolve", post(identities::resolve))
        .route("/assistants", get(assistants::list).post(assistants::create))
        .route(
            "/assistants/{assistant}",
            get(assistants::get)
                .patch(assistants::update)
                .delete(assistants::delete),
        )
        .route("/assistants/{assistant}/tools", get(assistants::tools))
        .route(
            "/assistants/{assistant}/tools/{tool}",
            put(assistants::link_tool).delete(assistants::unlink_tool),
        )
        .route("/tools", get(tools::list).post(tools::create))
        .route(
            "/tools/{tool}",
            get(tools::get).patch(tools::update).delete(tools::delete),
        )
        .route("/scheduled_tasks/claim", post(scheduled_tasks::claim))
        .route("/scheduled_tasks/{task}/runs", post(scheduled_tasks::record_run))
        .fallback(async || ApiError::of(ProblemKind::UnknownRoute))
        .method_not_allowed_fallback(async || ApiError::of(ProblemKind::MethodNotAllowed))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(guard::run_as_a_task))
        .layer(middleware::from_fn(guard::refuse_nul))
        .layer(middleware::from_fn_with_state(app.clone(), guard::require_key))
        .with_state(app)
}
