//! What goes wrong with a call, and what it means: error bodies in every shape that servers give them. Pure.

use std::time::Duration;

use serde_json::Value;

use super::{
    super::{ModelError, ModelRequest},
    redact, retry_after,
};

/// How deep an error body is looked into.
const DEEPEST: usize = 8;

/// The fields that name the kind of an error.
const KINDS: [&str; 10] = [
    "code",
    "type",
    "status",
    "reason",
    "kind",
    "param",
    "loc",
    "error_type",
    "field",
    "title",
];

/// The fields that repeat what was sent or written, or that say nothing.
const SILENT: [&str; 14] = [
    "failed_generation",
    "input",
    "ctx",
    "url",
    "id",
    "request_id",
    "object",
    "user_id",
    "doc_url",
    "documentation_url",
    "links",
    "@type",
    "timestamp",
    "stack",
];

/// Why one call gave no answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Trouble {
    /// The server says so.
    Said(Said),
    /// The answer is none; it was paid for.
    Broken(String),
    /// The answer reached its length limit before it said anything.
    Length,
    /// The server cannot be reached.
    Unreachable(&'static str),
    /// Nothing came for so long.
    Silent(Duration),
    /// It was not sent: what it may cost cannot be held back.
    Unpaid(ModelError),
}

/// Nobody was there to send a request to.
pub(super) const NO_CONNECTION: &str = "no connection";

/// What a server says of its error.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    /// The status of the answer, or the one that the body has.
    pub(super) status: Option<u16>,
    /// How long it asks to be left alone.
    pub(super) retry_after: Option<Duration>,
    /// Its words.
    pub(super) words: String,
    /// Its codes, kinds and parameters, in lower case.
    pub(super) kinds: String,
    /// Whether it came in the place of an answer or in the midst of one, and not as a status.
    pub(super) is_in_answer: bool,
}

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Nothing: it would be the same again.
    None,
    /// The same again after a while; nothing was paid.
    Wait(Duration),
    /// The same again, at once; it was paid for.
    Again,
    /// Less of the conversation.
    Shorter,
    /// The same in other words: the request has something that the server does not take.
    Otherwise,
}

impl Trouble {
    /// An error object, wherever it stood.
    pub(super) fn said(body: &Value) -> Self {
        Self::Said(Said {
            is_in_answer: true,
            ..Said::of(None, body)
        })
    }

    /// Whether it may have been paid for all the same.
    pub(super) fn was_paid(&self) -> bool {
        match self {
            Self::Said(said) => said.is_failed_call() || (said.is_in_answer && !said.is_rate_limit()),
            Self::Broken(_) | Self::Length => true,
            Self::Unreachable(_) | Self::Silent(_) | Self::Unpaid(_) => false,
        }
    }

    /// Whether a server may charge for it: also for what it writes while nobody listens any more.
    pub(super) fn may_be_charged(&self) -> bool {
        match self {
            Self::Silent(_) => true,
            Self::Unreachable(why) => *why != NO_CONNECTION,
            _ => self.was_paid(),
        }
    }

    pub(super) fn broken(why: &str) -> Self {
        Self::Broken(why.to_owned())
    }

    pub(super) fn endless() -> Self {
        Self::broken("the answer does not end")
    }

    pub(super) fn length() -> Self {
        Self::Length
    }

    /// What is to be done.
    pub(super) fn remedy(&self) -> Remedy {
        match self {
            Self::Said(said) => said.remedy(),
            Self::Broken(_) => Remedy::Again,
            Self::Unreachable(_) => Remedy::Wait(Duration::ZERO),
            Self::Length | Self::Silent(_) | Self::Unpaid(_) => Remedy::None,
        }
    }

    /// What it means to whoever asked.
    pub(super) fn meaning(&self, request: &ModelRequest) -> ModelError {
        match self {
            Self::Said(said) => said.meaning(request),
            Self::Broken(why) => ModelError::Broken(redact::without(why, request)),
            Self::Length => {
                ModelError::Broken("the answer reached its length limit before it said anything".to_owned())
            }
            Self::Unreachable(why) => ModelError::Unavailable {
                reason: (*why).to_owned(),
                retry_after: None,
            },
            Self::Silent(limit) => ModelError::Deadline(*limit),
            Self::Unpaid(error) => error.clone(),
        }
    }
}

impl Said {
    /// What a body says; `status` is the answer's, where it was no success.
    pub(super) fn of(status: Option<u16>, body: &Value) -> Self {
        let mut said = Self {
            status,
            ..Self::default()
        };
        said.gather("", body, DEEPEST);
        said.kinds.make_ascii_lowercase();
        said.retry_after = retry_after::of_body(body, &said.words);
        said
    }

    /// What the text of a body says: JSON, a page of HTML, or words.
    pub(super) fn of_text(status: u16, text: &str) -> Self {
        Self::of(Some(status), &Value::String(text.to_owned()))
    }

    fn gather(&mut self, name: &str, value: &Value, depth: usize) {
        if depth == 0 || SILENT.contains(&name) {
            return;
        }
        let is_kind = KINDS.contains(&name);
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.gather(name, value, depth - 1);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.gather(name, item, depth - 1)),
            Value::Number(number) => {
                if is_kind {
                    let code = number.as_u64().and_then(|code| u16::try_from(code).ok());
                    let code = code.filter(|code| (300..600).contains(code));
                    self.status = self.status.or(code);
                    self.kinds.push_str(&format!(" {number}"));
                }
            }
            // Some servers hand on the error of another one as text.
            Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
                match serde_json::from_str::<Value>(text) {
                    Ok(inner) => self.gather(name, &inner, depth - 1),
                    Err(_) => self.word(text),
                }
            }
            Value::String(text) if is_kind => {
                if let Ok(code) = text.parse::<u16>() {
                    self.status = self
                        .status
                        .or(Some(code).filter(|code| (300..600).contains(code)));
                }
                self.kinds.push_str(&format!(" {text}"));
            }
            Value::String(text) if text.trim_start().starts_with('<') => self.word(&untagged(text)),
            Value::String(text) => self.word(text),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn word(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() || self.words.contains(text) {
            return;
        }
        if !self.words.is_empty() {
            self.words.push_str("; ");
        }
        self.words.push_str(text);
    }

    /// Whether words or kinds have one of these in them, which are in lower case.
    pub(super) fn has(&self, parts: &[&str]) -> bool {
        let words = self.words.to_lowercase();
        parts
            .iter()
            .any(|part| words.contains(part) || self.kinds.contains(part))
    }

    /// Whether it names this, as a word of its own.
    pub(super) fn names(&self, name: &str) -> bool {
        let all = format!("{} {}", self.words.to_lowercase(), self.kinds);
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        all.match_indices(&name.to_lowercase()).any(|(place, found)| {
            let (before, behind) = (all.get(..place), all.get(place + found.len()..));
            !before.is_some_and(|text| text.ends_with(is_part))
                && !behind.is_some_and(|text| text.starts_with(is_part))
        })
    }

    /// Whether the conversation is more than the model takes.
    pub(super) fn is_too_long(&self) -> bool {
        let is_about_tokens = self.has(&["token", "context", "prompt", "input", "message"]);
        self.has(&[
            "context_length_exceeded",
            "exceed_context_size",
            "context length",
            "context size",
            "context window",
            "context_window",
            "maximum prompt length",
            "prompt is too long",
            "prompt too long",
            "input is too long",
            "too many tokens",
            "too many input tokens",
            "string_above_max_length",
            "reduce your message size",
            "reduce the length",
            "shorten the prompt",
            "tokens_limit_reached",
            "request_too_large",
        ]) || (is_about_tokens
            && self.has(&[
                "exceeds the maximum",
                "exceeds the limit",
                "exceed the limit",
                "too large for model",
            ])
            && !self.has(&["rate limit", "per minute"]))
            || (self.status == Some(413) && self.has(&["token", "too large"]))
    }

    /// Whether a call was written that the server could not read (Groq's `tool_use_failed`).
    fn is_failed_call(&self) -> bool {
        self.has(&[
            "tool_use_failed",
            "failed to call a function",
            "failed to parse tool call",
            "malformed_function_call",
            "tool call validation failed",
            "output_parse_failed",
        ])
    }

    fn has_no_money(&self) -> bool {
        self.status == Some(402)
            || self.has(&[
                "insufficient_quota",
                "insufficient balance",
                "insufficient credits",
                "credit balance is too low",
                "billing_hard_limit",
                "billing_not_active",
            ])
    }

    fn is_rate_limit(&self) -> bool {
        self.status == Some(429)
            || (self.status.is_none()
                && self.has(&[
                    "rate_limit",
                    "rate limit",
                    "too many requests",
                    "resource_exhausted",
                ]))
    }

    fn is_passing(&self) -> bool {
        match self.status {
            Some(status) => status >= 500 || matches!(status, 408 | 409 | 425),
            None => !self.has(&[
                "invalid_request",
                "authentication",
                "permission",
                "not_found",
                "invalid_api_key",
            ]),
        }
    }

    fn remedy(&self) -> Remedy {
        let wait = self.retry_after.unwrap_or_default();
        if self.has_no_money() {
            return Remedy::None;
        }
        if self.is_failed_call() {
            return Remedy::Again;
        }
        if self.is_too_long() {
            return Remedy::Shorter;
        }
        if self.is_rate_limit() {
            return Remedy::Wait(wait);
        }
        match self.status {
            Some(300..=399 | 401 | 403) => Remedy::None,
            // A model or an address that is not there; OpenRouter also says so of models without tools.
            Some(404 | 405 | 410) if !self.has(&["tool", "support"]) => Remedy::None,
            // Templates that cannot write a conversation down are errors of the server's to some.
            Some(500 | 501) if self.is_of_template() => Remedy::Otherwise,
            _ if self.is_passing() => Remedy::Wait(wait),
            _ => Remedy::Otherwise,
        }
    }

    fn is_of_template(&self) -> bool {
        self.has(&["template", "jinja", "role", "not support", "unsupported"])
    }

    fn meaning(&self, request: &ModelRequest) -> ModelError {
        let words = redact::without(&self.words, request);
        let reason = match (self.status, words.is_empty()) {
            (Some(status), true) => format!("status {status}"),
            (Some(status), false) => format!("status {status}: {words}"),
            (None, true) => "an error in the answer".to_owned(),
            (None, false) => words,
        };
        if self.has_no_money() {
            return ModelError::Refused(reason);
        }
        if self.is_failed_call() {
            return ModelError::Broken(reason);
        }
        if self.is_too_long() {
            return ModelError::TooLong(reason);
        }
        if self.is_rate_limit() {
            return ModelError::RateLimited {
                retry_after: self.retry_after,
            };
        }
        match self.is_passing() {
            true => ModelError::Unavailable {
                reason,
                retry_after: self.retry_after,
            },
            false => ModelError::Refused(reason),
        }
    }
}

/// The text of a page.
fn untagged(page: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for c in page.chars() {
        match c {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                text.push(' ');
            }
            _ if !is_tag => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
