//! Notices a model that makes the same call again, and one that goes in circles.

use std::collections::HashMap;

use crate::model::ToolCall;

use super::{ToolResult, words};

/// The calls that were made since something last changed.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    made: HashMap<(String, String), Made>,
    /// How many rounds in a row had nothing new.
    stale_rounds: u32,
}

#[derive(Debug)]
struct Made {
    result: Option<String>,
    changed_something: bool,
}

/// So many rounds in a row without anything new are a circle.
const CIRCLE: u32 = 2;

impl Repeats {
    /// Whether this round only repeats, and earlier ones did so too.
    pub(super) fn are_a_circle(&mut self, calls: &[ToolCall]) -> bool {
        if calls.iter().all(|call| self.made.contains_key(&key(call))) {
            self.stale_rounds += 1;
        } else {
            self.stale_rounds = 0;
        }
        self.stale_rounds >= CIRCLE
    }

    /// Notes a call. For a repeated one: its result, which is not to be computed (and its change not made) again.
    pub(super) fn start(&mut self, call: &ToolCall) -> Option<String> {
        if let Some(made) = self.made.get(&key(call)) {
            return Some(words::repeated(made.result.as_deref()));
        }
        let made = Made {
            result: None,
            changed_something: false,
        };
        self.made.insert(key(call), made);
        None
    }

    /// Notes a result. After a change, looking again may show something new, so reading calls are forgotten.
    pub(super) fn finished(&mut self, call: &ToolCall, result: &ToolResult) {
        let changed_something = !result.receipts.is_empty();
        if changed_something {
            self.made
                .retain(|_, made| made.changed_something || made.result.is_none());
        }
        let made = Made {
            result: Some(result.content.clone()),
            changed_something,
        };
        self.made.insert(key(call), made);
    }
}

fn key(call: &ToolCall) -> (String, String) {
    // The same arguments written differently are the same call.
    let arguments = serde_json::from_str::<serde_json::Value>(&call.arguments)
        .map_or_else(|_| call.arguments.clone(), |value| value.to_string());
    (call.name.clone(), arguments)
}
