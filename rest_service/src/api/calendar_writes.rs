//! Changes in users' calendars.

use rest_client::{CalendarWrite, CalendarWritePatch, NewCalendarWrite, Sealed};
use uuid::Uuid;

use super::{
    App,
    check::Check,
    error::ApiError,
    extract::{Json, Path, State},
};
use crate::store::calendar_writes;

pub(super) async fn get(
    State(app): State<App>,
    Path((user, write)): Path<(Uuid, Uuid)>,
) -> Result<Json<CalendarWrite>, ApiError> {
    Ok(Json(calendar_writes::get(&app.db, user, write).await?))
}

pub(super) async fn begin(
    State(app): State<App>,
    Path((user, write)): Path<(Uuid, Uuid)>,
    Json(new): Json<NewCalendarWrite>,
) -> Result<Json<CalendarWrite>, ApiError> {
    check(&new.plan)?;
    Ok(Json(
        calendar_writes::begin(&app.db, app.now(), user, write, new).await?,
    ))
}

pub(super) async fn settle(
    State(app): State<App>,
    Path((user, write)): Path<(Uuid, Uuid)>,
    Json(patch): Json<CalendarWritePatch>,
) -> Result<Json<CalendarWrite>, ApiError> {
    check(&patch.plan)?;
    Ok(Json(
        calendar_writes::settle(&app.db, app.now(), user, write, patch).await?,
    ))
}

fn check(plan: &Sealed) -> Result<(), ApiError> {
    let mut check = Check::default();
    check.text("plan.key_id", &plan.key_id, 1..=100);
    check.text("plan.ciphertext", &plan.ciphertext, 1..=500_000);
    check.done()
}
