//! The arguments of a call as its tool's schema wants them: as an object and not doubly encoded or fenced, with
//! numbers that are numbers. What cannot be mended stays as it is, and the tool says what is wrong with it. Pure.

use serde_json::{Map, Value};

/// How often text is taken out of text, and schemas are followed down.
const DEEPEST: usize = 16;

/// The arguments, mended by the tool's schema.
pub(super) fn mended(text: &str, schema: Option<&Value>) -> String {
    let Some(mut value) = object(text) else {
        return text.to_owned();
    };
    if let Some(schema) = schema {
        coerce(&mut value, schema, 0);
    }
    value.to_string()
}

/// Whether the text is a whole JSON value, or none at all.
pub(super) fn is_whole(text: &str) -> bool {
    serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
}

/// The object that a text means.
fn object(text: &str) -> Option<Value> {
    let mut text = unfenced(text).to_owned();
    if text.is_empty() || text == "null" || text == "\"\"" {
        return Some(Map::new().into());
    }
    for _ in 0..DEEPEST {
        match serde_json::from_str(&text) {
            Ok(Value::String(inner)) => text = unfenced(&inner).to_owned(),
            Ok(value @ Value::Object(_)) => return Some(value),
            Ok(_) => return None,
            Err(_) => return last_of_several(&text),
        }
    }
    None
}

/// Of objects one behind the other (an empty one before the real one, or the same again) the last that says something,
/// unless they contradict each other.
fn last_of_several(text: &str) -> Option<Value> {
    let all: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(text).into_iter().collect();
    let all = all.ok()?;
    let mut telling = all
        .iter()
        .filter(|one| one.as_object().is_none_or(|fields| !fields.is_empty()));
    let first = telling.next().or(all.first())?;
    (first.is_object() && telling.all(|one| one == first)).then(|| first.clone())
}

/// Without a code fence around it.
fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text.strip_prefix("```").and_then(|text| text.strip_suffix("```")) else {
        return text;
    };
    inner
        .trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '_')
        .trim()
}

/// Gives values the types that the schema asks for, where nothing is lost.
fn coerce(value: &mut Value, schema: &Value, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    if let Some(choices) = ["anyOf", "oneOf"]
        .iter()
        .find_map(|name| schema.get(name)?.as_array())
    {
        let known = choices.iter().find(|choice| fits(value, choice));
        if let Some(choice) = known.or(choices.first()) {
            coerce(value, choice, depth + 1);
        }
        return;
    }
    if !fits(value, schema)
        && let Some(other) = converted(value, schema)
    {
        *value = other;
    }
    match value {
        Value::Object(fields) => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let required = schema.get("required").and_then(Value::as_array);
            let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|one| one == name));
            if let Some(properties) = properties {
                // "Not given" is written as null or as an empty text by models that must write something.
                fields.retain(|name, value| {
                    let Some(schema) = properties.get(name) else {
                        return true;
                    };
                    let is_nothing = value.is_null() || (value == "" && !fits(value, schema));
                    is_required(name) || !is_nothing
                });
                for (name, value) in fields.iter_mut() {
                    if let Some(schema) = properties.get(name) {
                        coerce(value, schema, depth + 1);
                    }
                }
            }
        }
        Value::Array(items) => {
            if let Some(schema) = schema.get("items") {
                items.iter_mut().for_each(|item| coerce(item, schema, depth + 1));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether the value has a type that the schema allows, and is one of its enum's where it has one.
fn fits(value: &Value, schema: &Value) -> bool {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.contains(value);
    }
    let types = types(schema);
    types.is_empty()
        || types.iter().any(|name| match *name {
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            "null" => value.is_null(),
            _ => true,
        })
}

fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn converted(value: &Value, schema: &Value) -> Option<Value> {
    if let (Some(values), Value::String(text)) = (schema.get("enum").and_then(Value::as_array), value) {
        let same = |one: &&Value| {
            one.as_str()
                .is_some_and(|one| one.eq_ignore_ascii_case(text.trim()))
        };
        return values.iter().find(same).cloned();
    }
    types(schema)
        .into_iter()
        .find_map(|wanted| match (wanted, value) {
            ("integer", Value::Number(number)) => whole(number.as_f64()?),
            ("integer", Value::String(text)) => {
                let text = text.trim();
                text.parse::<i64>()
                    .map(Value::from)
                    .ok()
                    .or_else(|| whole(text.parse().ok()?))
            }
            ("number", Value::String(text)) => {
                let number = serde_json::Number::from_f64(text.trim().parse().ok()?)?;
                Some(Value::Number(number))
            }
            ("boolean", Value::String(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => Some(true.into()),
                "false" | "no" | "0" => Some(false.into()),
                _ => None,
            },
            ("string", Value::Number(number)) => Some(number.to_string().into()),
            ("string", Value::Bool(flag)) => Some(flag.to_string().into()),
            ("object", Value::String(text)) => object(text).filter(|_| !text.trim().is_empty()),
            ("array", Value::String(text)) => match serde_json::from_str(text) {
                Ok(list @ Value::Array(_)) => Some(list),
                _ => Some(Value::Array(vec![value.clone()])),
            },
            ("array", Value::Object(_) | Value::Number(_) | Value::Bool(_)) => {
                Some(Value::Array(vec![value.clone()]))
            }
            _ => None,
        })
}

fn whole(number: f64) -> Option<Value> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it has no fraction and is within the range"
    )]
    (number.fract() == 0.0 && number.abs() < 9e15).then(|| (number as i64).into())
}
