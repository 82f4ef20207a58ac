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
            .map(|text| reminders::wanted_text(context, &text))
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
        let set = ScheduledTaskPatch {
            // Whose words they are goes with the words.
            from_outside: text.as_ref().map(|_| context.is_reading_outside()),
            text,
            schedule,
            time_zone: None,
            status,
        };
        let deed = Deed::ChangeReminders {
            changes: vec![ReminderPatch::of(task, set)],
        };
        reminders::make_or_ask(context, Self::NAME, deed).await
    }
}
