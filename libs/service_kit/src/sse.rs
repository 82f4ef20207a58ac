//! Server-Sent Events, as a client reads them (WHATWG HTML §9.2.6): bytes in, split anywhere, events out. One event has
//! a limit, and the work is linear in what arrives, however the peer cuts it.

use std::{collections::VecDeque, time::Duration};

use axum::{body::Bytes, http};
use futures::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;
use reqwest::{Body, Response};
use tokio::time::{Instant, timeout_at};

/// The byte order mark that a stream may begin with.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// Its kind; empty where the stream names none.
    pub name: String,
    /// Its lines of data, joined by newlines.
    pub data: String,
    /// Its id, where it carries one.
    pub id: Option<String>,
}

/// Why a stream cannot be read any further.
#[derive(Debug, thiserror::Error)]
pub enum SseError {
    /// A line, or one event's data, is longer than any that was expected.
    #[error("an event of the stream has more than {0} bytes")]
    TooLong(usize),
    /// The stream sent more than was expected in all.
    #[error("the stream has more than {0} bytes")]
    Endless(usize),
    /// No line came to its end for so long.
    #[error("the stream was silent for {} s", .0.as_secs())]
    Silent(Duration),
    /// The connection broke, or the time was up.
    #[error("the stream was cut off")]
    Cut(#[source] reqwest::Error),
}

impl From<reqwest::Error> for SseError {
    fn from(error: reqwest::Error) -> Self {
        Self::Cut(error.without_url())
    }
}

/// The state between two pieces of a stream.
#[derive(Debug)]
pub struct SseParser {
    longest: usize,
    lines: Lines,
    /// A line has ended: it began behind its mark.
    started: bool,
    event: SseEvent,
    has_data: bool,
}

impl SseParser {
    /// A parser of events with at most `longest` bytes of data, and of lines no longer than that.
    pub fn new(longest: usize) -> Self {
        Self {
            longest,
            lines: Lines::default(),
            started: false,
            event: SseEvent::default(),
            has_data: false,
        }
    }

    /// Reads on; the events that this piece completes, in order.
    ///
    /// # Errors
    /// [`SseError::TooLong`]; the parser must not be used any more.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<SseEvent>, SseError> {
        let mut events = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let line = self.lines.take(&mut rest, self.longest)?;
            if let Some(line) = line {
                events.extend(self.end_line(&line)?);
            }
        }
        Ok(events)
    }

    fn end_line(&mut self, line: &[u8]) -> Result<Option<SseEvent>, SseError> {
        let line = match line.strip_prefix(MARK) {
            Some(rest) if !self.started => rest,
            _ => line,
        };
        self.started = true;
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            // An event without data is none.
            return Ok(std::mem::take(&mut self.has_data).then_some(event));
        }
        let text = String::from_utf8_lossy(line);
        let (field, value) = text.split_once(':').unwrap_or((&text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.event.data.len() + value.len() >= self.longest {
                    return Err(SseError::TooLong(self.longest));
                }
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            "event" => value.clone_into(&mut self.event.name),
            "id" if !value.contains('\0') => self.event.id = Some(value.to_owned()),
            // Comments have no name; other fields are for browsers, or from the future.
            _ => {}
        }
        Ok(None)
    }
}

/// Puts lines together.
#[derive(Debug, Default)]
struct Lines {
    line: Vec<u8>,
    /// The last line ended in a carriage return, whose newline may come next.
    after_return: bool,
}

impl Lines {
    /// Takes bytes up to the end of a line and returns it without its end; `None` when the end is not among them.
    fn take(&mut self, rest: &mut &[u8], longest: usize) -> Result<Option<Vec<u8>>, SseError> {
        if std::mem::take(&mut self.after_return) {
            *rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let (piece, behind) = rest.split_at(end.unwrap_or(rest.len()));
        if piece.len() > longest.saturating_sub(self.line.len()) {
            return Err(SseError::TooLong(longest));
        }
        self.line.extend_from_slice(piece);
        let Some((ending, behind)) = behind.split_first() else {
            *rest = behind;
            return Ok(None);
        };
        self.after_return = *ending == b'\r';
        *rest = behind;
        Ok(Some(std::mem::take(&mut self.line)))
    }
}

/// The events of an answer.
#[derive(Debug)]
pub struct EventStream {
    response: Response,
    parser: SseParser,
    parsed: VecDeque<SseEvent>,
    silence: Duration,
    /// Since when the end of a line is waited for.
    since: Option<Instant>,
}

impl EventStream {
    /// The events of `response`, each with at most `longest` bytes, from a peer that ends a line within `silence` at
    /// the latest, be it that of a comment.
    pub fn new(response: Response, longest: usize, silence: Duration) -> Self {
        Self {
            response,
            parser: SseParser::new(longest),
            parsed: VecDeque::new(),
            silence,
            since: None,
        }
    }

    /// The next event; `None` where the stream ends. Cancel-safe.
    ///
    /// # Errors
    /// See [`SseError`]; the stream must not be used any more.
    pub async fn next(&mut self) -> Result<Option<SseEvent>, SseError> {
        loop {
            if let Some(event) = self.parsed.pop_front() {
                // How long the caller takes with it is no silence of the peer's.
                self.since = None;
                return Ok(Some(event));
            }
            let since = *self.since.get_or_insert_with(Instant::now);
            let piece = timeout_at(since + self.silence, self.response.chunk()).await;
            let Some(piece) = piece.map_err(|_| SseError::Silent(self.silence))?? else {
                return Ok(None);
            };
            self.parsed.extend(self.parser.push(&piece)?);
            if piece.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
                self.since = None;
            }
        }
    }
}

/// The same answer for a library that reads events itself: its body comes in whole events (a reader that begins anew
/// with each piece is then linear too), each with at most `longest` bytes and all with at most `most`; what goes beyond
/// is an error of the body.
pub fn whole_events(response: Response, longest: usize, most: usize) -> Response {
    let (parts, body) = http::Response::from(response).into_parts();
    let whole = WholeEvents {
        pieces: http::Response::new(body).into(),
        lines: Lines::default(),
        event: Vec::new(),
        longest,
        most,
        read: 0,
        has_ended: false,
    };
    let frames = stream::unfold(whole, async |mut whole| {
        let bytes = whole.next().await.transpose()?;
        whole.has_ended |= bytes.is_err();
        Some((bytes.map(Frame::data), whole))
    });
    http::Response::from_parts(parts, Body::wrap(StreamBody::new(frames))).into()
}

/// What is read of a stream between two whole events.
struct WholeEvents {
    pieces: Response,
    lines: Lines,
    event: Vec<u8>,
    longest: usize,
    most: usize,
    read: usize,
    has_ended: bool,
}

impl WholeEvents {
    /// The bytes of the next events; what the stream broke off in comes last.
    async fn next(&mut self) -> Result<Option<Bytes>, SseError> {
        while !self.has_ended {
            let Some(piece) = self.pieces.chunk().await? else {
                self.has_ended = true;
                self.event.append(&mut self.lines.line);
                let rest = std::mem::take(&mut self.event);
                return Ok((!rest.is_empty()).then(|| rest.into()));
            };
            self.read = self.read.saturating_add(piece.len());
            if self.read > self.most {
                return Err(SseError::Endless(self.most));
            }
            let events = self.push(&piece)?;
            if !events.is_empty() {
                return Ok(Some(events.into()));
            }
        }
        Ok(None)
    }

    /// The events that a piece completes, each line with a newline behind it.
    fn push(&mut self, piece: &[u8]) -> Result<Vec<u8>, SseError> {
        let mut events = Vec::new();
        let mut rest = piece;
        while !rest.is_empty() {
            let Some(line) = self.lines.take(&mut rest, self.longest)? else {
                continue;
            };
            if self.event.len() + line.len() > self.longest {
                return Err(SseError::TooLong(self.longest));
            }
            self.event.extend_from_slice(&line);
            self.event.push(b'\n');
            if line.is_empty() {
                events.append(&mut self.event);
            }
        }
        Ok(events)
    }
}
