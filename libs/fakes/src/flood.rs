//! A peer that does not end: it answers any request with more than anybody can hold, or ever so slowly. It holds one
//! small buffer per connection, whatever it sends.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use url::Url;

/// How many bytes are sent at a time.
const PIECE: usize = 64 * 1024;

/// How the answer goes on for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// A body of a length that the header names.
    Announced(u64),
    /// Chunks without a last one.
    Chunked,
    /// An event stream whose one line of data does not end.
    EndlessLine,
    /// An event stream whose one line of data comes in chunks of a byte: a reader that begins anew with each has the
    /// square of the work.
    EndlessLineInBytes,
    /// An event stream of small lines of data, and no end of the event.
    EndlessEvent,
    /// An event stream of small events without end.
    EndlessEvents,
    /// A body that comes at a byte a second.
    Drip,
    /// An event stream whose line of data comes at a byte a second.
    DripEvents,
}

/// The server. It ends when it is dropped.
#[derive(Debug)]
pub struct Flood {
    url: Url,
    sent: Arc<AtomicU64>,
    serving: JoinHandle<()>,
}

impl Flood {
    /// Starts one on a free port, which answers every request with the same flow.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn start(flow: Flow) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?)
            .parse()
            .map_err(io::Error::other)?;
        let sent = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&sent);
        let serving = tokio::spawn(async move {
            let mut answers = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                // An error is the reader's hanging up.
                answers.spawn(answer(stream, flow, Arc::clone(&counter)));
            }
        });
        Ok(Self { url, sent, serving })
    }

    /// Where it listens.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// How many bytes of bodies were taken off it.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(mut stream: TcpStream, flow: Flow, sent: Arc<AtomicU64>) -> io::Result<()> {
    read_head(&mut stream).await?;
    let kind = match flow {
        Flow::Announced(_) | Flow::Chunked | Flow::Drip => "application/json",
        _ => "text/event-stream",
    };
    let length = match flow {
        Flow::Announced(length) => format!("content-length: {length}"),
        _ => "transfer-encoding: chunked".to_owned(),
    };
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n{length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let (opening, piece) = pieces(flow);
    if !opening.is_empty() {
        stream.write_all(&opening).await?;
    }
    loop {
        stream.write_all(&piece).await?;
        let length = u64::try_from(piece.len()).unwrap_or(0);
        let before = sent.fetch_add(length, Ordering::Relaxed);
        match flow {
            Flow::Announced(most) if before + length >= most => return stream.shutdown().await,
            Flow::Drip | Flow::DripEvents => tokio::time::sleep(Duration::from_secs(1)).await,
            _ => {}
        }
    }
}

/// What is sent first, and what is sent again and again.
fn pieces(flow: Flow) -> (Vec<u8>, Vec<u8>) {
    let chunk = |bytes: &[u8]| {
        let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
        chunk.extend_from_slice(bytes);
        chunk.extend_from_slice(b"\r\n");
        chunk
    };
    let line = |end: &str| format!("data: {}{end}", "x".repeat(50));
    match flow {
        Flow::Announced(_) => (Vec::new(), vec![b' '; PIECE]),
        Flow::Chunked => (Vec::new(), chunk(&[b' '; PIECE])),
        Flow::EndlessLine => (chunk(b"data: "), chunk(&[b'x'; PIECE])),
        Flow::EndlessLineInBytes => (chunk(b"data: "), chunk(b"x").repeat(PIECE / 6)),
        Flow::EndlessEvent => (Vec::new(), chunk(line("\n").repeat(PIECE / 57).as_bytes())),
        Flow::EndlessEvents => (Vec::new(), chunk(line("\n\n").repeat(PIECE / 58).as_bytes())),
        Flow::Drip => (Vec::new(), chunk(b" ")),
        Flow::DripEvents => (chunk(b"data: "), chunk(b"x")),
    }
}

/// Reads a request's head, and so much of its body as came with it.
async fn read_head(stream: &mut TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await?;
        head.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if read == 0 || head.len() > PIECE {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if head.windows(4).any(|four| four == b"\r\n\r\n") {
            return Ok(());
        }
    }
}
