//! Pending actions.

use rest_client::{Decision, NewPendingAction, Page, PendingAction, PendingActionQuery, limits};
use uuid::Uuid;

use super::{
    App,
    answer::Stored,
    check::Check,
    error::ApiError,
    extract::{Json, Path, Query, State},
};
use crate::store::pending_actions;

/// The longest time in which an action can be decided, in seconds.
const LONGEST_VALID: u32 = 604_800;

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
    check.that(
        "valid_seconds",
        (1..=LONGEST_VALID).contains(&new.valid_seconds),
        "must be 1 to 604800",
    );
    check.done()?;
    Ok(pending_actions::create(&app.db, app.now(), user, new)
        .await?
        .into())
}

pub(super) async fn list(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Query(query): Query<PendingActionQuery>,
) -> Result<Json<Page<PendingAction>>, ApiError> {
    let mut check = Check::default();
    check.text("idempotency_key", &query.idempotency_key, 1..=limits::SHORT);
    check.done()?;
    let items = pending_actions::of_key(&app.db, user, &query.idempotency_key).await?;
    Ok(Json(Page {
        items,
        next_cursor: None,
    }))
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
