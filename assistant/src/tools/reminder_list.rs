//! `reminder_list`: what is set.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Tool, ToolContext, ToolError, ToolOutput, reminders};

/// Lists the reminders.
pub(super) struct ReminderList;

/// The most that one answer lists.
const LISTED: usize = 50;

/// Nothing is needed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {}

impl Tool for ReminderList {
    const NAME: &'static str = "reminder_list";
    const DESCRIPTION: &'static str = "List the user's reminders and recurring tasks, the oldest first.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, _args: Args) -> Result<ToolOutput, ToolError> {
        let tasks = reminders::current(context).await?;
        let listed: Vec<_> = tasks
            .iter()
            .take(LISTED)
            .map(|task| reminders::described(task, context.zone))
            .collect();
        Ok(ToolOutput::answer(
            json!({ "count": tasks.len(), "reminders": listed }),
        ))
    }
}
