//! `reminder_create`: something to be said, or done, at a time.

use messages::TaskAction;
use rest_client::NewScheduledTask;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Tool, ToolContext, ToolError, ToolOutput,
    deeds::Deed,
    reminders,
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
    /// remind (default): text is sent as it is; prompt: you get text as a request then and answer it
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
    const DESCRIPTION: &'static str = "Set a reminder or recurring task. Say when with exactly one of in, at, repeat, just as the user said it: never compute times yourself. If the user gave no time, ask.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        let text = reminders::wanted_text(context, &args.text);
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
            text,
            schedule,
            // What a question shows in the user's zone is done in that zone, wherever they are by then.
            time_zone: context
                .is_reading_outside()
                .then(|| context.zone.name().to_owned()),
            to: context.to.clone(),
            from_outside: context.is_reading_outside(),
            idempotency_key: Some(context.idempotency_key(Self::NAME)),
        };
        reminders::make_or_ask(context, Self::NAME, Deed::SetReminder { new }).await
    }
}
