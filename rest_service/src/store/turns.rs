//! Turns: what an event led to, stored once with its messages and its sub-assistants' parts, in one transaction.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use messages::{EventId, ReplyV1};
use rest_client::{NewTurn, Page, Turn, TurnCost, TurnStatus};
use uuid::Uuid;

use super::{
    Part, StoreError, budgets, new_id, page,
    threads::{MessageRow, ThreadRow},
    usage::{self, UsageRow},
};
use crate::db::{
    At, Conn, Db, Id, Json, Named,
    schema::{assistants, messages as message_table, threads, turns, users},
};

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = turns, treat_none_as_default_value = false)]
pub(super) struct TurnRow {
    pub(super) id: Id,
    event_id: String,
    user_id: Id,
    thread_id: Id,
    status: Named<TurnStatus>,
    replies: Json<Vec<ReplyV1>>,
    model: Option<String>,
    prompt_tokens: i64,
    completion_tokens: i64,
    model_calls: i64,
    error: Option<String>,
    started_at: At,
    finished_at: At,
    cost_micros: i64,
}

impl From<TurnRow> for Turn {
    fn from(row: TurnRow) -> Self {
        Self {
            id: row.id.0,
            event_id: EventId::new(row.event_id),
            user_id: row.user_id.0,
            thread_id: row.thread_id.0,
            status: row.status.0,
            replies: row.replies.0,
            model: row.model,
            prompt_tokens: count(row.prompt_tokens),
            completion_tokens: count(row.completion_tokens),
            model_calls: count(row.model_calls),
            cost_micros: row.cost_micros,
            error: row.error,
            started_at: row.started_at.0,
            finished_at: row.finished_at.0,
        }
    }
}

/// A count as it was stored, which was from a `u32`.
pub(super) fn count(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(u32::MAX)
}

/// Stores a turn and its sub-assistants' parts, their messages and, if need be, their threads. Says whether it was new: the same event again
/// stores nothing and gives what is stored.
pub(crate) async fn create(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    new: NewTurn,
) -> Result<(Turn, bool), StoreError> {
    let event = new.event_id.as_str().to_owned();
    let covered = new.covers.clone();
    let parts = parts(new);
    let stored = db
        .transaction(async |c| {
            let mut main: Option<TurnRow> = None;
            for part in &parts {
                let thread_id = match part.thread_id {
                    Some(thread) => {
                        let found = threads::table
                            .find(Id(thread))
                            .filter(threads::user_id.eq(Id(user)))
                            .select(threads::id)
                            .first::<Id>(c)
                            .await
                            .optional()?;
                        match found {
                            Some(thread) => thread,
                            // Who was erased meanwhile is nobody, whatever else is said of them.
                            None => {
                                known(c, user).await?;
                                return Err(unknown("thread_id", "is not a thread of this user"));
                            }
                        }
                    }
                    None => {
                        known(c, user).await?;
                        let assistant = assistants::table
                            .find(Id(part.assistant_id))
                            .select(assistants::id)
                            .first::<Id>(c)
                            .await
                            .optional()?;
                        if assistant.is_none() && main.is_some() {
                            // A sub-assistant that was deleted meanwhile: the answer it gave is in the main thread.
                            continue;
                        }
                        assistant.ok_or_else(|| unknown("assistant_id", "is not an assistant"))?;
                        // One made by another turn at the same time is waited for and used.
                        diesel::insert_into(threads::table)
                            .values(&ThreadRow {
                                id: Id(new_id(now)),
                                user_id: Id(user),
                                assistant_id: Id(part.assistant_id),
                                conversation: part.conversation.clone(),
                                parent_id: main.as_ref().map(|main| main.thread_id),
                                last_seq: 0,
                                summary: String::new(),
                                summarised_to: 0,
                                closed_at: None,
                                created_at: At(now),
                                updated_at: At(now),
                            })
                            .on_conflict_do_nothing()
                            .execute(c)
                            .await?;
                        threads::table
                            .filter(threads::user_id.eq(Id(user)))
                            .filter(threads::conversation.eq(&part.conversation))
                            .filter(threads::assistant_id.eq(Id(part.assistant_id)))
                            .filter(threads::closed_at.is_null())
                            .select(threads::id)
                            .first::<Id>(c)
                            .await?
                    }
                };
                let turn_id = Id(new_id(now));
                let turn = TurnRow {
                    id: turn_id,
                    event_id: part.event_id.as_str().to_owned(),
                    user_id: Id(user),
                    thread_id,
                    status: Named(part.status),
                    replies: Json(part.replies.clone()),
                    model: part.model.clone(),
                    prompt_tokens: part.prompt_tokens.into(),
                    completion_tokens: part.completion_tokens.into(),
                    model_calls: part.model_calls.into(),
                    error: part.error.clone(),
                    started_at: At(part.started_at),
                    finished_at: At(part.finished_at),
                    cost_micros: part.cost.micros,
                };
                let inserted: Option<TurnRow> = diesel::insert_into(turns::table)
                    .values(&turn)
                    .on_conflict(turns::event_id)
                    .do_nothing()
                    .returning(TurnRow::as_returning())
                    .get_result(c)
                    .await
                    .optional()?;
                // The same event was stored meanwhile: a thread that was just made is taken back.
                let Some(inserted) = inserted else {
                    if main.is_some() && covered.contains(&part.event_id) {
                        // It was answered before.
                        continue;
                    }
                    return Err(StoreError::AlreadyExists);
                };
                main.get_or_insert(inserted);
                let message_count = i64::try_from(part.messages.len()).unwrap_or(i64::MAX);
                if message_count > 0 {
                    // Counting up locks the thread, so that turns that end together number their messages one after
                    // the other.
                    let last_seq: i64 = diesel::update(threads::table.find(thread_id))
                        .set((
                            threads::last_seq.eq(threads::last_seq + message_count),
                            threads::updated_at.eq(At(now)),
                        ))
                        .returning(threads::last_seq)
                        .get_result(c)
                        .await?;
                    let rows = (last_seq - message_count + 1..).zip(&part.messages);
                    let rows = rows.map(|(seq, message)| MessageRow {
                        id: Id(new_id(now)),
                        user_id: Id(user),
                        thread_id,
                        turn_id,
                        seq,
                        role: Named(message.role),
                        content: message.content.clone(),
                        tool_calls: message.tool_calls.clone().map(Json),
                        tool_call_id: message.tool_call_id.clone(),
                        from_outside: message.from_outside,
                        created_at: At(now),
                    });
                    diesel::insert_into(message_table::table)
                        .values(rows.collect::<Vec<_>>())
                        .execute(c)
                        .await?;
                }
                // Each with its own model's name; all in this transaction.
                if let Some(spent) = UsageRow::of(now, user, part) {
                    usage::count_up(c, &spent).await?;
                }
                if part.cost.held {
                    budgets::give_back(c, user, part.event_id.as_str()).await?;
                }
                if !part.cost.told.is_empty() {
                    budgets::note_told(c, now, user, &part.cost.told).await?;
                }
            }
            main.ok_or(StoreError::NotFound)
        })
        .await;
    match stored {
        Ok(turn) => Ok((turn.into(), true)),
        // What is stored already is told first, whatever else has changed since.
        Err(error) => match (of_event(db, user, &event).await?, error) {
            (Some(turn), _) => Ok((turn, false)),
            (None, StoreError::AlreadyExists) => Err(StoreError::NotFound),
            (None, error) => Err(error),
        },
    }
}

/// A user's turns, the newest first: `part.after` is the id before which the page begins.
pub(crate) async fn list(db: &Db, user: Uuid, part: Part) -> Result<Page<Turn>, StoreError> {
    let rows: Vec<TurnRow> = db
        .read(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            turns::table
                .filter(turns::user_id.eq(Id(user)))
                .filter(turns::id.lt(Id(part.after)))
                .order(turns::id.desc())
                .limit(part.fetch())
                .select(TurnRow::as_select())
                .load(c)
                .await
        })
        .await?;
    Ok(page(rows, part.limit, |turn: &Turn| turn.id.to_string()))
}

/// The turn itself, and behind it what sub-assistants did in it, as turns of their own.
fn parts(mut new: NewTurn) -> Vec<NewTurn> {
    let subs = std::mem::take(&mut new.sub_turns);
    let covers = std::mem::take(&mut new.covers);
    let covered = |event_id| NewTurn {
        event_id,
        messages: Vec::new(),
        replies: Vec::new(),
        model: None,
        prompt_tokens: 0,
        completion_tokens: 0,
        model_calls: 0,
        cost: TurnCost::default(),
        ..new.clone()
    };
    let covered: Vec<NewTurn> = covers.into_iter().map(covered).collect();
    let conversation = new.conversation.clone();
    let subs = subs.into_iter().map(|sub| NewTurn {
        event_id: sub.event_id,
        conversation: conversation.clone(),
        assistant_id: sub.assistant_id,
        thread_id: None,
        status: sub.status,
        messages: sub.messages,
        replies: Vec::new(),
        covers: Vec::new(),
        sub_turns: Vec::new(),
        model: sub.model,
        prompt_tokens: sub.prompt_tokens,
        completion_tokens: sub.completion_tokens,
        model_calls: sub.model_calls,
        cost: TurnCost {
            micros: sub.cost_micros,
            ..TurnCost::default()
        },
        error: sub.error,
        started_at: sub.started_at,
        finished_at: sub.finished_at,
    });
    let subs: Vec<NewTurn> = subs.collect();
    std::iter::once(new).chain(covered).chain(subs).collect()
}

/// The turn of an event.
pub(crate) async fn get(db: &Db, user: Uuid, event: &str) -> Result<Turn, StoreError> {
    let row = db
        .read(async |c| {
            turns::table
                .filter(turns::event_id.eq(event))
                .filter(turns::user_id.eq(Id(user)))
                .select(TurnRow::as_select())
                .first(c)
                .await
        })
        .await?;
    Ok(row.into())
}

/// The stored turn of an event, refusing another user's.
async fn of_event(db: &Db, user: Uuid, event: &str) -> Result<Option<Turn>, StoreError> {
    let row: Option<TurnRow> = db
        .read(async |c| {
            turns::table
                .filter(turns::event_id.eq(event))
                .select(TurnRow::as_select())
                .first(c)
                .await
                .optional()
        })
        .await?;
    match row {
        Some(row) if row.user_id != Id(user) => Err(StoreError::Taken),
        row => Ok(row.map(Turn::from)),
    }
}

/// Fails with [`StoreError::NotFound`] where there is no such user.
async fn known(c: &mut Conn, user: Uuid) -> Result<(), StoreError> {
    users::table
        .find(Id(user))
        .select(users::id)
        .first::<Id>(c)
        .await?;
    Ok(())
}

fn unknown(field: &'static str, message: &str) -> StoreError {
    StoreError::Invalid {
        field,
        message: message.to_owned(),
    }
}
