//! Pending actions.

use rest_client::{Decision, NewPendingAction, Page, PendingAction, PendingActionQuery, limits};
use uuid::Uuid;

use super::{
    App,
    answer::{Paged, Stored},
    check::Check,
    error::ApiError,
    extract::{Json, Path, Query, State},
};
use crate::store::pending_actions;

pub(super) async fn create(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(new): Json<NewPendingAction>,
) -> Result<Stored<PendingAction>, ApiError> {
    let mut check = Check::default();
    check.text("conversation", &new.conversation, 1..=limits::SHORT);
    check.symbol("tool", &new.tool);
    check.document("args", &new.args);
    check.text("summary", &new.summary, 0..=limits::DESCRIPTION);
    check.text("idempotency_key", &new.idempotency_key, 1..=limits::SHORT);
    if let Some(event) = &new.decided_by {
        check.text("decided_by", event.as_str(), 1..=limits::SHORT);
    }
    check.number("valid_seconds", new.valid_seconds, 1..=limits::LONGEST_VALID);
    check.done()?;
    Ok(pending_actions::create(&app.db, app.now(), user, new)
        .await?
        .into())
}

pub(super) async fn list(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Query(query): Query<PendingActionQuery>,
) -> Result<Paged<PendingAction>, ApiError> {
    let mut check = Check::default();
    check.text("idempotency_key", &query.idempotency_key, 1..=limits::SHORT);
    check.done()?;
    let items = pending_actions::of_key(&app.db, user, &query.idempotency_key).await?;
    Ok(Paged(Page {
        items,
        next_cursor: None,
    }))
}

pub(super) async fn get(
    State(app): State<App>,
    Path((user, action)): Path<(Uuid, Uuid)>,
) -> Result<Json<PendingAction>, ApiError> {
    Ok(Json(pending_actions::get(&app.db, user, action).await?))
}

pub(super) async fn decide(
    State(app): State<App>,
    Path((user, action)): Path<(Uuid, Uuid)>,
    Json(decision): Json<Decision>,
) -> Result<Json<PendingAction>, ApiError> {
    let mut check = Check::default();
    check.text("event_id", decision.event_id.as_str(), 1..=limits::SHORT);
    check.done()?;
    Ok(Json(
        pending_actions::decide(&app.db, app.now(), user, action, decision).await?,
    ))
}
