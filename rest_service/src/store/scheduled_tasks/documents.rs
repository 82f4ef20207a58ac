//! One user's tasks as a document: read whole, compared, and applied in one transaction.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use messages::Address;
use rest_client::{
    Change, ChangeAction, Configured, FieldChange, FieldError, ScheduledTask, ScheduledTaskPatch,
    TaskDocument, TaskEntry, TaskStatus, limits,
};
use uuid::Uuid;

use super::TaskRow;
use crate::{
    db::{
        Db, Id, Named,
        schema::{scheduled_tasks, users},
    },
    store::{
        Changed, StoreError,
        document::{Faults, ImportError, created, differs, told, told_fields},
    },
};

/// What an import has done.
pub(crate) struct Imported {
    /// For the caller: one for each entry.
    pub(crate) changes: Vec<Change>,
    /// The new tasks; none of a dry run.
    pub(crate) made: Vec<ScheduledTask>,
    /// The changed ones; none of a dry run.
    pub(crate) changed: Vec<Changed<ScheduledTask>>,
}

/// A user's tasks that are not over.
macro_rules! open {
    () => {
        scheduled_tasks::status
            .eq(Named(TaskStatus::Active))
            .or(scheduled_tasks::status.eq(Named(TaskStatus::Paused)))
    };
}

/// The tasks of a user that are not over.
pub(crate) async fn export(db: &Db, user: Uuid) -> Result<TaskDocument, StoreError> {
    let one_too_many = i64::try_from(limits::CONFIGURED)
        .unwrap_or(i64::MAX)
        .saturating_add(1);
    let rows: Vec<TaskRow> = db
        .read(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            scheduled_tasks::table
                .filter(scheduled_tasks::user_id.eq(Id(user)))
                .filter(open!())
                .order(scheduled_tasks::id)
                .limit(one_too_many)
                .select(TaskRow::as_select())
                .load(c)
                .await
        })
        .await?;
    if rows.len() > limits::CONFIGURED {
        return Err(StoreError::Invalid {
            field: "format",
            message: format!(
                "cannot hold more than {} tasks; read the list instead",
                limits::CONFIGURED
            ),
        });
    }
    Ok(TaskDocument {
        tasks: rows.into_iter().map(entry).collect(),
    })
}

/// Makes a user's tasks what the document says, unless it is a dry run; tasks that it does not have stay.
pub(crate) async fn import(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    document: &TaskDocument,
    dry_run: bool,
) -> Result<Imported, ImportError> {
    db.transaction(async |c| {
        // Writing nothing locks the user, as when a task is made, and their tasks: what is decided below is decided
        // about what is stored.
        let own_zone: String = diesel::update(users::table.find(Id(user)))
            .set(users::version.eq(users::version))
            .returning(users::time_zone)
            .get_result(c)
            .await?;
        let ids: Vec<Id> = document
            .tasks
            .iter()
            .filter_map(|entry| entry.id.map(Id))
            .collect();
        let mut stored: Vec<TaskRow> = diesel::update(scheduled_tasks::table)
            .filter(scheduled_tasks::user_id.eq(Id(user)))
            .filter(open!().or(scheduled_tasks::id.eq_any(ids)))
            .set(scheduled_tasks::version.eq(scheduled_tasks::version))
            .returning(TaskRow::as_returning())
            .get_results(c)
            .await?;
        stored.sort_by_key(|row| row.id.0);
        let plan = plan(&stored, Id(user), &own_zone, document, now).map_err(ImportError::Refused)?;
        let mut imported = Imported {
            changes: plan.changes,
            made: Vec::new(),
            changed: Vec::new(),
        };
        if dry_run {
            return Ok(imported);
        }
        for row in plan.new {
            diesel::insert_into(scheduled_tasks::table)
                .values(&row)
                .execute(c)
                .await?;
            imported.made.push(row.into());
        }
        for (before, after) in plan.changed {
            diesel::update(scheduled_tasks::table.find(after.id))
                .set(&after)
                .execute(c)
                .await?;
            imported
                .changed
                .push(Changed { before, after }.map(ScheduledTask::from));
        }
        Ok(imported)
    })
    .await
}

/// What is to be done, and how it is told.
#[derive(Default)]
struct Plan {
    changes: Vec<Change>,
    new: Vec<TaskRow>,
    changed: Vec<(TaskRow, TaskRow)>,
}

/// Plans how what is stored becomes what the document says.
fn plan(
    stored: &[TaskRow],
    user: Id,
    own_zone: &str,
    document: &TaskDocument,
    now: DateTime<Utc>,
) -> Result<Plan, Vec<FieldError>> {
    let mut plan = Plan::default();
    let mut faults = Faults::default();
    let matched = matched(stored, own_zone, document, &mut faults);
    for (i, (entry, before)) in document.tasks.iter().zip(matched).enumerate() {
        let zone = entry.time_zone.as_deref().unwrap_or(own_zone);
        let mut refuse = |field: &str, message: &str| faults.add(format!("tasks[{i}].{field}"), message);
        let Some(before) = before else {
            let new = TaskRow::planned(now, user, entry, own_zone);
            match new {
                Ok(row) => {
                    let fields = created(entry, "text");
                    let change = told(
                        Configured::Task,
                        row.id.0,
                        &row.text,
                        ChangeAction::Created,
                        fields,
                    );
                    plan.changes.push(change);
                    plan.new.push(row);
                }
                Err(error) => refuse_as_stored(&mut refuse, error),
            }
            continue;
        };
        let before_to = address(before);
        if before.action.0 != entry.action {
            refuse(
                "action",
                "cannot be changed; leave the id out to make another task",
            );
        }
        if before_to != entry.to {
            refuse("to", "cannot be changed; leave the id out to make another task");
        }
        let (fields, patch) = difference(before, entry, zone);
        if !fields.is_empty() {
            let mut after = before.clone();
            match after.apply(now, patch) {
                Ok(()) => plan.changed.push((before.clone(), after)),
                Err(error) => refuse_as_stored(&mut refuse, error),
            }
        }
        plan.changes
            .push(told_fields(Configured::Task, before.id.0, &entry.text, fields));
    }
    let is_open = |row: &&TaskRow| matches!(row.status.0, TaskStatus::Active | TaskStatus::Paused);
    let reopened = plan
        .changed
        .iter()
        .filter(|(before, after)| !is_open(&before) && is_open(&after));
    let open = stored.iter().filter(is_open).count() + plan.new.len() + reopened.count();
    let most = usize::try_from(limits::TASKS).unwrap_or(usize::MAX);
    if open > most && open > stored.iter().filter(is_open).count() {
        faults.add(
            "tasks".to_owned(),
            &format!("would make {open} active and paused tasks of this user, and {most} is the most"),
        );
    }
    faults.done()?;
    Ok(plan)
}

/// Which stored task each entry is. Those that are named by their ids are taken first.
fn matched<'a>(
    stored: &'a [TaskRow],
    own_zone: &str,
    document: &TaskDocument,
    faults: &mut Faults,
) -> Vec<Option<&'a TaskRow>> {
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    let mut matched: Vec<Option<&TaskRow>> = Vec::new();
    for (i, entry) in document.tasks.iter().enumerate() {
        let named = entry.id.and_then(|id| stored.iter().find(|row| row.id.0 == id));
        if let Some(row) = named
            && let Some(first) = places.insert(row.id.0, i)
        {
            faults.add(
                format!("tasks[{i}].id"),
                &format!("is the same as that of tasks[{first}]"),
            );
        }
        matched.push(named);
    }
    for (i, entry) in document.tasks.iter().enumerate() {
        if matched[i].is_some() {
            continue;
        }
        let zone = entry.time_zone.as_deref().unwrap_or(own_zone);
        let alike = stored
            .iter()
            .find(|row| !places.contains_key(&row.id.0) && says_the_same(row, entry, zone));
        if let Some(row) = alike {
            places.insert(row.id.0, i);
            matched[i] = Some(row);
        }
    }
    matched
}

/// Whether a task that is not over is what an entry without its id means.
fn says_the_same(row: &TaskRow, entry: &TaskEntry, zone: &str) -> bool {
    matches!(row.status.0, TaskStatus::Active | TaskStatus::Paused)
        && row.action.0 == entry.action
        && row.text == entry.text
        && row.schedule.0 == entry.schedule
        && row.time_zone == zone
        && address(row) == entry.to
}

/// The fields in which an entry differs, and the patch that brings them about.
fn difference(before: &TaskRow, entry: &TaskEntry, zone: &str) -> (Vec<FieldChange>, ScheduledTaskPatch) {
    let mut fields = Vec::new();
    differs(&mut fields, "text", &before.text, &entry.text);
    differs(&mut fields, "schedule", &before.schedule.0, &entry.schedule);
    differs(&mut fields, "time_zone", &before.time_zone.as_str(), &zone);
    differs(&mut fields, "status", &before.status.0, &entry.status);
    let from_outside = entry.from_outside.unwrap_or(before.from_outside);
    differs(&mut fields, "from_outside", &before.from_outside, &from_outside);
    let is_new = |field: &str| fields.iter().any(|change| change.field == field);
    let patch = ScheduledTaskPatch {
        text: is_new("text").then(|| entry.text.clone()),
        schedule: is_new("schedule").then(|| entry.schedule.clone()),
        time_zone: is_new("time_zone").then(|| zone.to_owned()),
        status: is_new("status").then_some(entry.status),
        from_outside: is_new("from_outside").then_some(from_outside),
        next_run_at: None,
    };
    (fields, patch)
}

/// What the store says of one task is said of the entry.
fn refuse_as_stored(refuse: &mut impl FnMut(&str, &str), error: StoreError) {
    match error {
        StoreError::Invalid { field, message } => refuse(field, &message),
        _ => refuse("schedule", "cannot be planned"),
    }
}

fn address(row: &TaskRow) -> Address {
    Address {
        channel: row.channel.0,
        chat: row.chat.clone(),
    }
}

fn entry(row: TaskRow) -> TaskEntry {
    TaskEntry {
        id: Some(row.id.0),
        action: row.action.0,
        to: address(&row),
        text: row.text,
        schedule: row.schedule.0,
        time_zone: Some(row.time_zone),
        status: row.status.0,
        from_outside: row.from_outside.then_some(true),
    }
}
