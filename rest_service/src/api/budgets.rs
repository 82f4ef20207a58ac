//! Budgets: what is held back for a call of a model, and what it cost.

use rest_client::{Held, NewHold, NewSpending, limits};
use uuid::Uuid;

use super::{
    App,
    answer::NoContent,
    check::Check,
    error::ApiError,
    extract::{Json, Path, State},
};
use crate::store::budgets;

pub(super) async fn hold(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(new): Json<NewHold>,
) -> Result<Json<Held>, ApiError> {
    let mut check = Check::default();
    check.text("id", &new.id, 1..=limits::HOLD_ID);
    check.text("event_id", new.event_id.as_str(), 1..=limits::SHORT);
    check.amount("tokens", new.tokens);
    check.amount("micros", new.micros);
    check.that(
        "ended",
        new.ended.len() <= limits::ENDED_CALLS,
        "must be at most 50",
    );
    for (i, ended) in new.ended.iter().take(limits::ENDED_CALLS).enumerate() {
        check.text(format!("ended[{i}].id"), &ended.id, 1..=limits::HOLD_ID);
        check.amount(format!("ended[{i}].tokens"), ended.tokens);
        check.amount(format!("ended[{i}].micros"), ended.micros);
    }
    check.done()?;
    let held = budgets::hold(&app.db, app.now(), user, &app.budgets, &new).await?;
    Ok(Json(held))
}

pub(super) async fn spend(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(new): Json<NewSpending>,
) -> Result<NoContent, ApiError> {
    let mut check = Check::default();
    check.text("event_id", new.event_id.as_str(), 1..=limits::SHORT);
    check.text("model", &new.model, 1..=limits::SHORT);
    check.amount("cost_micros", new.cost_micros);
    check.done()?;
    budgets::spend(&app.db, app.now(), user, new).await?;
    Ok(NoContent)
}
