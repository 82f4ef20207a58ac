//! Users and their secretaries.

use rest_client::{
    Assistant, AuditedOperation, AuditedResource, NewUser, Page, PageQuery, SetSecretary, User,
    UserListQuery, UserPatch, limits,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    App,
    answer::Created,
    check::Check,
    conditions::Tagged,
    error::ApiError,
    extract::{Json, Path, Query, State},
    oldest_first,
};
use crate::store::{IfMatch, users};

pub(super) async fn create(
    State(app): State<App>,
    Json(mut new): Json<NewUser>,
) -> Result<Tagged<Created<User>>, ApiError> {
    let mut check = Check::default();
    check.text("name", &new.name, 1..=limits::SHORT);
    check.locale("locale", new.locale.as_ref());
    check.zone("time_zone", &mut new.time_zone);
    check.done()?;
    let write = app.write().await?;
    let user = users::create(&write.db, write.now(), new).await?;
    write.created(&user);
    Ok(Tagged(Created(user)))
}

pub(super) async fn get(
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<Tagged<Json<User>>, ApiError> {
    Ok(Tagged(Json(users::get(&app.db, id).await?)))
}

pub(super) async fn list(
    State(app): State<App>,
    Query(query): Query<UserListQuery>,
) -> Result<Json<Page<User>>, ApiError> {
    let UserListQuery { state, cursor, limit } = query;
    let part = oldest_first(&PageQuery { cursor, limit })?;
    Ok(Json(users::list(&app.db, state, part).await?))
}

pub(super) async fn update(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
    Json(mut patch): Json<UserPatch>,
) -> Result<Tagged<Json<User>>, ApiError> {
    let mut check = Check::default();
    check.some_text("name", patch.name.as_ref(), 1..=limits::SHORT);
    check.locale("locale", patch.locale.as_ref());
    let zone = check.zone("time_zone", &mut patch.time_zone);
    check.done()?;
    let write = app.write().await?;
    let changed = users::update(&write.db, write.now(), id, &if_match, patch, zone).await?;
    Ok(Tagged(Json(write.updated(changed))))
}

pub(super) async fn secretary(
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<Json<Assistant>, ApiError> {
    Ok(Json(users::secretary(&app.db, id).await?))
}

pub(super) async fn set_secretary(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(choice): Json<SetSecretary>,
) -> Result<Json<Assistant>, ApiError> {
    let write = app.write().await?;
    let chosen = users::set_secretary(&write.db, write.now(), id, choice.assistant_id).await?;
    let choice = |user: &User| Some(json!({ "assistant_id": user.secretary_id }));
    write.note(
        AuditedOperation::Update,
        (AuditedResource::Secretary, id),
        Some(id),
        choice(&chosen.before),
        choice(&chosen.after),
    );
    Ok(Json(users::secretary(&app.db, id).await?))
}
