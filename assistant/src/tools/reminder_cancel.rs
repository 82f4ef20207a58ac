//! `reminder_cancel`: a reminder, or all of them, called off.

use rest_client::{ScheduledTask, ScheduledTaskPatch, TaskStatus};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Tool, ToolContext, ToolError, ToolOutput,
    deeds::{self, Deed, Offer, ReminderPatch},
    reminders,
};

/// Calls reminders off.
pub(super) struct ReminderCancel;

/// Which.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    /// its id from reminder_list, or words of its text; "all": the user is asked first
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
        let several = meant.len() > 1;
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
        if several {
            // Which ones exactly is the server's to say, and a press's to decide.
            let offer = Offer {
                tool: Self::NAME,
                key: context.idempotency_key(Self::NAME),
                deed,
                decided_by: None,
            };
            return deeds::make_or_ask(context, offer).await;
        }
        reminders::make_or_ask(context, Self::NAME, deed).await
    }
}
