//! What one chunk of an answer says, whatever a server leaves out, adds, or writes in another shape. Pure.
//!
//! Nothing here can fail: what is not understood is left out.

use serde_json::{Map, Value};

/// What is new in a chunk.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Chunk {
    /// Text for the user.
    pub(super) text: String,
    /// Whether the text came as a whole message, and may only repeat what was streamed before.
    pub(super) is_message: bool,
    /// Whether there was reasoning, which nobody is shown.
    pub(super) has_thought: bool,
    /// Pieces of tool calls.
    pub(super) calls: Vec<CallPiece>,
    /// The provider's own fields of the message, to be sent back.
    pub(super) fields: Map<String, Value>,
    /// Why the answer ends; empty while it does not.
    pub(super) finish_reason: String,
}

/// What is new of a tool call.
#[derive(Debug, Default, PartialEq)]
pub(super) struct CallPiece {
    /// Which of several calls it belongs to, where the server says so.
    pub(super) index: Option<u64>,
    /// Its id; empty where there is none.
    pub(super) id: String,
    /// Its name, or a part of it; empty where there is none.
    pub(super) name: String,
    /// Its arguments, or a part of them.
    pub(super) arguments: String,
    /// The provider's own fields of the call, to be sent back.
    pub(super) fields: Map<String, Value>,
}

/// Words in the names of fields in which providers keep the state of their reasoning.
const STATE: [&str; 6] = [
    "reasoning",
    "thinking",
    "thought",
    "signature",
    "extra_content",
    "provider_specific",
];

/// The fields of a call that are everybody's.
const CALL_FIELDS: [&str; 9] = [
    "index",
    "id",
    "type",
    "function",
    "name",
    "arguments",
    "parameters",
    "input",
    "error",
];

impl Chunk {
    /// Whether it brings the answer on.
    pub(super) fn is_progress(&self) -> bool {
        self.has_thought
            || !self.text.is_empty()
            || !self.calls.is_empty()
            || !self.fields.is_empty()
            || !self.finish_reason.is_empty()
    }
}

/// Reads a chunk; of several alternatives the first, because we ask for one.
pub(super) fn read(chunk: &Value) -> Chunk {
    let choice = match chunk.get("choices").and_then(Value::as_array) {
        Some(choices) => choices
            .iter()
            .find(|choice| index(choice).is_none_or(|index| index == 0)),
        // Ollama's own API has no choices, and others answer without any.
        None => Some(chunk),
    };
    let Some(choice) = choice else {
        return Chunk::default();
    };
    let mut read = Chunk::default();
    let delta = choice.get("delta").filter(|delta| says_something(delta));
    let message = choice.get("message").filter(|message| message.is_object());
    if let Some(part) = delta.or(message) {
        read.is_message = delta.is_none();
        take_message(&mut read, part);
    } else if let Some(text) = choice.get("text").or_else(|| chunk.get("response")) {
        take_text(&mut read, text);
        take_calls(&mut read, choice);
    }
    let reasons = ["finish_reason", "stop_reason", "done_reason"];
    let said_by = [Some(choice), delta];
    let reason = said_by.into_iter().flatten().find_map(|place| {
        let texts = reasons.iter().filter_map(|name| place.get(name)?.as_str());
        texts.map(str::trim).find(|reason| !reason.is_empty())
    });
    reason.unwrap_or_default().clone_into(&mut read.finish_reason);
    if read.finish_reason.is_empty() && chunk.get("done") == Some(&Value::Bool(true)) {
        "stop".clone_into(&mut read.finish_reason);
    }
    read
}

/// The error that a chunk, or an answer that is none, carries.
pub(super) fn error(chunk: &Value) -> Option<&Value> {
    let is_error = |name: &str| chunk.get(name).is_some_and(|kind| kind == "error");
    match chunk.get("error") {
        Some(Value::Null | Value::Bool(false)) | None => {}
        Some(Value::String(text)) if text.is_empty() => {}
        Some(Value::Object(fields)) if fields.is_empty() => {}
        Some(_) => return Some(chunk),
    }
    let is_bare = !["choices", "message", "response"]
        .iter()
        .any(|name| chunk.get(name).is_some_and(|value| !value.is_null()))
        || chunk.get("message").is_some_and(Value::is_string);
    let tells = ["detail", "errors", "error_message"]
        .iter()
        .any(|name| chunk.get(name).is_some_and(|value| !value.is_null()));
    (is_error("object") || is_error("type") || (is_bare && tells)).then_some(chunk)
}

fn says_something(delta: &Value) -> bool {
    delta.as_object().is_some_and(|fields| {
        fields
            .iter()
            .any(|(name, value)| name != "role" && !value.is_null())
    })
}

fn take_message(read: &mut Chunk, message: &Value) {
    if let Some(content) = message.get("content") {
        take_text(read, content);
    }
    if let Some(refusal) = message.get("refusal") {
        take_text(read, refusal);
    }
    take_calls(read, message);
    let fields = message.as_object().into_iter().flatten();
    for (name, value) in fields {
        let is_state = STATE.iter().any(|word| name.contains(word));
        if is_state && !is_empty(value) {
            read.has_thought = true;
            read.fields.insert(name.clone(), value.clone());
        }
    }
}

/// A text, or a list of parts, some of which are thoughts.
fn take_text(read: &mut Chunk, content: &Value) {
    match content {
        Value::String(text) => read.text.push_str(text),
        Value::Array(parts) => parts.iter().for_each(|part| take_text(read, part)),
        Value::Object(part) => {
            let kind = part.get("type").and_then(Value::as_str).unwrap_or("text");
            if kind.contains("think") || kind.contains("reason") || part.get("thought") == Some(&true.into())
            {
                read.has_thought = true;
                return;
            }
            let inner = ["text", "refusal", "value", "content"]
                .iter()
                .find_map(|name| part.get(*name));
            if let Some(inner) = inner {
                take_text(read, inner);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn take_calls(read: &mut Chunk, message: &Value) {
    match message.get("tool_calls") {
        Some(Value::Array(calls)) => read.calls.extend(calls.iter().filter_map(call)),
        // Some servers send the one call where the list should be.
        Some(one @ Value::Object(_)) => read.calls.extend(call(one)),
        _ => {}
    }
    // What tool calls were called before they were several.
    if let Some(legacy) = message.get("function_call").filter(|call| call.is_object()) {
        read.calls.extend(call(legacy));
    }
}

fn call(value: &Value) -> Option<CallPiece> {
    let fields = value.as_object()?;
    let function = fields.get("function").filter(|function| function.is_object());
    let body = function.unwrap_or(value);
    let arguments = ["arguments", "parameters", "input"]
        .iter()
        .find_map(|name| body.get(name).or_else(|| value.get(name)));
    let name = [body.get("name"), value.get("name"), fields.get("function")];
    let name = name.into_iter().flatten().find_map(Value::as_str);
    let piece = CallPiece {
        index: index(value),
        id: match fields.get("id") {
            Some(Value::String(id)) => id.trim().to_owned(),
            Some(Value::Number(id)) => id.to_string(),
            _ => String::new(),
        },
        name: name.unwrap_or_default().to_owned(),
        arguments: match arguments {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => String::new(),
            Some(other) => other.to_string(),
        },
        fields: fields
            .iter()
            .filter(|(name, value)| !CALL_FIELDS.contains(&name.as_str()) && !is_empty(value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    };
    (piece != CallPiece::default()).then_some(piece)
}

fn index(value: &Value) -> Option<u64> {
    match value.get("index")? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Adds a later piece of the provider's fields to what came before: text grows, lists grow, the rest is the newest.
pub(super) fn merge(fields: &mut Map<String, Value>, newer: Map<String, Value>) {
    for (name, newer) in newer {
        let is_opaque =
            name.contains("signature") || name.contains("encrypted") || name == "id" || name == "type";
        match (fields.get_mut(&name), newer) {
            (Some(Value::String(text)), Value::String(more)) if !is_opaque => text.push_str(&more),
            (Some(Value::Array(items)), Value::Array(more)) => {
                more.into_iter().for_each(|one| add(items, one));
            }
            (Some(Value::Object(inner)), Value::Object(more)) => merge(inner, more),
            (_, newer) => {
                fields.insert(name, newer);
            }
        }
    }
}

/// A piece of a list's element belongs to the element of its index and kind.
fn add(items: &mut Vec<Value>, newer: Value) {
    let key = |value: &Value| (index(value), value.get("type").cloned());
    if let (Some(last @ Value::Object(_)), Value::Object(_)) = (items.last_mut(), &newer)
        && index(&newer).is_some()
        && key(last) == key(&newer)
        && let (Value::Object(last), Value::Object(newer)) = (last, newer.clone())
    {
        merge(last, newer);
        return;
    }
    items.push(newer);
}
