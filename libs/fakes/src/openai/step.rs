//! What the server answers to one request, and how it goes wrong on the way.

use serde_json::Value;
use std::time::Duration;

/// A call of a tool in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The tool.
    pub name: String,
    /// The arguments as the model wrote them; not necessarily JSON.
    pub arguments: String,
    /// The call's id; `None` lets the server choose one.
    pub id: Option<String>,
}

impl ToolCall {
    /// A call with these arguments.
    #[must_use]
    pub fn new(name: &str, arguments: &Value) -> Self {
        Self {
            name: name.to_owned(),
            arguments: arguments.to_string(),
            id: None,
        }
    }
}

/// One answer of the script. Make it with a constructor, then bend it with the other methods.
#[derive(Clone, Debug)]
pub struct Step {
    pub(crate) kind: Kind,
    pub(crate) manner: Manner,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Answer {
        text: Option<String>,
        calls: Vec<ToolCall>,
        finish_reason: Option<String>,
    },
    /// An error in OpenAI's shape.
    Error {
        status: u16,
        code: String,
        message: String,
        retry_after: Option<u64>,
    },
    /// These bytes, whatever they are.
    Raw {
        status: u16,
        content_type: String,
        body: String,
    },
    Hang,
}

/// How an answer is delivered. Frames are counted from 0, the closing ones included.
#[derive(Clone, Debug, Default)]
pub(crate) struct Manner {
    pub(crate) headers_after: Duration,
    pub(crate) frame_every: Duration,
    pub(crate) split_seed: Option<u64>,
    pub(crate) cut_after: Option<usize>,
    pub(crate) hang_after: Option<usize>,
    pub(crate) malformed_at: Option<usize>,
    pub(crate) error_at: Option<usize>,
    pub(crate) duplicated: bool,
    pub(crate) empty_choices: bool,
    pub(crate) no_finish: bool,
    pub(crate) no_done: bool,
    pub(crate) no_created: bool,
    pub(crate) empty_stream: bool,
    pub(crate) content_type: Option<String>,
}

impl Step {
    /// A plain answer.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(Kind::Answer {
            text: Some(text.into()),
            calls: Vec::new(),
            finish_reason: None,
        })
    }

    /// An answer that calls one tool.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the call reads best with `json!({…})` in place"
    )]
    pub fn tool_call(name: &str, arguments: Value) -> Self {
        Self::tool_calls([ToolCall::new(name, &arguments)])
    }

    /// An answer that calls several tools at once.
    #[must_use]
    pub fn tool_calls(calls: impl IntoIterator<Item = ToolCall>) -> Self {
        Self::of(Kind::Answer {
            text: None,
            calls: calls.into_iter().collect(),
            finish_reason: None,
        })
    }

    /// An answer that calls a tool with arguments that may be no JSON at all.
    #[must_use]
    pub fn tool_call_with_text(name: &str, arguments: &str) -> Self {
        Self::tool_calls([ToolCall {
            name: name.to_owned(),
            arguments: arguments.to_owned(),
            id: None,
        }])
    }

    /// An error in OpenAI's shape, with any status.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::of(Kind::Error {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            retry_after: None,
        })
    }

    /// 429 with `Retry-After` in seconds.
    #[must_use]
    pub fn rate_limited(retry_after: u64) -> Self {
        let message = "Rate limit reached for requests".to_owned();
        let code = "rate_limit_exceeded".to_owned();
        Self::of(Kind::Error {
            status: 429,
            code,
            message,
            retry_after: Some(retry_after),
        })
    }

    /// 500 in OpenAI's shape.
    #[must_use]
    pub fn server_error() -> Self {
        Self::error(
            500,
            "server_error",
            "The server had an error while processing your request. Sorry about that!",
        )
    }

    /// 503 with an HTML page, as a proxy answers.
    #[must_use]
    pub fn unavailable_page() -> Self {
        Self::raw(
            503,
            "text/html",
            "<html><head><title>503 Service Temporarily Unavailable</title></head></html>",
        )
    }

    /// These bytes with this status and content type.
    #[must_use]
    pub fn raw(status: u16, content_type: &str, body: &str) -> Self {
        Self::of(Kind::Raw {
            status,
            content_type: content_type.to_owned(),
            body: body.to_owned(),
        })
    }

    /// A stream that ends before its first byte (an empty body when not streaming).
    #[must_use]
    pub fn empty_stream() -> Self {
        let mut step = Self::text("");
        step.manner.empty_stream = true;
        step
    }

    /// No answer, ever.
    #[must_use]
    pub fn hang() -> Self {
        Self::of(Kind::Hang)
    }

    /// Says something besides calling tools.
    #[must_use]
    pub fn saying(mut self, words: &str) -> Self {
        if let Kind::Answer { text, .. } = &mut self.kind {
            *text = Some(words.to_owned());
        }
        self
    }

    /// Another `finish_reason`: `length`, `content_filter`…
    #[must_use]
    pub fn finishing_with(mut self, reason: &str) -> Self {
        if let Kind::Answer { finish_reason, .. } = &mut self.kind {
            *finish_reason = Some(reason.to_owned());
        }
        self
    }

    /// Waits before the first byte of the answer.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.manner.headers_after = delay;
        self
    }

    /// Waits before each frame of the stream.
    #[must_use]
    pub fn every(mut self, delay: Duration) -> Self {
        self.manner.frame_every = delay;
        self
    }

    /// Sends the stream in chunks that end anywhere: inside a character, a line, an argument. The seed picks where.
    #[must_use]
    pub fn split_anywhere(mut self, seed: u64) -> Self {
        self.manner.split_seed = Some(seed);
        self
    }

    /// Resets the connection behind this many frames.
    #[must_use]
    pub fn cut_after(mut self, frames: usize) -> Self {
        self.manner.cut_after = Some(frames);
        self
    }

    /// Goes silent behind this many frames, with the connection open.
    #[must_use]
    pub fn hang_after(mut self, frames: usize) -> Self {
        self.manner.hang_after = Some(frames);
        self
    }

    /// Puts a frame with broken JSON at this place.
    #[must_use]
    pub fn malformed_frame_at(mut self, frame: usize) -> Self {
        self.manner.malformed_at = Some(frame);
        self
    }

    /// Puts an error object at this place of the stream, which ends there.
    #[must_use]
    pub fn error_frame_at(mut self, frame: usize) -> Self {
        self.manner.error_at = Some(frame);
        self
    }

    /// Sends every frame twice.
    #[must_use]
    pub fn duplicated(mut self) -> Self {
        self.manner.duplicated = true;
        self
    }

    /// Answers with an empty list of choices.
    #[must_use]
    pub fn without_choices(mut self) -> Self {
        self.manner.empty_choices = true;
        self
    }

    /// Leaves out the frame with the `finish_reason` and everything behind it but `[DONE]`.
    #[must_use]
    pub fn without_finish(mut self) -> Self {
        self.manner.no_finish = true;
        self
    }

    /// Leaves out `[DONE]`.
    #[must_use]
    pub fn without_done(mut self) -> Self {
        self.manner.no_done = true;
        self
    }

    /// Leaves out `created`, as some compatible servers do.
    #[must_use]
    pub fn without_created(mut self) -> Self {
        self.manner.no_created = true;
        self
    }

    /// Another content type than the right one.
    #[must_use]
    pub fn content_type(mut self, content_type: &str) -> Self {
        self.manner.content_type = Some(content_type.to_owned());
        self
    }

    fn of(kind: Kind) -> Self {
        Self {
            kind,
            manner: Manner::default(),
        }
    }
}
