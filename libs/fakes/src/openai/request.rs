//! A request as the server saw it.

use serde_json::Value;
use tokio::time::Instant;

/// A valid chat completion request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The JSON body.
    pub body: Value,
    /// The body's size in bytes, as sent.
    pub bytes: usize,
    /// When it arrived.
    pub at: Instant,
}

impl Request {
    /// The messages, oldest first.
    #[must_use]
    pub fn messages(&self) -> &[Value] {
        self.body["messages"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The newest message's role.
    #[must_use]
    pub fn last_role(&self) -> &str {
        self.messages()
            .last()
            .and_then(|message| message["role"].as_str())
            .unwrap_or_default()
    }

    /// The text of the newest message of the user; empty when there is none.
    #[must_use]
    pub fn last_user_text(&self) -> String {
        self.messages()
            .iter()
            .rfind(|message| message["role"] == "user")
            .map(text_of)
            .unwrap_or_default()
    }

    /// The results of tools behind the newest assistant message: the call's id and the text.
    #[must_use]
    pub fn tool_results(&self) -> Vec<(String, String)> {
        let newest = self
            .messages()
            .iter()
            .rev()
            .take_while(|message| message["role"] == "tool");
        let mut results: Vec<_> = newest
            .map(|message| {
                (
                    message["tool_call_id"].as_str().unwrap_or_default().to_owned(),
                    text_of(message),
                )
            })
            .collect();
        results.reverse();
        results
    }

    /// The names of the offered tools.
    #[must_use]
    pub fn tool_names(&self) -> Vec<&str> {
        let tools = self.body["tools"].as_array().map_or(&[][..], Vec::as_slice);
        tools
            .iter()
            .filter_map(|tool| tool["function"]["name"].as_str())
            .collect()
    }

    /// Whether the answer is to be streamed.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        self.body["stream"] == true
    }

    /// Whether a streamed answer is to end with a usage chunk.
    pub(crate) fn wants_usage(&self) -> bool {
        self.body["stream_options"]["include_usage"] == true
    }
}

/// A message's text, its parts joined.
fn text_of(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}
