//! `reminder_cancel`: a reminder, or all of them, called off.

use rest_client::{ScheduledTask, ScheduledTaskPatch, TaskStatus};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{
    Tool, ToolContext, ToolError, ToolOutput,
    deeds::{Deed, ReminderPatch},
    reminders,
};

/// Calls reminders off.
pub(super) struct ReminderCancel;

/// Which.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    /// its id from reminder_list, or words of its text; "all" only after the user confirmed it
    which: String,
}

impl Tool for ReminderCancel {
    const NAME: &'static str = "reminder_cancel";
    const DESCRIPTION: &'static str = "Cancel a reminder for good.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        let tasks = reminders::as_spoken_of(context).await?;
        let meant: Vec<&ScheduledTask> = if args.which.trim().eq_ignore_ascii_case("all") {
            tasks.iter().collect()
        } else {
            vec![reminders::find(&tasks, &args.which, context.zone)?]
        };
        if meant.is_empty() {
            return Err(ToolError::Told("there are no reminders".to_owned()));
        }
        let patch = |status| ScheduledTaskPatch {
            status: Some(status),
            ..ScheduledTaskPatch::default()
        };
        if context.is_reading_outside() {
            let changes = meant.iter().map(|task| ReminderPatch {
                task: task.id,
                only_if: ScheduledTaskPatch::default(),
                set: patch(TaskStatus::Cancelled),
            });
            let deed = Deed::ChangeReminders {
                changes: changes.collect(),
            };
            let names: Vec<String> = meant.iter().map(|task| reminders::text(task)).collect();
            let summary = format!("Cancel the reminders: {}", names.join(", "));
            return reminders::ask_first(context, Self::NAME, deed, summary).await;
        }
        let back = meant.iter().map(|task| ReminderPatch {
            task: task.id,
            only_if: patch(TaskStatus::Cancelled),
            set: patch(task.status),
        });
        let undo = reminders::undo_button(context, Self::NAME, back.collect()).await?;
        let mut done = Vec::new();
        for task in meant {
            done.push(match task.status {
                // An earlier try of this turn did it.
                TaskStatus::Cancelled => task.clone(),
                _ => context.rest.cancel_task(context.user_id, task.id).await?,
            });
        }
        let mut receipts: Vec<_> = done
            .iter()
            .map(|task| reminders::cancelled_receipt(task, context.zone))
            .collect();
        if let Some(last) = receipts.last_mut() {
            last.undo = Some(undo);
        }
        Ok(ToolOutput {
            content: json!({ "cancelled": receipts.iter().map(|receipt| &receipt.text).collect::<Vec<_>>() }),
            receipts,
            questions: Vec::new(),
        })
    }
}
