//! Assistants and the tools they have.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use rest_client::{
    Assistant, AssistantPatch, AuditedOperation, AuditedResource, NewAssistant, Page, PageQuery, Tool,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    App,
    check::Check,
    conditions::Tagged,
    error::ApiError,
    extract::{Json, Path, Query, State},
    oldest_first,
};
use crate::store::{IfMatch, assistants, tools};

/// The longest instructions, in characters.
const INSTRUCTIONS: usize = 50_000;

pub(super) async fn create(
    State(app): State<App>,
    Json(new): Json<NewAssistant>,
) -> Result<Response, ApiError> {
    let mut check = Check::default();
    check.text("name", &new.name, 1..=200);
    check.text("instructions", &new.instructions, 0..=INSTRUCTIONS);
    check.some_text("model", new.model.as_ref(), 1..=200);
    check.document("parameters", &new.parameters);
    check.done()?;
    let write = app.write().await?;
    let assistant = assistants::create(&write.db, write.now(), new).await?;
    write.created(&assistant);
    Ok((StatusCode::CREATED, Tagged(assistant)).into_response())
}

pub(super) async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Tagged<Assistant>, ApiError> {
    Ok(Tagged(assistants::get(&app.db, id).await?))
}

pub(super) async fn list(
    State(app): State<App>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Assistant>>, ApiError> {
    Ok(Json(assistants::list(&app.db, oldest_first(&query)?).await?))
}

pub(super) async fn update(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
    Json(patch): Json<AssistantPatch>,
) -> Result<Tagged<Assistant>, ApiError> {
    let mut check = Check::default();
    check.some_text("name", patch.name.as_ref(), 1..=200);
    check.some_text("instructions", patch.instructions.as_ref(), 0..=INSTRUCTIONS);
    check.some_text("model", patch.model.as_ref().and_then(Option::as_ref), 1..=200);
    if let Some(parameters) = &patch.parameters {
        check.document("parameters", parameters);
    }
    check.done()?;
    let write = app.write().await?;
    let changed = assistants::update(&write.db, write.now(), id, &if_match, patch).await?;
    Ok(Tagged(write.updated(changed)))
}

pub(super) async fn delete(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    let write = app.write().await?;
    write.deleted(&assistants::delete(&write.db, id, &if_match).await?);
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn tools(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Tool>>, ApiError> {
    Ok(Json(
        tools::of_assistant(&app.db, id, oldest_first(&query)?).await?,
    ))
}

pub(super) async fn link_tool(
    State(app): State<App>,
    Path((assistant, tool)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    let write = app.write().await?;
    if tools::link(&write.db, write.now(), assistant, tool).await? {
        let link = Some(json!({ "tool_id": tool }));
        let what = (AuditedResource::AssistantTool, assistant);
        write.note(AuditedOperation::Create, what, None, None, link);
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn unlink_tool(
    State(app): State<App>,
    Path((assistant, tool)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    let write = app.write().await?;
    if tools::unlink(&write.db, assistant, tool).await? {
        let link = Some(json!({ "tool_id": tool }));
        let what = (AuditedResource::AssistantTool, assistant);
        write.note(AuditedOperation::Delete, what, None, link, None);
    }
    Ok(StatusCode::NO_CONTENT)
}
