//! Tools.

use rest_client::{NewTool, Page, PageQuery, Tool, ToolPatch, limits};
use uuid::Uuid;

use super::{
    App,
    answer::{Created, NoContent},
    check::Check,
    conditions::Tagged,
    error::ApiError,
    extract::{Json, Path, Query, State},
    oldest_first,
};
use crate::store::{IfMatch, tools};

pub(super) async fn create(
    State(app): State<App>,
    Json(new): Json<NewTool>,
) -> Result<Tagged<Created<Tool>>, ApiError> {
    let mut check = Check::default();
    check.symbol("kind", &new.kind);
    check.symbol("name", &new.name);
    check.text("description", &new.description, 0..=limits::DESCRIPTION);
    check.document("config", &new.config);
    check.done()?;
    let write = app.write().await?;
    let tool = tools::create(&write.db, write.now(), new).await?;
    write.created(&tool);
    Ok(Tagged(Created(tool)))
}

pub(super) async fn get(
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<Tagged<Json<Tool>>, ApiError> {
    Ok(Tagged(Json(tools::get(&app.db, id).await?)))
}

pub(super) async fn list(
    State(app): State<App>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Tool>>, ApiError> {
    Ok(Json(tools::list(&app.db, oldest_first(&query)?).await?))
}

pub(super) async fn update(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
    Json(patch): Json<ToolPatch>,
) -> Result<Tagged<Json<Tool>>, ApiError> {
    let mut check = Check::default();
    if let Some(name) = &patch.name {
        check.symbol("name", name);
    }
    check.some_text("description", patch.description.as_ref(), 0..=limits::DESCRIPTION);
    if let Some(config) = &patch.config {
        check.document("config", config);
    }
    check.done()?;
    let write = app.write().await?;
    let changed = tools::update(&write.db, write.now(), id, &if_match, patch).await?;
    Ok(Tagged(Json(write.updated(changed))))
}

pub(super) async fn delete(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
) -> Result<NoContent, ApiError> {
    let write = app.write().await?;
    write.deleted(&tools::delete(&write.db, id, &if_match).await?);
    Ok(NoContent)
}
