//! What a due task says on the bus, and when it fires next. Pure.

use chrono::{DateTime, Utc};
use messages::{EventId, TaskDueV1};
use rest_client::ScheduledTask;
use schedule::parse_zone;

/// One firing of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firing {
    /// The same for every attempt to publish this firing.
    pub event_id: EventId,
    /// What is said on the bus.
    pub event: TaskDueV1,
    /// When the task fires next; `None` when this was the last time.
    pub next_run_at: Option<DateTime<Utc>>,
}

/// The firing of a task that was claimed at `now`; `None` when the row has no planned instant and so cannot be
/// due.
///
/// A zone that this build does not know (rest_service checked it, perhaps with newer zone data) counts as UTC:
/// a reminder at a wrong hour is told apart by its text, a lost one is not.
pub fn firing(task: ScheduledTask, now: DateTime<Utc>) -> Option<Firing> {
    let scheduled_for = task.next_run_at?;
    let zone = parse_zone(&task.time_zone).unwrap_or_else(|error| {
        tracing::error!(task_id = %task.id, %error, "unknown time zone; taking UTC");
        chrono_tz::UTC
    });
    let catch_up = task.schedule.catch_up(scheduled_for, now, zone);
    Some(Firing {
        event_id: EventId::task(task.id, scheduled_for.timestamp_millis()),
        event: TaskDueV1 {
            task_id: task.id,
            user_id: task.user_id,
            to: task.to,
            action: task.action,
            text: task.text,
            scheduled_for,
            fired_at: now.max(scheduled_for),
            missed: catch_up.missed,
            from_outside: task.from_outside,
        },
        next_run_at: catch_up.next,
    })
}
