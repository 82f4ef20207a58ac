//! Which assistants an assistant may ask.

use rest_client::{AuditedOperation, AuditedResource, LinkedSubAssistant, NewSubAssistantLink, limits};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    App,
    answer::{NoContent, Paged},
    check::Check,
    error::ApiError,
    extract::{Json, Path, State},
};
use crate::store::sub_assistants;

pub(super) async fn list(
    State(app): State<App>,
    Path(assistant): Path<Uuid>,
) -> Result<Paged<LinkedSubAssistant>, ApiError> {
    Ok(Paged(sub_assistants::list(&app.db, assistant).await?))
}

pub(super) async fn get(
    State(app): State<App>,
    Path((assistant, sub)): Path<(Uuid, Uuid)>,
) -> Result<Json<LinkedSubAssistant>, ApiError> {
    Ok(Json(sub_assistants::get(&app.db, assistant, sub).await?))
}

pub(super) async fn link(
    State(app): State<App>,
    Path((assistant, sub)): Path<(Uuid, Uuid)>,
    Json(new): Json<NewSubAssistantLink>,
) -> Result<NoContent, ApiError> {
    let mut check = Check::default();
    check.text("description", &new.description, 0..=limits::SUB_DESCRIPTION);
    check.done()?;
    let write = app.write().await?;
    let description = new.description.as_str();
    let before = sub_assistants::link(&write.db, write.now(), assistant, sub, description).await?;
    let operation = match &before {
        None => AuditedOperation::Create,
        Some(before) if *before != new.description => AuditedOperation::Update,
        // The same again changes nothing.
        Some(_) => return Ok(NoContent),
    };
    let before = before.map(|description| told(sub, &description));
    let what = (AuditedResource::SubAssistant, assistant);
    write.note(operation, what, None, before, Some(told(sub, description)));
    Ok(NoContent)
}

pub(super) async fn unlink(
    State(app): State<App>,
    Path((assistant, sub)): Path<(Uuid, Uuid)>,
) -> Result<NoContent, ApiError> {
    let write = app.write().await?;
    if let Some(description) = sub_assistants::unlink(&write.db, assistant, sub).await? {
        let what = (AuditedResource::SubAssistant, assistant);
        let before = Some(told(sub, &description));
        write.note(AuditedOperation::Delete, what, None, before, None);
    }
    Ok(NoContent)
}

/// A link as the audit knows it.
fn told(sub: Uuid, description: &str) -> Value {
    json!({ "sub_id": sub, "description": description })
}
