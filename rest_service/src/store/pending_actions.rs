//! Pending actions: kept until they are decided, and for a while after, so that what comes again finds them.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use messages::EventId;
use rest_client::{Decision, NewPendingAction, PendingAction, PendingState};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{StoreError, new_id};
use crate::db::{
    At, Db, Id, Json, Named,
    schema::{pending_actions, users},
};

/// How long an action stays after its time is over. An event comes again within days, if at all.
const KEPT: TimeDelta = TimeDelta::days(30);

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = pending_actions, treat_none_as_default_value = false)]
struct ActionRow {
    id: Id,
    user_id: Id,
    conversation: String,
    tool: String,
    args: Json<Map<String, Value>>,
    summary: String,
    idempotency_key: String,
    state: Named<PendingState>,
    decided_by: Option<String>,
    expires_at: At,
    created_at: At,
}

impl From<ActionRow> for PendingAction {
    fn from(row: ActionRow) -> Self {
        Self {
            id: row.id.0,
            user_id: row.user_id.0,
            conversation: row.conversation,
            tool: row.tool,
            args: row.args.0,
            summary: row.summary,
            state: row.state.0,
            decided_by: row.decided_by.map(EventId::new),
            expires_at: row.expires_at.0,
            created_at: row.created_at.0,
        }
    }
}

/// Offers an action; the same key again gives the one that it made. Says whether it was new.
pub(crate) async fn create(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    new: NewPendingAction,
) -> Result<(PendingAction, bool), StoreError> {
    let row = ActionRow {
        id: Id(new_id(now)),
        user_id: Id(user),
        conversation: new.conversation,
        tool: new.tool,
        args: Json(new.args),
        summary: new.summary,
        idempotency_key: new.idempotency_key,
        state: Named(match new.decided_by {
            Some(_) => PendingState::Confirmed,
            None => PendingState::Open,
        }),
        decided_by: new.decided_by.map(|event| event.as_str().to_owned()),
        expires_at: At(now + TimeDelta::seconds(new.valid_seconds.into())),
        created_at: At(now),
    };
    let (row, is_new) = db
        .transaction(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            diesel::delete(pending_actions::table)
                .filter(pending_actions::expires_at.lt(At(now - KEPT)))
                .execute(c)
                .await?;
            let inserted: Option<ActionRow> = diesel::insert_into(pending_actions::table)
                .values(&row)
                .on_conflict((pending_actions::user_id, pending_actions::idempotency_key))
                .do_nothing()
                .returning(ActionRow::as_returning())
                .get_result(c)
                .await
                .optional()?;
            if let Some(inserted) = inserted {
                return Ok((inserted, true));
            }
            let known: ActionRow = pending_actions::table
                .filter(pending_actions::user_id.eq(Id(user)))
                .filter(pending_actions::idempotency_key.eq(&row.idempotency_key))
                .select(ActionRow::as_select())
                .first(c)
                .await?;
            Ok::<_, StoreError>((known, false))
        })
        .await?;
    Ok((row.into(), is_new))
}

/// The user's action that was offered with this key, if there is one.
pub(crate) async fn of_key(db: &Db, user: Uuid, key: &str) -> Result<Vec<PendingAction>, StoreError> {
    let rows: Vec<ActionRow> = db
        .read(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            pending_actions::table
                .filter(pending_actions::user_id.eq(Id(user)))
                .filter(pending_actions::idempotency_key.eq(key))
                .select(ActionRow::as_select())
                .load(c)
                .await
        })
        .await?;
    Ok(rows.into_iter().map(PendingAction::from).collect())
}

/// One of a user's actions.
pub(crate) async fn get(db: &Db, user: Uuid, action: Uuid) -> Result<PendingAction, StoreError> {
    let row: ActionRow = db
        .read(async |c| {
            pending_actions::table
                .find(Id(action))
                .filter(pending_actions::user_id.eq(Id(user)))
                .select(ActionRow::as_select())
                .first(c)
                .await
        })
        .await?;
    Ok(row.into())
}

/// Decides about an action unless it is decided or its time is over; gives what stands.
pub(crate) async fn decide(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    action: Uuid,
    decision: Decision,
) -> Result<PendingAction, StoreError> {
    let state = if decision.confirmed {
        PendingState::Confirmed
    } else {
        PendingState::Dismissed
    };
    let row: ActionRow = db
        .transaction(async |c| {
            diesel::update(pending_actions::table.find(Id(action)))
                .filter(pending_actions::user_id.eq(Id(user)))
                .filter(pending_actions::state.eq(Named(PendingState::Open)))
                .filter(pending_actions::expires_at.gt(At(now)))
                .set((
                    pending_actions::state.eq(Named(state)),
                    pending_actions::decided_by.eq(Some(decision.event_id.as_str())),
                ))
                .execute(c)
                .await?;
            let stands: ActionRow = pending_actions::table
                .find(Id(action))
                .filter(pending_actions::user_id.eq(Id(user)))
                .select(ActionRow::as_select())
                .first(c)
                .await?;
            Ok::<_, StoreError>(stands)
        })
        .await?;
    Ok(row.into())
}
