//! `reminder_create`: something to be said, or done, at a time.

use messages::TaskAction;
use rest_client::{NewScheduledTask, ScheduledTaskPatch, TaskStatus};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Tool, ToolContext, ToolError, ToolOutput,
    deeds::{Deed, ReminderPatch},
    reminders, timezone,
    when::{self, After, At, Present, Repeat},
};

/// Makes a reminder.
pub(super) struct ReminderCreate;

/// What is to happen, and when: one of `in`, `at` and `repeat`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    /// what to remind of, in the user's own words
    text: String,
    /// elapsed time from now
    #[serde(default, rename = "in")]
    after: Option<After>,
    /// once, at a local time
    #[serde(default)]
    at: Option<At>,
    #[serde(default)]
    repeat: Option<Repeat>,
    /// remind (default): text is sent as it is; prompt: you get text as a request then
    #[serde(default)]
    action: Option<Action>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    Remind,
    Prompt,
}

impl Tool for ReminderCreate {
    const NAME: &'static str = "reminder_create";
    const DESCRIPTION: &'static str =
        "Set a reminder or recurring task. Say when with exactly one of in, at, repeat. No time given: ask.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        let text = args.text.trim();
        if text.is_empty() {
            return Err(ToolError::Told("remind of what? text is empty".to_owned()));
        }
        let present = Present {
            said_at: context.said_at,
            now: context.now,
            zone: context.zone,
        };
        let schedule = when::resolve(args.after, args.at.as_ref(), args.repeat.as_ref(), &present)
            .map_err(ToolError::Told)?
            .ok_or_else(|| {
                ToolError::Told("when? Give one of in, at and repeat, or ask the user".to_owned())
            })?;
        let new = NewScheduledTask {
            action: match args.action {
                None | Some(Action::Remind) => TaskAction::Remind,
                Some(Action::Prompt) => TaskAction::Prompt,
            },
            text: text.to_owned(),
            schedule,
            time_zone: None,
            to: context.to.clone(),
            idempotency_key: Some(context.idempotency_key(Self::NAME)),
        };
        if context.is_reading_outside() {
            let when = new.schedule.describe(context.zone);
            let summary = format!("Set the reminder {text:?}, {when}");
            return reminders::ask_first(context, Self::NAME, Deed::SetReminder { new }, summary).await;
        }
        let task = context.rest.create_task(context.user_id, &new).await?;
        let mut receipt = reminders::stored_receipt(&task, context.zone);
        let undo = ReminderPatch {
            task: task.id,
            only_if: ScheduledTaskPatch::default(),
            set: ScheduledTaskPatch {
                status: Some(TaskStatus::Cancelled),
                ..ScheduledTaskPatch::default()
            },
        };
        receipt.undo = Some(reminders::undo_button(context, Self::NAME, vec![undo]).await?);
        Ok(ToolOutput {
            questions: timezone::where_are_you(context, &task.schedule)
                .into_iter()
                .collect(),
            ..ToolOutput::stored(receipt)
        })
    }
}
