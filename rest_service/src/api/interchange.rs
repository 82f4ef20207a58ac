//! Documents that are exported and imported, as JSON or YAML.

use std::marker::PhantomData;

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use rest_client::{ConfigurationFormat, FieldError, ProblemKind, limits};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    check::Check,
    describe::{Answer, Body, Described, Input, Output},
    error::ApiError,
    exact,
    extract::{self, Json},
    place::Place,
};
use crate::store::document::ImportError;

/// What a YAML document may cost: it can say much in few bytes by aliases.
const MOST_NODES: usize = 100_000;
const MOST_ALIASES: usize = 100;
/// A document in a field, in the document.
const DEEPEST: usize = limits::DOCUMENT_DEPTH + 16;
const MOST_SCALAR_BYTES: usize = 8 * 1024 * 1024;

const YAML: &str = "application/yaml";

/// What can be exported and imported.
pub(super) trait Document: JsonSchema + Serialize + Sized {
    /// Takes the document's lists out of its fields by [`entries`], and checks them.
    fn read(fields: &mut Map<String, Value>, check: &mut Check) -> Self;
}

/// 200: a document as JSON or YAML.
pub(super) struct Exported<T>(Response, PhantomData<T>);

impl<T: Document> Exported<T> {
    /// Writes the document.
    ///
    /// # Errors
    /// It cannot be written as YAML.
    pub(super) fn of(document: T, format: ConfigurationFormat) -> Result<Self, ApiError> {
        let response = match format {
            ConfigurationFormat::Json => Json(document).into_response(),
            ConfigurationFormat::Yaml => {
                let text = serde_saphyr::to_string(&document).map_err(|error| {
                    tracing::error!(%error, "a document cannot be written as YAML");
                    ApiError::of(ProblemKind::Internal)
                })?;
                let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(YAML))];
                (kind, text).into_response()
            }
        };
        Ok(Self(response, PhantomData))
    }
}

impl<T> IntoResponse for Exported<T> {
    fn into_response(self) -> Response {
        self.0
    }
}

impl<T: JsonSchema> Output for Exported<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.answers::<T>(200, "Here it is.", schemas);
        described.answers.push(Answer {
            status: 200,
            description: "Here it is.",
            body: Some(Body {
                content_type: YAML,
                schema: schemas.subschema_for::<T>(),
            }),
            headers: Vec::new(),
        });
    }
}

/// A document in JSON or YAML, each field of which is acceptable.
pub(super) struct Imported<T>(pub(super) T);

impl<S: Send + Sync, T: Document> FromRequest<S> for Imported<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let kind = extract::media_type(request.headers());
        let is_yaml = matches!(
            kind.as_deref(),
            Some("application/yaml" | "application/x-yaml" | "text/yaml" | "text/x-yaml")
        );
        if !is_yaml && !extract::is_json(request.headers()) {
            return Err(ApiError::saying(
                ProblemKind::UnsupportedMediaType,
                "send the document with content-type: application/json or application/yaml",
            ));
        }
        let bytes = extract::whole_body(request, state).await?;
        let malformed = |text: String| ApiError::saying(ProblemKind::Malformed, text);
        let document: Value = if is_yaml {
            let text = std::str::from_utf8(&bytes).map_err(|error| malformed(error.to_string()))?;
            from_yaml(text).map_err(malformed)?
        } else {
            exact::json(&bytes)?
        };
        read(document, &bytes).map(Self)
    }
}

impl<T: JsonSchema> Input for Imported<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.takes::<T>(schemas);
        described.takes_as::<T>(YAML, schemas);
    }
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Refused(errors) => Self::invalid(errors),
            ImportError::Store(error) => error.into(),
        }
    }
}

fn from_yaml(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MOST_NODES,
            max_depth: DEEPEST,
            max_aliases: MOST_ALIASES,
            max_anchors: MOST_ALIASES,
            max_documents: 1,
            max_total_scalar_bytes: MOST_SCALAR_BYTES,
        },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

/// Reads a document entry by entry, so that every fault is named and not the first alone.
fn read<T: Document>(document: Value, text: &[u8]) -> Result<T, ApiError> {
    let mut check = Check::default();
    let mut faults: Vec<FieldError> = Vec::new();
    extract::refuse_nul(&document, Place::Document, &mut faults);
    exact::refuse_rounded(text, &document, &mut faults);
    for fault in faults {
        check.wrong(fault.field, fault.message);
    }
    let Value::Object(mut fields) = document else {
        check.wrong("document", "must be an object with lists");
        check.done()?;
        return Err(ApiError::of(ProblemKind::Invalid));
    };
    let document = T::read(&mut fields, &mut check);
    for field in fields.keys() {
        check.wrong(field.clone(), "is not known");
    }
    check.done()?;
    Ok(document)
}

/// The entries of a list that can be read, each checked with its place by `examine`.
pub(super) fn entries<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    check: &mut Check,
    list: &str,
    examine: impl Fn(&mut Check, &str, &mut T),
) -> Vec<T> {
    let items = match fields.remove(list) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items,
        Some(_) => {
            check.wrong(list, "must be a list");
            Vec::new()
        }
    };
    check.that(list, items.len() <= limits::CONFIGURED, "must be at most 500");
    let mut read = Vec::new();
    for (i, item) in items.into_iter().take(limits::CONFIGURED).enumerate() {
        let place = format!("{list}[{i}]");
        match serde_path_to_error::deserialize(item) {
            Ok(mut entry) => {
                examine(check, &place, &mut entry);
                read.push(entry);
            }
            Err(error) => {
                let place = match error.path().to_string().as_str() {
                    "." => place,
                    inner => format!("{place}.{inner}"),
                };
                check.wrong(place, error.into_inner().to_string());
            }
        }
    }
    read
}
