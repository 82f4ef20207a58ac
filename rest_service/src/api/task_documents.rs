//! A user's tasks as a document: export, and import with its dry run.

use rest_client::{ExportQuery, ImportReport, TaskDocument, TaskEntry, TaskImportQuery, TaskStatus, limits};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    App,
    check::Check,
    error::ApiError,
    extract::{Json, Path, Query, State},
    interchange::{Document, Exported, Imported, entries},
};
use crate::store::scheduled_tasks::documents;

pub(super) async fn export(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Query(query): Query<ExportQuery>,
) -> Result<Exported<TaskDocument>, ApiError> {
    Exported::of(documents::export(&app.db, user).await?, query.format)
}

pub(super) async fn import(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Query(query): Query<TaskImportQuery>,
    Imported(document): Imported<TaskDocument>,
) -> Result<Json<ImportReport>, ApiError> {
    let write = app.write().await?;
    let imported = documents::import(&write.db, write.now(), user, &document, query.dry_run).await?;
    for made in &imported.made {
        write.created(made);
    }
    for changed in imported.changed {
        write.updated(changed);
    }
    Ok(Json(ImportReport {
        dry_run: query.dry_run,
        changes: imported.changes,
    }))
}

impl Document for TaskDocument {
    fn read(fields: &mut Map<String, Value>, check: &mut Check) -> Self {
        Self {
            tasks: entries(fields, check, "tasks", check_task),
        }
    }
}

fn check_task(check: &mut Check, path: &str, task: &mut TaskEntry) {
    check.text(format!("{path}.text"), &task.text, 1..=limits::TASK_TEXT);
    check.schedule(&format!("{path}.schedule"), &task.schedule);
    check.zone(&format!("{path}.time_zone"), &mut task.time_zone);
    check.text(format!("{path}.to.chat"), &task.to.chat, 1..=limits::SHORT);
    check.that(
        &format!("{path}.status"),
        matches!(task.status, TaskStatus::Active | TaskStatus::Paused),
        "must be active or paused",
    );
}
