//! Every date that an operation takes, at both ends of time: taken and read back, or refused in words; never a failure.
//! A new parameter or field is walked by itself.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    openapi,
    operations::World,
    support::{KEY, TestDb, on_both},
};

on_both!(no_date_of_any_operation_breaks_it);

/// The first and the last years that are read at all, the borders of RFC 3339, of PostgreSQL and of ours.
const YEARS: [&str; 15] = [
    "-262143", "-200000", "-4713", "-0001", "0000", "0001", "1582", "1969", "1970", "2200", "2201", "9998",
    "9999", "+10000", "+262142",
];

const MORNINGS: [&str; 3] = ["T00:00:00Z", "T23:59:59.999999999Z", "T00:00:00+23:59"];

/// What is tried for a format.
fn tried(format: &str) -> Vec<String> {
    let days = YEARS
        .iter()
        .flat_map(|year| [format!("{year}-01-01"), format!("{year}-12-31")]);
    match format {
        "date" => return days.collect(),
        "partial-date-time" => return days.map(|day| format!("{day}T23:59:59.999999999")).collect(),
        _ => {}
    }
    days.flat_map(|day| MORNINGS.map(|time| format!("{day}{time}")))
        .collect()
}

/// The schema behind its references.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(name) => {
            let schema = document.pointer(name.trim_start_matches('#')).unwrap();
            resolved(document, schema)
        }
        None => schema,
    }
}

fn variants(schema: &Value) -> Vec<&Value> {
    ["oneOf", "anyOf", "allOf"]
        .iter()
        .filter_map(|name| schema[*name].as_array())
        .flatten()
        .collect()
}

/// Something that a schema takes.
fn filled(document: &Value, schema: &Value) -> Value {
    let schema = resolved(document, schema);
    if let Some(value) = schema.get("const").or_else(|| schema["enum"].get(0)) {
        return value.clone();
    }
    if let Some(value) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return value.clone();
    }
    if let Some(variant) = variants(schema).first() {
        return filled(document, variant);
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match kind {
        Some("object") => {
            let required = schema["required"].as_array().into_iter().flatten();
            let fields = required.map(|name| {
                let name = name.as_str().unwrap();
                (name.to_owned(), filled(document, &schema["properties"][name]))
            });
            Value::Object(fields.collect())
        }
        Some("array") => json!([filled(document, &schema["items"])]),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(true),
        _ => match schema["format"].as_str() {
            Some("date") => json!("2026-11-20"),
            Some("date-time") => json!("2026-11-20T09:00:00Z"),
            Some("time") => json!("09:00:00"),
            Some("uuid") => json!("00000000-0000-0000-0000-000000000001"),
            _ => json!("walked"),
        },
    }
}

/// Bodies like `base` with each date of the schema replaced, and where it stands.
fn dated(document: &Value, schema: &Value, base: &Value, deep: usize) -> Vec<(String, Value)> {
    let schema = resolved(document, schema);
    if deep > 12 {
        return Vec::new();
    }
    if let Some(format @ ("date" | "date-time" | "partial-date-time")) = schema["format"].as_str() {
        return tried(format)
            .into_iter()
            .map(|date| (format!("={date}"), json!(date)))
            .collect();
    }
    let mut all = Vec::new();
    for variant in variants(schema) {
        let base = filled(document, variant);
        all.extend(dated(document, variant, &base, deep + 1));
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let inner = base.get(name).filter(|value| !value.is_null()).cloned();
        let inner = inner.unwrap_or_else(|| filled(document, field));
        for (place, value) in dated(document, field, &inner, deep + 1) {
            let mut body = base.clone();
            body[name] = value;
            all.push((format!(".{name}{place}"), body));
        }
    }
    if schema["items"].is_object() {
        let inner = base.get(0).cloned();
        let inner = inner.unwrap_or_else(|| filled(document, &schema["items"]));
        for (place, value) in dated(document, &schema["items"], &inner, deep + 1) {
            all.push((format!("[]{place}"), json!([value])));
        }
    }
    all
}

async fn no_date_of_any_operation_breaks_it(db: TestDb) {
    let world = World::new(db).await;
    let document = world.document.clone();
    let (mut places, mut taken, mut refused) = (std::collections::BTreeSet::new(), 0, 0);
    let mut sent = async |what: String, call: &crate::operations::Call| {
        let answer = world.send(call, Some(KEY)).await;
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(!status.is_server_error(), "{what}: {status} {text}");
        match status {
            StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST => {
                let problem: Value = serde_json::from_str(&text).unwrap();
                assert!(problem["title"].is_string(), "{what}: {text}");
                refused += 1;
            }
            _ => taken += 1,
        }
        places.insert(
            what.split_once('=')
                .map_or(what.clone(), |(place, _)| place.to_owned()),
        );
    };
    for (method, path, operation) in openapi::operations(&document) {
        let call = world.call(world.owner, &method, &path, operation);
        if call.is_endless {
            continue;
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            for (place, date) in dated(&document, &parameter["schema"], &Value::Null, 0) {
                let name = parameter["name"].as_str().unwrap();
                let date = date.as_str().unwrap().replace('+', "%2B");
                let mut call = world.call(world.owner, &method, &path, operation);
                call.path = format!("{}&{name}={date}", call.path);
                sent(format!("{method} {path} {name}{place}"), &call).await;
            }
        }
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_object() {
            let base = call.body.clone().unwrap_or_else(|| filled(&document, schema));
            for (place, body) in dated(&document, schema, &base, 0) {
                let mut call = world.call(world.owner, &method, &path, operation);
                call.body = Some(body);
                sent(format!("{method} {path} {place}"), &call).await;
            }
        }
    }
    assert!(places.len() > 40, "{places:?}");
    assert!(taken > 0 && refused > 0, "{taken} {refused}");
    // What was taken can be read, and be worked on.
    for call in world.calls(world.owner) {
        if call.method == "GET" && !call.is_endless {
            let answer = world.send(&call, Some(KEY)).await;
            assert!(!answer.status().is_server_error(), "{}", call.id);
        }
    }
    let claim = rest_client::ClaimTasks {
        limit: 100,
        lease_seconds: 60,
    };
    world.app.client.claim_tasks(&claim).await.unwrap();
}
