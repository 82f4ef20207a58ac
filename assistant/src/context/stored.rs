//! Messages as they are stored, and back.

use rest_client::{MessageRole, NewMessage};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::model::{Message, ProviderFields, ToolCall};

/// The longest text that is stored, in characters: what rest_service takes.
const LONGEST: usize = 200_000;

/// How long the arguments of one message's calls may be together, in bytes; rest_service takes 64 KiB of JSON.
const LONGEST_ARGUMENTS: usize = 24_000;

/// Arguments of this length are kept even then.
const SHORT_ARGUMENTS: usize = 1000;

/// The field under which tools hand on what others wrote.
const FROM_OUTSIDE: &str = "\"from_outside\":";

/// A tool call as it is stored.
#[derive(Deserialize, Serialize)]
struct StoredCall {
    id: String,
    name: String,
    arguments: String,
}

/// A message to store. `from_outside`: it may hold the words of others.
pub fn to_stored(message: &Message, from_outside: bool) -> NewMessage {
    let stored = match message {
        Message::User(text) => plain(MessageRole::User, text),
        Message::Assistant {
            text,
            tool_calls,
            provider,
        } => {
            let whole: usize = tool_calls.iter().map(|call| call.arguments.len()).sum();
            let calls: Vec<StoredCall> = tool_calls
                .iter()
                .map(|call| StoredCall {
                    id: call.id.clone(),
                    name: call.name.clone(),
                    arguments: if whole > LONGEST_ARGUMENTS && call.arguments.len() > SHORT_ARGUMENTS {
                        "{}".to_owned()
                    } else {
                        call.arguments.clone()
                    },
                })
                .collect();
            let mut stored = (!calls.is_empty()).then(|| json!(calls));
            if let Some(provider) = provider {
                // Beside the first call, where a version that does not know it still finds the calls.
                match stored.as_mut().and_then(|calls| calls.get_mut(0)) {
                    Some(first) => first["provider"] = json!(provider),
                    None => stored = Some(json!({ "provider": provider })),
                }
            }
            NewMessage {
                tool_calls: stored,
                ..plain(MessageRole::Assistant, text)
            }
        }
        Message::Tool { call_id, content } => NewMessage {
            tool_call_id: Some(call_id.clone()),
            ..plain(MessageRole::Tool, content)
        },
    };
    NewMessage {
        from_outside,
        ..stored
    }
}

/// Whether a stored message may hold the words of others. Older versions stored no mark, but the field in which
/// tools hand them on.
pub(super) fn is_from_outside(message: &rest_client::Message) -> bool {
    message.from_outside || (message.role == MessageRole::Tool && message.content.contains(FROM_OUTSIDE))
}

/// A stored result without what others wrote: it was read once, and is not read out again in every later turn.
fn without_outside(content: &str) -> String {
    if !content.contains(FROM_OUTSIDE) {
        return content.to_owned();
    }
    // What cannot be read may hold it too.
    let mut fields: Map<String, Value> = serde_json::from_str(content).unwrap_or_default();
    fields.remove("from_outside");
    fields.insert(
        "note".to_owned(),
        "read in an earlier turn; look again if it is needed".into(),
    );
    Value::Object(fields).to_string()
}

/// The messages of one stored turn, or of its end. Models refuse a call without its result and a result without its
/// call, so what lacks its other half is left out.
pub fn to_messages(turn: &[rest_client::Message]) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut rest = turn;
    while let [message, behind @ ..] = rest {
        rest = behind;
        match message.role {
            MessageRole::User => messages.push(Message::User(message.content.clone())),
            MessageRole::Tool => {}
            MessageRole::Assistant => {
                let answers = rest
                    .iter()
                    .take_while(|next| next.role == MessageRole::Tool)
                    .count();
                let (results, behind) = rest.split_at(answers);
                rest = behind;
                let mut tool_calls = calls_of(message);
                let mut provider = provider_of(message);
                let made: Vec<String> = tool_calls.iter().map(|call| call.id.clone()).collect();
                let result_of = |call: &ToolCall| {
                    results
                        .iter()
                        .find(|result| result.tool_call_id.as_deref() == Some(&call.id))
                };
                tool_calls.retain(|call| result_of(call).is_some());
                if let Some(provider) = &mut provider {
                    // One for each call, and none for those that are left out.
                    let mut made = made.iter();
                    provider.calls.retain(|_| {
                        made.next()
                            .is_none_or(|id| tool_calls.iter().any(|call| call.id == *id))
                    });
                }
                let results: Vec<Message> = tool_calls
                    .iter()
                    .filter_map(|call| {
                        Some(Message::Tool {
                            call_id: call.id.clone(),
                            content: without_outside(&result_of(call)?.content),
                        })
                    })
                    .collect();
                if message.content.is_empty() && tool_calls.is_empty() {
                    continue;
                }
                messages.push(Message::Assistant {
                    text: message.content.clone(),
                    tool_calls,
                    provider,
                });
                messages.extend(results);
            }
        }
    }
    messages
}

fn provider_of(message: &rest_client::Message) -> Option<ProviderFields> {
    let stored = message.tool_calls.as_ref()?;
    let fields = stored
        .get("provider")
        .or_else(|| stored.get(0)?.get("provider"))?;
    serde_json::from_value(fields.clone()).ok()
}

fn calls_of(message: &rest_client::Message) -> Vec<ToolCall> {
    // What another version stored and this one cannot read is left out.
    let stored: Vec<StoredCall> = message
        .tool_calls
        .clone()
        .and_then(|calls| serde_json::from_value(calls).ok())
        .unwrap_or_default();
    stored
        .into_iter()
        .map(|call| ToolCall {
            id: call.id,
            name: call.name,
            arguments: call.arguments,
        })
        .collect()
}

fn plain(role: MessageRole, text: &str) -> NewMessage {
    NewMessage {
        role,
        content: storable(text),
        tool_calls: None,
        tool_call_id: None,
        from_outside: false,
    }
}

/// PostgreSQL takes no NUL in text.
fn storable(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(LONGEST).collect()
}
