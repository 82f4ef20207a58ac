//! `reminder_create`: something to be said, or done, at a time.

use messages::TaskAction;
use rest_client::NewScheduledTask;
use schedule::Schedule;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Tool, ToolContext, ToolError, ToolOutput,
    deeds::Deed,
    reminders, timezone,
    when::{
        self, After, At, Present, Repeat,
        asked::Unclear,
        spoken::{self, Spoken},
    },
};

/// Makes a reminder.
pub(super) struct ReminderCreate;

/// What is to happen, and when.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    /// what to remind of, in the user's own words
    text: String,
    /// when, just as the user said it: "tomorrow at 9", "in 20 minutes", "every weekday at 9:00 until Christmas"
    #[serde(default)]
    said: Option<String>,
    // Structured forms, taken and not advertised: one way to say it is what small models get right.
    #[serde(default, rename = "in")]
    #[schemars(skip)]
    after: Option<After>,
    #[serde(default)]
    #[schemars(skip)]
    at: Option<At>,
    #[serde(default)]
    #[schemars(skip)]
    repeat: Option<Repeat>,
    /// A whole schedule, as REST has it.
    #[serde(default)]
    #[schemars(skip)]
    schedule: Option<Schedule>,
    /// Its own zone, where the user named one.
    #[serde(default)]
    #[schemars(skip)]
    zone: Option<String>,
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

impl Args {
    fn when(&self, context: &ToolContext, present: &Present) -> Result<Spoken, Unclear> {
        if let Some(schedule) = &self.schedule {
            schedule.validate().map_err(|error| error.to_string())?;
            let zone = self.zone.as_deref().map(schedule::parse_zone).transpose();
            return Ok(Spoken {
                schedule: schedule.clone(),
                zone: zone.map_err(|error| error.to_string())?,
            });
        }
        let said = self
            .said
            .as_deref()
            .map(str::trim)
            .filter(|said| !said.is_empty());
        if let Some(said) = said {
            let time = when::context(context.said_at, context.zone, &context.locale);
            return spoken::read(said, &time, present);
        }
        let schedule = when::resolve(self.after, self.at.as_ref(), self.repeat.as_ref(), present)?;
        Ok(Spoken {
            schedule: schedule.ok_or_else(|| "when? Give said, or ask the user".to_owned())?,
            zone: None,
        })
    }
}

impl Tool for ReminderCreate {
    const NAME: &'static str = "reminder_create";
    const DESCRIPTION: &'static str = "Set a reminder or recurring task. Never compute times: hand on the user's words. If the user gave no time, ask.";
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
        let Spoken { schedule, zone } = args.when(context, &present)?;
        let new = NewScheduledTask {
            action: match args.action {
                None | Some(Action::Remind) => TaskAction::Remind,
                Some(Action::Prompt) => TaskAction::Prompt,
            },
            text,
            schedule,
            // What a question shows in the user's zone is done in that zone, wherever they are by then.
            time_zone: zone
                .or(context.is_reading_outside().then_some(context.zone))
                .map(|zone| zone.name().to_owned()),
            to: context.to.clone(),
            from_outside: context.is_reading_outside(),
            idempotency_key: Some(context.idempotency_key(Self::NAME)),
        };
        let schedule = new.schedule.clone();
        let mut output = reminders::make_or_ask(context, Self::NAME, Deed::SetReminder { new }).await?;
        if !output.receipts.is_empty() {
            output
                .questions
                .extend(timezone::where_are_you(context, &schedule));
        }
        Ok(output)
    }
}
