//! Configuration as a document: export, and import with its dry run.

use rest_client::{
    AssistantEntry, AuditedOperation, AuditedResource, Change, ChangeAction, Configuration, Configured,
    ExportQuery, FieldChange, ImportQuery, ImportReport, ToolEntry, limits,
};
use serde_json::{Map, Value};

use super::{
    App,
    check::Check,
    error::ApiError,
    extract::{Json, Query, State},
    interchange::{Document, Exported, Imported, entries},
    write::Write,
};
use crate::store::configuration;

pub(super) async fn export(
    State(app): State<App>,
    Query(query): Query<ExportQuery>,
) -> Result<Exported<Configuration>, ApiError> {
    Exported::of(configuration::export(&app.db).await?, query.format)
}

pub(super) async fn import(
    State(app): State<App>,
    Query(query): Query<ImportQuery>,
    Imported(document): Imported<Configuration>,
) -> Result<Json<ImportReport>, ApiError> {
    let write = app.write().await?;
    let changes =
        configuration::import(&write.db, write.now(), &document, query.prune, query.dry_run).await?;
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
        Configured::Task => AuditedResource::ScheduledTask,
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

impl Document for Configuration {
    fn read(fields: &mut Map<String, Value>, check: &mut Check) -> Self {
        Self {
            tools: entries(fields, check, "tools", check_tool),
            assistants: entries(fields, check, "assistants", check_assistant),
        }
    }
}

fn check_tool(check: &mut Check, path: &str, tool: &mut ToolEntry) {
    check.symbol(&format!("{path}.kind"), &tool.kind);
    check.symbol(&format!("{path}.name"), &tool.name);
    check.text(
        format!("{path}.description"),
        &tool.description,
        0..=limits::DESCRIPTION,
    );
    check.document(format!("{path}.config"), &tool.config);
}

fn check_assistant(check: &mut Check, path: &str, assistant: &mut AssistantEntry) {
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
    let subs = assistant.sub_assistants.as_deref().unwrap_or_default();
    check.that(
        &format!("{path}.sub_assistants"),
        subs.len() <= limits::SUB_ASSISTANTS,
        "must be at most 8",
    );
    for (k, sub) in subs.iter().enumerate() {
        let path = format!("{path}.sub_assistants[{k}]");
        check.text(format!("{path}.name"), &sub.name, 1..=limits::SHORT);
        check.text(
            format!("{path}.description"),
            &sub.description,
            0..=limits::SUB_DESCRIPTION,
        );
    }
}
