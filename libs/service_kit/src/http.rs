//! HTTP on both sides: the one client with timeouts, and a server that stops with the process.

use std::{io, net::SocketAddr, time::Duration};

use axum::{Router, middleware};
use secrecy::SecretString;
use tokio::net::{TcpListener, TcpSocket};

use crate::{Lifecycle, OperatorError, trace};

mod connection;
mod connections;
mod limits;
pub mod local;
mod pool;
mod refusal;
mod server;

pub use connection::SlowBody;
pub use connections::Connections;
pub(crate) use limits::raise_open_files;
pub use limits::{ConnectionLimits, ConnectionSettings};
pub use pool::network;

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

/// How many connections wait to be taken at most; a crowd that comes at once must not cost others a second.
const BACKLOG: u32 = 4096;

/// Makes ring the process's TLS provider. Safe to call again.
pub fn install_tls() {
    // An error means that one is installed already, which is all we want.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// Listens on `address`; `setting` is the name that the operator would change.
///
/// # Errors
/// The port is taken, or not ours to take.
#[expect(clippy::unused_async, reason = "a listener is made inside of a runtime")]
pub async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener, OperatorError> {
    let listen = || {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        // As `TcpListener::bind` does: a server that comes back finds its port.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listen().map_err(|error: io::Error| {
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

/// Serves `routes` on `listener` until the process stops, each request in its trace and with its peer's address
/// (`ConnectInfo`); requests in hand are finished. Callers in the same process find it without a socket ([`local`]). Connections have limits ([`Connections`]); those that show
/// `service_key` are not counted.
///
/// # Errors
/// None any more: what goes wrong with one connection is that connection's end.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    service_key: &SecretString,
    lifecycle: &Lifecycle,
) -> Result<(), OperatorError> {
    let routes = routes.layer(middleware::from_fn(trace::layer));
    let address = listener.local_addr().ok();
    let _entered = address.map(|address| lifecycle.local().enter(address, routes.clone()));
    server::run(listener, routes, service_key.clone(), lifecycle).await;
    Ok(())
}
