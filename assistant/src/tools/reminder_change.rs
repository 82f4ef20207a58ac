//! `reminder_change`: another time or text, a pause, a new start.

use rest_client::{ScheduledTaskPatch, TaskStatus};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    Tool, ToolContext, ToolError, ToolOutput,
    deeds::{Deed, ReminderPatch},
    reminders,
    when::{self, After, At, Present, Repeat},
};

/// Changes a reminder.
pub(super) struct ReminderChange;

/// Which one, and what becomes of it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    /// its id from reminder_list, or words of its text
    which: String,
    /// new text
    #[serde(default)]
    text: Option<String>,
    // The same forms as in reminder_create, which every assistant with this tool has too: told once, to keep each
    // request small.
    /// new time, elapsed from now: as in reminder_create
    #[serde(default, rename = "in")]
    #[schemars(with = "Option<Map<String, Value>>")]
    after: Option<After>,
    /// new local time, as in reminder_create; a recurring one without day keeps its rule at this time
    #[serde(default)]
    #[schemars(with = "Option<Map<String, Value>>")]
    at: Option<At>,
    /// new rule, as in reminder_create
    #[serde(default)]
    #[schemars(with = "Option<Map<String, Value>>")]
    repeat: Option<Repeat>,
    /// true: pause; false: resume
    #[serde(default)]
    paused: Option<bool>,
}

impl Tool for ReminderChange {
    const NAME: &'static str = "reminder_change";
    const DESCRIPTION: &'static str =
        "Change a reminder's time, rule or text, pause or resume it. Times as in reminder_create.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        let tasks = reminders::as_spoken_of(context).await?;
        let task = reminders::find(&tasks, &args.which, context.zone)?;
        if task.status == TaskStatus::Cancelled {
            return Err(ToolError::Told(
                "it was cancelled just now: set a new one".to_owned(),
            ));
        }
        let present = Present {
            said_at: context.said_at,
            now: context.now,
            zone: context.zone,
        };
        let schedule = when::moved(
            &task.schedule,
            args.after,
            args.at.as_ref(),
            args.repeat.as_ref(),
            &present,
        )
        .map_err(ToolError::Told)?;
        let text = args
            .text
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let status = args.paused.map(|paused| {
            if paused {
                TaskStatus::Paused
            } else {
                TaskStatus::Active
            }
        });
        if schedule.is_none() && text.is_none() && status.is_none() {
            return Err(ToolError::Told(
                "what is to change? Give a time, text or paused".to_owned(),
            ));
        }
        let patch = ScheduledTaskPatch {
            text: text.map(str::to_owned),
            schedule,
            time_zone: None,
            status,
        };
        if context.is_reading_outside() {
            let summary = format!("Change the reminder {:?}", reminders::text(task));
            let change = ReminderPatch {
                task: task.id,
                only_if: ScheduledTaskPatch::default(),
                set: patch,
            };
            let deed = Deed::ChangeReminders {
                changes: vec![change],
            };
            return reminders::ask_first(context, Self::NAME, deed, summary).await;
        }
        let back = ReminderPatch {
            task: task.id,
            only_if: ScheduledTaskPatch {
                status: Some(patch.status.unwrap_or(task.status)),
                ..patch.clone()
            },
            set: ScheduledTaskPatch {
                text: patch.text.as_ref().map(|_| task.text.clone()),
                schedule: patch.schedule.as_ref().map(|_| task.schedule.clone()),
                time_zone: None,
                status: patch.status.map(|_| task.status),
            },
        };
        let undo = reminders::undo_button(context, Self::NAME, vec![back]).await?;
        // The patch sets values, so that making it again when the turn is run again changes nothing.
        let task = context.rest.update_task(context.user_id, task.id, &patch).await?;
        let mut receipt = reminders::stored_receipt(&task, context.zone);
        receipt.undo = Some(undo);
        Ok(ToolOutput::stored(receipt))
    }
}
