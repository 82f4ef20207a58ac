//! Tells the pieces of tool calls apart, and puts each call together. Pure.
//!
//! OpenAI gives each call an index and an id, names it once, and sends its arguments in pieces. Others leave out the
//! index, or the id; give all calls index 0, or one id; give each piece a new id; repeat the name with each piece; or
//! send the arguments again in full at the end.

use serde_json::{Map, Value};

use super::{
    super::{ToolCall, ToolSpec},
    arguments,
    chunk::{self, CallPiece},
};

/// The longest arguments that are taken, in bytes: a little less than can be stored.
const LONGEST: usize = 190_000;

/// More calls in one answer than any model makes on purpose.
const MOST: usize = 128;

/// The longest id that servers take back.
const LONGEST_ID: usize = 64;

/// The calls of an answer that is still coming.
#[derive(Debug, Default)]
pub(super) struct Calls(Vec<Open>);

/// A call whose arguments may still grow.
#[derive(Debug, Default)]
struct Open {
    index: Option<u64>,
    id: String,
    name: String,
    /// All pieces, one behind the other.
    joined: String,
    /// The newest piece that holds all that came before it.
    whole: Option<String>,
    fields: Map<String, Value>,
}

/// A call, with what the provider wants back of it.
pub(super) type Whole = (ToolCall, Map<String, Value>);

/// Why calls cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// They do not end.
    TooLong,
    /// One has arguments but no name.
    Nameless,
}

impl Calls {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the pieces of one chunk.
    pub(super) fn add(&mut self, pieces: Vec<CallPiece>, tools: &[ToolSpec]) -> Result<(), Unusable> {
        let mut placed: Vec<usize> = Vec::new();
        for piece in pieces {
            let place = match self.place(&piece, &placed, tools) {
                Some(place) => place,
                None => {
                    self.0.push(Open::default());
                    self.0.len() - 1
                }
            };
            placed.push(place);
            let Some(open) = self.0.get_mut(place) else {
                continue;
            };
            open.take(piece, tools);
            if open.joined.len() > LONGEST || self.0.len() > MOST {
                return Err(Unusable::TooLong);
            }
        }
        Ok(())
    }

    /// The call that a piece belongs to; `None` for the first of a new one.
    fn place(&self, piece: &CallPiece, placed: &[usize], tools: &[ToolSpec]) -> Option<usize> {
        if !piece.id.is_empty() {
            let known = self.0.iter().rposition(|open| {
                open.id == piece.id
                    && (open.index.is_none() || piece.index.is_none() || open.index == piece.index)
            });
            // One id for all calls tells nothing.
            if let Some(known) = known {
                return self.continues(known, piece, placed, tools).then_some(known);
            }
        }
        let candidate = match piece.index {
            Some(_) => self.0.iter().rposition(|open| open.index == piece.index),
            None => self.0.len().checked_sub(1),
        }?;
        let open = self.0.get(candidate)?;
        // With a name and an id of its own it is another call, whatever its index.
        let is_other = !piece.id.is_empty() && !open.id.is_empty() && !piece.name.is_empty();
        (!is_other && self.continues(candidate, piece, placed, tools)).then_some(candidate)
    }

    fn continues(&self, place: usize, piece: &CallPiece, placed: &[usize], tools: &[ToolSpec]) -> bool {
        let Some(open) = self.0.get(place) else {
            return false;
        };
        if piece.name.is_empty() || open.name.is_empty() {
            return true;
        }
        let is_same_name = piece.name == open.name;
        // Two entries of one chunk are two calls, unless they repeat each other.
        if placed.contains(&place) {
            return is_same_name && piece.arguments == open.joined;
        }
        if open.joined.is_empty() {
            let is_tool = |name: &str| tools.iter().any(|tool| tool.name == name);
            return is_same_name || !(is_tool(&piece.name) && is_tool(&open.name));
        }
        if !is_same_name {
            return false;
        }
        // The name again: with the arguments again in full, or with their next piece, or for the next call.
        let is_next = arguments::is_whole(&open.joined) && !piece.arguments.is_empty();
        let is_again = open.joined == piece.arguments || piece.id == open.id && !piece.id.is_empty();
        !is_next || is_again
    }

    /// The whole calls, with what the provider wants back of each.
    pub(super) fn finish(self, tools: &[ToolSpec]) -> Result<Vec<Whole>, Unusable> {
        let mut calls: Vec<Whole> = Vec::new();
        for open in self.0 {
            let name = known_name(&open.name, tools);
            let text = open.arguments();
            if name.is_empty() && text.trim().is_empty() {
                continue;
            }
            if name.is_empty() {
                return Err(Unusable::Nameless);
            }
            let schema = tools
                .iter()
                .find(|tool| tool.name == name)
                .map(|tool| &tool.parameters);
            let mut call = ToolCall {
                id: open.id,
                name,
                arguments: arguments::mended(&text, schema),
            };
            let is_again = |(known, _): &(ToolCall, _)| {
                known.name == call.name && known.arguments == call.arguments && known.id == call.id
            };
            if !call.id.is_empty() && calls.iter().any(is_again) {
                continue;
            }
            let is_taken = calls.iter().any(|(known, _)| known.id == call.id);
            if is_taken || call.id.len() > LONGEST_ID {
                call.id.clear();
            }
            calls.push((call, open.fields));
        }
        Ok(calls)
    }

    /// Whether all arguments are whole, as those of an answer that reached its length limit may not be.
    pub(super) fn are_whole(&self) -> bool {
        self.0.iter().all(|open| {
            let text = open.arguments();
            text.trim().is_empty() || arguments::is_whole(&text)
        })
    }
}

impl Open {
    fn take(&mut self, piece: CallPiece, tools: &[ToolSpec]) {
        if self.index.is_none() {
            self.index = piece.index;
        }
        if self.id.is_empty() {
            self.id = piece.id;
        }
        // Some servers repeat the whole name with each piece, and some send it in pieces.
        let is_known = tools.iter().any(|tool| tool.name == self.name);
        if self.name.is_empty() || (!is_known && self.name != piece.name && self.joined.is_empty()) {
            self.name.push_str(&piece.name);
        }
        chunk::merge(&mut self.fields, piece.fields);
        if self.joined.starts_with('{') && self.joined.len() > 1 {
            let before = self.whole.as_ref().unwrap_or(&self.joined);
            if piece.arguments.starts_with(before.as_str()) {
                self.whole = Some(piece.arguments.clone());
            }
        }
        self.joined.push_str(&piece.arguments);
    }

    fn arguments(&self) -> String {
        match &self.whole {
            Some(whole) if !arguments::is_whole(&self.joined) => whole.clone(),
            _ => self.joined.clone(),
        }
    }
}

/// The tool that a name means: some models write `functions.time`, or spaces around it.
fn known_name(name: &str, tools: &[ToolSpec]) -> String {
    let name = name.trim();
    let bare = name.rsplit(['.', ':', '/']).next().unwrap_or(name);
    let is_tool = |name: &str| tools.iter().any(|tool| tool.name == name);
    match is_tool(bare) && !is_tool(name) {
        true => bare.to_owned(),
        false => name.to_owned(),
    }
}
