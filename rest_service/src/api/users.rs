//! Users and their secretaries.

use axum::extract::State;
use rest_client::{
    Assistant, Erasure, ListSort, NewUser, SetSecretary, User, UserListQuery, UserPatch, limits,
};
use uuid::Uuid;

use super::{
    App,
    answer::Created,
    check::Check,
    csv::{Listed, WantsCsv},
    error::ApiError,
    extract::{Json, Path, Query},
    sorted,
};
use crate::store::{
    erasure,
    users::{self, UserFilter},
};

pub(super) async fn create(
    State(app): State<App>,
    Json(mut new): Json<NewUser>,
) -> Result<Created<User>, ApiError> {
    let mut check = Check::default();
    check.text("name", &new.name, 1..=limits::SHORT);
    check.locale("locale", new.locale.as_ref());
    check.zone("time_zone", &mut new.time_zone);
    check.done()?;
    let user = users::create(&app.db, app.now(), new).await?;
    Ok(Created(user))
}

pub(super) async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<User>, ApiError> {
    Ok(Json(users::get(&app.db, id).await?))
}

pub(super) async fn list(
    State(app): State<App>,
    wants: WantsCsv,
    Query(query): Query<UserListQuery>,
) -> Result<Listed<User>, ApiError> {
    let mut check = Check::default();
    check.some_text("name", query.name.as_ref(), 1..=200);
    let sort = match (query.sort, &query.name) {
        (Some(sort), None) => sort,
        (Some(sort @ (ListSort::Name | ListSort::NameBackwards)), Some(_)) => sort,
        (Some(_), Some(_)) => {
            check.wrong("sort", "must be name or -name where name is asked for");
            ListSort::Name
        }
        (None, Some(_)) => ListSort::Name,
        (None, None) => ListSort::CreatedAt,
    };
    let part = sorted(&mut check, sort, query.cursor.as_deref(), query.limit);
    check.done()?;
    let which = UserFilter {
        state: query.state,
        role: query.role,
        name: query.name,
    };
    Ok(Listed::new(users::list(&app.db, &which, &part).await?, &wants))
}

pub(super) async fn update(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(mut patch): Json<UserPatch>,
) -> Result<Json<User>, ApiError> {
    let mut check = Check::default();
    check.some_text("name", patch.name.as_ref(), 1..=limits::SHORT);
    check.locale("locale", patch.locale.as_ref());
    let zone = check.zone("time_zone", &mut patch.time_zone);
    check.done()?;
    Ok(Json(users::update(&app.db, app.now(), id, patch, zone).await?))
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
    users::set_secretary(&app.db, app.now(), id, choice.assistant_id).await?;
    Ok(Json(users::secretary(&app.db, id).await?))
}

pub(super) async fn erase(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Erasure>, ApiError> {
    let erasure = erasure::erase(&app.db, app.now(), id).await?;
    if erasure.found {
        tracing::info!(user_id = %id, "a user was erased");
    }
    Ok(Json(erasure))
}
