//! What the reminder tools share: finding the one that is meant, and the lines that are shown for it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use messages::{Receipt, TaskAction, plain};
use rest_client::{ScheduledTask, TaskListQuery, TaskStatus};
use serde_json::{Value, json};
use texts::{Language, Text};

use super::{
    ToolContext, ToolError, ToolOutput,
    deeds::{self, Deed, Made, Offer},
};

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
        return found.ok_or_else(|| not_found(tasks, which, zone));
    }
    if matches!(which.to_lowercase().as_str(), "last" | "it") {
        let newest = tasks
            .iter()
            .filter(|task| task.status != TaskStatus::Cancelled)
            .max_by_key(|task| (task.updated_at, task.id));
        return newest.ok_or_else(|| not_found(tasks, which, zone));
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
        [] => Err(not_found(tasks, which, zone)),
        several => Err(listed(
            "several reminders fit, ask which one by its number",
            tasks,
            |task| several.iter().any(|fitting| fitting.id == task.id),
            zone,
        )),
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
    !wanted.is_empty()
        && wanted.iter().all(|word| {
            words
                .iter()
                .any(|known| known == word || is_inflected(known, word))
        })
}

/// "стоматолога" is "стоматолог": Russian words end as their sentence wants, and begin the same.
fn is_inflected(known: &str, wanted: &str) -> bool {
    let is_russian = |word: &str| {
        word.chars()
            .all(|letter| ('а'..='я').contains(&letter) || letter == 'ё')
    };
    let (known_length, wanted_length) = (known.chars().count(), wanted.chars().count());
    let longest = known_length.max(wanted_length);
    let same = known
        .chars()
        .zip(wanted.chars())
        .take_while(|(a, b)| a == b)
        .count();
    is_russian(known) && is_russian(wanted) && same >= 4 && same + 2 >= longest
}

fn not_found(tasks: &[ScheduledTask], which: &str, zone: Tz) -> ToolError {
    let which: String = which.chars().take(80).collect();
    if tasks.is_empty() {
        return ToolError::Told(format!("there is no reminder {which:?}: there are none at all"));
    }
    listed(
        &format!("there is no reminder {which:?}; there are"),
        tasks,
        |_| true,
        zone,
    )
}

/// An error that lists reminders; their words are data where others may have written them.
fn listed(
    why: &str,
    tasks: &[ScheduledTask],
    is_shown: impl Fn(&ScheduledTask) -> bool + Copy,
    zone: Tz,
) -> ToolError {
    let text = lines(tasks, is_shown, zone);
    if tasks.iter().any(|task| task.from_outside && is_shown(task)) {
        return ToolError::Outside {
            why: why.to_owned(),
            text,
        };
    }
    ToolError::Told(format!("{why}:\n{text}"))
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
pub(super) fn described(task: &ScheduledTask, language: schedule::Language, zone: Tz) -> Value {
    let mut described = json!({ "id": id(task), "text": text(task), "when": when_in(task, language, zone) });
    if let Some(next) = task.next_run_at
        && task.schedule.is_recurring()
    {
        described["next"] = schedule::format_instant_in(language, next, zone).into();
        // The server's, the next one left out.
        let coming: Vec<String> = task
            .next_runs
            .iter()
            .skip(1)
            .map(|at| schedule::format_instant_in(language, *at, zone))
            .collect();
        if !coming.is_empty() {
            described["coming"] = coming.into();
        }
    }
    if task.status == TaskStatus::Paused {
        described["paused"] = true.into();
    }
    if task.action == TaskAction::Prompt {
        described["action"] = "prompt".into();
    }
    described
}

/// The text of a reminder as it is stored: what is asked about is stored as it is shown, on one line and without what
/// cannot be seen.
pub(super) fn wanted_text(context: &ToolContext, text: &str) -> String {
    if context.is_reading_outside() {
        plain::clean(text)
    } else {
        text.trim().to_owned()
    }
}

/// Changes reminders now; or asks first, when others may have wished for it in what the model has read.
pub(super) async fn make_or_ask(
    context: &ToolContext,
    tool: &str,
    deed: Deed,
) -> Result<ToolOutput, ToolError> {
    if !context.is_reading_outside() {
        return deeds::make(context, tool, &deed).await;
    }
    let offer = Offer {
        tool,
        key: context.idempotency_key(tool),
        deed,
        decided_by: None,
    };
    deeds::make_or_ask(context, offer).await
}

/// The line for one that was made or changed, from what was stored.
pub(crate) fn stored(task: &ScheduledTask, user_zone: Tz, language: Language) -> Made {
    let zone = zone_of(task, user_zone);
    made(task, language, |language, what| {
        match (task.status, task.next_run_at) {
            (TaskStatus::Paused, _) => language.say(&Text::ReceiptPaused {
                what,
                when: &said(task, zone, language),
            }),
            (_, Some(next)) if task.schedule.is_recurring() => language.say(&Text::ReceiptRecurring {
                schedule: &task.schedule.describe_in(language.into(), zone),
                next: &moment(language, next, zone),
                what,
            }),
            // Without an instant it fired between being stored and being asked for again.
            _ => language.say(&Text::ReceiptOnce {
                time: &said(task, zone, language),
                what,
            }),
        }
    })
}

/// The line for one that was called off.
pub(super) fn cancelled(task: &ScheduledTask, zone: Tz, language: Language) -> Made {
    made(task, language, |language, what| {
        language.say(&Text::ReceiptCancelled {
            what,
            when: &said(task, zone, language),
        })
    })
}

/// The user reads their language, and a model English.
fn made(task: &ScheduledTask, language: Language, line: impl Fn(Language, &str) -> String) -> Made {
    Made {
        told: if task.from_outside {
            line(Language::English, "a reminder with the words of others")
        } else {
            line(Language::English, &text(task))
        },
        receipt: Receipt {
            text: line(language, &text(task)),
            undo: None,
        },
    }
}

/// As [`when`], in the user's language.
fn said(task: &ScheduledTask, user_zone: Tz, language: Language) -> String {
    when_in(task, language.into(), user_zone)
}

fn moment(language: Language, at: DateTime<Utc>, zone: Tz) -> String {
    schedule::format_instant_in(language.into(), at, zone)
}

pub(super) fn when(task: &ScheduledTask, user_zone: Tz) -> String {
    when_in(task, schedule::Language::English, user_zone)
}

/// When it comes, in a language.
pub(super) fn when_in(task: &ScheduledTask, language: schedule::Language, user_zone: Tz) -> String {
    let zone = zone_of(task, user_zone);
    match task.next_run_at {
        Some(next) if !task.schedule.is_recurring() => schedule::format_instant_in(language, next, zone),
        _ if task.schedule.is_recurring() => task.schedule.describe_in(language, zone),
        _ => format!("{} {}", task.schedule.shown_in(language, zone), zone.name()),
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
    plain::line(&task.text, SHOWN)
}
