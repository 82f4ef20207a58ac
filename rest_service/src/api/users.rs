//! Users and their secretaries.

use rest_client::{
    Assistant, AuditedOperation, AuditedResource, ClaimOwnership, Erasure, ListSort, NewUser, Ownership,
    SetSecretary, User, UserListQuery, UserPatch, limits,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    App,
    answer::Created,
    check::Check,
    conditions::Tagged,
    csv::{Listed, WantsCsv},
    error::ApiError,
    extract::{Json, Path, Query, State},
    sorted,
};
use crate::store::{
    IfMatch, erasure,
    users::{self, UserFilter},
};

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
    if_match: IfMatch,
    Json(mut patch): Json<UserPatch>,
) -> Result<Tagged<Json<User>>, ApiError> {
    let mut check = Check::default();
    check.some_text("name", patch.name.as_ref(), 1..=limits::SHORT);
    check.locale("locale", patch.locale.as_ref());
    let zone = check.zone("time_zone", &mut patch.time_zone);
    for (field, budget) in [
        ("budget_day_micros", patch.budget_day_micros),
        ("budget_month_micros", patch.budget_month_micros),
        ("budget_day_tokens", patch.budget_day_tokens),
        ("budget_month_tokens", patch.budget_month_tokens),
    ] {
        check.amount(field, budget.flatten().unwrap_or(0));
    }
    check.done()?;
    let write = app.write().await?;
    let changed = users::update(&write.db, write.now(), id, &if_match, patch, zone).await?;
    Ok(Tagged(Json(write.updated(changed))))
}

pub(super) async fn claim_ownership(
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(claim): Json<ClaimOwnership>,
) -> Result<Json<Ownership>, ApiError> {
    let write = app.write().await?;
    let (changed, granted) = users::claim(&write.db, write.now(), id, claim.channel).await?;
    let user = write.updated(changed);
    Ok(Json(Ownership { granted, user }))
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
    if chosen.before.secretary_id != chosen.after.secretary_id {
        write.note(
            AuditedOperation::Update,
            (AuditedResource::Secretary, id),
            Some(id),
            choice(&chosen.before),
            choice(&chosen.after),
        );
    }
    Ok(Json(users::secretary(&app.db, id).await?))
}

pub(super) async fn erase(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<Erasure>, ApiError> {
    // In transactions of its own: it may be much, and goes on where it ended when it is asked for again. With an
    // Idempotency-Key it is all in the request's one, which on SQLite is the only one that writes.
    let erasure = erasure::erase(&app.db, app.now(), id).await?;
    if erasure.found {
        let write = app.write().await?;
        write.note(
            AuditedOperation::Erase,
            (AuditedResource::User, id),
            None,
            None,
            None,
        );
        tracing::info!(user_id = %id, "a user was erased");
    }
    Ok(Json(erasure))
}
