//! Scheduled tasks, claims and runs.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rest_client::{
    AllTasksQuery, Claim, ClaimTasks, HeldTasks, HoldTasks, MoveChat, MovedChat, NewScheduledTask,
    NewTaskRun, NewTaskRuns, Page, PageQuery, RecordedRuns, ScheduledTask, ScheduledTaskPatch, TaskListQuery,
    TaskRun, TaskSort, TaskStatus, limits,
};
use uuid::Uuid;

use super::{
    App,
    answer::{Paged, Stored},
    behind,
    check::Check,
    conditions::Tagged,
    csv::{Listed, WantsCsv},
    error::ApiError,
    extract::{Json, Path, Query, State},
    newest_first,
};
use crate::store::{
    IfMatch,
    scheduled_tasks::{
        self, reach,
        words::{one_worded, worded},
    },
    task_lists::{self, Owner, TaskFilter, TaskPart},
    task_runs,
};

/// The most runs of one call: as many as one claim takes.
const RUNS: usize = limits::CLAIM as usize;

pub(super) async fn create(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(mut new): Json<NewScheduledTask>,
) -> Result<Tagged<Stored<ScheduledTask>>, ApiError> {
    let mut check = Check::default();
    check.text("text", &new.text, 1..=limits::TASK_TEXT);
    check.schedule("schedule", &new.schedule);
    check.zone("time_zone", &mut new.time_zone);
    check.text("to.chat", &new.to.chat, 1..=limits::SHORT);
    check.some_text("idempotency_key", new.idempotency_key.as_ref(), 1..=limits::SHORT);
    check.done()?;
    if !app.is_by_key() {
        let (task, is_new) = scheduled_tasks::create(&app.db, app.now(), user, new).await?;
        return Ok(Tagged((one_worded(&app.db, task).await?, is_new).into()));
    }
    let write = app.write().await?;
    let (task, is_new) = scheduled_tasks::create(&write.db, write.now(), user, new).await?;
    if is_new {
        write.created(&task);
    }
    Ok(Tagged((one_worded(&write.db, task).await?, is_new).into()))
}

pub(super) async fn get(
    State(app): State<App>,
    Path((user, task)): Path<(Uuid, Uuid)>,
) -> Result<Tagged<Json<ScheduledTask>>, ApiError> {
    let task = scheduled_tasks::get(&app.db, user, task).await?;
    Ok(Tagged(Json(one_worded(&app.db, task).await?)))
}

pub(super) async fn get_any(
    State(app): State<App>,
    Path(task): Path<Uuid>,
) -> Result<Tagged<Json<ScheduledTask>>, ApiError> {
    let task = scheduled_tasks::get_any(&app.db, task).await?;
    Ok(Tagged(Json(one_worded(&app.db, task).await?)))
}

pub(super) async fn list(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    wants: WantsCsv,
    Query(query): Query<TaskListQuery>,
) -> Result<Listed<ScheduledTask>, ApiError> {
    let mut check = Check::default();
    let part = task_part(
        &mut check,
        (query.status, query.due_before, query.sort),
        query.cursor.as_deref(),
        query.limit,
    );
    check.done()?;
    let which = TaskFilter {
        owner: Owner::User(user),
        status: query.status,
        action: query.action,
        due_before: query.due_before,
    };
    Ok(Listed::new(listed(&app, which, part).await?, &wants))
}

async fn listed(app: &App, which: TaskFilter, part: TaskPart) -> Result<Page<ScheduledTask>, ApiError> {
    let page = task_lists::list(&app.db, which, part).await?;
    Ok(Page {
        items: worded(&app.db, page.items).await?,
        next_cursor: page.next_cursor,
    })
}

pub(super) async fn list_all(
    State(app): State<App>,
    wants: WantsCsv,
    Query(query): Query<AllTasksQuery>,
) -> Result<Listed<ScheduledTask>, ApiError> {
    let mut check = Check::default();
    let part = task_part(
        &mut check,
        (query.status, query.due_before, query.sort),
        query.cursor.as_deref(),
        query.limit,
    );
    check.done()?;
    let which = TaskFilter {
        owner: Owner::Any(query.user),
        status: query.status,
        action: None,
        due_before: query.due_before,
    };
    Ok(Listed::new(listed(&app, which, part).await?, &wants))
}

/// Which part of a list of tasks; by next time there are only active ones.
fn task_part(
    check: &mut Check,
    (status, due_before, sort): (Option<TaskStatus>, Option<DateTime<Utc>>, Option<TaskSort>),
    cursor: Option<&str>,
    limit: Option<u32>,
) -> TaskPart {
    if let Some(before) = due_before {
        check.instant("due_before", before);
    }
    let sort = sort.unwrap_or(match due_before {
        Some(_) => TaskSort::NextRunAt,
        None => TaskSort::CreatedAt,
    });
    let is_by_next_time = matches!(sort, TaskSort::NextRunAt | TaskSort::LastRunAt);
    check.that(
        "sort",
        due_before.is_none() || is_by_next_time,
        "must be next_run_at or -next_run_at where due_before is asked for",
    );
    check.that(
        "status",
        !is_by_next_time || status.is_none_or(|status| status == TaskStatus::Active),
        "must be active where the list is sorted by next time: no other task has one",
    );
    TaskPart {
        sort,
        after: behind(check, &sort, cursor),
        limit: check.limit(limit),
    }
}

pub(super) async fn update(
    State(app): State<App>,
    Path((user, task)): Path<(Uuid, Uuid)>,
    if_match: IfMatch,
    Json(mut patch): Json<ScheduledTaskPatch>,
) -> Result<Tagged<Json<ScheduledTask>>, ApiError> {
    let mut check = Check::default();
    check.some_text("text", patch.text.as_ref(), 1..=limits::TASK_TEXT);
    if let Some(schedule) = &patch.schedule {
        check.schedule("schedule", schedule);
    }
    check.zone("time_zone", &mut patch.time_zone);
    if let Some(next) = patch.next_run_at {
        check.instant("next_run_at", next);
    }
    check.that(
        "status",
        patch.status != Some(TaskStatus::Done),
        "becomes done by firing, not by a patch",
    );
    check.done()?;
    change(&app, user, task, &if_match, patch).await
}

pub(super) async fn cancel(
    State(app): State<App>,
    Path((user, task)): Path<(Uuid, Uuid)>,
    if_match: IfMatch,
) -> Result<Tagged<Json<ScheduledTask>>, ApiError> {
    let patch = ScheduledTaskPatch {
        status: Some(TaskStatus::Cancelled),
        ..ScheduledTaskPatch::default()
    };
    change(&app, user, task, &if_match, patch).await
}

pub(super) async fn run_now(
    State(app): State<App>,
    Path((user, task)): Path<(Uuid, Uuid)>,
) -> Result<Tagged<Json<ScheduledTask>>, ApiError> {
    let write = app.write().await?;
    let changed = scheduled_tasks::run_now(&write.db, write.now(), user, task).await?;
    let task = write.updated(changed);
    Ok(Tagged(Json(one_worded(&write.db, task).await?)))
}

/// Changes a task; what an API key changes is audited, what comes from the user's own conversation is not.
async fn change(
    app: &App,
    user: Uuid,
    task: Uuid,
    if_match: &IfMatch,
    patch: ScheduledTaskPatch,
) -> Result<Tagged<Json<ScheduledTask>>, ApiError> {
    if app.is_by_key() {
        let write = app.write().await?;
        let changed = scheduled_tasks::update(&write.db, write.now(), user, task, if_match, patch).await?;
        let task = write.updated(changed);
        return Ok(Tagged(Json(one_worded(&write.db, task).await?)));
    }
    let changed = scheduled_tasks::update(&app.db, app.now(), user, task, if_match, patch).await?;
    Ok(Tagged(Json(one_worded(&app.db, changed.after).await?)))
}

pub(super) async fn claim(
    State(app): State<App>,
    Json(ask): Json<ClaimTasks>,
) -> Result<Json<Claim>, ApiError> {
    let mut check = Check::default();
    check.number("limit", ask.limit, 1..=limits::CLAIM);
    check.number("lease_seconds", ask.lease_seconds, 1..=limits::LEASE_SECONDS);
    check.done()?;
    Ok(Json(scheduled_tasks::claim(&app.db, app.now(), &ask).await?))
}

pub(super) async fn hold(
    State(app): State<App>,
    Json(ask): Json<HoldTasks>,
) -> Result<Json<HeldTasks>, ApiError> {
    let mut check = Check::default();
    check.text("chat", &ask.chat, 1..=limits::SHORT);
    check.done()?;
    let tasks = reach::hold(&app.db, app.now(), &ask).await?;
    Ok(Json(HeldTasks {
        tasks: u64::try_from(tasks).unwrap_or(u64::MAX),
    }))
}

pub(super) async fn move_chat(
    State(app): State<App>,
    Json(ask): Json<MoveChat>,
) -> Result<Json<MovedChat>, ApiError> {
    let mut check = Check::default();
    check.text("from", &ask.from, 1..=limits::SHORT);
    check.text("to", &ask.to, 1..=limits::SHORT);
    check.that("to", ask.from != ask.to, "must be another chat than from");
    check.done()?;
    Ok(Json(reach::move_chat(&app.db, app.now(), &ask).await?))
}

pub(super) async fn record_run(
    State(app): State<App>,
    Path(task): Path<Uuid>,
    Json(run): Json<NewTaskRun>,
) -> Result<Stored<TaskRun>, ApiError> {
    let mut check = Check::default();
    check.instant("scheduled_for", run.scheduled_for);
    check.instant("fired_at", run.fired_at);
    if let Some(next) = run.next_run_at {
        check.instant("next_run_at", next);
        check.that(
            "next_run_at",
            next > run.scheduled_for,
            "must be later than scheduled_for",
        );
    }
    check.done()?;
    let (run, is_new) = task_runs::create(&app.db, app.now(), task, &run).await?;
    Ok((run, is_new).into())
}

pub(super) async fn record_runs(
    State(app): State<App>,
    Json(new): Json<NewTaskRuns>,
) -> Result<Json<RecordedRuns>, ApiError> {
    let mut check = Check::default();
    check.that("runs", new.runs.len() <= RUNS, "must be at most 1000");
    let mut tasks = HashSet::new();
    for (i, run) in new.runs.iter().take(RUNS).enumerate() {
        if !tasks.insert(run.task_id) {
            check.wrong(format!("runs[{i}].task_id"), "must be another task for each run");
        }
        check.instant(&format!("runs[{i}].scheduled_for"), run.scheduled_for);
        check.instant(&format!("runs[{i}].fired_at"), run.fired_at);
        if let Some(next) = run.next_run_at {
            let field = format!("runs[{i}].next_run_at");
            check.instant(&field, next);
            check.that(
                &field,
                next > run.scheduled_for,
                "must be later than scheduled_for",
            );
        }
    }
    check.done()?;
    let outcomes = task_runs::create_many(&app.db, app.now(), &new).await?;
    Ok(Json(RecordedRuns { outcomes }))
}

pub(super) async fn runs(
    State(app): State<App>,
    Path((user, task)): Path<(Uuid, Uuid)>,
    Query(query): Query<PageQuery>,
) -> Result<Paged<TaskRun>, ApiError> {
    Ok(Paged(
        task_runs::list(&app.db, user, task, newest_first(&query)?).await?,
    ))
}
