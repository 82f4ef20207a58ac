//! Tools.

use rest_client::{NewTool, Tool, ToolListQuery, ToolPatch, limits};
use uuid::Uuid;

use super::{
    App,
    answer::{Created, NoContent},
    check::Check,
    conditions::Tagged,
    csv::{Listed, WantsCsv},
    error::ApiError,
    extract::{Json, Path, Query, State},
    sorted,
};
use crate::store::{
    IfMatch,
    tools::{self, ToolFilter},
};

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
    wants: WantsCsv,
    Query(query): Query<ToolListQuery>,
) -> Result<Listed<Tool>, ApiError> {
    let mut check = Check::default();
    check.some_text("kind", query.kind.as_ref(), 1..=64);
    let sort = query.sort.unwrap_or_default();
    let part = sorted(&mut check, sort, query.cursor.as_deref(), query.limit);
    check.done()?;
    let which = ToolFilter {
        kind: query.kind,
        active: query.active,
    };
    Ok(Listed::new(tools::list(&app.db, &which, &part).await?, &wants))
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
