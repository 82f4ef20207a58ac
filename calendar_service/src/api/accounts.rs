//! Users' accounts, for other services and operators.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use calendar_client::{Account, NewLink, ProblemKind, Reencrypt, Reencrypted};
use uuid::Uuid;

use super::{
    App,
    error::ApiError,
    extract::{Json, Path},
};
use crate::accounts::{LINK_LIFE, LinkError};

pub(super) async fn get(State(app): State<App>, Path(user): Path<Uuid>) -> Result<Json<Account>, ApiError> {
    Ok(Json(app.accounts.status(user).await?))
}

pub(super) async fn disconnect(
    State(app): State<App>,
    Path(user): Path<Uuid>,
) -> Result<Json<Account>, ApiError> {
    app.lists.forget(user);
    Ok(Json(app.accounts.disconnect(user).await?))
}

pub(super) async fn link(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(new): Json<NewLink>,
) -> Result<Response, ApiError> {
    if !(1..=200).contains(&new.reply_to.chat.chars().count()) {
        return Err(ApiError::field("reply_to.chat", "must have 1 to 200 characters"));
    }
    match app.accounts.link(user, new.reply_to, LINK_LIFE).await {
        Ok(link) => Ok((StatusCode::CREATED, Json(link)).into_response()),
        Err(LinkError::NoUser) => Err(ApiError::of(ProblemKind::NotFound)),
        Err(LinkError::Account(error)) => Err(error.into()),
    }
}

pub(super) async fn reencrypt(
    State(app): State<App>,
    Json(ask): Json<Reencrypt>,
) -> Result<Json<Reencrypted>, ApiError> {
    Ok(Json(app.accounts.reencrypt(ask.cursor).await?))
}
