//! What one model of one server does not take, learnt from its refusals, and remembered. Pure.
//!
//! Nothing is known of a server beforehand: the request is OpenAI's, and whatever a refusal names is left out from then
//! on. Refused requests cost nothing, and each teaches something once.

use std::collections::BTreeSet;

use serde_json::Value;

use super::trouble::Said;

/// The two names of the limit of an answer; the first is the newer one.
pub(super) const LIMITS: [&str; 2] = ["max_completion_tokens", "max_tokens"];

/// What no request can do without, and no assistant's parameters say instead of us.
pub(super) const NEEDED: [&str; 4] = ["model", "messages", "stream", "tools"];

/// What of a schema a model can do without.
const KEYWORDS: [&str; 19] = [
    "additionalProperties",
    "anyOf",
    "oneOf",
    "allOf",
    "const",
    "default",
    "enum",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
    "title",
];

/// What a model does not take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Fields of the request.
    pub(super) left_out: BTreeSet<String>,
    /// Keywords of the tools' schemas.
    pub(super) keywords: BTreeSet<String>,
    /// A system message: what it says goes into the first one of the user.
    pub(super) no_system: bool,
    /// Tools.
    pub(super) no_tools: bool,
    /// A conversation with calls and their results.
    pub(super) no_tool_messages: bool,
    /// Calls that another server made, or that lack what this one gave them (Gemini's signatures, Kimi's reasoning).
    pub(super) only_own_calls: bool,
    /// Streams.
    pub(super) no_stream: bool,
    /// A message of calls alone, without content.
    pub(super) no_null: bool,
    /// An empty content.
    pub(super) no_empty: bool,
    /// Ids of calls that are not nine letters and digits (Mistral).
    pub(super) short_ids: bool,
    /// Its own fields, of which it also says that it wants them back.
    pub(super) no_fields: bool,
    /// Anything that can be left out.
    pub(super) is_plain: bool,
    /// A conversation of so many bytes.
    pub(super) too_long: Option<usize>,
}

impl Dialect {
    /// Learns from a refusal of a request; what is different now, or `None` when nothing can be.
    pub(super) fn learn(&mut self, said: &Said, body: &Value) -> Option<String> {
        let before = self.clone();
        let is_unsupported = said.has(&[
            "support",
            "unknown",
            "unrecognized",
            "unexpected",
            "not permitted",
            "not allowed",
            "not enabled",
            "invalid",
            "requires",
            "unavailable",
        ]);
        let named = self.leave_out(said, body);
        if !named.is_empty() {
            return Some(named);
        }
        if said.has(&["missing"])
            && said.has(&["thought_signature", "reasoning_content", "thinking", "signature"])
        {
            self.only_own_calls = true;
        } else if said.has(&[
            "tool call id",
            "tool_call_id",
            "tool_calls.id",
            "tool_calls[0].id",
        ]) && said.has(&["length", "9"])
        {
            self.short_ids = true;
        } else if let Some(fields) = self.own_fields(said, body) {
            self.no_fields = true;
            return Some(fields);
        } else if is_about_system(said) {
            self.no_system = true;
        } else if let Some(keywords) = self.schema_keywords(said, body) {
            return Some(keywords);
        } else if said.has(&[
            "tool role",
            "role 'tool'",
            "role tool",
            "must alternate",
            "\"tool\"",
        ]) {
            self.no_tool_messages = true;
        } else if is_unsupported && said.names("stream")
            || said.has(&["streaming is not", "does not support streaming"])
        {
            self.no_stream = true;
        } else if is_unsupported && has_tools(body) && is_about_tools(said) {
            self.no_tools = true;
            self.no_tool_messages = true;
        } else if said.names("content") {
            let is_about_nothing = said.has(&[
                "null",
                "none",
                "must be a string",
                "should be a valid string",
                "required",
            ]);
            self.no_null |= is_about_nothing;
            self.no_empty |=
                !is_about_nothing && said.has(&["empty", "non-empty", "min_length", "at least 1"]);
        }
        if *self == before && !self.is_plain && is_vague(said) {
            self.is_plain = true;
            return Some("everything that can be left out".to_owned());
        }
        (*self != before).then(|| self.difference(&before).to_owned())
    }

    /// Leaves out what the refusal names.
    fn leave_out(&mut self, said: &Said, body: &Value) -> String {
        let fields = body
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str());
        let optional = fields.filter(|name| !NEEDED.contains(name));
        let named: Vec<String> = optional
            .filter(|name| said.names(name))
            .map(str::to_owned)
            .collect();
        let is_limit = |name: &String| LIMITS.contains(&name.as_str());
        if named.iter().any(is_limit)
            && said.has(&["too large", "at most", "less than or equal", "maximum value"])
        {
            // Under its other name it would be as large.
            self.left_out.extend(LIMITS.map(str::to_owned));
        }
        self.left_out.extend(named.iter().cloned());
        named.join(", ")
    }

    /// The provider's fields that the refusal names.
    fn own_fields(&self, said: &Said, body: &Value) -> Option<String> {
        let messages = body.get("messages")?.as_array()?;
        let known = [
            "role",
            "content",
            "tool_calls",
            "tool_call_id",
            "id",
            "type",
            "function",
            "name",
        ];
        let calls = messages
            .iter()
            .filter_map(|message| message.get("tool_calls")?.as_array())
            .flatten();
        let fields = messages
            .iter()
            .chain(calls)
            .filter_map(Value::as_object)
            .flatten();
        let names = fields
            .map(|(name, _)| name)
            .filter(|name| !known.contains(&name.as_str()));
        names.filter(|name| said.names(name)).min().cloned()
    }

    /// The keywords that the refusal names, of those that the schemas have.
    fn schema_keywords(&mut self, said: &Said, body: &Value) -> Option<String> {
        if !said.has(&[
            "schema",
            "tools",
            "function",
            "parameters",
            "unknown name",
            "propert",
        ]) {
            return None;
        }
        let tools = body.get("tools")?.to_string();
        let named: Vec<&str> = KEYWORDS
            .into_iter()
            .filter(|word| said.names(word) && tools.contains(&format!("\"{word}\":")))
            .filter(|word| !self.keywords.contains(*word))
            .collect();
        self.keywords.extend(named.iter().map(|word| (*word).to_owned()));
        (!named.is_empty()).then(|| format!("{} in schemas", named.join(", ")))
    }

    fn difference(&self, before: &Self) -> &'static str {
        let changes = [
            (self.no_system != before.no_system, "the system message"),
            (self.no_tools != before.no_tools, "tools"),
            (
                self.no_tool_messages != before.no_tool_messages,
                "messages with calls and results",
            ),
            (
                self.only_own_calls != before.only_own_calls,
                "calls that others made",
            ),
            (self.no_stream != before.no_stream, "streaming"),
            (self.no_null != before.no_null, "messages without content"),
            (self.no_empty != before.no_empty, "messages with an empty content"),
            (
                self.short_ids != before.short_ids,
                "ids of calls as others make them",
            ),
        ];
        changes
            .iter()
            .find(|(is_new, _)| *is_new)
            .map_or("something", |(_, what)| what)
    }
}

/// Whether a refusal may be one of the request's form, without saying of what.
fn is_vague(said: &Said) -> bool {
    said.words.trim().is_empty()
        || said.has(&[
            "bad request",
            "unprocessable",
            "invalid request",
            "validation",
            "unsupported",
            "not supported",
            "unknown",
            "unrecognized",
            "unexpected",
            "not permitted",
            "parameter",
            "argument",
        ])
}

fn has_tools(body: &Value) -> bool {
    body.get("tools").is_some()
}

fn is_about_system(said: &Said) -> bool {
    said.has(&[
        "system role",
        "role system",
        "role 'system'",
        "system message",
        "system prompt",
        "system instruction",
        "developer instruction",
        "\"system\"",
    ])
}

fn is_about_tools(said: &Said) -> bool {
    said.names("tools")
        || said.names("tool")
        || said.has(&["function call", "tool_choice", "tool choice", "tool use"])
}
