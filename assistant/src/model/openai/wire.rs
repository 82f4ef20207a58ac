//! The JSON of chat completions: what we send, and the little that we need of what comes back.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::{Message, ModelRequest};

/// One chunk of a streamed answer. Whatever a server may leave out is optional here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chunk {
    pub(super) choices: Option<Vec<Choice>>,
    pub(super) usage: Option<TokenCounts>,
    pub(super) error: Option<Value>,
}

/// One of the alternatives; we ask for one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    pub(super) index: Option<u32>,
    pub(super) delta: Option<Delta>,
    pub(super) finish_reason: Option<String>,
}

/// What is new.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta {
    pub(super) content: Option<String>,
    pub(super) refusal: Option<String>,
    pub(super) tool_calls: Option<Vec<CallDelta>>,
}

/// What is new of a tool call.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CallDelta {
    pub(super) index: Option<u32>,
    pub(super) id: Option<String>,
    pub(super) function: Option<FunctionDelta>,
}

/// What is new of its name and arguments.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FunctionDelta {
    pub(super) name: Option<String>,
    pub(super) arguments: Option<String>,
}

/// The tokens of the call.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenCounts {
    pub(super) prompt_tokens: Option<u32>,
    pub(super) completion_tokens: Option<u32>,
}

/// The body of a request; what the assistant's parameters say comes first, so that ours wins.
pub(super) fn request(request: &ModelRequest, default_model: &str) -> Value {
    let mut body: Map<String, Value> = request.parameters.clone();
    let mut messages = vec![json!({ "role": "system", "content": request.instructions })];
    messages.extend(request.messages.iter().map(message));
    body.insert(
        "model".to_owned(),
        request.model.as_deref().unwrap_or(default_model).into(),
    );
    body.insert("messages".to_owned(), messages.into());
    body.insert("stream".to_owned(), true.into());
    body.insert("stream_options".to_owned(), json!({ "include_usage": true }));
    if !body.contains_key("max_tokens") {
        // Only newer servers know this name, and the others ignore it.
        body.entry("max_completion_tokens")
            .or_insert_with(|| request.max_output_tokens.into());
    }
    body.remove("tools");
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request
            .tools
            .iter()
            .map(|tool| {
                json!({ "type": "function", "function": {
                    "name": tool.name, "description": tool.description, "parameters": tool.parameters,
                } })
            })
            .collect();
        body.insert("tools".to_owned(), tools.into());
    }
    body.into()
}

fn message(message: &Message) -> Value {
    match message {
        // Some servers refuse a message that says nothing.
        Message::User(text) if text.trim().is_empty() => {
            json!({ "role": "user", "content": "(an empty message)" })
        }
        Message::User(text) => json!({ "role": "user", "content": text }),
        Message::Assistant { text, tool_calls } if tool_calls.is_empty() => {
            json!({ "role": "assistant", "content": text })
        }
        Message::Assistant { text, tool_calls } => {
            let calls: Vec<Value> = tool_calls
                .iter()
                .map(|call| {
                    json!({ "id": call.id, "type": "function", "function": {
                        "name": call.name, "arguments": call.arguments,
                    } })
                })
                .collect();
            let content = Some(text).filter(|text| !text.is_empty());
            json!({ "role": "assistant", "content": content, "tool_calls": calls })
        }
        Message::Tool { call_id, content } => {
            json!({ "role": "tool", "tool_call_id": call_id, "content": content })
        }
    }
}
