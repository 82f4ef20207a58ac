//! Whether a tool's `parameters` are a JSON schema that OpenAI takes.

use serde_json::{Map, Value};

const TYPES: [&str; 7] = [
    "object", "array", "string", "number", "integer", "boolean", "null",
];
/// Deeper than any sensible schema; keeps a hostile one from exhausting the stack.
const MAX_DEPTH: usize = 32;

/// Checks the parameters of the function; `strict` asks for what structured outputs need.
pub(crate) fn check(function: &str, schema: &Value, strict: bool) -> Result<(), String> {
    let refused = |reason: String| format!("Invalid schema for function '{function}': {reason}");
    let Some(fields) = schema.as_object() else {
        return Err(refused(format!("{schema} is not of type 'object'.")));
    };
    if fields.get("type").is_none_or(|kind| kind != "object") {
        let found = fields
            .get("type")
            .map_or_else(|| "\"None\"".to_owned(), Value::to_string);
        return Err(refused(format!(
            "schema must be a JSON Schema of 'type: \"object\"', got 'type: {found}'."
        )));
    }
    walk(fields, schema, strict, "()", 0).map_err(refused)
}

fn walk(
    fields: &Map<String, Value>,
    root: &Value,
    strict: bool,
    context: &str,
    depth: usize,
) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("In context={context}, the schema is nested too deeply."));
    }
    check_types(fields, context)?;
    if let Some(reference) = fields.get("$ref") {
        let target = reference.as_str().and_then(|path| path.strip_prefix('#'));
        if target.and_then(|path| root.pointer(path)).is_none() {
            return Err(format!(
                "In context={context}, reference {reference} can't be resolved."
            ));
        }
    }
    if fields.get("type").is_some_and(|kind| kind == "array") && !fields.contains_key("items") {
        return Err(format!("In context={context}, array schema missing items."));
    }
    check_object(fields, strict, context)?;
    for keyword in ["properties", "$defs", "definitions"] {
        let Some(children) = fields.get(keyword) else {
            continue;
        };
        let children = children
            .as_object()
            .ok_or_else(|| format!("In context={context}, '{keyword}' is not an object."))?;
        for (name, child) in children {
            step(child, root, strict, &format!("{context}.{keyword}.{name}"), depth)?;
        }
    }
    for keyword in ["items", "additionalProperties", "not"] {
        if let Some(child) = fields.get(keyword) {
            step(child, root, strict, &format!("{context}.{keyword}"), depth)?;
        }
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
        let Some(children) = fields.get(keyword) else {
            continue;
        };
        let children = children.as_array().filter(|list| !list.is_empty());
        let children =
            children.ok_or_else(|| format!("In context={context}, '{keyword}' is not a non-empty array."))?;
        for (index, child) in children.iter().enumerate() {
            step(
                child,
                root,
                strict,
                &format!("{context}.{keyword}.{index}"),
                depth,
            )?;
        }
    }
    Ok(())
}

fn step(child: &Value, root: &Value, strict: bool, context: &str, depth: usize) -> Result<(), String> {
    match child {
        Value::Bool(_) => Ok(()),
        Value::Object(fields) => walk(fields, root, strict, context, depth + 1),
        other => Err(format!(
            "In context={context}, {other} is not of type 'object', 'boolean'."
        )),
    }
}

fn check_types(fields: &Map<String, Value>, context: &str) -> Result<(), String> {
    let known = |kind: &Value| kind.as_str().is_some_and(|kind| TYPES.contains(&kind));
    match fields.get("type") {
        None => Ok(()),
        Some(Value::Array(kinds)) if !kinds.is_empty() && kinds.iter().all(known) => Ok(()),
        Some(kind) if known(kind) => Ok(()),
        Some(kind) => Err(format!(
            "In context={context}, {kind} is not valid under any of the given schemas."
        )),
    }
}

fn check_object(fields: &Map<String, Value>, strict: bool, context: &str) -> Result<(), String> {
    let properties = fields.get("properties").and_then(Value::as_object);
    let has = |name: &str| properties.is_some_and(|properties| properties.contains_key(name));
    let required = match fields.get("required") {
        None => &Vec::new(),
        Some(list) => list
            .as_array()
            .ok_or_else(|| format!("In context={context}, 'required' is not of type 'array'."))?,
    };
    if let Some(extra) = required.iter().find(|name| !name.as_str().is_some_and(has)) {
        return Err(format!(
            "In context={context}, 'required' names {extra}, which is not in 'properties'."
        ));
    }
    if strict && fields.get("type").is_some_and(|kind| kind == "object") {
        if fields.get("additionalProperties") != Some(&Value::Bool(false)) {
            return Err(format!(
                "In context={context}, 'additionalProperties' is required to be supplied and to be false."
            ));
        }
        if properties.is_some_and(|properties| properties.len() != required.len()) {
            return Err(format!(
                "In context={context}, 'required' is required to be supplied and to be an array including every key in properties."
            ));
        }
    }
    Ok(())
}
