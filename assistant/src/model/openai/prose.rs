//! What of a model's text is for the user: not the thoughts before it, and not tool calls that it wrote as text.
//!
//! The text comes in pieces, which may end inside of a tag. What may still turn out to be a tag is not shown yet.

use super::{
    super::ToolSpec,
    spoken::{self, Spoken},
};

/// How thoughts begin and end.
const THOUGHTS: [(&str, &str); 13] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<thoughts>", "</thoughts>"),
    ("<reasoning>", "</reasoning>"),
    ("<reflection>", "</reflection>"),
    ("<seed:think>", "</seed:think>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|channel|>analysis<|message|>", "<|end|>"),
    ("<|channel>thought", "<channel|>"),
    ("<unused94>thought", "<unused95>"),
];

/// What stands around answers in templates that leak, and says nothing.
const NOISE: [&str; 4] = [
    "<|start|>assistant",
    "<|channel|>final<|message|>",
    "<|im_start|>assistant",
    "<s>",
];

/// How tool calls that are written as text begin.
pub(super) const CALLS: [&str; 20] = [
    "<tool_call",
    "<toolcall",
    "<function=",
    "<function_call",
    "<functioncall",
    "<invoke ",
    "<minimax:tool_call",
    "<|tool_call",
    "<|tool▁call",
    "<｜tool▁call",
    "<|python_tag|>",
    "<|channel|>commentary",
    "<start_function_call>",
    "[TOOL_CALLS]",
    "[TOOL_REQUEST]",
    "functools[",
    "<|action_start|>",
    "```tool_call",
    "```tool_code",
    "<tool_use",
];

/// How the text grew, as far as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// By nothing.
    Nothing,
    /// By this.
    More(String),
    /// What was shown were thoughts: this is shown in their place.
    Instead(String),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nothing was said yet.
    #[default]
    Opening,
    /// Thoughts, until this ends them.
    Thinking(&'static str),
    /// The answer.
    Speaking,
    /// It may be tool calls: nothing more is shown.
    Held,
}

/// The text of an answer that is still coming.
#[derive(Debug, Default)]
pub(super) struct Prose {
    raw: String,
    /// Where what is for the user begins.
    from: usize,
    /// Everything before was looked at.
    at: usize,
    shown: usize,
    state: State,
    was_replaced: bool,
}

impl Prose {
    /// How much has come.
    pub(super) fn len(&self) -> usize {
        self.raw.len()
    }

    /// Whether this is all that has come so far.
    pub(super) fn is(&self, text: &str) -> bool {
        self.raw == text
    }

    /// What was shown so far.
    pub(super) fn shown(&self) -> &str {
        self.raw.get(self.from..self.shown).unwrap_or_default()
    }

    /// Takes the next piece; what may be shown more.
    pub(super) fn push(&mut self, piece: &str) -> Shown {
        // PostgreSQL takes no NUL in text.
        self.raw.extend(piece.chars().filter(|c| *c != '\0'));
        while self.step() {}
        let end = match self.state {
            State::Opening | State::Thinking(_) => self.from,
            State::Speaking | State::Held => self.at,
        };
        let begin = self.shown.max(self.from);
        let new = self.raw.get(begin..end).unwrap_or_default().to_owned();
        self.shown = end.max(begin);
        match (std::mem::take(&mut self.was_replaced), new.is_empty()) {
            (true, _) => Shown::Instead(new),
            (false, true) => Shown::Nothing,
            (false, false) => Shown::More(new),
        }
    }

    /// The whole text for the user, and the tool calls in it.
    pub(super) fn finish(self, tools: &[ToolSpec]) -> Spoken {
        match self.state {
            State::Opening | State::Thinking(_) => Spoken::default(),
            State::Speaking | State::Held => {
                spoken::read(self.raw.get(self.from..).unwrap_or_default(), tools)
            }
        }
    }

    /// Whether all that came were thoughts that did not end.
    pub(super) fn is_only_thought(&self) -> bool {
        matches!(self.state, State::Thinking(_))
    }

    /// Looks on; `false` when more must come first.
    fn step(&mut self) -> bool {
        match self.state {
            State::Opening => self.open(),
            State::Thinking(close) => self.think(close),
            State::Speaking => self.speak(),
            State::Held => false,
        }
    }

    fn open(&mut self) -> bool {
        let rest = self.raw.get(self.from..).unwrap_or_default();
        let rest = rest.trim_start();
        let begin = self.raw.len() - rest.len();
        if rest.is_empty() {
            return false;
        }
        if let Some((open, close)) = THOUGHTS.iter().find(|(open, _)| begins(rest, open)) {
            self.state = State::Thinking(close);
            self.at = begin + open.len();
            return true;
        }
        if let Some(noise) = NOISE.iter().find(|noise| begins(rest, noise)) {
            self.from = begin + noise.len();
            return true;
        }
        let opens = THOUGHTS.iter().map(|(open, _)| *open).chain(NOISE);
        if opens.into_iter().any(|open| may_become(rest, open)) {
            return false;
        }
        self.from = begin;
        self.at = begin;
        // A call that is nothing but JSON.
        self.state = if rest.starts_with('{') {
            State::Held
        } else {
            State::Speaking
        };
        true
    }

    fn think(&mut self, close: &'static str) -> bool {
        let rest = self.raw.get(self.at..).unwrap_or_default();
        match find(rest, close) {
            Some(place) => {
                self.from = self.at + place + close.len();
                self.at = self.from;
                self.state = State::Opening;
                true
            }
            None => {
                self.at = border(&self.raw, self.raw.len().saturating_sub(close.len()).max(self.at));
                false
            }
        }
    }

    /// Finds the next thing in the text that may be no text.
    fn speak(&mut self) -> bool {
        let rest = self.raw.get(self.at..).unwrap_or_default();
        let Some(place) = rest.find(['<', '[', '`', 'f', '◁']) else {
            self.at = self.raw.len();
            return false;
        };
        let place = self.at + place;
        let rest = self.raw.get(place..).unwrap_or_default();
        let is_quoted = self
            .raw
            .get(..place)
            .is_some_and(|before| before.ends_with(['`', '"', '\'', '\\']));
        if !is_quoted {
            let end = THOUGHTS
                .iter()
                .find(|(_, close)| begins(rest, close) && *close != "<|end|>");
            if let Some((_, close)) = end {
                // Where a template opens the thoughts itself, the answer only closes them.
                self.from = place + close.len();
                self.at = self.from;
                self.state = State::Opening;
                self.was_replaced = true;
                return true;
            }
            if CALLS.iter().chain(&["```json"]).any(|call| begins(rest, call)) {
                self.at = place;
                self.state = State::Held;
                return false;
            }
            let tags = THOUGHTS.iter().map(|(_, close)| *close).chain(CALLS);
            let is_open = tags
                .into_iter()
                .chain(["```json"])
                .any(|tag| may_become(rest, tag));
            if is_open {
                self.at = place;
                return false;
            }
        }
        self.at = place + rest.chars().next().map_or(1, char::len_utf8);
        true
    }
}

/// Whether the text begins with the tag, whatever the case of its letters; within brackets, where links have words of
/// their own, the case is the tag's.
pub(super) fn begins(text: &str, tag: &str) -> bool {
    let text = text.as_bytes().get(..tag.len());
    text.is_some_and(|text| is_same(text, tag.as_bytes()))
}

fn is_same(one: &[u8], tag: &[u8]) -> bool {
    match tag.starts_with(b"[") {
        true => one == tag,
        false => one.eq_ignore_ascii_case(tag),
    }
}

/// Whether the text is the beginning of the tag, and no more yet.
fn may_become(text: &str, tag: &str) -> bool {
    let tag = tag.as_bytes().get(..text.len());
    tag.is_some_and(|tag| is_same(text.as_bytes(), tag))
}

/// Where the tag stands in the text, whatever the case of its letters.
pub(super) fn find(text: &str, tag: &str) -> Option<usize> {
    text.as_bytes()
        .windows(tag.len())
        .position(|window| window.eq_ignore_ascii_case(tag.as_bytes()))
}

/// The next border between characters at or before `place`.
fn border(text: &str, place: usize) -> usize {
    (0..=place)
        .rev()
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0)
}
