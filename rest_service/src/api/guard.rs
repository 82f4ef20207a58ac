//! What every request passes: the key, and a task of its own with a time limit.

use std::{net::SocketAddr, time::Duration};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use rest_client::ProblemKind;
use service_kit::ops;
use tracing::Instrument;

use super::{
    App,
    caller::{Caller, Who},
    error::ApiError,
};

/// How long a request may take. The database's own limits are as long or shorter.
pub(crate) const REQUEST_LIMIT: Duration = Duration::from_secs(10);

/// Refuses a request without the service key, whatever it asks for.
pub(crate) async fn require_key(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if ops::has_key(request.headers(), &app.service_key) {
        let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let caller = Caller {
            who: Who::Service,
            address: connection.map(|ConnectInfo(address)| address.ip()),
        };
        request.extensions_mut().insert(caller);
        next.run(request).await
    } else {
        ApiError::of(ProblemKind::Unauthorized).into_response()
    }
}

/// Runs a request as a task that is not dropped with its connection, so that no transaction is left open by a
/// caller who hangs up. A panic in it, or its taking too long, is a problem for its caller alone.
pub(crate) async fn run_as_a_task(request: Request, next: Next) -> Response {
    let task = tokio::spawn(next.run(request).in_current_span());
    match tokio::time::timeout(REQUEST_LIMIT, task).await {
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
