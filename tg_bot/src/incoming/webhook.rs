//! Webhook mode: Telegram sends each update, and sends it again until it is answered with 200, which it is when everything
//! that it caused is on the bus.
//!
//! Telegram sends one at a time (`max_connections`), to whichever replica is behind the address: the order of a chat holds,
//! and a replica that dies costs a repetition that the ids make harmless. Nothing is lost in a change of mode: what was not
//! confirmed is handed out in the other way.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderMap, StatusCode},
};
use secrecy::{ExposeSecret, SecretString};
use service_kit::{Lifecycle, OperatorError, http};
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use url::Url;

use super::{Incoming, updates};
use crate::telegram::Telegram;

/// What carries the secret (Bot API, "setWebhook").
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// The largest update that is read, in bytes: many times the longest message.
const LARGEST: usize = 1024 * 1024;

/// How long one update may take before Telegram is to send it again.
const LIMIT: Duration = Duration::from_secs(30);

/// How often it is looked whether the webhook is still ours.
const LOOK: Duration = Duration::from_secs(30);

/// 1 s, 2 s, 4 s … up to [`LOOK`] after a failure.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// Where Telegram sends updates.
pub(crate) struct Webhook {
    /// The address that Telegram knows.
    pub(crate) url: Url,
    /// What it shows.
    pub(crate) secret: SecretString,
    /// Where it arrives.
    pub(crate) listener: TcpListener,
}

/// What the handler needs.
#[derive(Clone)]
struct App {
    incoming: Arc<Incoming>,
    secret: SecretString,
    lifecycle: Lifecycle,
}

/// Takes what Telegram sends until the process stops.
///
/// # Errors
/// None; the type is that of the tasks beside it.
pub(crate) async fn run(
    webhook: Webhook,
    telegram: Telegram,
    incoming: Arc<Incoming>,
    reachable: updates::Reachable,
    service_key: &SecretString,
    lifecycle: Lifecycle,
) -> Result<(), OperatorError> {
    let Webhook {
        url,
        secret,
        listener,
    } = webhook;
    let app = App {
        incoming,
        secret: secret.clone(),
        lifecycle: lifecycle.clone(),
    };
    // What stands before it may have another path.
    let routes = Router::new()
        .fallback(axum::routing::post(receive))
        .with_state(app);
    let keeping = keep(&telegram, &url, &secret, &reachable, &lifecycle);
    tokio::select! {
        served = http::serve(listener, routes, service_key, &lifecycle) => served,
        never = keeping => match never {},
    }
}

/// Keeps the webhook ours: somebody who asks for updates ends it.
async fn keep(
    telegram: &Telegram,
    url: &Url,
    secret: &SecretString,
    reachable: &updates::Reachable,
    lifecycle: &Lifecycle,
) -> std::convert::Infallible {
    let mut wait = FIRST_WAIT;
    let mut is_set = false;
    loop {
        let kept = async {
            if !is_set || telegram.webhook().await? != url.as_str() {
                telegram.set_webhook(url, secret).await?;
                tracing::info!("Telegram sends updates to the webhook");
            }
            Ok(())
        };
        match kept.await {
            Ok(()) => {
                is_set = true;
                wait = LOOK;
                reachable.answered();
            }
            Err(error) => {
                tracing::warn!(%error, "the webhook is not set; trying on");
                reachable.failed(&error);
                wait = if wait == LOOK {
                    FIRST_WAIT
                } else {
                    (wait * 2).min(LOOK)
                };
            }
        }
        if lifecycle.until_stopping(tokio::time::sleep(wait)).await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// Who does not know the secret is told so before anything of what they send is read.
async fn receive(State(app): State<App>, headers: HeaderMap, body: Body) -> StatusCode {
    let shown = headers
        .get(SECRET_HEADER)
        .map(axum::http::HeaderValue::as_bytes)
        .unwrap_or_default();
    if !bool::from(shown.ct_eq(app.secret.expose_secret().as_bytes())) {
        return StatusCode::UNAUTHORIZED;
    }
    let handling = async {
        let Ok(body) = to_bytes(body, LARGEST).await else {
            return StatusCode::PAYLOAD_TOO_LARGE;
        };
        // What is no text has no update's id.
        let update = String::from_utf8_lossy(&body);
        match updates::handle_sent(&app.incoming, &update, &app.lifecycle).await {
            true => StatusCode::OK,
            false => StatusCode::SERVICE_UNAVAILABLE,
        }
    };
    tokio::time::timeout(LIMIT, handling)
        .await
        .unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
}
