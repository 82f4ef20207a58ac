//! One connection: its traffic watched, its requests handed to the routes, its place in the pool given up with it.

use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::ConnectInfo,
    http::header,
    response::Response,
};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{
    connections::Connections,
    pool::{Id, Traffic},
    refusal::Refusal,
};

/// A connection's place in the pool, which it gives up when it is dropped.
pub(super) struct Ticket {
    connections: Connections,
    id: Id,
    pub(super) peer: SocketAddr,
    traffic: Arc<Mutex<Traffic>>,
    /// What the caller sent first was looked at.
    is_known: AtomicBool,
    /// The pool wants the connection closed.
    pub(super) closing: CancellationToken,
}

impl Ticket {
    /// Takes a newcomer in.
    pub(super) fn take(connections: &Connections, peer: SocketAddr) -> Self {
        let traffic = Arc::<Mutex<Traffic>>::default();
        let closing = CancellationToken::new();
        let id = connections.enter(peer.ip(), Arc::clone(&traffic), closing.clone());
        Self {
            connections: connections.clone(),
            id,
            peer,
            traffic,
            is_known: AtomicBool::new(false),
            closing,
        }
    }

    fn traffic(&self) -> std::sync::MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.connections.lock().leave(self.id);
        self.connections.has_left();
    }
}

/// How long a caller who is still sending has to take the answer that ends the connection.
const LINGER: Duration = Duration::from_secs(2);

/// A socket that notes when a request begins to come, and since when its peer takes nothing.
pub(super) struct Watched {
    stream: TcpStream,
    ticket: Arc<Ticket>,
    /// Runs once nothing more is written.
    linger: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    pub(super) fn new(stream: TcpStream, ticket: Arc<Ticket>) -> Self {
        Self {
            stream,
            ticket,
            linger: None,
        }
    }

    fn wrote<T>(&self, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        let mut traffic = self.ticket.traffic();
        if outcome.is_pending() {
            traffic.stalled_since.get_or_insert_with(Instant::now);
        } else {
            traffic.stalled_since = None;
        }
        outcome
    }

    /// Says in our words what the HTTP library is about to refuse in its own. The connection ends with it: where the
    /// socket does not take it at once, nothing is waited for.
    fn refuse(&self, answer: &[u8]) -> Option<Poll<io::Result<usize>>> {
        let refusal = Refusal::of_library(answer)?.bytes();
        let written = self.stream.try_write(&refusal).ok()?;
        Some(Poll::Ready(if written == refusal.len() {
            Ok(answer.len())
        } else {
            Err(io::ErrorKind::WriteZero.into())
        }))
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let Poll::Ready(outcome) = Pin::new(&mut self.stream).poll_read(context, buffer) else {
            if !self.ticket.is_known.swap(true, Ordering::Relaxed) {
                self.ticket.connections.look_at(self.ticket.id);
            }
            return Poll::Pending;
        };
        outcome?;
        if buffer.filled().len() > before {
            self.ticket.traffic().head_since.get_or_insert_with(Instant::now);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(refused) = self.refuse(bytes) {
            return refused;
        }
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [only] = bytes
            && let Some(refused) = self.refuse(only)
        {
            return refused;
        }
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.wrote(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// Ends the connection in steps (RFC 9112, section 9.6): to close a socket in which something waits unread would
    /// reset it, and the answer would be lost to a caller who is still sending, such as a body that is too large.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let linger = match &mut this.linger {
            Some(linger) => linger,
            none => {
                ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
                // It can be closed to make room, also where its first request was refused before it was whole.
                this.ticket.connections.look_at(this.ticket.id);
                none.insert(Box::pin(tokio::time::sleep(LINGER)))
            }
        };
        let mut unwanted = [0; 8 * 1024];
        while linger.as_mut().poll(context).is_pending() {
            let mut buffer = ReadBuf::new(&mut unwanted);
            match ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                _ => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// Serves one request of the connection, unless too many of strangers are in hand.
pub(super) async fn answer(
    ticket: Arc<Ticket>,
    request: hyper::Request<Incoming>,
    is_service: bool,
    routes: Router,
) -> Response {
    let connections = &ticket.connections;
    let limits = connections.limits();
    let is_whole = request.body().is_end_stream();
    let has_room = connections
        .lock()
        .begin(ticket.id, is_service, is_whole, limits, Instant::now());
    // From here on the request is in hand until its answer is out, or nobody wants it any more.
    let in_hand = InHand(Arc::clone(&ticket));
    // Who asks whether the process lives must learn it.
    let is_too_many = !has_room && !request.uri().path().starts_with("/health/");
    if is_too_many {
        connections.refused();
    }
    let refusal = is_too_many
        .then_some(Refusal::TooMany)
        .or_else(|| Refusal::of_head(request.version(), request.headers()));
    if let Some(refusal) = refusal {
        let mut response = refusal.answer(request.headers());
        *response.body_mut() = Body::new(Answer {
            body: std::mem::take(response.body_mut()),
            _in_hand: in_hand,
        });
        return response;
    }
    let mut request = request.map(|body| {
        Body::new(Question {
            body,
            ticket: (!is_whole).then(|| Arc::clone(&ticket)),
            limit: limits.body,
            time: None,
        })
    });
    request.extensions_mut().insert(ConnectInfo(ticket.peer));
    let response = routes
        .oneshot(request)
        .await
        .unwrap_or_else(|never| match never {});
    let is_stream = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if is_stream {
        connections.lock().stream(ticket.id);
    }
    response.map(|body| {
        Body::new(Answer {
            body,
            _in_hand: in_hand,
        })
    })
}

/// A request in hand; dropped with its answer.
struct InHand(Arc<Ticket>);

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.traffic().head_since = None;
        self.0.connections.end(self.0.id);
    }
}

/// The body of a request took too long: its sender is slow, or says nothing any more.
#[derive(Debug)]
pub struct SlowBody(Duration);

impl fmt::Display for SlowBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body did not arrive within {} s", self.0.as_secs())
    }
}

impl std::error::Error for SlowBody {}

impl SlowBody {
    /// Whether an error comes of a body that took too long.
    pub fn caused(error: &(dyn std::error::Error + 'static)) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<Self>() {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

/// The body of a request, which must be whole in time.
struct Question {
    body: Incoming,
    /// `None` once it is whole.
    ticket: Option<Arc<Ticket>>,
    limit: Duration,
    /// Runs from when the body is first waited for.
    time: Option<Pin<Box<Sleep>>>,
}

impl HttpBody for Question {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) else {
            let limit = this.limit;
            let time = this
                .time
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
            ready!(time.as_mut().poll(context));
            return Poll::Ready(Some(Err(Box::new(SlowBody(limit)))));
        };
        if (frame.is_none() || this.body.is_end_stream())
            && let Some(ticket) = this.ticket.take()
        {
            ticket.connections.lock().occupy(ticket.id);
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer, with which its request is no longer in hand.
struct Answer {
    body: Body,
    _in_hand: InHand,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
