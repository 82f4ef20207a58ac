//! API keys.

use axum::response::{IntoResponse, Response};
use rest_client::{ApiKey, CreatedApiKey, NewApiKey, Page, PageQuery, ProblemKind, Scope, limits};
use schemars::SchemaGenerator;
use uuid::Uuid;

use super::{
    App,
    answer::{Created, KeptAs},
    caller::Caller,
    check::Check,
    describe::{Described, Output},
    error::ApiError,
    extract::{Json, Path, Query, State},
    oldest_first,
    token::NewToken,
};
use crate::{
    db::DbError,
    store::{Changed, StoreError, api_keys},
};

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Json(new): Json<NewApiKey>,
) -> Result<Made, ApiError> {
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
    let token = NewToken::random().map_err(|error| {
        tracing::error!(%error, "the system has no random numbers");
        ApiError::of(ProblemKind::Internal)
    })?;
    let write = app.write().await?;
    let made = api_keys::create(&write.db, write.now(), new, token.prefix, token.hash).await;
    let key = made.map_err(|error| match error {
        // Once in 2^48 times a prefix is taken; the next try gets another.
        StoreError::Db(DbError::Exists(_)) => ApiError::of(ProblemKind::Unavailable),
        error => error.into(),
    })?;
    write.created(&key);
    tracing::info!(api_key_id = %key.id, role = ?key.role, "API key made");
    Ok(Made(CreatedApiKey {
        key,
        token: token.text,
    }))
}

/// The one answer with a token in it: what is kept for a repeated call has none.
pub(super) struct Made(CreatedApiKey);

impl IntoResponse for Made {
    fn into_response(self) -> Response {
        let without_token = CreatedApiKey {
            token: String::new(),
            ..self.0.clone()
        };
        let kept = serde_json::to_string(&without_token);
        let mut response = Created(self.0).into_response();
        // A key and its scopes are always JSON; were they not, an empty answer would be kept.
        response.extensions_mut().insert(KeptAs(kept.unwrap_or_default()));
        response
    }
}

impl Output for Made {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        Created::<CreatedApiKey>::describe(described, schemas);
    }
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
    let write = app.write().await?;
    let before = api_keys::get(&write.db, id).await?;
    let after = api_keys::revoke(&write.db, write.now(), id).await?;
    if before.revoked_at.is_none() {
        write.updated(Changed {
            before,
            after: after.clone(),
        });
    }
    // A call that looks the key up before this is committed believes it for less than a second.
    app.keyring.forget(id);
    tracing::info!(api_key_id = %id, "API key revoked");
    Ok(Json(after))
}
