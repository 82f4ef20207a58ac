//! The endpoints that operators and orchestrators ask: `/health/live`, `/health/ready`, `/metrics`.

use std::net::SocketAddr;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::{Lifecycle, OperatorError, http, telemetry};

/// The operators' routes. Health answers without a key; metrics need the service key.
pub fn routes(lifecycle: &Lifecycle, service_key: &SecretString) -> Router {
    let metrics = Router::new()
        .route("/metrics", get(metrics))
        .with_state(lifecycle.clone())
        .layer(middleware::from_fn_with_state(service_key.clone(), require_key));
    Router::new()
        .route("/health/live", get(async || "ok\n"))
        .route("/health/ready", get(ready))
        .with_state(lifecycle.clone())
        .merge(metrics)
}

/// Serves the operators' routes alone on `address`, for a service with no other endpoints; without an address
/// nothing listens, as in a process whose health another service serves.
///
/// # Errors
/// The address cannot be listened on; `setting` is the name that the operator would change.
pub async fn listen(
    address: Option<SocketAddr>,
    setting: &str,
    service_key: &SecretString,
    lifecycle: &Lifecycle,
) -> Result<(), OperatorError> {
    if let Some(address) = address {
        let listener = http::bind(address, setting).await?;
        let routes = routes(lifecycle, service_key);
        let (server, service_key) = (lifecycle.clone(), service_key.clone());
        lifecycle.spawn("operators' endpoints", async move {
            http::serve(listener, routes, &service_key, &server).await
        });
    }
    Ok(())
}

/// Whether the request carries `Authorization: Bearer KEY` (RFC 6750 §2.1). Takes the same time for every
/// wrong key of one length.
pub fn has_key(headers: &HeaderMap, key: &SecretString) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer")
                && bool::from(
                    token
                        .trim_start()
                        .as_bytes()
                        .ct_eq(key.expose_secret().as_bytes()),
                )
        })
}

async fn require_key(State(key): State<SecretString>, request: Request, next: Next) -> Response {
    if has_key(request.headers(), &key) {
        next.run(request).await
    } else {
        (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, "Bearer")],
            "a service key is needed\n",
        )
            .into_response()
    }
}

async fn ready(State(lifecycle): State<Lifecycle>) -> Response {
    let mut report = lifecycle.health().report().await;
    // A load balancer must stop sending work before the work is refused.
    report.ready &= !lifecycle.is_stopping();
    let status = if report.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(report)).into_response()
}

async fn metrics(State(lifecycle): State<Lifecycle>) -> Response {
    match telemetry::metrics() {
        Some(handle) => {
            lifecycle.measure();
            telemetry::measure_process();
            handle.run_upkeep();
            (
                [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
                handle.render(),
            )
                .into_response()
        }
        None => (StatusCode::SERVICE_UNAVAILABLE, "metrics are not installed\n").into_response(),
    }
}
