//! JSON schemas of tool arguments, as small as models need them.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value};

/// The schema of `T`: inlined, without titles, formats and nulls (an optional field is one that is not required).
pub(super) fn of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    trim(&mut schema, Position::Schema);
    if let Value::Object(root) = &mut schema {
        // The tool has a description of its own.
        root.remove("description");
        // OpenAI refuses a function whose schema names no properties.
        root.entry("properties").or_insert_with(|| Map::new().into());
    }
    schema
}

/// Whether a map's keys are a schema's keywords or the names of properties.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Schema,
    Properties,
}

fn trim(value: &mut Value, position: Position) {
    match value {
        Value::Object(map) => {
            if position == Position::Schema {
                trim_schema(map);
            }
            for (key, value) in map.iter_mut() {
                let inside = match (position, key.as_str()) {
                    (Position::Schema, "properties") => Position::Properties,
                    _ => Position::Schema,
                };
                trim(value, inside);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| trim(item, Position::Schema)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn trim_schema(map: &mut Map<String, Value>) {
    for noise in [
        "$schema",
        "title",
        "format",
        "default",
        "minimum",
        "maximum",
        // What is not known is refused when the call is read.
        "additionalProperties",
    ] {
        map.remove(noise);
    }
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = map.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(choices)) = map.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            map.remove("anyOf");
            for (key, value) in only {
                map.entry(key).or_insert(value);
            }
        }
    }
}
