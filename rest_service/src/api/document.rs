//! The OpenAPI 3.1 document, written from the list of operations.

use std::collections::BTreeMap;

use rest_client::{Problem, ProblemKind, Resource};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json, map::Entry};

use super::{
    describe::{Answer, Body, Parameter},
    example,
    operation::Operation,
};

/// What stands before the operations, in CommonMark.
const ABOUT: &str = include_str!("document/about.md");

/// What the variables of paths are.
const PATH_VARIABLES: [(&str, &str, &str); 17] = [
    ("user", "The user's id.", example::ID),
    ("identity", "The identity's id.", example::ID),
    ("fact", "The fact's id.", example::ID),
    ("assistant", "The assistant's id.", example::ID),
    ("tool", "The tool's id.", example::ID),
    ("sub", "The sub-assistant's id.", example::ID),
    ("action", "The pending action's id.", example::ID),
    (
        "grant",
        "The id of the consent that connected the account.",
        example::ID,
    ),
    ("lease", "The lease that was given.", example::ID),
    ("link", "The link's id.", example::ID),
    ("write", "The change's id.", example::ID),
    ("thread", "The thread's id.", example::ID),
    ("task", "The scheduled task's id.", example::ID),
    ("key", "The API key's id.", example::ID),
    ("event", "The event's id.", "tg:1:42"),
    (
        "reply",
        "The reply's id: its event's, a colon, and its number.",
        "tg:1:42:0",
    ),
    ("part", "Which part of the reply, from 0.", "0"),
];

/// The document as text, with a line break at its end.
pub(super) fn write(operations: &[Operation], schemas: &mut SchemaGenerator) -> String {
    let problem = json!(schemas.subschema_for::<Problem>());
    let mut shared: Map<String, Value> = Map::new();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = operation_object(operation, &problem, &mut shared);
    }
    let mut definitions = Value::Object(schemas.take_definitions(true));
    example::tidy(&mut definitions);
    let mut paths = Value::Object(paths);
    example::tidy(&mut paths);
    example::fill(&mut paths, &definitions);
    let tags: Vec<Value> = Resource::ALL
        .iter()
        .map(|resource| json!({ "name": resource.name(), "description": resource.about() }))
        .collect();
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Smart Assistant",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        // Relative to where the document is served (OpenAPI 3.1 §4.8.5).
        "servers": [{ "url": "/", "description": "This installation." }],
        "tags": tags,
        "security": [{ "key": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key (`manage key create`), or the installation's `SERVICE_KEY`.",
                },
            },
            "headers": headers(),
            "responses": shared,
            "schemas": definitions,
        },
    });
    format!("{document:#}\n")
}

fn operation_object(operation: &Operation, problem: &Value, shared: &mut Map<String, Value>) -> Value {
    let described = &operation.described;
    let mut description = operation
        .note
        .map(|note| format!("{note}\n\n"))
        .unwrap_or_default();
    description.push_str(&format!("Scope: `{}`.", operation.scope));
    let mut object = json!({
        "operationId": operation.id,
        "tags": [operation.scope.resource.name()],
        "summary": operation.summary,
        "description": description,
        // In OpenAPI 3.1 every scheme may name what it needs.
        "security": [{ "key": [operation.scope.to_string()] }],
        "x-scope": operation.scope.to_string(),
    });
    let path = variables(operation.path).zip(&described.path).map(|(name, schema)| {
        let about = PATH_VARIABLES.iter().find(|(known, ..)| *known == name);
        let (description, example) = about.map_or(("", ""), |(_, description, example)| (*description, *example));
        let example = example.parse::<u64>().map_or_else(|_| json!(example), |number| json!(number));
        json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema, "example": example })
    });
    let parameters: Vec<Value> = path.chain(described.parameters.iter().map(parameter)).collect();
    if !parameters.is_empty() {
        object["parameters"] = Value::Array(parameters);
    }
    if !described.bodies.is_empty() {
        let forms: Map<String, Value> = described
            .bodies
            .iter()
            .map(|body| (body.content_type.to_owned(), json!({ "schema": body.schema })))
            .collect();
        object["requestBody"] = json!({ "required": true, "content": forms });
    }
    let mut responses: Map<String, Value> = Map::new();
    for answer in &described.answers {
        let told = success(answer);
        match responses.entry(answer.status.to_string()) {
            Entry::Vacant(place) => {
                place.insert(told);
            }
            // The same answer in another form.
            Entry::Occupied(mut place) => {
                for (content_type, body) in told["content"].as_object().into_iter().flatten() {
                    place.get_mut()["content"][content_type] = body.clone();
                }
            }
        }
    }
    let mut by_status: BTreeMap<u16, Vec<ProblemKind>> = BTreeMap::new();
    for kind in &described.problems {
        by_status.entry(kind.status()).or_default().push(*kind);
    }
    for (status, kinds) in by_status {
        responses.insert(status.to_string(), failure(status, &kinds, problem, shared));
    }
    object["responses"] = Value::Object(responses);
    object
}

/// The names between braces.
fn variables(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn parameter(parameter: &Parameter) -> Value {
    json!({
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": parameter.schema,
    })
}

fn content(body: &Body) -> Value {
    json!({ body.content_type: { "schema": body.schema } })
}

fn success(answer: &Answer) -> Value {
    let mut object = json!({
        "description": answer.description,
        "headers": {
            "RateLimit": { "$ref": "#/components/headers/RateLimit" },
            "RateLimit-Policy": { "$ref": "#/components/headers/RateLimit-Policy" },
            "X-Request-Id": { "$ref": "#/components/headers/X-Request-Id" },
        },
    });
    if let Some(body) = &answer.body {
        object["content"] = content(body);
    }
    for (name, description) in &answer.headers {
        object["headers"][name] = json!({ "description": description, "schema": { "type": "string" } });
    }
    object
}

/// The problems of one status, as a reference to what all operations with the same problems share.
fn failure(status: u16, kinds: &[ProblemKind], problem: &Value, shared: &mut Map<String, Value>) -> Value {
    let names: Vec<String> = kinds.iter().map(|kind| short_name(*kind)).collect();
    let name = names.join(".");
    let reference = json!({ "$ref": format!("#/components/responses/{name}") });
    if shared.contains_key(&name) {
        return reference;
    }
    let description: Vec<&str> = kinds.iter().map(|kind| kind.title()).collect();
    let examples: Map<String, Value> = kinds
        .iter()
        .zip(names)
        .map(|(kind, name)| {
            (
                name,
                json!({ "summary": kind.title(), "value": example::problem(*kind) }),
            )
        })
        .collect();
    let mut object = json!({
        "description": format!("{}.", description.join(", or: ")),
        "headers": { "X-Request-Id": { "$ref": "#/components/headers/X-Request-Id" } },
        "content": { "application/problem+json": { "schema": problem, "examples": examples } },
    });
    match status {
        401 => {
            object["headers"]["WWW-Authenticate"] = json!({ "description": "How to show a key.", "required": true, "schema": { "type": "string" } });
        }
        429 | 503 | 504 => {
            object["headers"]["Retry-After"] = json!({
                "description": "After how many seconds to try again.",
                "required": true,
                "schema": { "type": "integer", "minimum": 0 },
            });
        }
        _ => {}
    }
    shared.insert(name, object);
    reference
}

/// The last part of a problem's type.
fn short_name(kind: ProblemKind) -> String {
    let name = json!(kind);
    let name = name.as_str().and_then(|name| name.rsplit('/').next());
    name.unwrap_or_default().to_owned()
}

/// The headers of answers, two of which only API keys get.
fn headers() -> Value {
    json!({
        "X-Request-Id": {
            "description": "The id by which the logs know the request: the trace id of its `traceparent`, or one of its own.",
            "schema": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
            "example": "4bf92f3577b34da6a3ce929d0e0e4736",
        },
        "RateLimit": {
            "description": "What is left of the key's calls: `r` calls for `t` seconds. Not sent to `SERVICE_KEY`.",
            "schema": { "type": "string" },
            "example": "\"default\";r=5999;t=60",
        },
        "RateLimit-Policy": {
            "description": "How many calls the key may make: `q` in each `w` seconds. Not sent to `SERVICE_KEY`.",
            "schema": { "type": "string" },
            "example": "\"default\";q=6000;w=60",
        },
    })
}
