//! Erasing a user, with everything that is stored of them.
//!
//! First the user is shut out, so that nothing new is begun; then what may be much goes in small steps; then the
//! rest and the user in one transaction. A crash in between leaves somebody who is shut out and partly erased:
//! the same call again goes on where it ended. What another request stores at the same moment is either there
//! before the user goes, and goes with them, or is refused, because the user is gone.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use rest_client::{Erasure, Kept, Role, UserState};
use serde_json::Value;
use uuid::Uuid;

use super::{StoreError, users::UserRow};
use crate::db::{
    At, Db, Id, Json, Named,
    schema::{
        audit, budget_holds, calendar_accounts, calendar_links, calendar_writes, deliveries, facts,
        identities, messages, pending_actions, scheduled_tasks, task_runs, threads, turns, usage,
        user_events, users,
    },
};

/// How many rows one statement removes.
const BATCH: i64 = 1_000;

/// Erases a user; again finds nobody.
pub(crate) async fn erase(db: &Db, now: DateTime<Utc>, user: Uuid) -> Result<Erasure, StoreError> {
    if !shut_out(db, now, user).await? {
        return Ok(Erasure {
            kept: kept(),
            ..Erasure::default()
        });
    }
    let mut erased = BTreeMap::new();
    // What hangs on other rows first, so that no statement removes more than its batch.
    macro_rules! in_steps {
        ($($table:ident: $id:ty),+) => { $({
            let mut all = 0;
            loop {
                let some: Vec<$id> = db.write(async |c| $table::table
                    .filter($table::user_id.eq(Id(user)))
                    .order($table::id)
                    .limit(BATCH)
                    .select($table::id)
                    .load(c)
                    .await).await?;
                if some.is_empty() {
                    break;
                }
                all += db.write(async |c| diesel::delete($table::table)
                    .filter($table::id.eq_any(some))
                    .filter($table::user_id.eq(Id(user)))
                    .execute(c)
                    .await).await?;
            }
            note(&mut erased, stringify!($table), all);
        })+ };
    }
    in_steps!(messages: Id, turns: Id, task_runs: Id, scheduled_tasks: Id, deliveries: Id, user_events: i64);
    let rest: Vec<(String, usize)> = db
        .transaction(async |c| {
            let mut rest = Vec::new();
            macro_rules! at_once {
            ($($table:ident),+) => { $(
                let gone = diesel::delete($table::table)
                    .filter($table::user_id.eq(Id(user)))
                    .execute(c)
                    .await?;
                rest.push((stringify!($table).to_owned(), gone));
            )+ };
        }
            // Again what came meanwhile.
            at_once!(
                messages,
                turns,
                task_runs,
                scheduled_tasks,
                pending_actions,
                deliveries,
                user_events,
                threads,
                facts,
                usage,
                budget_holds,
                identities,
                calendar_accounts,
                calendar_links,
                calendar_writes
            );
            let gone = diesel::delete(users::table.find(Id(user))).execute(c).await?;
            rest.push(("users".to_owned(), gone));
            Ok::<_, StoreError>(rest)
        })
        .await?;
    // Who did what stays; of whom, and what it was, does not.
    let blanked = db
        .write(async |c| {
            diesel::update(audit::table.filter(audit::user_id.eq(Some(Id(user)))))
                .set((
                    audit::user_id.eq(None::<Id>),
                    audit::before.eq(None::<Json<Value>>),
                    audit::after.eq(None::<Json<Value>>),
                ))
                .execute(c)
                .await
        })
        .await?;
    note(&mut erased, "audit", blanked);
    for (table, count) in rest {
        note(&mut erased, &table, count);
    }
    Ok(Erasure {
        found: true,
        erased,
        kept: kept(),
    })
}

/// Makes the user a blocked member; `false` when there is no such user.
async fn shut_out(db: &Db, now: DateTime<Utc>, user: Uuid) -> Result<bool, StoreError> {
    db.transaction(async |c| {
        let known: Option<UserRow> = users::table
            .find(Id(user))
            .select(UserRow::as_select())
            .first(c)
            .await
            .optional()?;
        if known.is_none() {
            return Ok(false);
        }
        // Writing nothing locks the owners: of two who are erased at once, one stays.
        let owners: Vec<(Id, Named<UserState>)> = diesel::update(users::table)
            .filter(users::role.eq(Named(Role::Owner)))
            .set(users::version.eq(users::version))
            .returning((users::id, users::state))
            .get_results(c)
            .await?;
        let is_owner = owners.iter().any(|(id, _)| *id == Id(user));
        let is_last = !owners
            .iter()
            .any(|(id, state)| *id != Id(user) && state.0 == UserState::Active);
        if is_owner && is_last {
            return Err(StoreError::LastOwner);
        }
        diesel::update(users::table.find(Id(user)))
            .set((
                users::role.eq(Named(Role::Member)),
                users::state.eq(Named(UserState::Blocked)),
                users::version.eq(users::version + 1),
                users::updated_at.eq(At(now)),
            ))
            .execute(c)
            .await?;
        Ok(true)
    })
    .await
}

fn note(erased: &mut BTreeMap<String, u64>, table: &str, count: usize) {
    *erased.entry(table.to_owned()).or_default() += u64::try_from(count).unwrap_or(u64::MAX);
}

fn kept() -> Vec<Kept> {
    let kept = |what: &str, why: &str| Kept {
        what: what.to_owned(),
        why: why.to_owned(),
    };
    vec![
        kept(
            "the audit",
            "who changed what and when, without whom it was about and what it was, until \
             RETENTION_AUDIT_DAYS",
        ),
        kept(
            "dead letters on the bus",
            "messages that could not be handled may hold a text; the cleanup purges them after \
             RETENTION_DEAD_LETTERS_DAYS",
        ),
        kept(
            "messages that are under way",
            "they are dropped when they are handled, because the user is not known any more",
        ),
        kept(
            "answers to calls with an Idempotency-Key",
            "an answer about the user may be given again; the cleanup drops it after 24 hours",
        ),
        kept(
            "the permission at Google",
            "a calendar that was connected is no longer read or changed; the person can take the permission back at \
             myaccount.google.com/connections",
        ),
        kept("backups", "they are the operator's to drop"),
        kept(
            "what other services hold",
            "messages in Telegram stay in the chat; the person can delete them there",
        ),
    ]
}
