//! Identities.

use rest_client::{Identity, NewIdentity, PageQuery, ResolveIdentity, Resolved, limits};
use uuid::Uuid;

use super::{
    App,
    answer::{NoContent, Paged, Stored},
    check::Check,
    error::ApiError,
    extract::{Json, Path, Query, State},
    oldest_first,
};
use crate::store::identities;

pub(super) async fn resolve(
    State(app): State<App>,
    Json(mut account): Json<ResolveIdentity>,
) -> Result<Stored<Resolved>, ApiError> {
    let mut check = Check::default();
    check.text("external_id", &account.external_id, 1..=limits::SHORT);
    check.text("display_name", &account.display_name, 0..=limits::SHORT);
    check.locale("locale", account.locale.as_ref());
    check.zone("time_zone", &mut account.time_zone);
    check.done()?;
    // Most are known; only for a new one something is written.
    let resolved = match identities::find(&app.db, &account).await? {
        Some(known) => known,
        None => {
            let write = app.write().await?;
            let resolved = identities::resolve(&write.db, write.now(), account).await?;
            if resolved.created {
                write.created(&resolved.user);
                write.created(&resolved.identity);
            }
            resolved
        }
    };
    let is_new = resolved.created;
    Ok((resolved, is_new).into())
}

pub(super) async fn link(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(new): Json<NewIdentity>,
) -> Result<Stored<Identity>, ApiError> {
    let mut check = Check::default();
    check.text("external_id", &new.external_id, 1..=limits::SHORT);
    check.text("display_name", &new.display_name, 0..=limits::SHORT);
    check.done()?;
    let write = app.write().await?;
    let (identity, is_new) = identities::link(&write.db, write.now(), user, new).await?;
    if is_new {
        write.created(&identity);
    }
    Ok((identity, is_new).into())
}

pub(super) async fn list(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Query(query): Query<PageQuery>,
) -> Result<Paged<Identity>, ApiError> {
    Ok(Paged(
        identities::list(&app.db, user, oldest_first(&query)?).await?,
    ))
}

pub(super) async fn get(
    State(app): State<App>,
    Path((user, identity)): Path<(Uuid, Uuid)>,
) -> Result<Json<Identity>, ApiError> {
    Ok(Json(identities::get(&app.db, user, identity).await?))
}

pub(super) async fn unlink(
    State(app): State<App>,
    Path((user, identity)): Path<(Uuid, Uuid)>,
) -> Result<NoContent, ApiError> {
    let write = app.write().await?;
    let gone = identities::unlink(&write.db, user, identity).await?;
    write.deleted(&gone);
    Ok(NoContent)
}
