//! Scheduled tasks: keeping them, and giving the due ones out.

pub(crate) mod documents;
pub(crate) mod reach;
pub(crate) mod words;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, SelectableHelper,
    dsl::sql,
    prelude::{AsChangeset, Insertable, Queryable, Selectable},
    sql_types::Bool,
};
use diesel_async::RunQueryDsl;
use messages::{Address, Channel, TaskAction};
use rest_client::{
    Claim, ClaimTasks, NewScheduledTask, ScheduledTask, ScheduledTaskPatch, TaskEntry, TaskStatus, limits,
};
use schedule::{Schedule, parse_zone};
use uuid::Uuid;

use super::{
    Changed, IfMatch, StoreError, new_id,
    versions::{locked_of, versioned},
};
use crate::db::{
    At, Conn, Db, Id, Json, Named,
    schema::{scheduled_tasks, users},
    skip_locked,
};

#[derive(AsChangeset, Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = scheduled_tasks, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct TaskRow {
    pub(super) id: Id,
    pub(super) user_id: Id,
    action: Named<TaskAction>,
    text: String,
    pub(super) schedule: Json<Schedule>,
    time_zone: String,
    status: Named<TaskStatus>,
    next_run_at: Option<At>,
    last_run_at: Option<At>,
    channel: Named<Channel>,
    chat: String,
    idempotency_key: Option<String>,
    lease_token: Option<Id>,
    lease_until: Option<At>,
    version: i64,
    created_at: At,
    updated_at: At,
    from_outside: bool,
    held_since: Option<At>,
}

versioned!(scheduled_tasks of a user, TaskRow);

impl From<TaskRow> for ScheduledTask {
    fn from(row: TaskRow) -> Self {
        Self {
            id: row.id.0,
            user_id: row.user_id.0,
            action: row.action.0,
            text: row.text,
            schedule: row.schedule.0,
            time_zone: row.time_zone,
            status: row.status.0,
            next_run_at: row.next_run_at.map(|at| at.0),
            last_run_at: row.last_run_at.map(|at| at.0),
            description: None,
            next_runs: Vec::new(),
            to: Address {
                channel: row.channel.0,
                chat: row.chat,
            },
            from_outside: row.from_outside,
            held_since: row.held_since.map(|at| at.0),
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        }
    }
}

impl TaskRow {
    /// A new task; where it names no zone, it is in its user's own.
    fn planned(now: DateTime<Utc>, user: Id, entry: &TaskEntry, own_zone: &str) -> Result<Self, StoreError> {
        let time_zone = entry.time_zone.as_deref().unwrap_or(own_zone);
        let next_run_at = match entry.status {
            TaskStatus::Active => Some(At(first_run(&entry.schedule, time_zone, now)?)),
            _ => None,
        };
        Ok(Self {
            id: Id(new_id(now)),
            user_id: user,
            action: Named(entry.action),
            text: entry.text.clone(),
            schedule: Json(entry.schedule.clone()),
            time_zone: time_zone.to_owned(),
            status: Named(entry.status),
            next_run_at,
            last_run_at: None,
            channel: Named(entry.to.channel),
            chat: entry.to.chat.clone(),
            idempotency_key: None,
            lease_token: None,
            lease_until: None,
            version: 1,
            created_at: At(now),
            updated_at: At(now),
            from_outside: entry.from_outside.unwrap_or_default(),
            held_since: None,
        })
    }

    /// Where the task stands after its user moved to another zone, or said for the first time where they are; `None`
    /// when it does not follow.
    pub(super) fn after_zone_change(
        &self,
        now: DateTime<Utc>,
        zone: Tz,
        is_first: bool,
    ) -> Option<(TaskStatus, Option<DateTime<Utc>>)> {
        let schedule = &self.schedule.0;
        let next = self.next_run_at.map(|At(next)| next);
        match (schedule, next) {
            // Said when nobody knew where they are, and taken as UTC meanwhile.
            (Schedule::OnceLocal { at }, Some(next)) if is_first && next > now => {
                let meant = schedule::local_to_utc(*at, zone);
                (meant > now).then_some((self.status.0, Some(meant)))
            }
            _ if !schedule.follows_zone() => None,
            (_, Some(next)) => Some(match schedule.next_after_zone_change(next, now, zone) {
                Some(next) => (self.status.0, Some(next)),
                None => (TaskStatus::Done, None),
            }),
            (_, None) => Some((self.status.0, None)),
        }
    }

    /// Applies a patch: where the task stands and when it fires next. One that changes nothing keeps its version.
    fn apply(&mut self, now: DateTime<Utc>, mut patch: ScheduledTaskPatch) -> Result<(), StoreError> {
        patch.text.take_if(|text| *text == self.text);
        patch.schedule.take_if(|schedule| *schedule == self.schedule.0);
        patch.time_zone.take_if(|zone| *zone == self.time_zone);
        let is_reworded = patch.text.is_some();
        let replanned = patch.schedule.is_some() || patch.time_zone.is_some();
        if let Some(text) = patch.text {
            self.text = text;
        }
        if let Some(schedule) = patch.schedule {
            self.schedule = Json(schedule);
        }
        if let Some(zone) = patch.time_zone {
            self.time_zone = zone;
        }
        if let Some(from_outside) = patch.from_outside {
            self.from_outside = from_outside;
        }
        let before = self.status.0;
        let after = match patch.status {
            // What has fired for the last time cannot be called off or held any more.
            Some(TaskStatus::Cancelled | TaskStatus::Paused) if before == TaskStatus::Done => before,
            wanted => wanted.unwrap_or(before),
        };
        let resumed = after == TaskStatus::Active && before != TaskStatus::Active;
        self.status = Named(after);
        if after != TaskStatus::Active {
            self.next_run_at = None;
        } else if replanned || resumed {
            let next = first_run(&self.schedule.0, &self.time_zone, now)?;
            self.next_run_at = Some(At(next));
        }
        let before_next = self.next_run_at.map(|at| at.0);
        if let Some(next) = patch.next_run_at.filter(|next| Some(*next) != before_next) {
            self.plan_next(now, next)?;
        }
        let is_moved = self.next_run_at.map(|at| at.0) != before_next;
        if replanned || is_moved || after != before {
            // Whoever holds it would record the run of a plan that no longer stands.
            self.lease_token = None;
            self.lease_until = None;
        }
        if !is_reworded && !replanned && !is_moved && after == before {
            return Ok(());
        }
        self.version += 1;
        self.updated_at = At(now);
        Ok(())
    }

    /// Leaves out what comes before one of its occurrences.
    fn plan_next(&mut self, now: DateTime<Utc>, next: DateTime<Utc>) -> Result<(), StoreError> {
        let invalid = |message: &str| StoreError::Invalid {
            field: "next_run_at",
            message: message.to_owned(),
        };
        if self.status.0 != TaskStatus::Active {
            return Err(invalid("only an active task fires"));
        }
        let zone = parse_zone(&self.time_zone).map_err(|error| invalid(&error.to_string()))?;
        let is_planned = next
            .checked_sub_signed(TimeDelta::seconds(1))
            .is_some_and(|before| self.schedule.0.next_after(before, zone) == Some(next));
        if next <= now || !is_planned {
            return Err(invalid("must be an instant of the schedule that lies ahead"));
        }
        self.next_run_at = Some(At(next));
        Ok(())
    }
}

/// Makes a task; the same idempotency key again gives the one that it made. Says whether it was new.
pub(crate) async fn create(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    new: NewScheduledTask,
) -> Result<(ScheduledTask, bool), StoreError> {
    let (row, is_new) = db
        .transaction(async |c| {
            // Writing nothing locks the user: their zone does not change while the task is planned in it.
            let own_zone: String = diesel::update(users::table.find(Id(user)))
                .set(users::version.eq(users::version))
                .returning(users::time_zone)
                .get_result(c)
                .await?;
            if let Some(key) = &new.idempotency_key {
                let known: Option<TaskRow> = scheduled_tasks::table
                    .filter(scheduled_tasks::user_id.eq(Id(user)))
                    .filter(scheduled_tasks::idempotency_key.eq(key))
                    .select(TaskRow::as_select())
                    .first(c)
                    .await
                    .optional()?;
                if let Some(known) = known {
                    return Ok((known, false));
                }
            }
            let current: Vec<Id> = scheduled_tasks::table
                .filter(scheduled_tasks::user_id.eq(Id(user)))
                .filter(
                    scheduled_tasks::status.eq_any([Named(TaskStatus::Active), Named(TaskStatus::Paused)]),
                )
                .select(scheduled_tasks::id)
                .limit(i64::from(limits::TASKS))
                .load(c)
                .await?;
            if current.len() >= usize::try_from(limits::TASKS).unwrap_or(usize::MAX) {
                return Err(StoreError::Invalid {
                    field: "schedule",
                    message: format!(
                        "there are {} reminders and tasks already, which is the most: cancel some first",
                        limits::TASKS
                    ),
                });
            }
            let entry = TaskEntry {
                id: None,
                action: new.action,
                text: new.text.clone(),
                schedule: new.schedule.clone(),
                time_zone: new.time_zone.clone(),
                to: new.to.clone(),
                status: TaskStatus::Active,
                from_outside: Some(new.from_outside),
            };
            let mut row = TaskRow::planned(now, Id(user), &entry, &own_zone)?;
            row.idempotency_key = new.idempotency_key.clone();
            let stored = diesel::insert_into(scheduled_tasks::table)
                .values(&row)
                .returning(TaskRow::as_returning())
                .get_result(c)
                .await?;
            Ok::<_, StoreError>((stored, true))
        })
        .await?;
    Ok((row.into(), is_new))
}

pub(crate) async fn get(db: &Db, user: Uuid, task: Uuid) -> Result<ScheduledTask, StoreError> {
    let row = db
        .read(async |c| {
            scheduled_tasks::table
                .find(Id(task))
                .filter(scheduled_tasks::user_id.eq(Id(user)))
                .select(TaskRow::as_select())
                .first(c)
                .await
        })
        .await?;
    Ok(row.into())
}

pub(crate) async fn get_any(db: &Db, task: Uuid) -> Result<ScheduledTask, StoreError> {
    let row = db
        .read(async |c| {
            scheduled_tasks::table
                .find(Id(task))
                .select(TaskRow::as_select())
                .first(c)
                .await
        })
        .await?;
    Ok(row.into())
}

/// Makes an active task due at `now`. Whoever holds it would record the run of another instant, so the lease ends.
pub(crate) async fn run_now(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    task: Uuid,
) -> Result<Changed<ScheduledTask>, StoreError> {
    let changed = db
        .transaction(async |c| {
            let before: TaskRow = locked_of(c, user, task, &IfMatch::Any).await?;
            if before.status.0 != TaskStatus::Active {
                return Err(StoreError::Invalid {
                    field: "task",
                    message: "it is not active; make it active first".to_owned(),
                });
            }
            let after = diesel::update(scheduled_tasks::table.find(Id(task)))
                .set((
                    scheduled_tasks::next_run_at.eq(Some(At(now))),
                    scheduled_tasks::lease_token.eq(None::<Id>),
                    scheduled_tasks::lease_until.eq(None::<At>),
                    scheduled_tasks::version.eq(before.version + 1),
                    scheduled_tasks::updated_at.eq(At(now)),
                ))
                .returning(TaskRow::as_returning())
                .get_result(c)
                .await?;
            Ok::<_, StoreError>(Changed { before, after })
        })
        .await?;
    Ok(changed.map(ScheduledTask::from))
}

/// Changes a task; its next time is planned anew when its schedule, its zone or its being active changes.
pub(crate) async fn update(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    task: Uuid,
    if_match: &IfMatch,
    patch: ScheduledTaskPatch,
) -> Result<Changed<ScheduledTask>, StoreError> {
    let changed = db
        .transaction(async |c| {
            let before: TaskRow = locked_of(c, user, task, if_match).await?;
            let mut row = before.clone();
            row.apply(now, patch.clone())?;
            if row.version == before.version {
                return Ok(Changed { before, after: row });
            }
            let after = diesel::update(scheduled_tasks::table.find(Id(task)))
                .set(&row)
                .returning(TaskRow::as_returning())
                .get_result(c)
                .await?;
            Ok::<_, StoreError>(Changed { before, after })
        })
        .await?;
    Ok(changed.map(ScheduledTask::from))
}

/// Leases due tasks to whoever asks; no two callers get the same one while its lease holds.
pub(crate) async fn claim(db: &Db, now: DateTime<Utc>, ask: &ClaimTasks) -> Result<Claim, StoreError> {
    let token = Id(Uuid::new_v4());
    let until = now + TimeDelta::seconds(ask.lease_seconds.into());
    let mut rows: Vec<TaskRow> = db
        .transaction(async |c| {
            let due = lock_due(c, now, ask.limit.into()).await?;
            if due.is_empty() {
                return Ok(Vec::new());
            }
            let rows = diesel::update(scheduled_tasks::table.filter(scheduled_tasks::id.eq_any(due)))
                .set((
                    scheduled_tasks::lease_token.eq(Some(token)),
                    scheduled_tasks::lease_until.eq(Some(At(until))),
                ))
                .returning(TaskRow::as_returning())
                .get_results(c)
                .await?;
            Ok::<_, StoreError>(rows)
        })
        .await?;
    rows.sort_by_key(|row| (row.next_run_at.map(|at| at.0), row.id.0));
    Ok(Claim {
        lease_token: token.0,
        lease_until: until,
        tasks: rows.into_iter().map(ScheduledTask::from).collect(),
    })
}

/// When a schedule fires first; one that never does is refused in words for the user.
fn first_run(schedule: &Schedule, zone: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
    let invalid = |field, message: String| StoreError::Invalid { field, message };
    let zone = parse_zone(zone).map_err(|error| invalid("time_zone", error.to_string()))?;
    schedule.next_after(now, zone).ok_or_else(|| {
        let message = if schedule.is_recurring() {
            "this would never fire"
        } else {
            "this time is already past"
        };
        invalid("schedule", message.to_owned())
    })
}

/// The due tasks that nobody holds, the longest due first; kept from others until the transaction ends. The status is
/// written out, because only so do both databases see that the partial index serves.
async fn lock_due(c: &mut Conn, now: DateTime<Utc>, limit: i64) -> QueryResult<Vec<Id>> {
    let due = scheduled_tasks::table
        .filter(sql::<Bool>("status = 'active' AND held_since IS NULL"))
        .filter(scheduled_tasks::next_run_at.le(Some(At(now))))
        .filter(
            scheduled_tasks::lease_until
                .is_null()
                .or(scheduled_tasks::lease_until.le(Some(At(now)))),
        )
        .order(scheduled_tasks::next_run_at)
        .limit(limit)
        .select(scheduled_tasks::id);
    skip_locked(due).load(c).await
}
