//! Calls between services of one process: the same router with the same guard, without a socket in between.
//!
//! A server enters its routes when it listens ([`crate::http::serve`]), and a caller in the same process finds them by
//! the address that it would connect to. Nothing else changes: the request has its path, headers and body, passes
//! whatever every request passes, and comes from the loopback address. What listens elsewhere is called over its socket.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{self, HeaderValue, StatusCode, Uri, header},
};
use tower::ServiceExt;
use url::{Host, Url};

/// Where a call comes from.
const CALLER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// The servers of a process.
#[derive(Clone, Default)]
pub struct Local(Arc<RwLock<Vec<(SocketAddr, Router)>>>);

/// A server that can be found.
pub(crate) struct Entered {
    local: Local,
    address: SocketAddr,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut servers = self.local.0.write().unwrap_or_else(PoisonError::into_inner);
        servers.retain(|(address, _)| *address != self.address);
    }
}

/// Why a call within the process has no answer.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The call took too long.
    #[error("there was no answer in time")]
    TimedOut,
    /// The answer broke off, or has more bytes than any that was expected.
    #[error("the answer cannot be read")]
    Unreadable(#[source] axum::Error),
    /// The request is none that HTTP knows.
    #[error("the request cannot be sent")]
    Malformed(#[source] http::Error),
}

impl Local {
    /// Enters a server, for as long as what is returned is kept: its routes hold what holds this.
    pub(crate) fn enter(&self, address: SocketAddr, routes: Router) -> Entered {
        let mut servers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        servers.push((address, routes));
        Entered {
            local: self.clone(),
            address,
        }
    }

    /// The routes of the server that listens where `base` leads.
    pub fn find(&self, base: &Url) -> Option<Router> {
        let ip = match base.host()? {
            Host::Ipv4(ip) => IpAddr::V4(ip),
            Host::Ipv6(ip) => IpAddr::V6(ip),
            // A name may lead anywhere.
            Host::Domain(_) => return None,
        };
        if base.scheme() != "http" || !matches!(base.path(), "" | "/") {
            return None;
        }
        let port = base.port_or_known_default()?;
        let servers = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_there = |address: &SocketAddr| {
            let is_any = address.ip().is_unspecified() && ip.is_loopback();
            address.port() == port && (address.ip() == ip || is_any)
        };
        servers
            .iter()
            .find(|(address, _)| is_there(address))
            .map(|(_, routes)| routes.clone())
    }
}

/// Sends a request to routes of this process; the whole call within `limit`, and the answer of at most `most` bytes.
///
/// # Errors
/// See [`LocalError`].
pub async fn call(
    routes: Router,
    request: reqwest::Request,
    limit: Duration,
    most: usize,
) -> Result<(StatusCode, Vec<u8>), LocalError> {
    let request = arriving(request)?;
    let answered = async {
        let answer = routes
            .oneshot(request)
            .await
            .unwrap_or_else(|never| match never {});
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, most).await.map_err(LocalError::Unreadable)?;
        Ok((parts.status, body.into()))
    };
    tokio::time::timeout(limit, answered)
        .await
        .map_err(|_| LocalError::TimedOut)?
}

/// The request as a server has it that read it from a socket.
fn arriving(mut request: reqwest::Request) -> Result<http::Request<Body>, LocalError> {
    let url = request.url();
    let host = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    };
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let body = request.body_mut().take();
    let body = body
        .as_ref()
        .and_then(reqwest::Body::as_bytes)
        .unwrap_or_default();
    let length = body.len();
    let mut arriving = http::Request::builder()
        .method(request.method().clone())
        .uri(
            target
                .parse::<Uri>()
                .map_err(|error| LocalError::Malformed(error.into()))?,
        )
        .body(Body::from(body.to_vec()))
        .map_err(LocalError::Malformed)?;
    *arriving.headers_mut() = std::mem::take(request.headers_mut());
    if length > 0 {
        arriving
            .headers_mut()
            .insert(header::CONTENT_LENGTH, length.into());
    }
    if let Ok(host) = HeaderValue::try_from(host) {
        arriving.headers_mut().insert(header::HOST, host);
    }
    arriving.extensions_mut().insert(ConnectInfo(CALLER));
    Ok(arriving)
}
