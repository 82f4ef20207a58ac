//! Changes in users' calendars, until they can no longer be undone.
//!
//! Rows are of use for a day; retention drops older ones.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, QueryDsl, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use rest_client::{CalendarWrite, CalendarWritePatch, CalendarWriteState, NewCalendarWrite, Sealed};
use uuid::Uuid;

use super::StoreError;
use crate::db::{
    At, Db, Id, Named,
    schema::{calendar_writes, users},
};

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = calendar_writes)]
struct WriteRow {
    id: Id,
    user_id: Id,
    state: Named<CalendarWriteState>,
    key_id: String,
    ciphertext: String,
    created_at: At,
    updated_at: At,
}

impl From<WriteRow> for CalendarWrite {
    fn from(row: WriteRow) -> Self {
        Self {
            id: row.id.0,
            user_id: row.user_id.0,
            state: row.state.0,
            plan: Sealed {
                key_id: row.key_id,
                ciphertext: row.ciphertext,
            },
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        }
    }
}

/// Writes a change down; the one that is written down already stays as it is.
pub(crate) async fn begin(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    write: Uuid,
    new: NewCalendarWrite,
) -> Result<CalendarWrite, StoreError> {
    let row = WriteRow {
        id: Id(write),
        user_id: Id(user),
        state: Named(CalendarWriteState::Begun),
        key_id: new.plan.key_id,
        ciphertext: new.plan.ciphertext,
        created_at: At(now),
        updated_at: At(now),
    };
    let stored: WriteRow = db
        .transaction(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            diesel::insert_into(calendar_writes::table)
                .values(&row)
                .on_conflict(calendar_writes::id)
                .do_nothing()
                .execute(c)
                .await?;
            let stored: WriteRow = calendar_writes::table
                .find(Id(write))
                .select(WriteRow::as_select())
                .first(c)
                .await?;
            if stored.user_id == Id(user) {
                Ok(stored)
            } else {
                Err(StoreError::Taken)
            }
        })
        .await?;
    Ok(stored.into())
}

/// One of a user's changes.
pub(crate) async fn get(db: &Db, user: Uuid, write: Uuid) -> Result<CalendarWrite, StoreError> {
    let row: WriteRow = db
        .read(async |c| {
            calendar_writes::table
                .find(Id(write))
                .filter(calendar_writes::user_id.eq(Id(user)))
                .select(WriteRow::as_select())
                .first(c)
                .await
        })
        .await?;
    Ok(row.into())
}

/// Says how far a change has come; what is known already stays as it is.
pub(crate) async fn settle(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    write: Uuid,
    patch: CalendarWritePatch,
) -> Result<CalendarWrite, StoreError> {
    let from = match patch.state {
        CalendarWriteState::Begun => {
            return Err(StoreError::Invalid {
                field: "state",
                message: "must be done or undone".to_owned(),
            });
        }
        CalendarWriteState::Done => CalendarWriteState::Begun,
        CalendarWriteState::Undone => CalendarWriteState::Done,
    };
    let row: WriteRow = db
        .transaction(async |c| {
            diesel::update(calendar_writes::table.find(Id(write)))
                .filter(calendar_writes::user_id.eq(Id(user)))
                .filter(calendar_writes::state.eq(Named(from)))
                .set((
                    calendar_writes::state.eq(Named(patch.state)),
                    calendar_writes::key_id.eq(&patch.plan.key_id),
                    calendar_writes::ciphertext.eq(&patch.plan.ciphertext),
                    calendar_writes::updated_at.eq(At(now)),
                ))
                .execute(c)
                .await?;
            let row: WriteRow = calendar_writes::table
                .find(Id(write))
                .filter(calendar_writes::user_id.eq(Id(user)))
                .select(WriteRow::as_select())
                .first(c)
                .await?;
            Ok::<WriteRow, StoreError>(row)
        })
        .await?;
    Ok(row.into())
}
