//! Facts about users.

use rest_client::{Fact, FactPatch, NewFact, Page, PageQuery, limits};
use uuid::Uuid;

use super::{
    App,
    answer::{NoContent, Stored},
    check::Check,
    error::ApiError,
    extract::{Json, Path, Query, State},
    oldest_first,
};
use crate::store::facts;

pub(super) async fn create(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(new): Json<NewFact>,
) -> Result<Stored<Fact>, ApiError> {
    let mut check = Check::default();
    check.text("text", &new.text, 1..=limits::FACT);
    check.done()?;
    Ok(facts::create(&app.db, app.now(), user, new).await?.into())
}

pub(super) async fn get(
    State(app): State<App>,
    Path((user, fact)): Path<(Uuid, Uuid)>,
) -> Result<Json<Fact>, ApiError> {
    Ok(Json(facts::get(&app.db, user, fact).await?))
}

pub(super) async fn list(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Fact>>, ApiError> {
    Ok(Json(facts::list(&app.db, user, oldest_first(&query)?).await?))
}

pub(super) async fn update(
    State(app): State<App>,
    Path((user, fact)): Path<(Uuid, Uuid)>,
    Json(patch): Json<FactPatch>,
) -> Result<Json<Fact>, ApiError> {
    let mut check = Check::default();
    check.some_text("text", patch.text.as_ref(), 1..=limits::FACT);
    check.done()?;
    Ok(Json(facts::update(&app.db, app.now(), user, fact, patch).await?))
}

pub(super) async fn delete(
    State(app): State<App>,
    Path((user, fact)): Path<(Uuid, Uuid)>,
) -> Result<NoContent, ApiError> {
    facts::delete(&app.db, user, fact).await?;
    Ok(NoContent)
}
