//! Assistants and the tools they have.

use rest_client::{
    Assistant, AssistantListQuery, AssistantPatch, AuditedOperation, AuditedResource, NewAssistant,
    PageQuery, Tool, limits,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    App,
    answer::{Created, NoContent, Paged},
    check::Check,
    conditions::Tagged,
    csv::{Listed, WantsCsv},
    error::ApiError,
    extract::{Json, Path, Query, State},
    oldest_first, sorted,
};
use crate::store::{
    IfMatch,
    assistants::{self, AssistantFilter},
    tools,
};

pub(super) async fn create(
    State(app): State<App>,
    Json(new): Json<NewAssistant>,
) -> Result<Tagged<Created<Assistant>>, ApiError> {
    let mut check = Check::default();
    check.text("name", &new.name, 1..=limits::SHORT);
    check.text("instructions", &new.instructions, 0..=limits::INSTRUCTIONS);
    check.some_text("model", new.model.as_ref(), 1..=limits::SHORT);
    check.document("parameters", &new.parameters);
    check.done()?;
    let write = app.write().await?;
    let assistant = assistants::create(&write.db, write.now(), new).await?;
    write.created(&assistant);
    Ok(Tagged(Created(assistant)))
}

pub(super) async fn get(
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<Tagged<Json<Assistant>>, ApiError> {
    Ok(Tagged(Json(assistants::get(&app.db, id).await?)))
}

pub(super) async fn list(
    State(app): State<App>,
    wants: WantsCsv,
    Query(query): Query<AssistantListQuery>,
) -> Result<Listed<Assistant>, ApiError> {
    let mut check = Check::default();
    let sort = query.sort.unwrap_or_default();
    let part = sorted(&mut check, sort, query.cursor.as_deref(), query.limit);
    check.done()?;
    let which = AssistantFilter {
        kind: query.kind,
        active: query.active,
    };
    Ok(Listed::new(
        assistants::list(&app.db, &which, &part).await?,
        &wants,
    ))
}

pub(super) async fn update(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
    Json(patch): Json<AssistantPatch>,
) -> Result<Tagged<Json<Assistant>>, ApiError> {
    let mut check = Check::default();
    check.some_text("name", patch.name.as_ref(), 1..=limits::SHORT);
    check.some_text(
        "instructions",
        patch.instructions.as_ref(),
        0..=limits::INSTRUCTIONS,
    );
    check.some_text(
        "model",
        patch.model.as_ref().and_then(Option::as_ref),
        1..=limits::SHORT,
    );
    if let Some(parameters) = &patch.parameters {
        check.document("parameters", parameters);
    }
    check.done()?;
    let write = app.write().await?;
    let changed = assistants::update(&write.db, write.now(), id, &if_match, patch).await?;
    Ok(Tagged(Json(write.updated(changed))))
}

pub(super) async fn delete(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
) -> Result<NoContent, ApiError> {
    let write = app.write().await?;
    write.deleted(&assistants::delete(&write.db, id, &if_match).await?);
    Ok(NoContent)
}

pub(super) async fn tools(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
) -> Result<Paged<Tool>, ApiError> {
    Ok(Paged(
        tools::of_assistant(&app.db, id, oldest_first(&query)?).await?,
    ))
}

pub(super) async fn link_tool(
    State(app): State<App>,
    Path((assistant, tool)): Path<(Uuid, Uuid)>,
) -> Result<NoContent, ApiError> {
    let write = app.write().await?;
    if tools::link(&write.db, write.now(), assistant, tool).await? {
        let link = Some(json!({ "tool_id": tool }));
        let what = (AuditedResource::AssistantTool, assistant);
        write.note(AuditedOperation::Create, what, None, None, link);
    }
    Ok(NoContent)
}

pub(super) async fn unlink_tool(
    State(app): State<App>,
    Path((assistant, tool)): Path<(Uuid, Uuid)>,
) -> Result<NoContent, ApiError> {
    let write = app.write().await?;
    if tools::unlink(&write.db, assistant, tool).await? {
        let link = Some(json!({ "tool_id": tool }));
        let what = (AuditedResource::AssistantTool, assistant);
        write.note(AuditedOperation::Delete, what, None, link, None);
    }
    Ok(NoContent)
}
