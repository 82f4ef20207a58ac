//! The rules of the `messages` array: roles, shapes, and every tool call answered before anything else.

use super::validate::{Refusal, check_name, missing, only_fields, wrong_type};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};

/// Checks the array.
pub(crate) fn check(messages: &Value) -> Result<(), Refusal> {
    if messages.is_null() {
        return Err(missing("messages"));
    }
    let messages = messages
        .as_array()
        .ok_or_else(|| wrong_type("messages", "an array of objects", messages))?;
    if messages.is_empty() {
        return Err(Refusal {
            code: Some("empty_array"),
            ..Refusal::new(
                "messages",
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            )
        });
    }
    // Calls that wait for their tool messages.
    let mut open: BTreeSet<String> = BTreeSet::new();
    for (index, message) in messages.iter().enumerate() {
        let at = format!("messages[{index}]");
        let role = message["role"]
            .as_str()
            .ok_or_else(|| missing(&format!("{at}.role")))?;
        if role != "tool" && !open.is_empty() {
            return Err(unanswered(&at, &open));
        }
        match role {
            "system" | "developer" | "user" => {
                only_fields(message, &at, &["role", "content", "name"])?;
                check_content(&message["content"], &at, role == "user")?;
            }
            "assistant" => open = check_assistant(message, &at)?,
            "tool" => {
                only_fields(message, &at, &["role", "content", "tool_call_id"])?;
                check_content(&message["content"], &at, false)?;
                let id = message["tool_call_id"]
                    .as_str()
                    .ok_or_else(|| missing(&format!("{at}.tool_call_id")))?;
                if !open.remove(id) {
                    return Err(Refusal::new(
                        &at,
                        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
                    ));
                }
            }
            other => {
                return Err(Refusal {
                    code: Some("invalid_value"),
                    ..Refusal::new(
                        &format!("{at}.role"),
                        format!(
                            "Invalid value: '{other}'. Supported values are: 'system', 'assistant', 'user', 'tool', and 'developer'."
                        ),
                    )
                });
            }
        }
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(unanswered("messages", &open))
    }
}

/// Checks an assistant message and answers the ids of its calls.
fn check_assistant(message: &Value, at: &str) -> Result<BTreeSet<String>, Refusal> {
    only_fields(
        message,
        at,
        &[
            "role",
            "content",
            "name",
            "refusal",
            "audio",
            "tool_calls",
            "function_call",
        ],
    )?;
    let mut ids = BTreeSet::new();
    let calls = &message["tool_calls"];
    if calls.is_null() {
        if message["content"].is_null() && message["refusal"].is_null() {
            return Err(Refusal::new(
                &format!("{at}.content"),
                "Invalid value for 'content': expected a string, got null.",
            ));
        }
    } else {
        let at = format!("{at}.tool_calls");
        let calls = calls
            .as_array()
            .ok_or_else(|| wrong_type(&at, "an array of objects", calls))?;
        if calls.is_empty() {
            return Err(Refusal::new(
                &at,
                format!(
                    "Invalid '{at}': empty array. Expected an array with minimum length 1, but got an empty array instead."
                ),
            ));
        }
        for (index, call) in calls.iter().enumerate() {
            let id = check_call(call, &format!("{at}[{index}]"))?;
            if !ids.insert(id.to_owned()) {
                return Err(Refusal::new(&at, format!("Duplicate tool call id '{id}'.")));
            }
        }
    }
    if !message["content"].is_null() {
        check_content(&message["content"], at, false)?;
    }
    Ok(ids)
}

fn check_call<'a>(call: &'a Value, at: &str) -> Result<&'a str, Refusal> {
    only_fields(call, at, &["id", "type", "function"])?;
    let id = call["id"]
        .as_str()
        .filter(|id| !id.is_empty())
        .ok_or_else(|| missing(&format!("{at}.id")))?;
    if call["type"] != "function" {
        return Err(missing(&format!("{at}.type")));
    }
    only_fields(
        &call["function"],
        &format!("{at}.function"),
        &["name", "arguments"],
    )?;
    let name = call["function"]["name"]
        .as_str()
        .ok_or_else(|| missing(&format!("{at}.function.name")))?;
    check_name(name, &format!("{at}.function.name"))?;
    let arguments = &call["function"]["arguments"];
    if !arguments.is_string() {
        return Err(wrong_type(
            &format!("{at}.function.arguments"),
            "a string",
            arguments,
        ));
    }
    Ok(id)
}

fn check_content(content: &Value, at: &str, may_have_media: bool) -> Result<(), Refusal> {
    let at = format!("{at}.content");
    match content {
        Value::String(_) => Ok(()),
        Value::Array(parts) if !parts.is_empty() => {
            let media: HashSet<&str> = HashSet::from(["image_url", "input_audio", "file"]);
            for (index, part) in parts.iter().enumerate() {
                let kind = part["type"]
                    .as_str()
                    .ok_or_else(|| missing(&format!("{at}[{index}].type")))?;
                let payload = if kind == "text" || kind == "refusal" {
                    &part[kind]
                } else {
                    &Value::Null
                };
                let fits =
                    payload.is_string() || (may_have_media && media.contains(kind) && part[kind].is_object());
                if !fits {
                    return Err(Refusal::new(
                        &format!("{at}[{index}]"),
                        format!("Invalid content part of type '{kind}'."),
                    ));
                }
            }
            Ok(())
        }
        Value::Null => Err(Refusal::new(
            &at,
            "Invalid value for 'content': expected a string, got null.",
        )),
        other => Err(wrong_type(&at, "one of a string or array of objects", other)),
    }
}

fn unanswered(at: &str, open: &BTreeSet<String>) -> Refusal {
    let ids: Vec<&str> = open.iter().map(String::as_str).collect();
    Refusal::new(
        at,
        format!(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: {}",
            ids.join(", ")
        ),
    )
}
