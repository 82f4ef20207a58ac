//! Tools.

use axum::extract::State;
use rest_client::{NewTool, Tool, ToolListQuery, ToolPatch, limits};
use uuid::Uuid;

use super::{
    App,
    answer::{Created, NoContent},
    check::Check,
    csv::{Listed, WantsCsv},
    error::ApiError,
    extract::{Json, Path, Query},
    sorted,
};
use crate::store::tools::{self, ToolFilter};

pub(super) async fn create(
    State(app): State<App>,
    Json(new): Json<NewTool>,
) -> Result<Created<Tool>, ApiError> {
    let mut check = Check::default();
    check.symbol("kind", &new.kind);
    check.symbol("name", &new.name);
    check.text("description", &new.description, 0..=limits::DESCRIPTION);
    check.document("config", &new.config);
    check.done()?;
    let tool = tools::create(&app.db, app.now(), new).await?;
    Ok(Created(tool))
}

pub(super) async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Tool>, ApiError> {
    Ok(Json(tools::get(&app.db, id).await?))
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
    Json(patch): Json<ToolPatch>,
) -> Result<Json<Tool>, ApiError> {
    let mut check = Check::default();
    if let Some(name) = &patch.name {
        check.symbol("name", name);
    }
    check.some_text("description", patch.description.as_ref(), 0..=limits::DESCRIPTION);
    if let Some(config) = &patch.config {
        check.document("config", config);
    }
    check.done()?;
    Ok(Json(tools::update(&app.db, app.now(), id, patch).await?))
}

pub(super) async fn delete(State(app): State<App>, Path(id): Path<Uuid>) -> Result<NoContent, ApiError> {
    tools::delete(&app.db, id).await?;
    Ok(NoContent)
}
