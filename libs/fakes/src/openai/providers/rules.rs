//! What servers refuse of a request that OpenAI takes, in their words.

use serde_json::{Value, json};

use super::super::validate::Refusal;

/// Something that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// This field of the request, as an unsupported parameter.
    Field(&'static str),
    /// This field of the request, as an extra input (422).
    Extra(&'static str),
    /// A field of a message that came from the server itself.
    OwnField(&'static str),
    /// Two messages of one side, one behind the other.
    Alternate,
    /// Ids of calls that are not nine letters and digits.
    ShortIds,
    /// A system message.
    System,
    /// A message of calls without content.
    NullContent,
    /// A message whose content is empty.
    EmptyContent,
    /// A message of calls without the reasoning that came with it.
    Reasoning,
    /// A message of calls without the signature that came with its first.
    Signature,
    /// This keyword in a schema.
    Keyword(&'static str),
    /// Tools.
    Tools,
    /// Streams.
    Stream,
    /// Every field that is not needed, without saying which.
    AnythingOptional,
    /// More than so many bytes.
    Over(usize),
}

/// The refusal of a request that breaks the rule.
pub(crate) fn check(rule: Rule, body: &Value) -> Result<(), Refusal> {
    let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let with_calls = || messages.iter().filter(|message| !message["tool_calls"].is_null());
    let refuse = |is_broken: bool, refusal: Refusal| if is_broken { Err(refusal) } else { Ok(()) };
    match rule {
        Rule::Field(name) => refuse(
            !body[name].is_null(),
            Refusal {
                code: Some("unsupported_parameter"),
                ..Refusal::new(
                    name,
                    format!("Unsupported parameter: '{name}' is not supported with this model."),
                )
            },
        ),
        Rule::Extra(name) => refuse(
            !body[name].is_null(),
            Refusal {
                status: 422,
                code: Some("extra_forbidden"),
                ..Refusal::new(name, "Extra inputs are not permitted")
            },
        ),
        Rule::OwnField(name) => refuse(
            messages.iter().any(|message| !message[name].is_null()),
            Refusal::general(format!("The {name} field is not allowed in the input messages.")),
        ),
        Rule::Alternate => {
            let roles: Vec<&str> = messages
                .iter()
                .filter_map(|message| message["role"].as_str())
                .collect();
            let roles = match roles.split_first() {
                Some((&"system", rest)) => rest,
                _ => &roles,
            };
            let fits = |one: &str, next: &str| match one {
                "user" => next == "assistant",
                "assistant" => next == "user" || next == "tool",
                "tool" => next == "tool" || next == "assistant",
                _ => false,
            };
            let is_fine = roles.first() == Some(&"user")
                && roles.windows(2).all(|pair| fits(pair[0], pair[1]))
                && roles.last() != Some(&"assistant");
            refuse(
                !is_fine,
                Refusal::general(
                    "After the optional system message, conversation roles must alternate user/assistant/user/assistant/...",
                ),
            )
        }
        Rule::ShortIds => {
            let mut ids = with_calls()
                .filter_map(|message| message["tool_calls"].as_array())
                .flatten();
            let is_short = |call: &Value| {
                let id = call["id"].as_str().unwrap_or_default();
                id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
            };
            let wrong = ids
                .find(|call| !is_short(call))
                .map(|call| call["id"].to_string());
            refuse(
                wrong.is_some(),
                Refusal::general(format!(
                    "Tool call id was {} but must be a-z, A-Z, 0-9, with a length of 9.",
                    wrong.unwrap_or_default()
                )),
            )
        }
        Rule::System => refuse(
            messages.iter().any(|message| message["role"] == "system"),
            Refusal::general("System role not supported"),
        ),
        Rule::NullContent => refuse(
            with_calls().any(|message| message["content"].is_null()),
            Refusal {
                status: 500,
                ..Refusal::general(
                    "template error: content is null, and a string is required; it is not supported",
                )
            },
        ),
        Rule::EmptyContent => refuse(
            messages.iter().any(|message| message["content"] == ""),
            Refusal::general("messages: text content blocks must be non-empty"),
        ),
        Rule::Reasoning => refuse(
            with_calls().any(|message| message["reasoning_content"].is_null()),
            Refusal::general(
                "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2",
            ),
        ),
        Rule::Signature => refuse(
            with_calls().any(|message| {
                let signature = &message["tool_calls"][0]["extra_content"]["google"]["thought_signature"];
                signature.as_str().is_none_or(|text| !text.starts_with("sig-"))
            }),
            Refusal::general("Function call is missing a thought_signature in functionCall parts."),
        ),
        Rule::Keyword(word) => refuse(
            body["tools"].to_string().contains(&format!("\"{word}\":")),
            Refusal::general(format!(
                "Invalid JSON payload received. Unknown name \"{word}\" at 'tools.function_declarations[0].parameters': Cannot find field."
            )),
        ),
        Rule::Tools => refuse(
            !body["tools"].is_null() || messages.iter().any(|message| message["role"] == "tool"),
            Refusal::general("registry.ollama.ai/library/gemma2:2b does not support tools"),
        ),
        Rule::Stream => refuse(
            body["stream"] == true,
            Refusal::general("streaming is not supported by this endpoint"),
        ),
        Rule::AnythingOptional => {
            let needed = ["model", "messages", "stream", "tools"];
            let fields = body.as_object().into_iter().flatten();
            refuse(
                fields
                    .into_iter()
                    .any(|(name, _)| !needed.contains(&name.as_str())),
                Refusal::general("Bad Request"),
            )
        }
        Rule::Over(bytes) => {
            let size = body["messages"].to_string().len();
            refuse(
                size > bytes,
                Refusal {
                    code: Some("context_length_exceeded"),
                    ..Refusal::new(
                        "messages",
                        format!(
                            "This model's maximum context length is {} tokens. However, your messages resulted in {} tokens. Please reduce the length of the messages.",
                            bytes / 4,
                            size / 4
                        ),
                    )
                },
            )
        }
    }
}

/// The body without what only this server takes, so that the rest can be held to OpenAI's rules.
pub(crate) fn without(body: &Value, own_fields: &[&str]) -> Value {
    let mut body = body.clone();
    let strip = |value: &mut Value| {
        if let Some(fields) = value.as_object_mut() {
            fields.retain(|name, _| !own_fields.contains(&name.as_str()));
        }
    };
    for message in body["messages"].as_array_mut().into_iter().flatten() {
        strip(message);
        if let Some(calls) = message.get_mut("tool_calls").and_then(Value::as_array_mut) {
            calls.iter_mut().for_each(strip);
        }
    }
    body
}

/// For servers whose refusals name a place.
pub(crate) fn place(refusal: &Refusal) -> Value {
    json!(["body", refusal.param])
}
