//! `calendar_create`: a new event.

use ::when::{Need, Value};
use calendar_client::{NewEvent, NewTime, PRIMARY};
use chrono::{NaiveDateTime, TimeDelta};
use messages::plain;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Tool, ToolContext, ToolError, ToolOutput, calendar,
    deeds::{self, Deed, Offer},
    when::{self, At, asked, local, spoken},
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
    /// when, just as the user said it; a day alone is all day
    #[serde(default)]
    said: Option<String>,
    // Structured forms, taken and not advertised, as in reminder_create.
    #[serde(default)]
    #[schemars(skip)]
    day: Option<String>,
    #[serde(default)]
    #[schemars(skip)]
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
        let said = args
            .said
            .as_deref()
            .map(str::trim)
            .filter(|said| !said.is_empty());
        let Occurs { time, rule } = match said {
            Some(said) => occurs(said, args.minutes, context)?,
            None => Occurs {
                time: structured(&args, context)?,
                rule: None,
            },
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
                .or(rule)
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

/// When an event is, and by which rule it repeats.
struct Occurs {
    time: NewTime,
    rule: Option<String>,
}

fn structured(args: &Args, context: &ToolContext) -> Result<NewTime, ToolError> {
    let Some(time) = &args.time else {
        let day = args
            .day
            .as_deref()
            .ok_or_else(|| ToolError::Told("when? Give said, or ask the user".to_owned()))?;
        let (first, _) = calendar::days(Some(day), None, context)?;
        return Ok(NewTime::AllDay { first, last: first });
    };
    let at = At::new(args.day.clone(), time.clone());
    let start = local(&at, &calendar::present(context)).map_err(ToolError::Told)?;
    Ok(NewTime::Local {
        start,
        end: later(
            start,
            TimeDelta::minutes(args.minutes.unwrap_or(USUAL_MINUTES).into()),
        )?,
        zone: Some(context.zone.name().to_owned()),
    })
}

fn later(start: NaiveDateTime, length: TimeDelta) -> Result<NaiveDateTime, ToolError> {
    start.checked_add_signed(length).ok_or_else(calendar::too_far)
}

/// The user's own words of time as an event's.
fn occurs(said: &str, minutes: Option<u32>, context: &ToolContext) -> Result<Occurs, ToolError> {
    let time = when::context(context.said_at, context.zone, &context.locale);
    let reading = ::when::parse(said, &time);
    let known = &reading.understood;
    // A day alone, or some: all day.
    if let (Some(Need::TimeOfDay), Some(day), None) = (&reading.need, known.day, &known.recurrence) {
        return Ok(Occurs {
            time: NewTime::AllDay {
                first: day,
                last: day,
            },
            rule: None,
        });
    }
    if let Some(question) = asked::question(&reading, &time) {
        return Err(asked::Unclear::Ask(question).into());
    }
    let usual = TimeDelta::minutes(minutes.unwrap_or(USUAL_MINUTES).into());
    let lasts = reading
        .lasts
        .filter(|length| length.months == 0 && !length.is_zero())
        .and_then(|length| {
            let seconds = i64::from(length.days)
                .checked_mul(86_400)?
                .checked_add(length.seconds)?;
            TimeDelta::try_seconds(seconds)
        });
    match &reading.value {
        Some(Value::Once(moment)) => {
            let length = match (minutes, moment.end) {
                (None, Some(end)) if end > moment.local => end - moment.local,
                (None, _) => lasts.unwrap_or(usual),
                (Some(_), _) => usual,
            };
            Ok(Occurs {
                time: NewTime::Local {
                    start: moment.local,
                    end: later(moment.local, length)?,
                    zone: Some(moment.zone.name().to_owned()),
                },
                rule: None,
            })
        }
        Some(Value::Every(rule)) => series(rule, lasts.unwrap_or(usual), context),
        None => Err(ToolError::Told(
            "when? The words say nothing of a time: ask the user".to_owned(),
        )),
    }
}

/// A series: the first event, and its rule as calendars write it.
fn series(rule: &::when::Recurrence, length: TimeDelta, context: &ToolContext) -> Result<Occurs, ToolError> {
    let [_] = rule.times.as_slice() else {
        return Err(ToolError::Told(
            "an event has one time of day: add one event for each".to_owned(),
        ));
    };
    if rule.from_completion || !rule.except_dates.is_empty() || rule.window.is_some() {
        return Err(ToolError::Told(
            "a calendar has no such rule: say it as a fixed rule, such as “every monday at 9:00”".to_owned(),
        ));
    }
    let present = calendar::present(context);
    let zone = rule.zone.unwrap_or(context.zone);
    let schedule = spoken::of_rule(rule, &present).map_err(ToolError::Told)?;
    let first = schedule
        .next_after(context.said_at, zone)
        .ok_or_else(|| ToolError::Told("this would never happen".to_owned()))?
        .with_timezone(&zone)
        .naive_local();
    Ok(Occurs {
        time: NewTime::Local {
            start: first,
            end: later(first, length)?,
            zone: Some(zone.name().to_owned()),
        },
        rule: Some(format!("RRULE:{}", rule.rrule())),
    })
}
