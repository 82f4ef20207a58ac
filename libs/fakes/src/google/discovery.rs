//! Google's own description of the API (see `discovery/README.md`), and what it says about a request.

use super::error::ApiError;
use crate::violations::fail;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What a method is called with, by the names in its address: `calendarId`, `eventId`.
pub(crate) type PathParameters = BTreeMap<String, String>;

/// What is wrong with a request: fields that Google would drop, and why it would refuse it.
#[derive(Default)]
pub(crate) struct Findings {
    /// Names that the description does not know.
    pub(crate) unknown: Vec<String>,
    /// The first value of a wrong type.
    pub(crate) refusal: Option<ApiError>,
}

/// A method of the API as the document describes it.
#[derive(Clone, Copy)]
pub(crate) struct Method(&'static Value);

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let text = include_str!("discovery/calendar.v3.json");
        serde_json::from_str(text)
            .unwrap_or_else(|error| fail(&format!("the discovery document is no JSON: {error}")))
    })
}

/// Whether this is a scope of the Calendar API.
pub(crate) fn is_scope(scope: &str) -> bool {
    document()["auth"]["oauth2"]["scopes"].get(scope).is_some()
}

/// The method at an address below `/calendar/v3/`, whose segments are decoded.
pub(crate) fn find(http_method: &str, segments: &[String]) -> Option<(Method, PathParameters)> {
    let resources = document()["resources"].as_object()?;
    let methods = resources
        .values()
        .filter_map(|resource| resource["methods"].as_object())
        .flat_map(Map::values);
    methods
        .filter(|method| method["httpMethod"] == http_method)
        .find_map(|method| {
            let template = method["path"].as_str()?;
            Some((Method(method), match_path(template, segments)?))
        })
}

fn match_path(template: &str, segments: &[String]) -> Option<PathParameters> {
    let wanted: Vec<&str> = template.split('/').collect();
    if wanted.len() != segments.len() {
        return None;
    }
    let mut parameters = PathParameters::new();
    for (wanted, segment) in wanted.iter().zip(segments) {
        match wanted
            .strip_prefix('{')
            .and_then(|wanted| wanted.strip_suffix('}'))
        {
            Some(name) => {
                parameters.insert(name.to_owned(), segment.clone());
            }
            None if wanted == segment => {}
            None => return None,
        }
    }
    Some(parameters)
}

impl Method {
    /// `events.list`, `freebusy.query`.
    pub(crate) fn name(self) -> &'static str {
        let id = self.0["id"].as_str().unwrap_or_default();
        id.strip_prefix("calendar.").unwrap_or(id)
    }

    /// Whether the method reads a body.
    pub(crate) fn has_body(self) -> bool {
        self.0.get("request").is_some()
    }

    /// The scopes of which one is needed.
    pub(crate) fn scopes(self) -> impl Iterator<Item = &'static str> {
        self.0["scopes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    }

    /// Checks the query's names, types, ranges and enumerations.
    pub(crate) fn check_query(self, query: &[(String, String)]) -> Findings {
        let mut findings = Findings::default();
        let own = &self.0["parameters"];
        for (index, (name, value)) in query.iter().enumerate() {
            let described = own
                .get(name)
                .filter(|described| described["location"] == "query")
                .or_else(|| document()["parameters"].get(name));
            let Some(described) = described else {
                findings.unknown.push(format!("unknown parameter \"{name}\""));
                continue;
            };
            let earlier = query.iter().take(index).any(|(other, _)| other == name);
            if earlier && described["repeated"] != true {
                findings.unknown.push(format!("repeated parameter \"{name}\""));
            }
            if let Some(refusal) = refusal_of(name, value, described) {
                findings.refusal.get_or_insert(refusal);
            }
        }
        findings
    }

    /// Checks the body's names and types against the request's schema.
    pub(crate) fn check_body(self, body: &Value) -> Findings {
        let mut findings = Findings::default();
        if let Some(schema) = self.0.get("request") {
            check_value(body, schema, "", &mut findings);
        }
        let fields = self.0["request"]["$ref"]
            .as_str()
            .and_then(|name| document()["schemas"][name]["properties"].as_object());
        for (name, field) in fields.into_iter().flatten() {
            let required = field["annotations"]["required"].as_array();
            let is_required = required.is_some_and(|ids| ids.contains(&self.0["id"]));
            if is_required && body[name].is_null() {
                let message = match name.as_str() {
                    "start" | "end" => format!("Missing {name} time."),
                    _ => format!("Required: {name}"),
                };
                findings.refusal.get_or_insert(ApiError::bad("required", message));
            }
        }
        findings
    }
}

/// Why a query parameter's text is refused.
fn refusal_of(name: &str, value: &str, described: &Value) -> Option<ApiError> {
    let invalid = |message: String| Some(ApiError::parameter(name, "invalidParameter", message));
    if let Some(allowed) = described["enum"].as_array() {
        if !allowed.iter().any(|allowed| allowed == value) {
            let allowed: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
            let allowed = allowed.join(", ");
            return invalid(format!(
                "Invalid string value: '{value}'. Allowed values: [{allowed}]"
            ));
        }
        return None;
    }
    match described["type"].as_str() {
        Some("boolean") if value != "true" && value != "false" => {
            invalid(format!("Invalid boolean value: '{value}'."))
        }
        Some("integer") => {
            let bound = |name: &str| {
                described[name]
                    .as_str()
                    .and_then(|bound| bound.parse::<i32>().ok())
            };
            let (low, high) = (
                bound("minimum").unwrap_or(i32::MIN),
                bound("maximum").unwrap_or(i32::MAX),
            );
            match value.parse::<i32>() {
                Ok(number) if (low..=high).contains(&number) => None,
                Ok(_) => invalid(format!(
                    "Invalid value '{value}'. Values must be within the range: [{low}, {high}]"
                )),
                Err(_) => invalid(format!("Invalid integer value: '{value}'.")),
            }
        }
        Some("string") if described["format"] == "date-time" => {
            match chrono::DateTime::parse_from_rfc3339(value) {
                Ok(_) => None,
                Err(_) => Some(ApiError::parameter(name, "badRequest", "Bad Request")),
            }
        }
        _ => None,
    }
}

/// Walks a JSON value along its schema. `null` is taken everywhere: it stands for absence.
fn check_value(value: &Value, schema: &Value, path: &str, findings: &mut Findings) {
    if value.is_null() {
        return;
    }
    if let Some(name) = schema["$ref"].as_str() {
        return check_value(value, &document()["schemas"][name], path, findings);
    }
    let kind = schema["type"].as_str().unwrap_or("any");
    let fits = match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "number" => value.is_number(),
        _ => true,
    };
    if !fits {
        let message = format!("Invalid value at '{path}' ({kind}): {value}");
        findings
            .refusal
            .get_or_insert(ApiError::bad("parseError", message));
        return;
    }
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                let described = schema["properties"]
                    .get(name)
                    .or_else(|| schema.get("additionalProperties"));
                match described {
                    Some(described) => check_value(field, described, &path, findings),
                    None => findings.unknown.push(format!("unknown field \"{path}\"")),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                check_value(item, &schema["items"], &format!("{path}[{index}]"), findings);
            }
        }
        _ => {}
    }
}
