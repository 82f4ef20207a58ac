//! `calendar_create`: a new event.

use calendar_client::{NewEvent, NewTime, PRIMARY};
use chrono::TimeDelta;
use messages::plain;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Tool, ToolContext, ToolError, ToolOutput, calendar,
    deeds::{self, Deed, Offer},
    when::{At, local},
};

/// Makes events.
pub(super) struct CalendarCreate;

/// How long an event takes when nothing is said.
const USUAL_MINUTES: u32 = 60;

/// What, and when.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    title: String,
    /// as for `at` in reminder_create
    #[serde(default)]
    day: Option<String>,
    /// HH:MM; all day when left out
    #[serde(default)]
    time: Option<String>,
    /// 60 when left out
    #[serde(default)]
    minutes: Option<u32>,
    #[serde(default)]
    location: Option<String>,
    /// e-mail addresses to invite
    #[serde(default)]
    guests: Vec<String>,
    #[serde(default)]
    repeat: Option<Repeats>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Repeats {
    Daily,
    Workdays,
    Weekly,
    Monthly,
    Yearly,
}

impl Repeats {
    fn rule(self) -> &'static str {
        match self {
            Self::Daily => "RRULE:FREQ=DAILY",
            Self::Workdays => "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
            Self::Weekly => "RRULE:FREQ=WEEKLY",
            Self::Monthly => "RRULE:FREQ=MONTHLY",
            Self::Yearly => "RRULE:FREQ=YEARLY",
        }
    }
}

impl Tool for CalendarCreate {
    const NAME: &'static str = "calendar_create";
    const DESCRIPTION: &'static str = "Add an event to the user's calendar.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        let key = context.idempotency_key(Self::NAME);
        // What an earlier try of this turn decided stands.
        if let Some(known) = context.rest.offered(context.user_id, &key).await? {
            return deeds::carry_out(context, &known).await;
        }
        // So that what is wrong with the connection is told before anything is decided.
        calendar::connected(context).await?;
        let title = plain::clean(&args.title);
        if title.is_empty() {
            return Err(ToolError::Told("what is it called? title is empty".to_owned()));
        }
        calendar::addresses(&args.guests)?;
        let time = match &args.time {
            Some(time) => {
                let at = At::new(args.day.clone(), time.clone());
                let start = local(&at, &calendar::present(context)).map_err(ToolError::Told)?;
                let length = TimeDelta::minutes(args.minutes.unwrap_or(USUAL_MINUTES).into());
                NewTime::Local {
                    start,
                    end: start.checked_add_signed(length).ok_or_else(calendar::too_far)?,
                    zone: Some(context.zone.name().to_owned()),
                }
            }
            None => {
                let day = args.day.as_deref().ok_or_else(|| {
                    ToolError::Told("when? Give day, and time unless it is all day, or ask".to_owned())
                })?;
                let (first, _) = calendar::days(Some(day), None, context)?;
                NewTime::AllDay { first, last: first }
            }
        };
        let new = NewEvent {
            idempotency_key: key.clone(),
            title,
            time,
            location: args
                .location
                .map(|location| plain::clean(&location))
                .filter(|location| !location.is_empty()),
            description: None,
            attendees: args.guests,
            reminders: None,
            recurrence: args
                .repeat
                .map(|repeat| repeat.rule().to_owned())
                .into_iter()
                .collect(),
        };
        let needs_yes = !new.attendees.is_empty() || context.is_reading_outside();
        let offer = Offer {
            tool: Self::NAME,
            key,
            decided_by: (!needs_yes).then(|| context.event_id.clone()),
            deed: Deed::CreateEvent {
                calendar: PRIMARY.to_owned(),
                new,
            },
        };
        deeds::make_or_ask(context, offer).await
    }
}
