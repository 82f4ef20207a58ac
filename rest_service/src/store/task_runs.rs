//! Runs: each firing of a task, recorded once.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use rest_client::{NewTaskRun, Page, TaskRun, TaskStatus};
use uuid::Uuid;

use super::{Part, StoreError, new_id, page, turns::count};
use crate::db::{
    At, Db, Id, Named, in_transaction, reading,
    schema::{scheduled_tasks, task_runs},
};

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = task_runs)]
struct RunRow {
    id: Id,
    task_id: Id,
    user_id: Id,
    scheduled_for: At,
    fired_at: At,
    missed: i64,
    created_at: At,
}

impl From<RunRow> for TaskRun {
    fn from(row: RunRow) -> Self {
        Self {
            id: row.id.0,
            task_id: row.task_id.0,
            user_id: row.user_id.0,
            scheduled_for: row.scheduled_for.0,
            fired_at: row.fired_at.0,
            missed: count(row.missed),
            created_at: row.created_at.0,
        }
    }
}

/// Records a run and plans the next one, for whoever holds the lease. Says whether it was new: the same run
/// again changes nothing.
pub(crate) async fn create(
    db: &Db,
    now: DateTime<Utc>,
    task: Uuid,
    new: &NewTaskRun,
) -> Result<(TaskRun, bool), StoreError> {
    let (row, is_new) = in_transaction!(db, StoreError, |c| {
        let (status, next) = match new.next_run_at {
            Some(next) => (TaskStatus::Active, Some(At(next))),
            None => (TaskStatus::Done, None),
        };
        let moved: Option<Id> = diesel::update(scheduled_tasks::table.find(Id(task)))
            .filter(scheduled_tasks::lease_token.eq(Some(Id(new.lease_token))))
            .filter(scheduled_tasks::next_run_at.eq(Some(At(new.scheduled_for))))
            .set((
                scheduled_tasks::status.eq(Named(status)),
                scheduled_tasks::next_run_at.eq(next),
                scheduled_tasks::last_run_at.eq(Some(At(new.fired_at))),
                scheduled_tasks::lease_token.eq(None::<Id>),
                scheduled_tasks::lease_until.eq(None::<At>),
                scheduled_tasks::version.eq(scheduled_tasks::version + 1),
                scheduled_tasks::updated_at.eq(At(now)),
            ))
            .returning(scheduled_tasks::user_id)
            .get_result(c)
            .await
            .optional()?;
        let known: Option<RunRow> = task_runs::table
            .filter(task_runs::task_id.eq(Id(task)))
            .filter(task_runs::scheduled_for.eq(At(new.scheduled_for)))
            .select(RunRow::as_select())
            .first(c)
            .await
            .optional()?;
        match (moved, known) {
            // Recorded before; if the task stood at that instant again, it has moved on now.
            (_, Some(known)) => Ok((known, false)),
            (Some(user_id), None) => {
                let stored: RunRow = diesel::insert_into(task_runs::table)
                    .values(&RunRow {
                        id: Id(new_id(now)),
                        task_id: Id(task),
                        user_id,
                        scheduled_for: At(new.scheduled_for),
                        fired_at: At(new.fired_at),
                        missed: new.missed.into(),
                        created_at: At(now),
                    })
                    .returning(RunRow::as_returning())
                    .get_result(c)
                    .await?;
                Ok((stored, true))
            }
            (None, None) => {
                scheduled_tasks::table
                    .find(Id(task))
                    .select(scheduled_tasks::id)
                    .first::<Id>(c)
                    .await?;
                Err(StoreError::StaleLease)
            }
        }
    })?;
    Ok((row.into(), is_new))
}

/// A task's runs, the newest first: `part.after` is the id before which the page begins.
pub(crate) async fn list(db: &Db, user: Uuid, task: Uuid, part: Part) -> Result<Page<TaskRun>, StoreError> {
    let rows: Vec<RunRow> = reading!(db, |c| {
        scheduled_tasks::table
            .find(Id(task))
            .filter(scheduled_tasks::user_id.eq(Id(user)))
            .select(scheduled_tasks::id)
            .first::<Id>(c)
            .await?;
        task_runs::table
            .filter(task_runs::task_id.eq(Id(task)))
            .filter(task_runs::user_id.eq(Id(user)))
            .filter(task_runs::id.lt(Id(part.after)))
            .order(task_runs::id.desc())
            .limit(part.fetch())
            .select(RunRow::as_select())
            .load(c)
            .await?
    });
    Ok(page(rows, part.limit, |run: &TaskRun| run.id.to_string()))
}
