//! API keys.

use axum::response::{IntoResponse, Response};
use rest_client::{ApiKey, CreatedApiKey, KeyRole, NewApiKey, PageQuery, ProblemKind, Scope, limits};
use schemars::SchemaGenerator;
use uuid::Uuid;

use super::{
    App,
    answer::{Created, KeptAs, Paged},
    caller::{Caller, Who},
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
    // A key must not make one that outlives it.
    if let Who::Key(own) = &caller.who
        && let Some(own_end) = own.expires_at
    {
        check.that(
            "expires_at",
            new.expires_at.is_some_and(|end| end <= own_end),
            "must not be later than the key's own that creates it",
        );
    }
    check.done()?;
    must_cover(&caller, new.role, new.scopes.as_deref())?;
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

/// Fails unless the caller's key is good for all that the other key is: only then may it make or revoke that one.
fn must_cover(caller: &Caller, role: KeyRole, scopes: Option<&[Scope]>) -> Result<(), ApiError> {
    let is_in_other =
        |scope: &Scope| role.allows(*scope) && scopes.is_none_or(|scopes| scopes.contains(scope));
    if let Some(lacks) = Scope::all().filter(is_in_other).find(|scope| !caller.may(*scope)) {
        return Err(ApiError::missing_scope(lacks));
    }
    // One without a list is also good for what comes with later versions; one with a list never is.
    match &caller.who {
        Who::Key(own) if own.scopes.is_some() && scopes.is_none() => Err(ApiError::saying(
            ProblemKind::MissingScope,
            "this needs a key without a list of scopes, as the other one has none",
        )),
        Who::Key(_) | Who::Service => Ok(()),
    }
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
) -> Result<Paged<ApiKey>, ApiError> {
    Ok(Paged(api_keys::list(&app.db, oldest_first(&query)?).await?))
}

pub(super) async fn get(State(app): State<App>, Path(id): Path<Uuid>) -> Result<Json<ApiKey>, ApiError> {
    Ok(Json(api_keys::get(&app.db, id).await?))
}

pub(super) async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<ApiKey>, ApiError> {
    let write = app.write().await?;
    let before = api_keys::get(&write.db, id).await?;
    must_cover(&caller, before.role, before.scopes.as_deref())?;
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
