//! Runs: each firing of a task, recorded once.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use rest_client::{NewTaskRun, NewTaskRuns, Page, RunOutcome, TaskRun, TaskStatus};
use uuid::Uuid;

use super::{Part, StoreError, new_id, page, turns::count};
use crate::db::{
    At, Db, Id, Named, locked_rows,
    schema::{scheduled_tasks, task_runs},
};

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = task_runs)]
pub(super) struct RunRow {
    pub(super) id: Id,
    task_id: Id,
    user_id: Id,
    scheduled_for: At,
    fired_at: At,
    missed: i64,
    created_at: At,
}

/// Where a task stands, as far as a run of it is concerned.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = scheduled_tasks)]
struct Standing {
    id: Id,
    user_id: Id,
    lease_token: Option<Id>,
    next_run_at: Option<At>,
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
    let (row, is_new) = db
        .transaction(async |c| {
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
        })
        .await?;
    Ok((row.into(), is_new))
}

/// Records what one claim fired, in one transaction; what became of each run, in the same order. Each has the
/// guarantees of [`create`]: it is recorded once, and only for whoever holds the lease.
pub(crate) async fn create_many(
    db: &Db,
    now: DateTime<Utc>,
    new: &NewTaskRuns,
) -> Result<Vec<RunOutcome>, StoreError> {
    let ids: Vec<Id> = new.runs.iter().map(|run| Id(run.task_id)).collect();
    let instants: Vec<At> = new.runs.iter().map(|run| At(run.scheduled_for)).collect();
    let outcomes: HashMap<Uuid, RunOutcome> = db
        .transaction(async |c| {
            // One order for everybody: two that record the same tasks at once wait, and do not block each other.
            let tasks: Vec<Standing> = locked_rows(
                scheduled_tasks::table
                    .filter(scheduled_tasks::id.eq_any(ids.clone()))
                    .order(scheduled_tasks::id)
                    .select(Standing::as_select()),
            )
            .load(c)
            .await?;
            let tasks: HashMap<Uuid, Standing> = tasks.into_iter().map(|task| (task.id.0, task)).collect();
            // More than asked for where one task was due at another's instant; what is looked up is the pair.
            let known: Vec<(Id, At)> = task_runs::table
                .filter(task_runs::task_id.eq_any(ids.clone()))
                .filter(task_runs::scheduled_for.eq_any(instants.clone()))
                .select((task_runs::task_id, task_runs::scheduled_for))
                .load(c)
                .await?;
            let known: HashSet<(Uuid, DateTime<Utc>)> =
                known.into_iter().map(|(id, at)| (id.0, at.0)).collect();
            let (mut rows, mut outcomes) = (Vec::new(), HashMap::new());
            // What is due at once mostly goes on alike, and is written in one statement.
            let mut alike: HashMap<(DateTime<Utc>, Option<DateTime<Utc>>), Vec<Id>> = HashMap::new();
            for run in &new.runs {
                let moved = tasks.get(&run.task_id).filter(|task| {
                    let stands_at = task.next_run_at.map(|at| at.0);
                    task.lease_token == Some(Id(new.lease_token))
                        && stands_at == Some(stored_instant(run.scheduled_for))
                });
                if moved.is_some() {
                    let alike = alike.entry((run.fired_at, run.next_run_at)).or_default();
                    alike.push(Id(run.task_id));
                }
                let outcome = if known.contains(&(run.task_id, stored_instant(run.scheduled_for))) {
                    RunOutcome::Known
                } else if let Some(task) = moved {
                    rows.push(RunRow {
                        id: Id(new_id(now)),
                        task_id: Id(run.task_id),
                        user_id: task.user_id,
                        scheduled_for: At(run.scheduled_for),
                        fired_at: At(run.fired_at),
                        missed: run.missed.into(),
                        created_at: At(now),
                    });
                    RunOutcome::Recorded
                } else if tasks.contains_key(&run.task_id) {
                    RunOutcome::StaleLease
                } else {
                    RunOutcome::NotFound
                };
                outcomes.insert(run.task_id, outcome);
            }
            for ((fired_at, next), ids) in alike {
                let status = next.map_or(TaskStatus::Done, |_| TaskStatus::Active);
                diesel::update(scheduled_tasks::table.filter(scheduled_tasks::id.eq_any(ids)))
                    .set((
                        scheduled_tasks::status.eq(Named(status)),
                        scheduled_tasks::next_run_at.eq(next.map(At)),
                        scheduled_tasks::last_run_at.eq(Some(At(fired_at))),
                        scheduled_tasks::lease_token.eq(None::<Id>),
                        scheduled_tasks::lease_until.eq(None::<At>),
                        scheduled_tasks::version.eq(scheduled_tasks::version + 1),
                        scheduled_tasks::updated_at.eq(At(now)),
                    ))
                    .execute(c)
                    .await?;
            }
            if !rows.is_empty() {
                diesel::insert_into(task_runs::table)
                    .values(rows)
                    .execute(c)
                    .await?;
            }
            Ok::<_, StoreError>(outcomes)
        })
        .await?;
    Ok(new
        .runs
        .iter()
        .map(|run| {
            outcomes
                .get(&run.task_id)
                .copied()
                .unwrap_or(RunOutcome::NotFound)
        })
        .collect())
}

/// An instant as the databases hold it: to the microsecond.
fn stored_instant(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// A task's runs, the newest first: `part.after` is the id before which the page begins.
pub(crate) async fn list(db: &Db, user: Uuid, task: Uuid, part: Part) -> Result<Page<TaskRun>, StoreError> {
    let rows: Vec<RunRow> = db
        .read(async |c| {
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
                .await
        })
        .await?;
    Ok(page(rows, part.limit, |run: &TaskRun| run.id.to_string()))
}
