//! The OpenAPI document: the committed one is the code's, and it leaves nothing undescribed.

use std::collections::BTreeSet;

use serde_json::Value;

/// Each operation of the document: method, path, what is said of it.
pub(crate) fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            all.push((method.to_uppercase(), path.clone(), operation));
        }
    }
    all
}

/// The document that the code makes.
pub(crate) fn document() -> Value {
    serde_json::from_str(&rest_service::openapi()).unwrap()
}

#[test]
fn the_committed_document_is_the_codes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let written = rest_service::openapi();
    if committed == written {
        return;
    }
    let new = concat!(env!("CARGO_TARGET_TMPDIR"), "/openapi.json");
    std::fs::write(new, &written).unwrap();
    let differs = committed
        .lines()
        .zip(written.lines())
        .find(|(one, other)| one != other);
    panic!(
        "rest_service/openapi.json is not what the code says (see {new}); renew it with\n\n    \
         cargo manage openapi\n\nfirst difference: {differs:?}"
    );
}

#[test]
fn every_operation_is_described_whole() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let what = format!("{method} {path}");
        assert!(
            ids.insert(operation["operationId"].to_string()),
            "{what} has an id of its own"
        );
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{what}");
        let scope = operation["x-scope"].as_str().unwrap();
        assert!(
            scope.parse::<rest_client::Scope>().is_ok(),
            "{what} names its scope"
        );
        let reads = method == "GET";
        assert_eq!(scope.ends_with(":read"), reads, "{what} has the scope {scope}");
        let in_path = path.matches('{').count();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let named = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .count();
        assert_eq!(in_path, named, "{what} names the variables of its path");
        for parameter in &parameters {
            let text = parameter["description"].as_str().unwrap();
            assert!(!text.is_empty(), "{what} describes {}", parameter["name"]);
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = match response["$ref"].as_str() {
                Some(path) => document.pointer(&path[1..]).unwrap(),
                None => response,
            };
            let content = &response["content"];
            match status.as_str() {
                "204" | "304" => assert!(content.is_null(), "{what} {status}"),
                status if status < "300" => {
                    let json = &content["application/json"];
                    assert!(
                        !json["example"].is_null()
                            || content["text/event-stream"].is_object()
                            || content["application/gzip"].is_object(),
                        "{what} {status} has an example"
                    );
                }
                _ => assert!(
                    content["application/problem+json"]["examples"].is_object(),
                    "{what} {status} has examples"
                ),
            }
        }
        for status in ["400", "401", "403", "429", "500", "503", "504"] {
            assert!(
                operation["responses"][status].is_object(),
                "{what} tells {status}"
            );
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name} is described");
        for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
            let described = schema["description"].is_string() || schema["$ref"].is_string();
            assert!(described, "{name}.{field} is described");
        }
    }
}

/// Calls `visit` with each schema and the way to it.
fn schemas<'a>(value: &'a Value, path: &str, visit: &mut impl FnMut(&str, &'a Value)) {
    visit(path, value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| schemas(item, path, visit)),
        Value::Object(fields) => {
            for (name, field) in fields {
                schemas(field, &format!("{path}/{name}"), visit);
            }
        }
        _ => {}
    }
}

#[test]
fn generators_of_clients_understand_it() {
    let document = document();
    assert_eq!(document["servers"][0]["url"], "/");
    for path in ["/import", "/users/{user}/scheduled_tasks/import"] {
        let forms = document["paths"][path]["post"]["requestBody"]["content"]
            .as_object()
            .unwrap();
        assert_eq!(
            forms.keys().collect::<Vec<_>>(),
            ["application/json", "application/yaml"]
        );
    }
    schemas(&document, "", &mut |path, schema| {
        for choice in schema["oneOf"].as_array().into_iter().flatten() {
            assert!(choice["const"].is_null(), "{path}: an enum says so");
            assert!(choice["title"].is_string(), "{path}: each choice has a name");
        }
        if let Some(names) = schema["x-enum-varnames"].as_array() {
            let unique: BTreeSet<String> = names.iter().map(Value::to_string).collect();
            assert_eq!(unique.len(), schema["enum"].as_array().unwrap().len(), "{path}");
        }
    });
}

#[test]
fn it_speaks_of_no_rust() {
    let words = [
        "`None`",
        "Some(",
        "Option<",
        "Vec<",
        "::",
        "[`",
        "`]",
        "enum variant",
        "u32",
        "i64",
        " struct ",
        " trait ",
        "serde",
    ];
    schemas(&document(), "", &mut |path, schema| {
        for field in ["description", "title", "summary"] {
            let text = schema[field].as_str().unwrap_or_default();
            for word in words {
                assert!(!text.contains(word), "{path}: {word} in {text:?}");
            }
        }
    });
}

/// What counts or numbers something, up to what its type holds; nothing is computed with it.
const UNBOUNDED: [&str; 16] = [
    // Up to a thousand million dollars, or tokens.
    "budget_day_micros",
    "budget_day_tokens",
    "budget_month_micros",
    "budget_month_tokens",
    "cost_micros",
    "micros",
    "tokens",
    "completion_tokens",
    "missed",
    "model_calls",
    "prompt_tokens",
    "seconds",
    "known_seq",
    "summarised_to",
    "version",
    "after",
];

#[test]
fn every_number_that_is_sent_has_a_maximum() {
    let document = document();
    let mut waiting: Vec<&Value> = Vec::new();
    for (_, _, operation) in operations(&document) {
        waiting.extend(operation["requestBody"]["content"]["application/json"].get("schema"));
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" {
                check_bound(parameter["name"].as_str().unwrap(), &parameter["schema"]);
            }
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(schema) = waiting.pop() {
        schemas(schema, "", &mut |path, inner| {
            check_bound(path.rsplit('/').next().unwrap(), inner);
            if let Some(name) = inner["$ref"].as_str()
                && seen.insert(name)
            {
                waiting.push(document.pointer(&name[1..]).unwrap());
            }
        });
    }
    assert!(seen.len() > 30, "{seen:?}");
}

fn check_bound(name: &str, schema: &Value) {
    let kinds = schema["type"].to_string();
    if kinds.contains("\"integer\"") || kinds.contains("\"number\"") {
        let is_bounded = schema["maximum"]
            .as_u64()
            .is_some_and(|most| most < u64::from(u32::MAX));
        assert!(
            is_bounded || UNBOUNDED.contains(&name),
            "{name} has no maximum: {schema}"
        );
    }
}
