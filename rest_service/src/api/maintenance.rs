//! Maintenance: dropping what has been kept for long enough.

use rest_client::{CleanUp, CleanedUp, limits};

use super::{
    App,
    check::Check,
    error::ApiError,
    extract::{Json, State},
};
use crate::store::retention;

pub(super) async fn clean_up(
    State(app): State<App>,
    Json(what): Json<CleanUp>,
) -> Result<Json<CleanedUp>, ApiError> {
    let mut check = Check::default();
    let longest = limits::LONGEST_KEPT_DAYS;
    check.number("dead_letters_days", what.dead_letters_days, 0..=longest);
    check.done()?;
    let done = retention::clean_up(&app.db, app.now(), &app.retention, what.dead_letters_days).await?;
    Ok(Json(done))
}
