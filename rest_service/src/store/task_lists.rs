//! Lists of scheduled tasks, a user's own and everybody's.

use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, SelectableHelper, dsl::sql, sql_types::Bool,
};
use diesel_async::RunQueryDsl;
use messages::TaskAction;
use rest_client::{Page, ScheduledTask, TaskSort, TaskStatus};
use uuid::Uuid;

use super::{StoreError, cursor, page, scheduled_tasks::TaskRow};
use crate::db::{
    At, Db, Id, Named,
    schema::{scheduled_tasks, users},
};

/// Whose tasks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner {
    /// This user's, who must exist.
    User(Uuid),
    /// Everybody's, or only this user's.
    Any(Option<Uuid>),
}

/// Which tasks a list has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskFilter {
    pub(crate) owner: Owner,
    pub(crate) status: Option<TaskStatus>,
    pub(crate) action: Option<TaskAction>,
    pub(crate) due_before: Option<DateTime<Utc>>,
}

/// Which part of the list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskPart {
    /// The order; by next time, only active tasks are listed.
    pub(crate) sort: TaskSort,
    /// The next time and the id behind which it begins; the next time is not looked at in the orders by id.
    pub(crate) after: Option<(DateTime<Utc>, Uuid)>,
    /// How many items at most.
    pub(crate) limit: u32,
}

pub(crate) async fn list(
    db: &Db,
    which: TaskFilter,
    part: TaskPart,
) -> Result<Page<ScheduledTask>, StoreError> {
    let rows: Vec<TaskRow> = db
        .read(async |c| {
            let mut query = scheduled_tasks::table
                .select(TaskRow::as_select())
                .limit(i64::from(part.limit) + 1)
                .into_boxed();
            let user = match which.owner {
                Owner::User(user) => {
                    users::table
                        .find(Id(user))
                        .select(users::id)
                        .first::<Id>(c)
                        .await?;
                    Some(user)
                }
                Owner::Any(user) => user,
            };
            if let Some(user) = user {
                query = query.filter(scheduled_tasks::user_id.eq(Id(user)));
            }
            if let Some(status) = which.status {
                query = query.filter(scheduled_tasks::status.eq(Named(status)));
            }
            if let Some(action) = which.action {
                query = query.filter(scheduled_tasks::action.eq(Named(action)));
            }
            if let Some(before) = which.due_before {
                query = query.filter(scheduled_tasks::next_run_at.lt(Some(At(before))));
            }
            if matches!(part.sort, TaskSort::NextRunAt | TaskSort::LastRunAt) {
                // Written out, because only so do both databases see that the partial indexes serve.
                query = query.filter(sql::<Bool>("status = 'active'"));
            }
            let query = match (part.sort, part.after) {
                (TaskSort::CreatedAt, None) => query.order(scheduled_tasks::id.asc()),
                (TaskSort::CreatedAt, Some((_, id))) => query
                    .filter(scheduled_tasks::id.gt(Id(id)))
                    .order(scheduled_tasks::id.asc()),
                (TaskSort::NewestFirst, None) => query.order(scheduled_tasks::id.desc()),
                (TaskSort::NewestFirst, Some((_, id))) => query
                    .filter(scheduled_tasks::id.lt(Id(id)))
                    .order(scheduled_tasks::id.desc()),
                (TaskSort::NextRunAt, None) => {
                    query.order((scheduled_tasks::next_run_at.asc(), scheduled_tasks::id.asc()))
                }
                (TaskSort::NextRunAt, Some((at, id))) => query
                    .filter(scheduled_tasks::next_run_at.ge(Some(At(at))))
                    .filter(
                        scheduled_tasks::next_run_at
                            .gt(Some(At(at)))
                            .or(scheduled_tasks::id.gt(Id(id))),
                    )
                    .order((scheduled_tasks::next_run_at.asc(), scheduled_tasks::id.asc())),
                (TaskSort::LastRunAt, None) => {
                    query.order((scheduled_tasks::next_run_at.desc(), scheduled_tasks::id.desc()))
                }
                (TaskSort::LastRunAt, Some((at, id))) => query
                    .filter(scheduled_tasks::next_run_at.le(Some(At(at))))
                    .filter(
                        scheduled_tasks::next_run_at
                            .lt(Some(At(at)))
                            .or(scheduled_tasks::id.lt(Id(id))),
                    )
                    .order((scheduled_tasks::next_run_at.desc(), scheduled_tasks::id.desc())),
            };
            query.load(c).await
        })
        .await?;
    Ok(page(rows, part.limit, |task: &ScheduledTask| {
        cursor::encode(part.sort, &task.next_run_at.unwrap_or_default(), task.id)
    }))
}
