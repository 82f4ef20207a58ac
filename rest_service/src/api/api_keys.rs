//! API keys.

use axum::extract::State;
use rest_client::{ApiKey, CreatedApiKey, NewApiKey, Page, PageQuery, ProblemKind, Scope, limits};
use uuid::Uuid;

use super::{
    App,
    answer::Created,
    caller::Caller,
    check::Check,
    error::ApiError,
    extract::{Json, Path, Query},
    oldest_first,
    token::NewToken,
};
use crate::{
    db::DbError,
    store::{StoreError, api_keys},
};

/// How often another prefix is tried when one is taken.
const TRIES: usize = 3;

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Json(new): Json<NewApiKey>,
) -> Result<Created<CreatedApiKey>, ApiError> {
    let mut check = Check::default();
    check.text("name", &new.name, 1..=limits::SHORT);
    if let Some(scopes) = &new.scopes {
        check.that(
            "scopes",
            (1..=limits::SHORT).contains(&scopes.len()),
            "must not be empty; leave it out for all that the role allows",
        );
        for (i, scope) in scopes.iter().enumerate() {
            if !new.role.allows(*scope) {
                check.wrong(format!("scopes[{i}]"), format!("{scope} is not within the role"));
            }
        }
    }
    if let Some(end) = new.expires_at {
        check.instant("expires_at", end);
        check.that("expires_at", end > app.now(), "must be in the future");
    }
    check.done()?;
    // A key must not make a key that is good for more than itself.
    let gives = |scope: &Scope| {
        new.role.allows(*scope) && new.scopes.as_ref().is_none_or(|scopes| scopes.contains(scope))
    };
    if let Some(lacks) = Scope::all().filter(gives).find(|scope| !caller.may(*scope)) {
        return Err(ApiError::missing_scope(lacks));
    }
    for _ in 0..TRIES {
        let token = NewToken::random().map_err(|error| {
            tracing::error!(%error, "the system has no random numbers");
            ApiError::of(ProblemKind::Internal)
        })?;
        match api_keys::create(&app.db, app.now(), new.clone(), token.prefix, token.hash).await {
            Ok(key) => {
                tracing::info!(api_key_id = %key.id, role = ?key.role, address = ?caller.address, "API key made");
                return Ok(Created(CreatedApiKey {
                    key,
                    token: token.text,
                }));
            }
            Err(StoreError::Db(DbError::Exists(_))) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::of(ProblemKind::Unavailable))
}

pub(super) async fn list(
    State(app): State<App>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ApiKey>>, ApiError> {
    Ok(Json(api_keys::list(&app.db, oldest_first(&query)?).await?))
}

pub(super) async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<ApiKey>, ApiError> {
    Ok(Json(api_keys::get(&app.db, id).await?))
}

pub(super) async fn revoke(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<ApiKey>, ApiError> {
    let key = api_keys::revoke(&app.db, app.now(), id).await?;
    app.keyring.forget(id);
    tracing::info!(api_key_id = %id, "API key revoked");
    Ok(Json(key))
}
