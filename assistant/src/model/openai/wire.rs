//! The JSON that we send: OpenAI's chat completions, without what the server does not take. Pure.

use serde_json::{Map, Value, json};

use super::{
    super::{Message, ModelRequest, ProviderFields, ToolCall},
    dialect::{Dialect, LIMITS},
    roles,
};

/// What a model without tools has to know.
const NO_TOOLS: &str = "\n\nYou have no tools at the moment: you can look nothing up, and set or change nothing. When \
asked to, say that you can't.";

/// What a model is told when it is not shown everything.
pub(super) const NOT_ALL: &str = "\n\nOlder messages of this conversation are not shown.";

/// A request on its way.
pub(super) struct Outgoing<'r> {
    pub(super) request: &'r ModelRequest,
    /// The conversation, as far as it is sent.
    pub(super) messages: &'r [Message],
    /// The model.
    pub(super) model: &'r str,
    /// The server, which gets its own fields back, and no other's.
    pub(super) server: &'r str,
    pub(super) dialect: &'r Dialect,
}

impl Outgoing<'_> {
    /// The body of the request. What the assistant's parameters say comes first, so that ours wins.
    pub(super) fn body(&self) -> Value {
        let Self { request, dialect, .. } = self;
        let mut body = request.parameters.clone();
        self.limit(&mut body);
        body.insert("stream_options".to_owned(), json!({ "include_usage": true }));
        if dialect.no_stream {
            body.remove("stream_options");
        }
        body.retain(|name, _| !dialect.left_out.contains(name));
        if dialect.is_plain {
            body.clear();
        }
        body.insert("model".to_owned(), self.model.into());
        body.insert("messages".to_owned(), self.messages().into());
        body.insert("stream".to_owned(), (!dialect.no_stream).into());
        body.remove("tools");
        if !request.tools.is_empty() && !dialect.no_tools {
            body.insert("tools".to_owned(), self.tools().into());
        } else {
            body.remove("tool_choice");
            body.remove("parallel_tool_calls");
        }
        body.into()
    }

    /// The limit of the answer, under the name that the server knows; an assistant's own parameter keeps its name.
    fn limit(&self, body: &mut Map<String, Value>) {
        let own = LIMITS
            .iter()
            .find_map(|name| Some((*name, body.get(*name)?.clone())));
        let (preferred, value) = own.unwrap_or_else(|| (LIMITS[0], self.request.max_output_tokens.into()));
        for name in LIMITS {
            body.remove(name);
        }
        let names = std::iter::once(preferred).chain(LIMITS);
        if let Some(name) = names
            .into_iter()
            .find(|name| !self.dialect.left_out.contains(*name))
        {
            body.insert(name.to_owned(), value);
        }
    }

    fn messages(&self) -> Vec<Value> {
        let Self { request, dialect, .. } = self;
        let mut system = request.instructions.clone();
        if self.messages.len() < request.messages.len() && !system.contains(NOT_ALL.trim()) {
            system.push_str(NOT_ALL);
        }
        if dialect.no_tools && !request.tools.is_empty() {
            system.push_str(NO_TOOLS);
        }
        let is_own =
            |fields: Option<&ProviderFields>| fields.is_some_and(|fields| fields.server == self.server);
        let mut folded = match (dialect.no_tool_messages, dialect.only_own_calls) {
            (true, _) => roles::without_tools(self.messages, |_| false),
            (false, true) => roles::without_tools(self.messages, is_own),
            (false, false) => roles::folded(self.messages),
        };
        if dialect.short_ids {
            shorten_ids(&mut folded);
        }
        let mut messages = Vec::new();
        if dialect.no_system {
            if let Some(Message::User(text)) = folded.first_mut() {
                *text = format!("{system}\n\n---\n\n{text}");
            }
        } else {
            messages.push(json!({ "role": "system", "content": system }));
        }
        messages.extend(folded.iter().map(|message| self.message(message)));
        messages
    }

    fn message(&self, message: &Message) -> Value {
        match message {
            Message::User(text) => json!({ "role": "user", "content": text }),
            Message::Tool { call_id, content } => {
                let content = match content.is_empty() && self.dialect.no_empty {
                    true => "(nothing)",
                    false => content,
                };
                json!({ "role": "tool", "tool_call_id": call_id, "content": content })
            }
            Message::Assistant {
                text,
                tool_calls,
                provider,
            } => {
                let provider = provider.as_ref().filter(|fields| self.wants_back(fields));
                let mut said = provider.map(|fields| fields.message.clone()).unwrap_or_default();
                said.insert("role".to_owned(), "assistant".into());
                if !text.is_empty() {
                    said.insert("content".to_owned(), text.as_str().into());
                } else if self.dialect.no_null {
                    said.insert(
                        "content".to_owned(),
                        if self.dialect.no_empty { " " } else { "" }.into(),
                    );
                } else {
                    said.insert("content".to_owned(), Value::Null);
                }
                if !tool_calls.is_empty() {
                    let calls: Vec<Value> = (0..)
                        .zip(tool_calls)
                        .map(|(n, call)| {
                            let own = provider.and_then(|fields| fields.calls.get::<usize>(n));
                            one_call(call, own)
                        })
                        .collect();
                    said.insert("tool_calls".to_owned(), calls.into());
                }
                said.into()
            }
        }
    }

    fn wants_back(&self, fields: &ProviderFields) -> bool {
        fields.server == self.server && !self.dialect.no_fields
    }

    fn tools(&self) -> Vec<Value> {
        let one = |tool: &super::super::ToolSpec| {
            let mut parameters = tool.parameters.clone();
            if !self.dialect.keywords.is_empty() {
                strip(&mut parameters, &self.dialect.keywords, false);
            }
            json!({ "type": "function", "function": {
                "name": tool.name, "description": tool.description, "parameters": parameters,
            } })
        };
        self.request.tools.iter().map(one).collect()
    }
}

fn one_call(call: &ToolCall, own: Option<&Map<String, Value>>) -> Value {
    let mut fields = own.cloned().unwrap_or_default();
    fields.insert("id".to_owned(), call.id.as_str().into());
    fields.insert("type".to_owned(), "function".into());
    fields.insert(
        "function".to_owned(),
        json!({ "name": call.name, "arguments": call.arguments }),
    );
    fields.into()
}

/// Takes keywords out of a schema; of alternatives the first stays. Names of properties are no keywords.
fn strip(schema: &mut Value, keywords: &std::collections::BTreeSet<String>, is_properties: bool) {
    match schema {
        Value::Object(fields) => {
            if !is_properties {
                for word in keywords {
                    let removed = fields.remove(word);
                    if matches!(word.as_str(), "anyOf" | "oneOf" | "allOf")
                        && let Some(Value::Array(choices)) = removed
                        && let Some(Value::Object(first)) = choices.into_iter().next()
                    {
                        for (name, value) in first {
                            fields.entry(name).or_insert(value);
                        }
                    }
                }
            }
            for (name, inner) in fields.iter_mut() {
                strip(inner, keywords, !is_properties && name == "properties");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, keywords, false)),
        _ => {}
    }
}

/// Gives each call an id of nine letters and digits, the same for its result.
fn shorten_ids(messages: &mut [Message]) {
    let mut known: Vec<(String, String)> = Vec::new();
    for message in messages {
        match message {
            Message::Assistant { tool_calls, .. } => {
                for call in tool_calls {
                    let short = format!("call{:05}", known.len());
                    known.push((std::mem::replace(&mut call.id, short.clone()), short));
                }
            }
            Message::Tool { call_id, .. } => {
                if let Some((_, short)) = known.iter().rfind(|(id, _)| id == call_id) {
                    call_id.clone_from(short);
                }
            }
            Message::User(_) => {}
        }
    }
}
