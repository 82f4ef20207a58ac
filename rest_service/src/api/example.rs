//! Examples in the OpenAPI document, made from the schemas, so that none is written twice or goes stale.

use rest_client::{FieldError, Problem, ProblemKind};
use serde_json::{Map, Value, json};

/// An id.
pub(super) const ID: &str = "0198c5a0-7e00-7000-8000-000000000001";

/// An instant.
const INSTANT: &str = "2026-11-24T09:00:00Z";

/// How deep an example goes; deeper things are left out.
const DEPTH: usize = 8;

/// A problem of a kind.
pub(super) fn problem(kind: ProblemKind) -> Value {
    let (detail, errors) = match kind {
        ProblemKind::MissingScope => (
            Some("this needs a key with the scope users:write".to_owned()),
            Vec::new(),
        ),
        ProblemKind::Invalid => {
            let error = FieldError {
                field: "name".to_owned(),
                message: "must not be empty".to_owned(),
            };
            (Some(format!("{}: {}", error.field, error.message)), vec![error])
        }
        _ => (None, Vec::new()),
    };
    let current_version = (kind == ProblemKind::PreconditionFailed).then_some(4);
    json!(Problem {
        kind,
        title: kind.title().to_owned(),
        status: kind.status(),
        detail,
        errors,
        current_version,
        request_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
    })
}

/// Makes schemas that the derives wrote fit for readers and for programs that make clients of them: plain `enum`s,
/// no links of Rust's in descriptions, no formats that are Rust's own, and the bounds that Rust's integers have.
pub(super) fn tidy(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(object) => {
            make_enum(object);
            name_values(object);
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = text
                    .replace("[`", "`")
                    .replace("`]", "`")
                    .replace('\n', " ")
                    .replace("  ", "\n\n");
            }
            let most = match object.get("format").and_then(Value::as_str) {
                Some("uint8") => Some(u64::from(u8::MAX)),
                Some("uint16") => Some(u64::from(u16::MAX)),
                Some("uint32") => Some(u64::from(u32::MAX)),
                Some("uint64") => Some(u64::MAX),
                Some("int64") => Some(i64::MAX.unsigned_abs()),
                _ => None,
            };
            if let Some(most) = most {
                if object.get("format").is_some_and(|format| format == "int64") {
                    object.entry("minimum").or_insert(json!(i64::MIN));
                }
                object.entry("maximum").or_insert(json!(most));
                if object.get("format").is_some_and(|format| format != "int64") {
                    object.remove("format");
                }
            }
            if let Some(Value::String(format)) = object.get("format")
                && format.starts_with("partial-")
            {
                object.remove("format");
            }
            object.values_mut().for_each(tidy);
        }
        _ => {}
    }
}

/// Makes an `enum` of a choice between constants, which many generators of clients do not understand; what each value
/// means goes into the description.
fn make_enum(object: &mut Map<String, Value>) {
    let Some(choices) = object.get("oneOf").and_then(Value::as_array) else {
        return;
    };
    let values: Option<Vec<Value>> = choices
        .iter()
        .map(|choice| choice.get("const").cloned())
        .collect();
    let Some(values) = values.filter(|values| values.iter().all(Value::is_string)) else {
        return;
    };
    let mut description = object
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    for choice in choices {
        let (value, meaning) = (choice["const"].as_str(), choice["description"].as_str());
        description.push_str(&format!(
            "\n\n- `{}`: {}",
            value.unwrap_or_default(),
            meaning.unwrap_or_default()
        ));
    }
    object.remove("oneOf");
    object.insert("type".to_owned(), json!("string"));
    // The last is the most telling: first come what is new and what is open.
    let example = values.last().cloned();
    object.insert("examples".to_owned(), example.into_iter().collect());
    object.insert("enum".to_owned(), Value::Array(values));
    object.insert("description".to_owned(), json!(description));
}

/// Names the values of an `enum` that are no names themselves, for programs that make constants of them.
fn name_values(object: &mut Map<String, Value>) {
    let values = object.get("enum").and_then(Value::as_array);
    let values: Vec<&str> = values.into_iter().flatten().filter_map(Value::as_str).collect();
    let is_name = |value: &&str| {
        value.starts_with(|c: char| c.is_ascii_alphabetic())
            && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if values.iter().all(is_name) {
        return;
    }
    let names = values.into_iter().map(|value| {
        let short = value.rsplit('/').next().unwrap_or_default();
        let (short, order) = match short.strip_prefix('-') {
            Some(field) => (field, "_DESCENDING"),
            None => (short, ""),
        };
        let name = short.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        format!("{}{order}", name.to_ascii_uppercase())
    });
    let names: Vec<String> = names.collect();
    object.insert("x-enum-varnames".to_owned(), json!(names));
}

/// Adds an example to every body that has none.
pub(super) fn fill(value: &mut Value, definitions: &Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, definitions)),
        Value::Object(object) => {
            if let Some(content) = object
                .get_mut("content")
                .and_then(|content| content.get_mut("application/json"))
                && content.get("examples").is_none()
            {
                let example = of(&content["schema"], definitions, DEPTH);
                content["example"] = example;
            }
            object.values_mut().for_each(|inner| fill(inner, definitions));
        }
        _ => {}
    }
}

/// A value that the schema takes.
fn of(schema: &Value, definitions: &Value, depth: usize) -> Value {
    if let Some(examples) = schema.get("examples").and_then(Value::as_array)
        && let Some(example) = examples.first()
    {
        return example.clone();
    }
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let name = name.rsplit('/').next().unwrap_or_default();
        return of(&definitions[name], definitions, depth);
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    if let Some(value) = schema.get("enum").and_then(|values| values.get(0)) {
        return value.clone();
    }
    for list in ["oneOf", "anyOf", "allOf"] {
        let choices = schema.get(list).and_then(Value::as_array);
        // The last: schedules begin with exact instants, which are past sooner or later.
        let fits = choices.and_then(|choices| choices.iter().rfind(|choice| choice["type"] != "null"));
        if let Some(choice) = fits {
            return of(choice, definitions, depth);
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| **kind != "null").unwrap_or(&Value::Null),
        kind => kind,
    };
    match kind.as_str() {
        Some("object") => object(schema, definitions, depth),
        Some("array") => {
            let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
            match schema.get("items") {
                Some(items) if depth > 0 && (least > 0 || items.is_object()) => {
                    json!([of(items, definitions, depth - 1)])
                }
                _ => json!([]),
            }
        }
        Some("string") => json!(match schema.get("format").and_then(Value::as_str) {
            Some("uuid") => ID,
            Some("date-time") => INSTANT,
            Some("date") => "2026-11-24",
            _ => "text",
        }),
        Some("integer" | "number") => schema
            .get("minimum")
            .filter(|least| **least != i64::MIN)
            .cloned()
            .unwrap_or(json!(1)),
        Some("boolean") => json!(true),
        _ => json!({}),
    }
}

fn object(schema: &Value, definitions: &Value, depth: usize) -> Value {
    let mut example = Map::new();
    if depth > 0
        && let Some(fields) = schema.get("properties").and_then(Value::as_object)
    {
        for (name, field) in fields {
            example.insert(name.clone(), of(field, definitions, depth - 1));
        }
    }
    Value::Object(example)
}
