//! User events: the replies of the API channel, in the order in which each user was told them.
//!
//! They are kept for as long as the user is; nothing drops old ones yet.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, QueryDsl, dsl::max, prelude::Insertable};
use diesel_async::RunQueryDsl;
use messages::{EventId, ReplyV1};
use uuid::Uuid;

use super::StoreError;
use crate::db::{
    At, Db, DbError, Id, Json,
    schema::{user_events, users},
};

#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = user_events)]
struct NewEventRow {
    user_id: Id,
    reply_id: String,
    payload: Json<ReplyV1>,
    created_at: At,
}

/// Stores a reply behind the user's others; the same reply again changes nothing.
pub(crate) async fn append(
    db: &Db,
    now: DateTime<Utc>,
    reply_id: &EventId,
    reply: ReplyV1,
) -> Result<(), DbError> {
    let row = NewEventRow {
        user_id: Id(reply.user_id),
        reply_id: reply_id.as_str().to_owned(),
        payload: Json(reply),
        created_at: At(now),
    };
    db.write(async |c| {
        diesel::insert_into(user_events::table)
            .values(&row)
            .on_conflict(user_events::reply_id)
            .do_nothing()
            .execute(c)
            .await
    })
    .await?;
    Ok(())
}

/// The position behind a user's newest reply; 0 when there is none.
pub(crate) async fn newest(db: &Db, user: Uuid) -> Result<i64, StoreError> {
    let newest: Option<i64> = db
        .read(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            user_events::table
                .filter(user_events::user_id.eq(Id(user)))
                .select(max(user_events::id))
                .first(c)
                .await
        })
        .await?;
    Ok(newest.unwrap_or(0))
}

/// A user's replies behind a position, oldest first, with their own positions.
pub(crate) async fn after(
    db: &Db,
    user: Uuid,
    position: i64,
    limit: i64,
) -> Result<Vec<(i64, ReplyV1)>, DbError> {
    let rows: Vec<(i64, Json<ReplyV1>)> = db
        .read(async |c| {
            user_events::table
                .filter(user_events::user_id.eq(Id(user)))
                .filter(user_events::id.gt(position))
                .order(user_events::id)
                .limit(limit)
                .select((user_events::id, user_events::payload))
                .load(c)
                .await
        })
        .await?;
    Ok(rows.into_iter().map(|(id, reply)| (id, reply.0)).collect())
}
