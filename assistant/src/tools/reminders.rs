//! What the reminder tools share: finding the one that is meant, and the lines that are shown for it.

use chrono_tz::Tz;
use messages::{Button, Receipt, TaskAction};
use rest_client::{ScheduledTask, TaskListQuery, TaskStatus};
use serde_json::{Value, json};

use super::{
    ToolContext, ToolError, ToolOutput,
    deeds::{self, Deed, Offer, ReminderPatch},
};
use crate::actions::Action;

/// The most reminders of one user that are looked through.
const MOST: usize = 1000;

/// How much of a reminder's text a line shows, in characters.
const SHOWN: usize = 200;

/// How many hex digits of a reminder's id tell it apart from a user's others.
const ID_DIGITS: usize = 8;

/// The user's reminders that will fire or are paused, the oldest first.
pub(super) async fn current(context: &ToolContext) -> Result<Vec<ScheduledTask>, ToolError> {
    let mut tasks = with_status(context, TaskStatus::Active).await?;
    tasks.extend(with_status(context, TaskStatus::Paused).await?);
    tasks.sort_by_key(|task| (task.created_at, task.id));
    Ok(tasks)
}

/// The reminders as they were when the user spoke, the oldest first: with those that were called off since, by an
/// earlier call of this turn or by an earlier try of it. So "2" means the same one throughout, and what is done
/// already is found to be done.
pub(super) async fn as_spoken_of(context: &ToolContext) -> Result<Vec<ScheduledTask>, ToolError> {
    let mut tasks = current(context).await?;
    let mut gone = with_status(context, TaskStatus::Cancelled).await?;
    gone.retain(|task| task.updated_at >= context.said_at);
    tasks.extend(gone);
    tasks.sort_by_key(|task| (task.created_at, task.id));
    Ok(tasks)
}

async fn with_status(context: &ToolContext, status: TaskStatus) -> Result<Vec<ScheduledTask>, ToolError> {
    let mut tasks = Vec::new();
    let mut query = TaskListQuery {
        status: Some(status),
        cursor: None,
        limit: Some(200),
        ..TaskListQuery::default()
    };
    loop {
        let page = context.rest.tasks(context.user_id, &query).await?;
        tasks.extend(page.items);
        match page.next_cursor {
            Some(cursor) if tasks.len() < MOST => query.cursor = Some(cursor),
            _ => return Ok(tasks),
        }
    }
}

/// The one that `which` means: an id from the list, a place in it, or words of its text.
///
/// # Errors
/// None or several fit; the sentence names what there is.
pub(super) fn find<'t>(
    tasks: &'t [ScheduledTask],
    which: &str,
    zone: Tz,
) -> Result<&'t ScheduledTask, ToolError> {
    let which = which.trim();
    if let Some(task) = tasks.iter().find(|task| id(task) == which) {
        return Ok(task);
    }
    if let Ok(number) = which.trim_start_matches('#').parse::<usize>() {
        let found = number.checked_sub(1).and_then(|place| tasks.get(place));
        return found.ok_or_else(|| ToolError::Told(not_found(tasks, which, zone)));
    }
    if matches!(which.to_lowercase().as_str(), "last" | "it") {
        let newest = tasks
            .iter()
            .filter(|task| task.status != TaskStatus::Cancelled)
            .max_by_key(|task| (task.updated_at, task.id));
        return newest.ok_or_else(|| ToolError::Told(not_found(tasks, which, zone)));
    }
    let wanted = which.to_lowercase();
    let exact: Vec<&ScheduledTask> = tasks
        .iter()
        .filter(|task| task.text.trim().to_lowercase() == wanted)
        .collect();
    let fitting = if exact.is_empty() {
        tasks
            .iter()
            .filter(|task| has_words(&task.text, &wanted))
            .collect()
    } else {
        exact
    };
    match fitting.as_slice() {
        [one] => Ok(one),
        [] => Err(ToolError::Told(not_found(tasks, which, zone))),
        several => Err(ToolError::Told(format!(
            "several reminders fit, ask which one by its number:\n{}",
            lines(
                tasks,
                |task| several.iter().any(|fitting| fitting.id == task.id),
                zone
            )
        ))),
    }
}

/// Whether a text has all the words, each as a whole: "art" is not in "start".
fn has_words(text: &str, wanted: &str) -> bool {
    let text = text.to_lowercase();
    let words_of = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '\'')
            .map(|word| word.trim_matches('\'').to_owned())
            .filter(|word| !word.is_empty())
            .collect()
    };
    let (words, wanted) = (words_of(&text), words_of(wanted));
    !wanted.is_empty() && wanted.iter().all(|word| words.contains(word))
}

fn not_found(tasks: &[ScheduledTask], which: &str, zone: Tz) -> String {
    let which: String = which.chars().take(80).collect();
    if tasks.is_empty() {
        return format!("there is no reminder {which:?}: there are none at all");
    }
    format!(
        "there is no reminder {which:?}; there are:\n{}",
        lines(tasks, |_| true, zone)
    )
}

/// At most ten of them that are not gone, with their numbers in the whole list.
fn lines(tasks: &[ScheduledTask], is_shown: impl Fn(&ScheduledTask) -> bool, zone: Tz) -> String {
    tasks
        .iter()
        .enumerate()
        .filter(|(_, task)| task.status != TaskStatus::Cancelled && is_shown(task))
        .take(10)
        .map(|(place, task)| format!("{}. {} ({})", place + 1, text(task), when(task, zone)))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A reminder as the model is told of it.
pub(super) fn described(task: &ScheduledTask, zone: Tz) -> Value {
    let mut described = json!({ "id": id(task), "text": text(task), "when": when(task, zone) });
    if let Some(next) = task.next_run_at
        && task.schedule.is_recurring()
    {
        described["next"] = schedule::format_instant(next, zone).into();
    }
    if task.status == TaskStatus::Paused {
        described["paused"] = true.into();
    }
    if task.action == TaskAction::Prompt {
        described["action"] = "prompt".into();
    }
    described
}

/// The button that changes reminders back. It is stored before the change is made, so that a turn that is run again
/// after a crash finds what was there before.
pub(super) async fn undo_button(
    context: &ToolContext,
    tool: &str,
    changes: Vec<ReminderPatch>,
) -> Result<Button, ToolError> {
    let offer = Offer {
        tool,
        key: format!("{}:undo", context.idempotency_key(tool)),
        deed: Deed::ChangeReminders { changes },
        summary: "Undo".to_owned(),
        is_decided: false,
    };
    let action = deeds::offer(context, offer).await?;
    Ok(Button::press("Undo", Action::Undo(action.id).to_string()))
}

/// Asks before something is done that others may have wished for, in what the model has just read.
pub(super) async fn ask_first(
    context: &ToolContext,
    tool: &str,
    deed: Deed,
    summary: String,
) -> Result<ToolOutput, ToolError> {
    let offer = Offer {
        tool,
        key: context.idempotency_key(tool),
        deed,
        summary,
        is_decided: false,
    };
    deeds::make_or_ask(context, offer).await
}

/// The line for one that was made or changed, from what was stored.
pub(crate) fn stored_receipt(task: &ScheduledTask, user_zone: Tz) -> Receipt {
    let zone = zone_of(task, user_zone);
    let what = text(task);
    let text = match (task.status, task.next_run_at) {
        (TaskStatus::Paused, _) => format!("⏸ paused: {what} ({})", when(task, zone)),
        (_, Some(next)) if task.schedule.is_recurring() => format!(
            "🔁 {} (next: {}): {what}",
            task.schedule.describe(zone),
            schedule::format_instant(next, zone)
        ),
        (_, Some(next)) => format!("⏰ {}: {what}", schedule::format_instant(next, zone)),
        // It fired between being stored and being asked for again.
        (_, None) => format!("⏰ {}: {what}", when(task, zone)),
    };
    Receipt { text, undo: None }
}

/// The line for one that was called off.
pub(super) fn cancelled_receipt(task: &ScheduledTask, zone: Tz) -> Receipt {
    Receipt {
        text: format!("🗑 cancelled: {} ({})", text(task), when(task, zone)),
        undo: None,
    }
}

pub(super) fn when(task: &ScheduledTask, user_zone: Tz) -> String {
    let zone = zone_of(task, user_zone);
    match task.next_run_at {
        Some(next) if !task.schedule.is_recurring() => schedule::format_instant(next, zone),
        _ if task.schedule.is_recurring() => task.schedule.describe(zone),
        _ => {
            let described = task.schedule.describe(zone);
            format!("{} {}", described.trim_start_matches("once on "), zone.name())
        }
    }
}

fn zone_of(task: &ScheduledTask, user_zone: Tz) -> Tz {
    schedule::parse_zone(&task.time_zone).unwrap_or(user_zone)
}

/// The end of its id, which is random in every version that rest_service makes.
fn id(task: &ScheduledTask) -> String {
    let id = task.id.simple().to_string();
    id.get(id.len().saturating_sub(ID_DIGITS)..)
        .unwrap_or_default()
        .to_owned()
}

/// Its text on one line.
pub(super) fn text(task: &ScheduledTask) -> String {
    let mut words = task.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() > SHOWN {
        words = words.chars().take(SHOWN - 1).chain(['…']).collect();
    }
    words
}
