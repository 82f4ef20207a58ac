//! `reminder_list`: what is set.

use rest_client::ScheduledTask;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Tool, ToolContext, ToolError, ToolOutput, calendar, reminders};

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
        let (theirs, own): (Vec<_>, Vec<_>) = tasks.iter().take(LISTED).partition(|task| task.from_outside);
        let described = |tasks: Vec<&ScheduledTask>| -> Vec<Value> {
            tasks
                .into_iter()
                .map(|task| reminders::described(task, context.language(), context.zone))
                .collect()
        };
        let mut content = json!({ "count": tasks.len(), "reminders": described(own) });
        if !theirs.is_empty() {
            let theirs = calendar::from_outside(context, json!(described(theirs)));
            if let (Value::Object(content), Value::Object(theirs)) = (&mut content, theirs) {
                content.extend(theirs);
            }
        }
        Ok(ToolOutput::answer(content))
    }
}
