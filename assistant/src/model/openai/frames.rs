//! From the bytes of an answer, split anywhere, to its frames: Server-Sent Events, lines of JSON, or one JSON body.
//!
//! What it is, is told from its first byte and not from its content type, which gateways get wrong. Looking at a byte
//! costs the same however long its line is.

/// The most bytes of one frame: far more than an answer of the longest kind takes.
const LONGEST_FRAME: usize = 1024 * 1024;

/// The most bytes of a whole answer, with every frame's overhead.
const LONGEST: usize = 16 * 1024 * 1024;

/// Behind so many lines of data an event ends with an empty line, or not at all: a reader that looks at the whole with
/// each line has the square of the work.
const LINES: usize = 32;

/// The byte order mark that an answer may begin with.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// One frame of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    /// The event's name; empty where there is none.
    pub(super) event: String,
    /// Its id, where it has one of its own.
    pub(super) id: Option<String>,
    /// What it carries.
    pub(super) data: String,
}

/// Why an answer cannot be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// What the bytes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Unknown,
    Events,
    Json,
}

/// The state between two pieces of an answer.
#[derive(Debug, Default)]
pub(super) struct Frames {
    kind: Kind,
    /// What belongs to no finished line yet.
    bytes: Vec<u8>,
    /// So much of it has no end of line.
    looked_at: usize,
    total: usize,
    event: Frame,
    /// Its lines of data.
    lines: usize,
}

impl Frames {
    /// Takes the next bytes; the frames that they complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Frame>, TooLong> {
        self.total = self.total.saturating_add(bytes.len());
        self.bytes.extend_from_slice(bytes);
        if self.kind == Kind::Unknown {
            self.tell();
        }
        let frames = match self.kind {
            Kind::Unknown | Kind::Json => Vec::new(),
            Kind::Events => self.lines(false),
        };
        if self.total > LONGEST || self.bytes.len() + self.event.data.len() > LONGEST_FRAME {
            return Err(TooLong);
        }
        Ok(frames)
    }

    /// The frames that the end of the answer completes.
    pub(super) fn end(&mut self) -> Vec<Frame> {
        match self.kind {
            Kind::Unknown => Vec::new(),
            Kind::Json => documents(&std::mem::take(&mut self.bytes)),
            Kind::Events => {
                let mut frames = self.lines(true);
                frames.extend(self.dispatch());
                frames
            }
        }
    }

    /// Whether it is a body of JSON, whose every byte is a step forward.
    pub(super) fn is_json(&self) -> bool {
        self.kind == Kind::Json
    }

    /// Tells what it is by the first byte that says something.
    fn tell(&mut self) {
        if MARK.starts_with(&self.bytes) {
            return;
        }
        if self.bytes.starts_with(MARK) {
            self.bytes.drain(..MARK.len());
        }
        let first = self.bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        self.kind = match first {
            None => Kind::Unknown,
            Some(b'{' | b'[') => Kind::Json,
            Some(_) => Kind::Events,
        };
    }

    /// Reads the lines that are whole; at the end of the answer the last one is whole as well.
    fn lines(&mut self, is_end: bool) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut begin = 0;
        let mut at = self.looked_at;
        while let Some(byte) = self.bytes.get(at) {
            let line_end = at;
            at += 1;
            match byte {
                b'\n' => {}
                b'\r' => match self.bytes.get(at) {
                    Some(b'\n') => at += 1,
                    Some(_) => {}
                    None if is_end => {}
                    // The newline that belongs to it may come next.
                    None => {
                        at -= 1;
                        break;
                    }
                },
                _ => continue,
            }
            let line =
                String::from_utf8_lossy(self.bytes.get(begin..line_end).unwrap_or_default()).into_owned();
            begin = at;
            frames.extend(self.line(&line));
        }
        if is_end {
            let line = String::from_utf8_lossy(self.bytes.get(begin..).unwrap_or_default()).into_owned();
            begin = self.bytes.len();
            at = begin;
            frames.extend(self.line(&line));
        }
        self.bytes.drain(..begin);
        self.looked_at = at - begin;
        frames
    }

    fn line(&mut self, line: &str) -> Option<Frame> {
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.lines > 0 {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.lines += 1;
                // Some servers leave out the empty line: what is whole does not wait for it.
                if self.lines <= LINES && is_whole(&self.event.data) {
                    return self.dispatch();
                }
            }
            "event" => value.clone_into(&mut self.event.event),
            "id" => self.event.id = Some(value.to_owned()),
            // Ollama's own API, and a body that a proxy prefixed with comments: a line is a document.
            _ if line.starts_with('{') && self.lines == 0 => {
                line.clone_into(&mut self.event.data);
                self.lines = 1;
                return self.dispatch();
            }
            // Comments keep the connection alive; other fields are none of ours.
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Frame> {
        let frame = std::mem::take(&mut self.event);
        (std::mem::take(&mut self.lines) > 0).then_some(frame)
    }
}

fn is_whole(data: &str) -> bool {
    let data = data.trim();
    data == "[DONE]"
        || (data.starts_with('{')
            && data.ends_with('}')
            && serde_json::from_str::<&serde_json::value::RawValue>(data).is_ok())
}

/// The documents of a body: one, a list of chunks, or one to a line. What is none of these is one frame as it stands.
fn documents(bytes: &[u8]) -> Vec<Frame> {
    let text = String::from_utf8_lossy(bytes);
    let frame = |data: String| Frame {
        data,
        ..Frame::default()
    };
    if let Ok(list) = serde_json::from_str::<Vec<Box<serde_json::value::RawValue>>>(&text) {
        return list.into_iter().map(|one| frame(one.get().to_owned())).collect();
    }
    let documents: Result<Vec<Box<serde_json::value::RawValue>>, _> =
        serde_json::Deserializer::from_str(&text).into_iter().collect();
    match documents {
        Ok(documents) => documents
            .into_iter()
            .map(|one| frame(one.get().to_owned()))
            .collect(),
        Err(_) => vec![frame(text.into_owned())],
    }
}
