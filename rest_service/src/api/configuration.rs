//! Configuration as a document: export, and import with its dry run.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use rest_client::{
    AssistantEntry, AuditedOperation, AuditedResource, Change, ChangeAction, Configuration,
    ConfigurationFormat, Configured, ExportQuery, FieldChange, FieldError, ImportQuery, ImportReport,
    ProblemKind, ToolEntry, limits,
};
use schemars::SchemaGenerator;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    App,
    answer::Exported,
    check::Check,
    describe::{Body, Described, Input},
    error::ApiError,
    extract::{self, Json, Query, State},
    write::Write,
};
use crate::store::configuration::{self, ImportError};

/// What a YAML document may cost: it can say much in few bytes by aliases.
const MOST_NODES: usize = 100_000;
const MOST_ALIASES: usize = 100;
const MOST_SCALAR_BYTES: usize = 8 * 1024 * 1024;

pub(super) async fn export(
    State(app): State<App>,
    Query(query): Query<ExportQuery>,
) -> Result<Exported, ApiError> {
    let document = configuration::export(&app.db).await?;
    let response = match query.format {
        ConfigurationFormat::Json => Json(document).into_response(),
        ConfigurationFormat::Yaml => {
            let text = serde_saphyr::to_string(&document).map_err(|error| {
                tracing::error!(%error, "a configuration cannot be written as YAML");
                ApiError::of(ProblemKind::Internal)
            })?;
            let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/yaml"))];
            (kind, text).into_response()
        }
    };
    Ok(Exported(response))
}

pub(super) async fn import(
    State(app): State<App>,
    Query(query): Query<ImportQuery>,
    Document(document): Document,
) -> Result<Json<ImportReport>, ApiError> {
    let write = app.write().await?;
    let changes = configuration::import(&write.db, write.now(), &document, query.prune, query.dry_run)
        .await
        .map_err(|error| match error {
            ImportError::Refused(errors) => ApiError::invalid(errors),
            ImportError::Store(error) => error.into(),
        })?;
    for change in changes.iter().filter(|_| !query.dry_run) {
        note(&write, change);
    }
    Ok(Json(ImportReport {
        dry_run: query.dry_run,
        changes,
    }))
}

/// Writes a change into the audit, field by field.
fn note(write: &Write, change: &Change) {
    let operation = match change.action {
        ChangeAction::Created | ChangeAction::Changed => AuditedOperation::Import,
        ChangeAction::Deleted => AuditedOperation::Delete,
        ChangeAction::Unchanged | ChangeAction::Kept => return,
    };
    let resource = match change.what {
        Configured::Tool => AuditedResource::Tool,
        Configured::Assistant => AuditedResource::Assistant,
    };
    let side = |of: fn(&FieldChange) -> &Value| {
        let fields = change
            .fields
            .iter()
            .map(|field| (field.field.clone(), of(field).clone()));
        (!change.fields.is_empty()).then(|| Value::Object(fields.collect()))
    };
    write.note(
        operation,
        (resource, change.id),
        None,
        side(|field| &field.before),
        side(|field| &field.after),
    );
}

/// A configuration in JSON or YAML, each field of which is acceptable.
pub(super) struct Document(Configuration);

impl<S: Send + Sync> FromRequest<S> for Document {
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
        let bytes =
            Bytes::from_request(request, state)
                .await
                .map_err(|rejection| match rejection.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => ApiError::of(ProblemKind::TooLarge),
                    _ => ApiError::saying(ProblemKind::Malformed, "the body ended early"),
                })?;
        let malformed = |text: String| ApiError::saying(ProblemKind::Malformed, text);
        let document: Value = if is_yaml {
            let text = std::str::from_utf8(&bytes).map_err(|error| malformed(error.to_string()))?;
            from_yaml(text).map_err(malformed)?
        } else {
            serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?
        };
        read(document).map(Self)
    }
}

impl Input for Document {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.body = Some(Body {
            content_type: "application/json",
            schema: schemas.subschema_for::<Configuration>(),
        });
        described.fails(&[
            ProblemKind::Malformed,
            ProblemKind::TooLarge,
            ProblemKind::UnsupportedMediaType,
            ProblemKind::Invalid,
        ]);
    }
}

fn from_yaml(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MOST_NODES,
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
fn read(document: Value) -> Result<Configuration, ApiError> {
    let mut check = Check::default();
    let mut faults: Vec<FieldError> = Vec::new();
    extract::refuse_nul(&document, "", &mut faults);
    for fault in faults {
        check.wrong(fault.field, fault.message);
    }
    let Value::Object(mut fields) = document else {
        check.wrong("document", "must be an object with tools and assistants");
        check.done()?;
        return Ok(Configuration::default());
    };
    let tools: Vec<(usize, ToolEntry)> = entries(&mut check, "tools", fields.remove("tools"));
    let assistants: Vec<(usize, AssistantEntry)> =
        entries(&mut check, "assistants", fields.remove("assistants"));
    for field in fields.keys() {
        check.wrong(field.clone(), "is not known; there are tools and assistants");
    }
    for (i, tool) in &tools {
        let path = format!("tools[{i}]");
        check.symbol(&format!("{path}.kind"), &tool.kind);
        check.symbol(&format!("{path}.name"), &tool.name);
        check.text(
            format!("{path}.description"),
            &tool.description,
            0..=limits::DESCRIPTION,
        );
        check.document(format!("{path}.config"), &tool.config);
    }
    for (i, assistant) in &assistants {
        let path = format!("assistants[{i}]");
        check.text(format!("{path}.name"), &assistant.name, 1..=limits::SHORT);
        check.text(
            format!("{path}.instructions"),
            &assistant.instructions,
            0..=limits::INSTRUCTIONS,
        );
        check.some_text(
            format!("{path}.model"),
            assistant.model.as_ref(),
            1..=limits::SHORT,
        );
        check.document(format!("{path}.parameters"), &assistant.parameters);
        let tools = assistant.tools.as_ref().map_or(0, Vec::len);
        check.that(
            &format!("{path}.tools"),
            tools <= limits::CONFIGURED,
            "must be at most 500",
        );
    }
    check.done()?;
    Ok(Configuration {
        tools: tools.into_iter().map(|(_, tool)| tool).collect(),
        assistants: assistants.into_iter().map(|(_, assistant)| assistant).collect(),
    })
}

/// The entries of a list that can be read, each with its place.
fn entries<T: DeserializeOwned>(check: &mut Check, list: &str, value: Option<Value>) -> Vec<(usize, T)> {
    let items = match value {
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
        match serde_path_to_error::deserialize(item) {
            Ok(entry) => read.push((i, entry)),
            Err(error) => {
                let place = match error.path().to_string().as_str() {
                    "." => format!("{list}[{i}]"),
                    inner => format!("{list}[{i}].{inner}"),
                };
                check.wrong(place, error.into_inner().to_string());
            }
        }
    }
    read
}
