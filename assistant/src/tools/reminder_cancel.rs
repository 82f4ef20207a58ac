//! `reminder_cancel`: a reminder, or all of them, called off.

use rest_client::{ScheduledTask, ScheduledTaskPatch, TaskStatus};
use schemars::JsonSchema;
use serde::Deserialize;

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
        let cancelled = ScheduledTaskPatch {
            status: Some(TaskStatus::Cancelled),
            ..ScheduledTaskPatch::default()
        };
        let changes = meant
            .into_iter()
            .map(|task| ReminderPatch::of(task, cancelled.clone()));
        let deed = Deed::ChangeReminders {
            changes: changes.collect(),
        };
        reminders::make_or_ask(context, Self::NAME, deed).await
    }
}
