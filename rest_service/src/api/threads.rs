//! Threads and their messages.

use rest_client::{CloseThreads, ClosedThreads, Message, PageQuery, Thread, ThreadPatch, limits};
use uuid::Uuid;

use super::{
    App,
    answer::Paged,
    check::Check,
    error::ApiError,
    extract::{Json, Path, Query, State},
    newest_first,
};
use crate::store::threads;

pub(super) async fn list(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Query(query): Query<PageQuery>,
) -> Result<Paged<Thread>, ApiError> {
    Ok(Paged(threads::list(&app.db, user, newest_first(&query)?).await?))
}

pub(super) async fn close(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(which): Json<CloseThreads>,
) -> Result<Json<ClosedThreads>, ApiError> {
    let mut check = Check::default();
    check.text("conversation", &which.conversation, 1..=limits::SHORT);
    check.done()?;
    let closed = threads::close(&app.db, app.now(), user, &which.conversation).await?;
    Ok(Json(ClosedThreads {
        closed: u64::try_from(closed).unwrap_or(u64::MAX),
    }))
}

pub(super) async fn summarise(
    State(app): State<App>,
    Path((user, thread)): Path<(Uuid, Uuid)>,
    Json(patch): Json<ThreadPatch>,
) -> Result<Json<Thread>, ApiError> {
    let mut check = Check::default();
    check.text("summary", &patch.summary, 0..=limits::SUMMARY);
    check.that("summarised_to", patch.summarised_to >= 0, "must not be negative");
    check.done()?;
    Ok(Json(
        threads::summarise(&app.db, app.now(), user, thread, &patch).await?,
    ))
}

pub(super) async fn messages(
    State(app): State<App>,
    Path((user, thread)): Path<(Uuid, Uuid)>,
    Query(query): Query<PageQuery>,
) -> Result<Paged<Message>, ApiError> {
    let mut check = Check::default();
    let limit = check.limit(query.limit);
    let after = match query.cursor.as_deref().map(str::parse::<i64>) {
        None => 0,
        Some(Ok(seq)) => seq,
        Some(Err(_)) => {
            check.wrong("cursor", "is not a cursor of this list");
            0
        }
    };
    check.done()?;
    Ok(Paged(
        threads::messages(&app.db, user, thread, after, limit).await?,
    ))
}
