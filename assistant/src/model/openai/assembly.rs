//! Puts a streamed answer together, and refuses one that is not whole. Pure.

use super::{
    super::{ModelAnswer, ModelError, ToolCall, Usage},
    errors,
    wire::{CallDelta, Chunk, TokenCounts},
};

/// A piece of text this long that comes twice in a row is a repeated frame: tokens are shorter.
const TELLING: usize = 16;

/// The longest text and the longest arguments that are taken, in bytes: a little less than can be stored.
const LONGEST: usize = 190_000;

/// An answer that is still coming.
#[derive(Default)]
pub(super) struct Assembly {
    text: String,
    last_piece: String,
    calls: Vec<(Option<u32>, ToolCall)>,
    finished: Option<String>,
    usage: TokenCounts,
}

impl Assembly {
    /// Takes the next chunk; returns the new text.
    pub(super) fn add(&mut self, chunk: Chunk) -> Result<String, ModelError> {
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(errors::in_stream(&error));
        }
        if let Some(usage) = chunk.usage {
            self.usage = usage;
        }
        let mut new = String::new();
        for choice in chunk.choices.unwrap_or_default() {
            if choice.index.unwrap_or(0) != 0 {
                continue;
            }
            let delta = choice.delta.unwrap_or_default();
            let piece = delta.content.unwrap_or_default() + delta.refusal.as_deref().unwrap_or_default();
            let calls = delta.tool_calls.unwrap_or_default();
            if self.finished.is_some() {
                if piece.is_empty() && calls.is_empty() && choice.finish_reason.is_none() {
                    continue;
                }
                return Err(broken("the stream went on after its end"));
            }
            self.check_repeat(&piece)?;
            new.push_str(&piece);
            for call in calls {
                self.add_call(call)?;
            }
            self.finished = choice.finish_reason;
        }
        self.text.push_str(&new);
        if self.text.len() > LONGEST {
            return Err(broken("the answer does not end"));
        }
        Ok(new)
    }

    /// The whole answer, once the stream has ended.
    pub(super) fn finish(self) -> Result<ModelAnswer, ModelError> {
        let Some(reason) = self.finished else {
            return Err(broken(if self.text.is_empty() && self.calls.is_empty() {
                "the stream was empty"
            } else {
                "the stream was cut"
            }));
        };
        let mut text = self.text;
        // PostgreSQL takes no NUL in text.
        text.retain(|c| c != '\0');
        let tool_calls: Vec<ToolCall> = self.calls.into_iter().map(|(_, call)| call).collect();
        if tool_calls.iter().any(|call| call.name.is_empty()) {
            return Err(broken("a tool call has no name"));
        }
        match reason.as_str() {
            "length" if tool_calls.is_empty() && !text.trim().is_empty() => {
                text.push_str("…\n\n(The answer ends here: it reached its length limit.)");
            }
            "length" => {
                return Err(broken(
                    "the answer reached its length limit before it said anything",
                ));
            }
            "content_filter" if text.trim().is_empty() => {
                "I can't help with that: the model's content filter stopped the answer."
                    .clone_into(&mut text);
            }
            _ if text.trim().is_empty() && tool_calls.is_empty() => {
                return Err(broken("the answer was empty"));
            }
            _ => {}
        }
        Ok(ModelAnswer {
            text,
            tool_calls,
            usage: Usage {
                input: self.usage.prompt_tokens.unwrap_or(0),
                output: self.usage.completion_tokens.unwrap_or(0),
            },
        })
    }

    fn check_repeat(&mut self, piece: &str) -> Result<(), ModelError> {
        if piece.is_empty() {
            return Ok(());
        }
        if piece.len() >= TELLING && piece == self.last_piece && piece.chars().any(char::is_alphabetic) {
            return Err(broken("the stream repeats itself"));
        }
        piece.clone_into(&mut self.last_piece);
        Ok(())
    }

    fn add_call(&mut self, delta: CallDelta) -> Result<(), ModelError> {
        let id = delta.id.unwrap_or_default();
        // A piece belongs to the call of its index; some servers give every call the same one, and a new id.
        let known = self.calls.iter().rposition(|(index, call)| {
            let is_same_id = id.is_empty() || call.id.is_empty() || call.id == id;
            is_same_id && (delta.index.is_none() || *index == delta.index)
        });
        let place = match known {
            Some(place) => place,
            None => {
                self.calls.push((
                    delta.index,
                    ToolCall {
                        id: String::new(),
                        name: String::new(),
                        arguments: String::new(),
                    },
                ));
                self.calls.len() - 1
            }
        };
        let Some((_, call)) = self.calls.get_mut(place) else {
            return Ok(());
        };
        if call.id.is_empty() {
            call.id = id;
        }
        if let Some(function) = delta.function {
            let name = function.name.unwrap_or_default();
            // Some servers repeat the whole name with each piece.
            if name != call.name {
                call.name.push_str(&name);
            }
            call.arguments.push_str(&function.arguments.unwrap_or_default());
        }
        if call.arguments.len() > LONGEST {
            return Err(broken("a tool call does not end"));
        }
        Ok(())
    }
}

fn broken(reason: &str) -> ModelError {
    ModelError::Broken(reason.to_owned())
}
