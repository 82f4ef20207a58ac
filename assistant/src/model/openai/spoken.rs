//! Tool calls that a model wrote as text, as many templates have it: where the server does not read them, we do. Pure.
//!
//! Between the tags stand a JSON object with name and arguments, a name with an object behind it, or a name with
//! parameters in tags. Instead of a parser for each template there is one that looks for these three.

use serde_json::{Map, Value};

use super::{
    super::{ToolCall, ToolSpec},
    arguments,
    prose::{CALLS, begins, find},
};

/// How a call ends, and the next may begin.
const ENDS: [&str; 15] = [
    "</tool_call>",
    "</toolcall>",
    "</function>",
    "</function_call>",
    "</functioncall>",
    "</invoke>",
    "</tool_use>",
    "<end_function_call>",
    "<tool_call|>",
    "<|tool_call_end|>",
    "<|tool▁call▁end|>",
    "<｜tool▁call▁end｜>",
    "[END_TOOL_REQUEST]",
    "<|call|>",
    "<|action_end|>",
];

/// Tokens that end an answer, and that some servers let through.
const TOKENS: [&str; 8] = [
    "</s>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end|>",
    "<|return|>",
    "<|endoftext|>",
    "<end_of_turn>",
];

/// How many broken objects are looked into.
const BROKEN: usize = 64;

/// The most calls that are taken from a text.
const MOST: usize = 128;

/// What a text says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Spoken {
    /// For the user.
    pub(super) text: String,
    /// For the tools; without ids.
    pub(super) calls: Vec<ToolCall>,
    /// Whether it has the tags of a call and no call that can be read: the model is to be asked again.
    pub(super) is_garbled: bool,
}

/// Reads a whole text.
pub(super) fn read(text: &str, tools: &[ToolSpec]) -> Spoken {
    let mut text = text.trim_end();
    while let Some(before) = TOKENS.iter().find_map(|token| text.strip_suffix(token)) {
        text = before.trim_end();
    }
    if let Some(place) = marker(text) {
        let (before, tail) = text.split_at(place);
        let calls = in_tags(tail, tools);
        return Spoken {
            text: before.trim_end().to_owned(),
            is_garbled: calls.is_empty(),
            calls,
        };
    }
    let bare = text.trim();
    if bare.starts_with('{') || bare.starts_with("[{") {
        let found = values(bare);
        let calls: Option<Vec<Vec<ToolCall>>> =
            found.iter().map(|(_, _, value)| offered(value, tools)).collect();
        if let Some(calls) = calls.filter(|calls| !calls.is_empty()) {
            return Spoken {
                calls: calls.into_iter().flatten().collect(),
                ..Spoken::default()
            };
        }
        // Cut or broken, but meant for a tool.
        let is_meant =
            bare.contains("\"name\"") && (bare.contains("\"arguments\"") || bare.contains("\"parameters\""));
        let names_tool = tools
            .iter()
            .any(|tool| bare.contains(&format!("\"{}\"", tool.name)));
        if found.is_empty() && is_meant && names_tool {
            return Spoken {
                is_garbled: true,
                ..Spoken::default()
            };
        }
    }
    if let Some((before, calls)) = in_fences(text, tools) {
        return Spoken {
            text: before.trim_end().to_owned(),
            calls,
            is_garbled: false,
        };
    }
    Spoken {
        text: text.to_owned(),
        ..Spoken::default()
    }
}

/// Where the first tag of a call stands; one in inline code or quotation marks is spoken of, and not used.
fn marker(text: &str) -> Option<usize> {
    let places = text
        .char_indices()
        .filter(|(_, c)| matches!(c, '<' | '[' | '`' | 'f'));
    places.map(|(place, _)| place).find(|place| {
        let (before, rest) = text.split_at(*place);
        CALLS.iter().any(|call| begins(rest, call)) && !before.ends_with(['`', '"', '\'', '\\'])
    })
}

fn in_tags(tail: &str, tools: &[ToolSpec]) -> Vec<ToolCall> {
    let mut calls = Vec::new();
    let mut rest = tail;
    while !rest.is_empty() && calls.len() < MOST {
        let end = ENDS
            .iter()
            .filter_map(|end| Some((find(rest, end)?, end.len())))
            .chain(
                rest.match_indices("[TOOL_CALLS]")
                    .find(|(place, _)| *place > 0)
                    .map(|(place, _)| (place, 0)),
            )
            .min();
        let (segment, behind) = match end {
            Some((place, length)) => {
                let behind = rest.get(place + length..).unwrap_or_default();
                (rest.get(..place).unwrap_or_default(), behind)
            }
            None => (rest, ""),
        };
        calls.extend(in_segment(segment, tools));
        rest = behind;
    }
    calls
}

/// The calls between two tags.
fn in_segment(segment: &str, tools: &[ToolSpec]) -> Vec<ToolCall> {
    let found = values(segment);
    let calls: Vec<ToolCall> = found
        .iter()
        .flat_map(|(_, _, value)| written(value, tools))
        .collect();
    if !calls.is_empty() {
        return calls;
    }
    let parameters = parameters(segment);
    let first = found.iter().find(|(_, _, value)| value.is_object());
    // What stands before the arguments names the tool.
    let head_end = [
        first.map(|(begin, ..)| *begin),
        find(segment, "<parameter"),
        find(segment, "<arg_key>"),
    ];
    let head_end = head_end.into_iter().flatten().min().unwrap_or(segment.len());
    let head = segment.get(..head_end).unwrap_or_default();
    let Some(name) = tool_named(head, tools).or_else(|| attribute(head)) else {
        return Vec::new();
    };
    let arguments = match (first, parameters.is_empty()) {
        (_, false) => Value::Object(parameters),
        (Some((_, _, value)), true) => value.clone(),
        // Something stands there that is no arguments.
        (None, true) if head.contains(['(', '{']) => return Vec::new(),
        (None, true) => Map::new().into(),
    };
    vec![call(&name, &arguments, tools)]
}

/// The last of the offered tools' names in a text.
fn tool_named(text: &str, tools: &[ToolSpec]) -> Option<String> {
    let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')));
    words
        .rfind(|word| tools.iter().any(|tool| tool.name == *word))
        .map(str::to_owned)
}

/// The name of a tool that is not offered: `<function=NAME>`, `name="NAME"`.
fn attribute(text: &str) -> Option<String> {
    let (_, behind) = text
        .split_once("<function=")
        .or_else(|| text.split_once("name="))?;
    let name: String = behind
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        .collect();
    (!name.is_empty()).then_some(name)
}

/// Parameters in tags of their own.
fn parameters(segment: &str) -> Map<String, Value> {
    let mut found = Map::new();
    let mut rest = segment;
    while let Some((_, behind)) = rest
        .split_once("<parameter")
        .or_else(|| rest.split_once("<arg_key>"))
    {
        let is_pair = !behind.starts_with([' ', '=']);
        let parts = match is_pair {
            true => behind.split_once("</arg_key>").and_then(|(key, behind)| {
                let (value, behind) = behind.split_once("<arg_value>")?.1.split_once("</arg_value>")?;
                Some((key, value, behind))
            }),
            false => behind.split_once('>').map(|(key, behind)| {
                let (value, behind) = behind.split_once("</parameter>").unwrap_or((behind, ""));
                (key, value, behind)
            }),
        };
        let Some((key, value, behind)) = parts else { break };
        let key = key
            .trim()
            .trim_start_matches("name")
            .trim_matches([' ', '=', '"', '\'']);
        let value = value.trim();
        let typed = serde_json::from_str(value)
            .ok()
            .filter(|value: &Value| !value.is_string());
        if !key.is_empty() {
            found.insert(key.to_owned(), typed.unwrap_or_else(|| value.into()));
        }
        rest = behind;
    }
    found
}

/// Calls in code fences, with what stands before the first; only of tools that are offered, because JSON in a fence may
/// well be the answer.
fn in_fences<'t>(text: &'t str, tools: &[ToolSpec]) -> Option<(&'t str, Vec<ToolCall>)> {
    let (before, mut rest) = text.split_once("```")?;
    let mut calls = Vec::new();
    loop {
        let (block, behind) = rest.split_once("```").unwrap_or((rest, ""));
        let content = block.trim_start_matches(|c: char| c.is_ascii_alphabetic()).trim();
        let found = values(content);
        let is_all = found.len() == 1
            && found
                .iter()
                .all(|(begin, end, _)| *begin == 0 && *end == content.len());
        let (_, _, value) = found.into_iter().next().filter(|_| is_all)?;
        calls.extend(offered(&value, tools)?);
        let Some((between, next)) = behind.split_once("```") else {
            return behind.trim().is_empty().then_some((before, calls));
        };
        if !between.trim().is_empty() {
            return None;
        }
        rest = next;
    }
}

/// The calls that a value is, all of tools that are offered; `None` when it is anything else.
fn offered(value: &Value, tools: &[ToolSpec]) -> Option<Vec<ToolCall>> {
    let calls = written(value, tools);
    let is_offered = |call: &ToolCall| tools.iter().any(|tool| tool.name == call.name);
    (!calls.is_empty() && calls.iter().all(is_offered)).then_some(calls)
}

/// The calls that a value with names and arguments is.
fn written(value: &Value, tools: &[ToolSpec]) -> Vec<ToolCall> {
    match value {
        Value::Array(items) => items.iter().flat_map(|item| written(item, tools)).collect(),
        Value::Object(fields) => {
            let nested = ["tool_calls", "tool_call", "function", "function_call"];
            let nested = nested.iter().find_map(|name| fields.get(*name));
            if let Some(inner @ (Value::Object(_) | Value::Array(_))) = nested {
                return written(inner, tools);
            }
            let name = ["name", "tool", "tool_name", "function", "action"]
                .iter()
                .find_map(|name| fields.get(*name)?.as_str());
            let arguments = [
                "arguments",
                "parameters",
                "args",
                "input",
                "tool_input",
                "action_input",
            ]
            .iter()
            .find_map(|name| fields.get(*name));
            match (name, arguments) {
                (Some(name), Some(arguments)) if !name.is_empty() => vec![call(name, arguments, tools)],
                // A name alone is a call without arguments.
                (Some(name), None) if fields.len() == 1 && !name.is_empty() => {
                    vec![call(name, &Value::Object(Map::new()), tools)]
                }
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

fn call(name: &str, arguments: &Value, tools: &[ToolSpec]) -> ToolCall {
    let bare = name.rsplit('.').next().unwrap_or(name);
    let tool = tools.iter().find(|tool| tool.name == name || tool.name == bare);
    let text = match arguments {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    ToolCall {
        id: String::new(),
        name: tool.map_or_else(|| name.to_owned(), |tool| tool.name.to_string()),
        arguments: arguments::mended(&text, tool.map(|tool| &tool.parameters)),
    }
}

/// The JSON objects and arrays in a text, with where they begin and end.
fn values(text: &str) -> Vec<(usize, usize, Value)> {
    let mut found = Vec::new();
    let mut broken = 0;
    let mut at = 0;
    while let Some(place) = text.get(at..).and_then(|rest| rest.find(['{', '['])) {
        let begin = at + place;
        let mut stream =
            serde_json::Deserializer::from_str(text.get(begin..).unwrap_or_default()).into_iter();
        match stream.next() {
            Some(Ok(value)) => {
                at = begin + stream.byte_offset();
                found.push((begin, at, value));
            }
            _ => {
                at = begin + 1;
                broken += 1;
            }
        }
        if broken > BROKEN || found.len() > MOST {
            break;
        }
    }
    found
}
