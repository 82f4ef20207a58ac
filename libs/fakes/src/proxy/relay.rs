//! One connection through the proxy: commands one way, their answers the other, and what goes wrong with them.

use std::{
    collections::VecDeque,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

use super::{Fault, Protocol, Shared, Then, postgres, resp};

/// What the front of a client's bytes is.
pub(super) struct Sent {
    pub(super) length: usize,
    pub(super) is: Is,
}

/// What a piece of what the client sent is.
pub(super) enum Is {
    /// Something that is answered.
    Command { text: String, answer: Shape },
    /// Something that is not answered by itself.
    Aside,
}

/// Where an answer ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// It is one frame of Redis.
    Frame,
    /// It is one byte: PostgreSQL's word on whether it encrypts.
    Byte,
    /// It ends when PostgreSQL is ready for the next query.
    UntilReady,
}

/// Cuts what the client sends into commands.
enum Splitter {
    Redis(resp::Commands),
    Postgres(postgres::Commands),
}

impl Splitter {
    fn next(&mut self, bytes: &[u8]) -> Option<Sent> {
        match self {
            Self::Redis(commands) => commands.next(bytes),
            Self::Postgres(commands) => commands.next(bytes),
        }
    }
}

/// An answer that is still to come.
struct Awaited {
    shape: Shape,
    loses: Option<Loses>,
}

/// How an answer is lost.
#[derive(Clone, Copy)]
struct Loses {
    /// The first half of it passes.
    half: bool,
    then: Then,
}

/// How the connection stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Open,
    Silent,
    Cut,
}

/// What the two directions of a connection share.
struct Link<'a> {
    shared: &'a Shared,
    awaited: Mutex<VecDeque<Awaited>>,
    standing: watch::Sender<Standing>,
}

impl Link<'_> {
    fn awaited(&self) -> MutexGuard<'_, VecDeque<Awaited>> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ends(&self, then: Then) {
        self.standing.send_replace(match then {
            Then::Cut => Standing::Cut,
            Then::Silence => Standing::Silent,
        });
    }

    fn is_open(&self) -> bool {
        *self.standing.borrow() == Standing::Open
    }
}

/// Carries a connection until both sides are done with it, or it is cut.
pub(super) async fn relay(client: TcpStream, server: TcpStream, shared: &Shared) {
    // Small frames must not wait for the peer's delayed acknowledgement.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let link = Link {
        shared,
        awaited: Mutex::default(),
        standing: watch::Sender::new(Standing::Open),
    };
    let mut standing = link.standing.subscribe();
    let mut cuts = shared.cuts.subscribe();
    let both = async {
        tokio::join!(
            commands(from_client, to_server, &link),
            answers(from_server, to_client, &link)
        )
    };
    tokio::select! {
        // A side that failed is a connection that is gone, which is what its peer sees now.
        _ = both => {}
        _ = standing.wait_for(|standing| *standing == Standing::Cut) => {}
        _ = cuts.changed() => {}
    }
}

/// From the client to the server.
async fn commands(mut client: OwnedReadHalf, mut server: OwnedWriteHalf, link: &Link<'_>) -> io::Result<()> {
    let mut splitter = match link.shared.protocol {
        Protocol::Redis => Splitter::Redis(resp::Commands::default()),
        Protocol::Postgres => Splitter::Postgres(postgres::Commands::default()),
    };
    let mut bytes = Vec::new();
    loop {
        let read = client.read_buf(&mut bytes).await;
        link.shared.let_pass().await;
        while let Some(sent) = splitter.next(&bytes) {
            let piece: Vec<u8> = bytes.drain(..sent.length).collect();
            if let Is::Command { text, answer } = sent.is
                && let Some(by) = note(text, answer, link)
            {
                // What the client sends meanwhile, and that it hangs up, waits in the socket.
                tokio::time::sleep(by).await;
            }
            if link.is_open() {
                server.write_all(&piece).await?;
            }
        }
        if !matches!(read, Ok(1..)) {
            return server.shutdown().await;
        }
    }
}

/// Counts a command, and notes what its answer will be; how late it is delivered, if it is late.
fn note(text: String, shape: Shape, link: &Link<'_>) -> Option<Duration> {
    let fault = link.shared.count(text);
    let loses = match fault {
        Some(Fault::CommandLost(then)) => {
            link.ends(then);
            return None;
        }
        Some(Fault::AnswerLost(then)) => Some(Loses { half: false, then }),
        Some(Fault::AnswerCut(then)) => Some(Loses { half: true, then }),
        Some(Fault::Late(_)) | None => None,
    };
    link.awaited().push_back(Awaited { shape, loses });
    match fault {
        Some(Fault::Late(by)) => Some(by),
        _ => None,
    }
}

/// From the server to the client.
async fn answers(mut server: OwnedReadHalf, mut client: OwnedWriteHalf, link: &Link<'_>) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut half_passed = false;
    loop {
        let read = server.read_buf(&mut bytes).await;
        link.shared.let_pass().await;
        loop {
            let front = link
                .awaited()
                .front()
                .map(|awaited| (awaited.shape, awaited.loses));
            let Some((length, is_last)) = piece(link.shared.protocol, front.map(|(shape, _)| shape), &bytes)
            else {
                break;
            };
            let mut piece: Vec<u8> = bytes.drain(..length).collect();
            let loses = front.and_then(|(_, loses)| loses);
            if let Some(loses) = loses {
                let passes = loses.half && !half_passed;
                piece.truncate(if passes { length.div_ceil(2) } else { 0 });
                half_passed = true;
            }
            if link.is_open() {
                // A client that hung up gets nothing, and its commands run all the same.
                let _ = client.write_all(&piece).await;
            }
            if is_last && link.awaited().pop_front().is_some() {
                half_passed = false;
                if let Some(loses) = loses {
                    link.ends(loses.then);
                }
            }
        }
        if !matches!(read, Ok(1..)) {
            if link.is_open() {
                client.write_all(&bytes).await?;
            }
            return client.shutdown().await;
        }
    }
}

/// The length of the first piece of what a server sent, and whether an answer ends with it.
fn piece(protocol: Protocol, shape: Option<Shape>, bytes: &[u8]) -> Option<(usize, bool)> {
    match (protocol, shape) {
        (_, Some(Shape::Byte)) => (!bytes.is_empty()).then_some((1, true)),
        (Protocol::Redis, _) => resp::frame(bytes).map(|length| (length, true)),
        (Protocol::Postgres, _) => postgres::message(bytes),
    }
}
