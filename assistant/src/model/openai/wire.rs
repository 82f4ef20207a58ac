//! The JSON that we send: OpenAI's chat completions, without what the server does not take. Pure.

use std::{borrow::Cow, collections::BTreeSet};

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};
use serde_json::{Map, Value, json};

use super::{
    super::{Message, ModelRequest, ProviderFields, ToolCall, ToolSpec},
    dialect::{Dialect, LIMITS, NEEDED},
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

/// Written from where everything stands, because a conversation is long and each message of it would be copied; what the
/// assistant's parameters say comes first.
impl Serialize for Outgoing<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut body = to.serialize_map(None)?;
        for (name, value) in self.parameters() {
            body.serialize_entry(&name, &value)?;
        }
        body.serialize_entry("model", self.model)?;
        body.serialize_entry("messages", &Messages(self))?;
        body.serialize_entry("stream", &!self.dialect.no_stream)?;
        if self.has_tools() {
            body.serialize_entry("tools", &Tools(self))?;
        }
        body.end()
    }
}

impl Outgoing<'_> {
    fn has_tools(&self) -> bool {
        !self.request.tools.is_empty() && !self.dialect.no_tools
    }

    /// What is said beside the conversation, without what we say ourselves.
    pub(super) fn parameters(&self) -> Map<String, Value> {
        let Self { request, dialect, .. } = self;
        let mut parameters = request.parameters.clone();
        self.limit(&mut parameters);
        parameters.insert("stream_options".to_owned(), json!({ "include_usage": true }));
        if dialect.no_stream {
            parameters.remove("stream_options");
        }
        parameters.retain(|name, _| !dialect.left_out.contains(name) && !NEEDED.contains(&name.as_str()));
        if dialect.is_plain {
            parameters.clear();
        }
        if !self.has_tools() {
            parameters.remove("tool_choice");
            parameters.remove("parallel_tool_calls");
        }
        parameters
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

    /// What the model is told of itself.
    fn system(&self) -> String {
        let Self { request, dialect, .. } = self;
        let mut system = request.instructions.clone();
        if self.messages.len() < request.messages.len() && !system.contains(NOT_ALL.trim()) {
            system.push_str(NOT_ALL);
        }
        if dialect.no_tools && !request.tools.is_empty() {
            system.push_str(NO_TOOLS);
        }
        system
    }

    /// The conversation as the server takes it.
    fn folded(&self) -> Vec<Cow<'_, Message>> {
        let is_own =
            |fields: Option<&ProviderFields>| fields.is_some_and(|fields| fields.server == self.server);
        let without_tools = |is_kept: &dyn Fn(Option<&ProviderFields>) -> bool| {
            let plain = roles::without_tools(self.messages, is_kept);
            plain.into_iter().map(Cow::Owned).collect()
        };
        let mut folded = match (self.dialect.no_tool_messages, self.dialect.only_own_calls) {
            (true, _) => without_tools(&|_| false),
            (false, true) => without_tools(&is_own),
            (false, false) => roles::folded(self.messages),
        };
        if self.dialect.short_ids {
            shorten_ids(&mut folded);
        }
        folded
    }

    fn assistants<M: SerializeMap>(
        &self,
        said: &mut M,
        text: &str,
        tool_calls: &[ToolCall],
        provider: Option<&ProviderFields>,
    ) -> Result<(), M::Error> {
        let provider = provider.filter(|fields| self.wants_back(fields));
        for (name, value) in provider.into_iter().flat_map(|fields| &fields.message) {
            if !matches!(name.as_str(), "role" | "content" | "tool_calls") {
                said.serialize_entry(name, value)?;
            }
        }
        said.serialize_entry("role", "assistant")?;
        let content = match (text.is_empty(), self.dialect.no_null, self.dialect.no_empty) {
            (false, ..) => Some(text),
            (true, true, true) => Some(" "),
            (true, true, false) => Some(""),
            (true, false, _) => None,
        };
        said.serialize_entry("content", &content)?;
        if !tool_calls.is_empty() {
            let own = |n: usize| provider.and_then(|fields| fields.calls.get(n));
            let calls: Vec<Value> = (0..)
                .zip(tool_calls)
                .map(|(n, call)| one_call(call, own(n)))
                .collect();
            said.serialize_entry("tool_calls", &calls)?;
        }
        Ok(())
    }

    fn wants_back(&self, fields: &ProviderFields) -> bool {
        fields.server == self.server && !self.dialect.no_fields
    }
}

/// The messages of a request.
struct Messages<'r, 'o>(&'o Outgoing<'r>);

impl Serialize for Messages<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(outgoing) = self;
        let system = outgoing.system();
        let mut folded = outgoing.folded();
        let mut list = to.serialize_seq(None)?;
        if !outgoing.dialect.no_system {
            list.serialize_element(&json!({ "role": "system", "content": system }))?;
        } else if let Some(first) = folded.first_mut()
            && let Message::User(text) = &**first
        {
            *first = Cow::Owned(Message::User(format!("{system}\n\n---\n\n{text}")));
        }
        for message in &folded {
            list.serialize_element(&One(outgoing, message))?;
        }
        list.end()
    }
}

/// One message of a request.
struct One<'r, 'o>(&'o Outgoing<'r>, &'o Message);

impl Serialize for One<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(outgoing, message) = self;
        let mut said = to.serialize_map(None)?;
        match message {
            Message::User(text) => {
                said.serialize_entry("role", "user")?;
                said.serialize_entry("content", text)?;
            }
            Message::Tool { call_id, content } => {
                let content = match content.is_empty() && outgoing.dialect.no_empty {
                    true => "(nothing)",
                    false => content,
                };
                said.serialize_entry("role", "tool")?;
                said.serialize_entry("tool_call_id", call_id)?;
                said.serialize_entry("content", content)?;
            }
            Message::Assistant {
                text,
                tool_calls,
                provider,
            } => outgoing.assistants(&mut said, text, tool_calls, provider.as_ref())?,
        }
        said.end()
    }
}

/// The tools of a request.
struct Tools<'r, 'o>(&'o Outgoing<'r>);

impl Serialize for Tools<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Tool<'t> {
            #[serde(rename = "type")]
            kind: &'static str,
            function: Function<'t>,
        }
        #[derive(Serialize)]
        struct Function<'t> {
            name: &'t str,
            description: &'t str,
            parameters: Cow<'t, Value>,
        }
        let keywords = &self.0.dialect.keywords;
        to.collect_seq(self.0.request.tools.iter().map(|tool| Tool {
            kind: "function",
            function: Function {
                name: &tool.name,
                description: &tool.description,
                parameters: schema(tool, keywords),
            },
        }))
    }
}

fn schema<'t>(tool: &'t ToolSpec, left_out: &BTreeSet<String>) -> Cow<'t, Value> {
    let mut parameters = Cow::Borrowed(&tool.parameters);
    if !left_out.is_empty() {
        strip(parameters.to_mut(), left_out, false);
    }
    parameters
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
fn strip(schema: &mut Value, keywords: &BTreeSet<String>, is_properties: bool) {
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
fn shorten_ids(messages: &mut [Cow<'_, Message>]) {
    let mut known: Vec<(String, String)> = Vec::new();
    for message in messages {
        match message.to_mut() {
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
