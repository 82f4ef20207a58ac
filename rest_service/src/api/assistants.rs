//! Assistants and the tools they have.

use axum::extract::State;
use rest_client::{
    Assistant, AssistantListQuery, AssistantPatch, NewAssistant, Page, PageQuery, Tool, limits,
};
use uuid::Uuid;

use super::{
    App,
    answer::{Created, NoContent},
    check::Check,
    csv::{Listed, WantsCsv},
    error::ApiError,
    extract::{Json, Path, Query},
    oldest_first, sorted,
};
use crate::store::{
    assistants::{self, AssistantFilter},
    tools,
};

pub(super) async fn create(
    State(app): State<App>,
    Json(new): Json<NewAssistant>,
) -> Result<Created<Assistant>, ApiError> {
    let mut check = Check::default();
    check.text("name", &new.name, 1..=limits::SHORT);
    check.text("instructions", &new.instructions, 0..=limits::INSTRUCTIONS);
    check.some_text("model", new.model.as_ref(), 1..=limits::SHORT);
    check.document("parameters", &new.parameters);
    check.done()?;
    let assistant = assistants::create(&app.db, app.now(), new).await?;
    Ok(Created(assistant))
}

pub(super) async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Assistant>, ApiError> {
    Ok(Json(assistants::get(&app.db, id).await?))
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
    Json(patch): Json<AssistantPatch>,
) -> Result<Json<Assistant>, ApiError> {
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
    Ok(Json(assistants::update(&app.db, app.now(), id, patch).await?))
}

pub(super) async fn delete(State(app): State<App>, Path(id): Path<Uuid>) -> Result<NoContent, ApiError> {
    assistants::delete(&app.db, id).await?;
    Ok(NoContent)
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
) -> Result<NoContent, ApiError> {
    tools::link(&app.db, app.now(), assistant, tool).await?;
    Ok(NoContent)
}

pub(super) async fn unlink_tool(
    State(app): State<App>,
    Path((assistant, tool)): Path<(Uuid, Uuid)>,
) -> Result<NoContent, ApiError> {
    tools::unlink(&app.db, assistant, tool).await?;
    Ok(NoContent)
}
