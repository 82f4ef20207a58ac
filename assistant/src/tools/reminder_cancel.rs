//! `reminder_cancel`: a reminder, or all of them, called off.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Tool, ToolContext, ToolError, ToolOutput, reminders};

/// Calls reminders off.
pub(super) struct ReminderCancel;

/// Which.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    /// its number, or words of its text; "all" only after the user confirmed it
    which: String,
}

impl Tool for ReminderCancel {
    const NAME: &'static str = "reminder_cancel";
    const DESCRIPTION: &'static str = "Cancel a reminder for good.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        let tasks = reminders::current(context).await?;
        let before = reminders::cancelled_before(context).await?;
        let is_all = args.which.trim().eq_ignore_ascii_case("all");
        // An earlier try of this turn may have done it: then it is done, and not "not found".
        let mut done: Vec<_> = if is_all {
            before
        } else {
            reminders::find(&before, &args.which, context.zone)
                .into_iter()
                .cloned()
                .collect()
        };
        if is_all {
            for task in &tasks {
                done.push(context.rest.cancel_task(context.user_id, task.id).await?);
            }
        } else if done.is_empty() {
            let task = reminders::find(&tasks, &args.which, context.zone)?;
            done.push(context.rest.cancel_task(context.user_id, task.id).await?);
        }
        if done.is_empty() {
            return Err(ToolError::Told("there are no reminders".to_owned()));
        }
        let receipts: Vec<_> = done
            .iter()
            .map(|task| reminders::cancelled_receipt(task, context.zone))
            .collect();
        Ok(ToolOutput {
            content: json!({ "cancelled": receipts.iter().map(|receipt| &receipt.text).collect::<Vec<_>>() }),
            receipts,
        })
    }
}
