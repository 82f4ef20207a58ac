//! Threads and their messages.

use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use rest_client::{Message, MessageRole, Page, Thread, ThreadPatch};
use serde_json::Value;
use uuid::Uuid;

use super::{Part, StoreError, page};
use crate::db::{
    At, Db, Id, Json, Named,
    schema::{messages, threads, users},
};

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = threads, treat_none_as_default_value = false)]
pub(super) struct ThreadRow {
    pub(super) id: Id,
    pub(super) user_id: Id,
    pub(super) assistant_id: Id,
    pub(super) conversation: String,
    pub(super) parent_id: Option<Id>,
    pub(super) last_seq: i64,
    pub(super) summary: String,
    pub(super) summarised_to: i64,
    pub(super) closed_at: Option<At>,
    pub(super) created_at: At,
    pub(super) updated_at: At,
}

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = messages, treat_none_as_default_value = false)]
pub(super) struct MessageRow {
    pub(super) id: Id,
    pub(super) user_id: Id,
    pub(super) thread_id: Id,
    pub(super) turn_id: Id,
    pub(super) seq: i64,
    pub(super) role: Named<MessageRole>,
    pub(super) content: String,
    pub(super) tool_calls: Option<Json<Value>>,
    pub(super) tool_call_id: Option<String>,
    pub(super) created_at: At,
    pub(super) from_outside: bool,
}

impl From<ThreadRow> for Thread {
    fn from(row: ThreadRow) -> Self {
        Self {
            id: row.id.0,
            user_id: row.user_id.0,
            assistant_id: row.assistant_id.0,
            conversation: row.conversation,
            parent_id: row.parent_id.map(|id| id.0),
            last_seq: row.last_seq,
            summary: row.summary,
            summarised_to: row.summarised_to,
            closed_at: row.closed_at.map(|at| at.0),
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        }
    }
}

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Self {
        Self {
            id: row.id.0,
            user_id: row.user_id.0,
            thread_id: row.thread_id.0,
            turn_id: row.turn_id.0,
            seq: row.seq,
            role: row.role.0,
            content: row.content,
            tool_calls: row.tool_calls.map(|calls| calls.0),
            tool_call_id: row.tool_call_id,
            from_outside: row.from_outside,
            created_at: row.created_at.0,
        }
    }
}

/// A user's threads, the newest first: `part.after` is the id before which the page begins.
pub(crate) async fn list(db: &Db, user: Uuid, part: Part) -> Result<Page<Thread>, StoreError> {
    let rows: Vec<ThreadRow> = db
        .read(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            threads::table
                .filter(threads::user_id.eq(Id(user)))
                .filter(threads::id.lt(Id(part.after)))
                .order(threads::id.desc())
                .limit(part.fetch())
                .select(ThreadRow::as_select())
                .load(c)
                .await
        })
        .await?;
    Ok(page(rows, part.limit, |thread: &Thread| thread.id.to_string()))
}

/// Closes the open threads of a conversation; says how many.
pub(crate) async fn close(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    conversation: &str,
) -> Result<usize, StoreError> {
    let closed = db
        .write(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            diesel::update(threads::table)
                .filter(threads::user_id.eq(Id(user)))
                .filter(threads::conversation.eq(conversation))
                .filter(threads::closed_at.is_null())
                .set((
                    threads::closed_at.eq(Some(At(now))),
                    threads::updated_at.eq(At(now)),
                ))
                .execute(c)
                .await
        })
        .await?;
    Ok(closed)
}

/// Stores a summary, unless the stored one covers more.
pub(crate) async fn summarise(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    thread: Uuid,
    patch: &ThreadPatch,
) -> Result<Thread, StoreError> {
    let row = db
        .write(async |c| {
            diesel::update(threads::table.find(Id(thread)))
                .filter(threads::user_id.eq(Id(user)))
                .filter(
                    threads::summarised_to
                        .le(patch.summarised_to)
                        .and(threads::last_seq.ge(patch.summarised_to)),
                )
                .set((
                    threads::summary.eq(&patch.summary),
                    threads::summarised_to.eq(patch.summarised_to),
                    threads::updated_at.eq(At(now)),
                ))
                .execute(c)
                .await?;
            threads::table
                .find(Id(thread))
                .filter(threads::user_id.eq(Id(user)))
                .select(ThreadRow::as_select())
                .first(c)
                .await
        })
        .await?;
    Ok(row.into())
}

/// A thread's messages in order: those after the number `after`.
pub(crate) async fn messages(
    db: &Db,
    user: Uuid,
    thread: Uuid,
    after: i64,
    limit: u32,
) -> Result<Page<Message>, StoreError> {
    let rows: Vec<MessageRow> = db
        .read(async |c| {
            threads::table
                .find(Id(thread))
                .filter(threads::user_id.eq(Id(user)))
                .select(threads::id)
                .first::<Id>(c)
                .await?;
            messages::table
                .filter(messages::thread_id.eq(Id(thread)))
                .filter(messages::user_id.eq(Id(user)))
                .filter(messages::seq.gt(after))
                .order(messages::seq)
                .limit(i64::from(limit) + 1)
                .select(MessageRow::as_select())
                .load(c)
                .await
        })
        .await?;
    Ok(page(rows, limit, |message: &Message| message.seq.to_string()))
}
