//! Retention: drops what has been kept for long enough, in small steps.
//!
//! What is never dropped, because something that may still come would have its effect twice without it:
//!
//! - **turns**, with their event ids: an event that is redelivered, or a dead letter that is tried again, is found
//!   handled by its turn alone, whenever it comes.
//! - **active and paused tasks**, with their leases.
//!
//! What is dropped no earlier than the dead letters on the bus, which an operator may try again until then:
//!
//! - **deliveries**: a reply that is tried again sends only the parts that are not on record.
//! - **user events**: a reply of the API channel that comes again is found by its id.
//! - **done and cancelled tasks**: their idempotency keys keep a tool call that is tried again from making the same
//!   reminder once more.
//!
//! A run may go before that: the task has moved on from its instant, and a run that is recorded again is refused by
//! the lease.
//!
//! Each step is a statement of its own, so that a crash between two loses nothing, nobody waits long for a lock, and
//! two cleanups at once share the work: the second finds nothing where the first has been.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{ExpressionMethods, QueryDsl, dsl::sql, sql_types::Bool};
use diesel_async::RunQueryDsl;
use rest_client::CleanedUp;
use tokio::time::Instant;

use super::{StoreError, budgets};
use crate::{
    db::{
        At, Db, Id,
        schema::{
            audit, calendar_writes, deliveries, idempotency_keys, scheduled_tasks, task_runs, user_events,
        },
    },
    settings::RetentionSettings,
};

/// How many rows one statement removes.
const BATCH: usize = 500;

/// After how many days a change in a calendar can no longer be undone for certain; then its plan is of no use.
const CALENDAR_WRITES_DAYS: u32 = 2;

/// How long the answer to a call with an `Idempotency-Key` is kept.
const ANSWERS_KEPT: TimeDelta = TimeDelta::hours(24);

/// How long a cleanup goes on; what is left then is left to the next one. A request may take 10 s.
const PATIENCE: Duration = Duration::from_secs(4);

/// Removes what is older than the settings say, until nothing is left or the time is over.
pub(crate) async fn clean_up(
    db: &Db,
    now: DateTime<Utc>,
    settings: &RetentionSettings,
    dead_letters_days: u32,
) -> Result<CleanedUp, StoreError> {
    let deadline = Instant::now() + PATIENCE;
    let mut removed = BTreeMap::new();
    let mut complete = true;
    let mut note = |table: &str, (count, is_done): (u64, bool)| {
        if count > 0 {
            metrics::counter!("retention_removed_total", "table" => table.to_owned()).increment(count);
        }
        removed.insert(table.to_owned(), count);
        complete &= is_done;
    };
    let guarded = |days| cutoff(now, outliving(days, dead_letters_days));
    note(
        "task_runs",
        runs(db, cutoff(now, settings.retention_task_runs_days), deadline).await?,
    );
    note(
        "deliveries",
        sent(db, guarded(settings.retention_deliveries_days), deadline).await?,
    );
    note(
        "user_events",
        told(db, guarded(settings.retention_user_events_days), deadline).await?,
    );
    note(
        "audit",
        audited(db, cutoff(now, settings.retention_audit_days), deadline).await?,
    );
    note("idempotency_keys", answers(db, now).await?);
    note("budget_holds", (budgets::drop_expired(db, now).await?, true));
    note(
        "calendar_writes",
        calendar_changes(db, cutoff(now, CALENDAR_WRITES_DAYS), deadline).await?,
    );
    note(
        "scheduled_tasks",
        ended_tasks(db, guarded(settings.retention_tasks_days), deadline).await?,
    );
    Ok(CleanedUp { removed, complete })
}

/// After how many days something goes that must outlive dead letters; 0, of either, keeps it.
fn outliving(days: u32, dead_letters_days: u32) -> u32 {
    if days == 0 || dead_letters_days == 0 {
        0
    } else {
        days.max(dead_letters_days)
    }
}

/// What is older goes; nothing does for 0 days.
fn cutoff(now: DateTime<Utc>, days: u32) -> Option<DateTime<Utc>> {
    if days == 0 {
        return None;
    }
    now.checked_sub_signed(TimeDelta::days(days.into()))
}

/// A function that removes a table's old rows, the oldest first: how many there were, and whether that is all.
/// The condition is asked again where they are removed, as a row may have changed since it was found.
macro_rules! remover {
    ($(#[$doc:meta])* $name:ident, $table:ident, $id:ty, $age:ident, $condition:literal) => {
        $(#[$doc])*
        async fn $name(
            db: &Db,
            cutoff: Option<DateTime<Utc>>,
            deadline: Instant,
        ) -> Result<(u64, bool), StoreError> {
            let Some(cutoff) = cutoff else {
                return Ok((0, true));
            };
            let mut count = 0;
            while Instant::now() < deadline {
                let old: Vec<$id> = db.read(async |c| $table::table
                    .filter(sql::<Bool>($condition))
                    .filter($table::$age.lt(At(cutoff)))
                    .order($table::$age)
                    .limit(i64::try_from(BATCH).unwrap_or(i64::MAX))
                    .select($table::id)
                    .load(c)
                    .await).await?;
                let found = old.len();
                if found > 0 {
                    let gone = db.write(async |c| diesel::delete($table::table)
                        .filter($table::id.eq_any(old))
                        .filter(sql::<Bool>($condition))
                        .filter($table::$age.lt(At(cutoff)))
                        .execute(c)
                        .await).await?;
                    count += u64::try_from(gone).unwrap_or(u64::MAX);
                }
                if found < BATCH {
                    return Ok((count, true));
                }
            }
            Ok((count, false))
        }
    };
}

/// The answers to calls that were made once, for 24 h. Admins' calls are few: one statement takes those of an hour.
async fn answers(db: &Db, now: DateTime<Utc>) -> Result<(u64, bool), StoreError> {
    let Some(cutoff) = now.checked_sub_signed(ANSWERS_KEPT) else {
        return Ok((0, true));
    };
    let gone = db
        .write(async |c| {
            diesel::delete(idempotency_keys::table)
                .filter(idempotency_keys::created_at.lt(At(cutoff)))
                .execute(c)
                .await
        })
        .await?;
    Ok((u64::try_from(gone).unwrap_or(u64::MAX), true))
}

remover!(audited, audit, Id, at, "true");
remover!(calendar_changes, calendar_writes, Id, created_at, "true");
remover!(runs, task_runs, Id, created_at, "true");
remover!(sent, deliveries, Id, created_at, "true");
remover!(told, user_events, i64, created_at, "true");
remover!(
    /// Their runs go with them.
    ended_tasks,
    scheduled_tasks,
    Id,
    updated_at,
    "status IN ('done', 'cancelled')"
);
