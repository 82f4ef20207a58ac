//! The server: accepts for as long as the process lives, whatever callers do, and stops with it.

use std::{convert::Infallible, io, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use secrecy::SecretString;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

use super::{
    connection::{Ticket, Watched, answer},
    connections::Connections,
};
use crate::{Lifecycle, ops};

/// How long to wait when the process can open no more files; what waits is closed meanwhile.
const OUT_OF_FILES: Duration = Duration::from_millis(50);

/// How large the head of a request may be. As many connections as there may be can hold as much at the same time.
const HEAD_LIMIT: usize = 32 * 1024;

/// How often the times of connections are looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Serves until the process stops, then finishes what is in hand.
pub(super) async fn run(
    listener: TcpListener,
    routes: Router,
    service_key: SecretString,
    lifecycle: &Lifecycle,
) {
    let connections = lifecycle.connections().clone();
    let tasks = TaskTracker::new();
    let accept = async {
        loop {
            connections.settled().await;
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let ticket = Ticket::take(&connections, peer);
                    let (routes, key) = (routes.clone(), service_key.clone());
                    tasks.spawn(serve_one(stream, ticket, routes, key, lifecycle.clone()));
                }
                Err(error) => recover(&error, &connections).await,
            }
        }
    };
    let look = async {
        loop {
            tokio::time::sleep(LOOK).await;
            connections.reap(lifecycle.is_stopping());
        }
    };
    tokio::select! {
        () = lifecycle.stopping() => {}
        () = accept => {}
        () = look => {}
    }
    // Nobody who connects now is served; those who are served are not cut off.
    drop(listener);
    tasks.close();
    let look = async {
        loop {
            tokio::time::sleep(LOOK).await;
            connections.reap(true);
        }
    };
    tokio::select! {
        () = tasks.wait() => {}
        () = look => {}
    }
}

/// An accept that failed is the one connection's failure, or the process is out of something.
async fn recover(error: &io::Error, connections: &Connections) {
    let is_of_one = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    );
    if is_of_one {
        return;
    }
    metrics::counter!("http_accept_errors_total").increment(1);
    tracing::warn!(%error, "no connection can be taken; some that wait are closed");
    connections.shed();
    tokio::time::sleep(OUT_OF_FILES).await;
}

async fn serve_one(
    stream: TcpStream,
    ticket: Ticket,
    routes: Router,
    service_key: SecretString,
    lifecycle: Lifecycle,
) {
    // An answer that goes out in pieces must not wait until the peer has acknowledged the first.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    let ticket = Arc::new(ticket);
    let served = Arc::clone(&ticket);
    let service = service_fn(move |request: Request<Incoming>| {
        let is_service = ops::has_key(request.headers(), &service_key);
        let (ticket, routes) = (Arc::clone(&served), routes.clone());
        async move { Ok::<_, Infallible>(answer(ticket, request, is_service, routes).await) }
    });
    let io = TokioIo::new(Watched::new(stream, Arc::clone(&ticket)));
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            // The pool has the times.
            .header_read_timeout(None)
            .max_buf_size(HEAD_LIMIT)
            .serve_connection(io, service)
    );
    let mut is_ending = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke");
                }
                return;
            }
            () = ticket.closing.cancelled() => return,
            () = lifecycle.stopping(), if !is_ending => {
                is_ending = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
