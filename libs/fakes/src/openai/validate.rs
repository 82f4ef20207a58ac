//! Whether a chat completion request keeps OpenAI's rules, and the words in which it is refused.

use super::{messages, schema};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// A refused request.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
    pub(crate) param: Option<String>,
    pub(crate) code: Option<&'static str>,
}

impl Refusal {
    /// 400 that names the parameter.
    pub(crate) fn new(param: &str, message: impl Into<String>) -> Self {
        Self {
            status: 400,
            message: message.into(),
            param: Some(param.to_owned()),
            code: None,
        }
    }

    /// 400 without a parameter.
    pub(crate) fn general(message: impl Into<String>) -> Self {
        Self {
            status: 400,
            message: message.into(),
            param: None,
            code: None,
        }
    }

    /// OpenAI's error body.
    pub(crate) fn body(&self) -> Value {
        json!({ "error": {
            "message": self.message, "type": "invalid_request_error", "param": self.param, "code": self.code,
        } })
    }
}

/// Every field that the API reference lists for `POST /v1/chat/completions`, outdated ones included.
const FIELDS: [&str; 37] = [
    "messages",
    "model",
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "metadata",
    "modalities",
    "moderation",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
];
const MAX_TOOLS: usize = 128;

/// Checks the whole body.
pub(crate) fn check(body: &Value) -> Result<(), Refusal> {
    let Some(fields) = body.as_object() else {
        return Err(Refusal::general(
            "We could not parse the JSON body of your request.",
        ));
    };
    if let Some(unknown) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(Refusal::general(format!(
            "Unrecognized request argument supplied: {unknown}"
        )));
    }
    match body["model"].as_str() {
        Some(model) if !model.trim().is_empty() => {}
        _ => return Err(Refusal::general("you must provide a model parameter")),
    }
    messages::check(&body["messages"])?;
    check_numbers(fields)?;
    check_flags(fields)?;
    let tools = check_tools(fields)?;
    check_tool_choice(fields, &tools)
}

fn check_numbers(fields: &Map<String, Value>) -> Result<(), Refusal> {
    let ranges = [
        ("temperature", 0.0, 2.0),
        ("top_p", 0.0, 1.0),
        ("frequency_penalty", -2.0, 2.0),
        ("presence_penalty", -2.0, 2.0),
    ];
    for (name, low, high) in ranges {
        let Some(value) = fields.get(name).filter(|value| !value.is_null()) else {
            continue;
        };
        let number = value
            .as_f64()
            .ok_or_else(|| wrong_type(name, "a decimal number", value))?;
        if !(low..=high).contains(&number) {
            return Err(Refusal::new(
                name,
                format!(
                    "Invalid '{name}': expected a value between {low} and {high}, but got {number} instead."
                ),
            ));
        }
    }
    for name in ["max_tokens", "max_completion_tokens", "n"] {
        let Some(value) = fields.get(name).filter(|value| !value.is_null()) else {
            continue;
        };
        let number = value
            .as_i64()
            .ok_or_else(|| wrong_type(name, "an integer", value))?;
        if number < 1 {
            return Err(Refusal::new(
                name,
                format!(
                    "Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {number} instead."
                ),
            ));
        }
    }
    if fields.contains_key("max_tokens") && fields.contains_key("max_completion_tokens") {
        return Err(Refusal::general(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
        ));
    }
    Ok(())
}

fn check_flags(fields: &Map<String, Value>) -> Result<(), Refusal> {
    for name in ["stream", "parallel_tool_calls", "store", "logprobs"] {
        if let Some(value) = fields.get(name).filter(|value| !value.is_null())
            && !value.is_boolean()
        {
            return Err(wrong_type(name, "a boolean", value));
        }
    }
    let streams = fields.get("stream") == Some(&Value::Bool(true));
    if let Some(options) = fields.get("stream_options").filter(|value| !value.is_null()) {
        if !streams {
            return Err(Refusal::new(
                "stream_options",
                "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            ));
        }
        let options = options
            .as_object()
            .ok_or_else(|| wrong_type("stream_options", "an object", options))?;
        if let Some(unknown) = options
            .keys()
            .find(|name| !["include_usage", "include_obfuscation"].contains(&name.as_str()))
        {
            return Err(unknown_parameter(&format!("stream_options.{unknown}")));
        }
    }
    if let Some(effort) = fields.get("reasoning_effort").filter(|value| !value.is_null()) {
        let known = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
        if !effort.as_str().is_some_and(|effort| known.contains(&effort)) {
            return Err(Refusal::new(
                "reasoning_effort",
                format!("Invalid value: {effort}."),
            ));
        }
    }
    Ok(())
}

/// Checks the tools and answers their names.
fn check_tools(fields: &Map<String, Value>) -> Result<HashSet<String>, Refusal> {
    let mut names = HashSet::new();
    let Some(tools) = fields.get("tools").filter(|value| !value.is_null()) else {
        return Ok(names);
    };
    let tools = tools
        .as_array()
        .ok_or_else(|| wrong_type("tools", "an array of objects", tools))?;
    if tools.is_empty() {
        return Err(Refusal::new(
            "tools",
            "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        ));
    }
    if tools.len() > MAX_TOOLS {
        let count = tools.len();
        return Err(Refusal::new(
            "tools",
            format!(
                "Invalid 'tools': array too long. Expected an array with maximum length {MAX_TOOLS}, but got an array with length {count} instead."
            ),
        ));
    }
    for (index, tool) in tools.iter().enumerate() {
        let at = format!("tools[{index}]");
        only_fields(tool, &at, &["type", "function"])?;
        if tool["type"] != "function" {
            return Err(Refusal::new(
                &at,
                format!(
                    "Invalid value: {}. Supported values are: 'function'.",
                    tool["type"]
                ),
            ));
        }
        let function = &tool["function"];
        let at = format!("{at}.function");
        only_fields(function, &at, &["name", "description", "parameters", "strict"])?;
        let name = function["name"]
            .as_str()
            .ok_or_else(|| missing(&format!("{at}.name")))?;
        check_name(name, &format!("{at}.name"))?;
        if !names.insert(name.to_owned()) {
            return Err(Refusal::new(
                "tools",
                format!("Tool names must be unique: '{name}' is given twice."),
            ));
        }
        if let Some(description) = function.get("description")
            && !description.is_string()
        {
            return Err(wrong_type(&format!("{at}.description"), "a string", description));
        }
        if let Some(parameters) = function.get("parameters") {
            schema::check(name, parameters, function["strict"] == true).map_err(|message| Refusal {
                code: Some("invalid_function_parameters"),
                ..Refusal::new(&format!("{at}.parameters"), message)
            })?;
        }
    }
    Ok(names)
}

fn check_tool_choice(fields: &Map<String, Value>, tools: &HashSet<String>) -> Result<(), Refusal> {
    if tools.is_empty() && fields.contains_key("parallel_tool_calls") {
        return Err(Refusal::new(
            "parallel_tool_calls",
            "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.",
        ));
    }
    let Some(choice) = fields.get("tool_choice").filter(|value| !value.is_null()) else {
        return Ok(());
    };
    if tools.is_empty() {
        return Err(Refusal::new(
            "tool_choice",
            "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
        ));
    }
    match choice {
        Value::String(word) if ["none", "auto", "required"].contains(&word.as_str()) => Ok(()),
        Value::Object(_) if choice["type"] == "function" => {
            let name = choice["function"]["name"]
                .as_str()
                .ok_or_else(|| missing("tool_choice.function.name"))?;
            if tools.contains(name) {
                return Ok(());
            }
            Err(Refusal::new(
                "tool_choice",
                format!("Tool choice '{name}' not found in 'tools' parameter."),
            ))
        }
        other => Err(Refusal::new("tool_choice", format!("Invalid value: {other}."))),
    }
}

/// A function's name: letters, digits, `_` and `-`, 1 to 64 of them.
pub(crate) fn check_name(name: &str, at: &str) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(Refusal::new(
            at,
            format!(
                "Invalid '{at}': empty string. Expected a string with minimum length 1, but got an empty string instead."
            ),
        ));
    }
    if name.len() > 64 {
        let length = name.len();
        return Err(Refusal::new(
            at,
            format!(
                "Invalid '{at}': string too long. Expected a string with maximum length 64, but got a string with length {length} instead."
            ),
        ));
    }
    if !name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    {
        return Err(Refusal::new(
            at,
            format!(
                "Invalid '{at}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
            ),
        ));
    }
    Ok(())
}

/// An object with no other fields than these.
pub(crate) fn only_fields(value: &Value, at: &str, known: &[&str]) -> Result<(), Refusal> {
    let fields = value
        .as_object()
        .ok_or_else(|| wrong_type(at, "an object", value))?;
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        Some(unknown) => Err(unknown_parameter(&format!("{at}.{unknown}"))),
        None => Ok(()),
    }
}

/// The refusal of a value of another JSON type.
pub(crate) fn wrong_type(at: &str, expected: &str, found: &Value) -> Refusal {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    let message = format!("Invalid type for '{at}': expected {expected}, but got {found} instead.");
    Refusal {
        code: Some("invalid_type"),
        ..Refusal::new(at, message)
    }
}

/// The refusal of a request without this parameter.
pub(crate) fn missing(at: &str) -> Refusal {
    let message = format!("Missing required parameter: '{at}'.");
    Refusal {
        code: Some("missing_required_parameter"),
        ..Refusal::new(at, message)
    }
}

fn unknown_parameter(at: &str) -> Refusal {
    let message = format!("Unknown parameter: '{at}'.");
    Refusal {
        code: Some("unknown_parameter"),
        ..Refusal::new(at, message)
    }
}
