//! Deliveries.

use rest_client::{Delivery, NewDelivery, Page, limits};
use uuid::Uuid;

use super::{
    App,
    answer::Paged,
    check::Check,
    error::ApiError,
    extract::{Json, Path, State},
};
use crate::store::deliveries;

pub(super) async fn put(
    State(app): State<App>,
    Path((user, reply, part)): Path<(Uuid, String, u32)>,
    Json(new): Json<NewDelivery>,
) -> Result<Json<Delivery>, ApiError> {
    let mut check = Check::default();
    check.text("reply_id", &reply, 1..=limits::SHORT);
    check.text("to.chat", &new.to.chat, 1..=limits::SHORT);
    check.some_text(
        "external_message_id",
        new.external_message_id.as_ref(),
        1..=limits::SHORT,
    );
    check.some_text("error", new.error.as_ref(), 0..=limits::ERROR);
    check.done()?;
    Ok(Json(
        deliveries::put(&app.db, app.now(), user, &reply, part, new).await?,
    ))
}

pub(super) async fn of_reply(
    State(app): State<App>,
    Path((user, reply)): Path<(Uuid, String)>,
) -> Result<Paged<Delivery>, ApiError> {
    let items = deliveries::of_reply(&app.db, user, &reply).await?;
    Ok(Paged(Page {
        items,
        next_cursor: None,
    }))
}
