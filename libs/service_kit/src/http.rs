//! HTTP on both sides: the one client with timeouts, and a server that stops with the process.

use std::{io, net::SocketAddr, time::Duration};

use axum::{Router, middleware, serve::ListenerExt};
use tokio::net::TcpListener;

use crate::{Lifecycle, OperatorError, trace};

/// How long connecting may take.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// A client whose every call ends: connecting within [`CONNECT_LIMIT`], the whole call within `limit`.
///
/// It follows no redirects (a peer must not send our keys elsewhere) and ignores proxy variables for
/// loopback peers by not reading them at all.
///
/// # Errors
/// The TLS stack cannot be set up.
pub fn client(limit: Duration) -> Result<reqwest::Client, OperatorError> {
    install_tls();
    #[expect(clippy::disallowed_methods, reason = "the one place where clients are made")]
    let builder = reqwest::Client::builder();
    builder
        .connect_timeout(CONNECT_LIMIT)
        .timeout(limit)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .pool_idle_timeout(Duration::from_secs(60))
        .tcp_nodelay(true)
        .user_agent(concat!("smart-assistant/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| {
            OperatorError::new(
                "cannot set up the HTTP client",
                "check the system's CA certificates",
            )
            .because(error)
        })
}

/// Makes ring the process's TLS provider. Safe to call again.
pub fn install_tls() {
    // An error means that one is installed already, which is all we want.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// Listens on `address`; `setting` is the name that the operator would change.
///
/// # Errors
/// The port is taken, or not ours to take.
pub async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener, OperatorError> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => {
                format!("another program uses this port: stop it, or set {setting} to a free one")
            }
            io::ErrorKind::PermissionDenied => format!("set {setting} to a port above 1023"),
            _ => format!("set {setting} to an address of this machine"),
        };
        OperatorError::new(format!("cannot listen on {address}"), advice).because(error)
    })
}

/// Serves `routes` on `listener`, each request in its trace and with its peer's address (`ConnectInfo`), until the process stops; requests in hand are
/// finished.
///
/// # Errors
/// The listener broke.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    lifecycle: &Lifecycle,
) -> Result<(), OperatorError> {
    let routes = routes.layer(middleware::from_fn(trace::layer));
    let stopping = lifecycle.clone();
    // An answer that goes out in pieces must not wait until the peer has acknowledged the first.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    axum::serve(
        listener,
        routes.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(async move { stopping.stopping().await })
    .await
    .map_err(|error| OperatorError::new("the HTTP server broke", "restart the service").because(error))
}
