//! Facts about users. What an API key changes is audited, without the text; what comes from the user's own
//! conversation is not.

use rest_client::{Fact, FactPatch, NewFact, PageQuery, limits};
use uuid::Uuid;

use super::{
    App,
    answer::{NoContent, Paged, Stored},
    check::Check,
    conditions::Tagged,
    error::ApiError,
    extract::{Json, Path, Query, State},
    oldest_first,
};
use crate::store::{IfMatch, facts};

pub(super) async fn create(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(new): Json<NewFact>,
) -> Result<Tagged<Stored<Fact>>, ApiError> {
    let mut check = Check::default();
    check.text("text", &new.text, 1..=limits::FACT);
    check.done()?;
    if !app.is_by_key() {
        let stored = facts::create(&app.db, app.now(), user, new).await?;
        return Ok(Tagged(stored.into()));
    }
    let write = app.write().await?;
    let (fact, is_new) = facts::create(&write.db, write.now(), user, new).await?;
    if is_new {
        write.created(&fact);
    }
    Ok(Tagged((fact, is_new).into()))
}

pub(super) async fn get(
    State(app): State<App>,
    Path((user, fact)): Path<(Uuid, Uuid)>,
) -> Result<Tagged<Json<Fact>>, ApiError> {
    Ok(Tagged(Json(facts::get(&app.db, user, fact).await?)))
}

pub(super) async fn list(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Query(query): Query<PageQuery>,
) -> Result<Paged<Fact>, ApiError> {
    Ok(Paged(facts::list(&app.db, user, oldest_first(&query)?).await?))
}

pub(super) async fn update(
    State(app): State<App>,
    Path((user, fact)): Path<(Uuid, Uuid)>,
    if_match: IfMatch,
    Json(patch): Json<FactPatch>,
) -> Result<Tagged<Json<Fact>>, ApiError> {
    let mut check = Check::default();
    check.some_text("text", patch.text.as_ref(), 1..=limits::FACT);
    check.done()?;
    if !app.is_by_key() {
        let changed = facts::update(&app.db, app.now(), user, fact, &if_match, patch).await?;
        return Ok(Tagged(Json(changed.after)));
    }
    let write = app.write().await?;
    let changed = facts::update(&write.db, write.now(), user, fact, &if_match, patch).await?;
    Ok(Tagged(Json(write.updated(changed))))
}

pub(super) async fn delete(
    State(app): State<App>,
    Path((user, fact)): Path<(Uuid, Uuid)>,
    if_match: IfMatch,
) -> Result<NoContent, ApiError> {
    if !app.is_by_key() {
        facts::delete(&app.db, user, fact, &if_match).await?;
        return Ok(NoContent);
    }
    let write = app.write().await?;
    write.deleted(&facts::delete(&write.db, user, fact, &if_match).await?);
    Ok(NoContent)
}
