//! `calendar_change`: another time, title, place or guest for an event.

use calendar_client::{Event, EventPatch, EventTime, NewTime, Scope, UpdateEvent};
use chrono::TimeDelta;
use messages::plain;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Tool, ToolContext, ToolError, ToolOutput, calendar,
    deeds::{self, Deed, Offer},
    when::{parse_day, parse_time},
};

/// Changes events.
pub(super) struct CalendarChange;

/// Which one, and what becomes of it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    /// words of its title, or the time it begins (15:00), or both
    which: String,
    /// the day it is on, if the user said so
    #[serde(default)]
    on: Option<String>,
    #[serde(default)]
    new_day: Option<String>,
    #[serde(default)]
    new_time: Option<String>,
    #[serde(default)]
    new_minutes: Option<u32>,
    #[serde(default)]
    new_title: Option<String>,
    #[serde(default)]
    new_location: Option<String>,
    /// e-mail addresses to invite
    #[serde(default)]
    add_guests: Vec<String>,
    #[serde(default)]
    series: Option<Series>,
}

/// How much of a series is meant; the one event when absent.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Series {
    ThisOne,
    ThisAndFollowing,
    All,
}

impl Series {
    pub(super) fn scope(series: Option<Self>) -> Scope {
        match series {
            None | Some(Self::ThisOne) => Scope::ThisOne,
            Some(Self::ThisAndFollowing) => Scope::ThisAndFollowing,
            Some(Self::All) => Scope::All,
        }
    }
}

impl Tool for CalendarChange {
    const NAME: &'static str = "calendar_change";
    const DESCRIPTION: &'static str = "Move or change an event.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        let key = context.idempotency_key(Self::NAME);
        if let Some(known) = context.rest.offered(context.user_id, &key).await? {
            return deeds::carry_out(context, &known).await;
        }
        calendar::addresses(&args.add_guests)?;
        let calendar::Found {
            event,
            calendar: calendar_name,
        } = calendar::find(context, &args.which, args.on.as_deref()).await?;
        let cleaned = |text: &String| plain::clean(text);
        let mut patch = EventPatch {
            time: new_time(&event, &args, context)?,
            title: args.new_title.as_ref().map(cleaned),
            // An empty one clears it.
            location: args
                .new_location
                .as_ref()
                .map(cleaned)
                .map(|location| Some(location).filter(|location| !location.is_empty())),
            ..EventPatch::default()
        };
        if !args.add_guests.is_empty() {
            let known = event.attendees.iter().filter(|guest| !guest.is_self);
            let mut guests: Vec<String> = known.map(|guest| guest.email.clone()).collect();
            for guest in &args.add_guests {
                if guests.iter().all(|known| !known.eq_ignore_ascii_case(guest)) {
                    guests.push(guest.clone());
                }
            }
            patch.attendees = Some(guests);
        }
        if patch.is_empty() {
            return Err(ToolError::Told(
                "what is to change? Give one of the new_ fields".to_owned(),
            ));
        }
        let is_shared = event.has_guests() || !args.add_guests.is_empty();
        let needs_yes = is_shared || event.is_of_series() || context.is_reading_outside();
        let offer = Offer {
            tool: Self::NAME,
            key: key.clone(),
            decided_by: (!needs_yes).then(|| context.event_id.clone()),
            deed: Deed::UpdateEvent {
                calendar: event.calendar_id.clone(),
                calendar_name,
                event: event.id.clone(),
                change: UpdateEvent {
                    idempotency_key: key,
                    patch,
                    scope: Series::scope(args.series),
                    if_version: Some(event.etag.clone()),
                },
                was: needs_yes.then(|| Box::new(calendar::remembered(event))),
            },
        };
        deeds::make_or_ask(context, offer).await
    }
}

/// The new time: what was not said stays as it is, by the user's clock.
fn new_time(event: &Event, args: &Args, context: &ToolContext) -> Result<Option<NewTime>, ToolError> {
    if args.new_day.is_none() && args.new_time.is_none() && args.new_minutes.is_none() {
        return Ok(None);
    }
    let present = calendar::present(context);
    let told = ToolError::Told;
    let (start, length) = match &event.time {
        EventTime::AllDay { first, last } if args.new_time.is_none() => {
            let Some(day) = &args.new_day else {
                return Err(told("it is all day: give new_time, or only new_day".to_owned()));
            };
            let end_of_day = chrono::NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
            let moved = parse_day(day, end_of_day, &present).map_err(told)?;
            return Ok(Some(NewTime::AllDay {
                first: moved,
                last: moved
                    .checked_add_signed(*last - *first)
                    .ok_or_else(calendar::too_far)?,
            }));
        }
        EventTime::AllDay { first, .. } => (first.and_time(chrono::NaiveTime::MIN), TimeDelta::hours(1)),
        EventTime::Timed { start, end, .. } => {
            (start.with_timezone(&context.zone).naive_local(), *end - *start)
        }
    };
    let time = match &args.new_time {
        Some(time) => parse_time(time).map_err(told)?,
        None => start.time(),
    };
    let day = match &args.new_day {
        Some(day) => parse_day(day, time, &present).map_err(told)?,
        None => start.date(),
    };
    let length = args
        .new_minutes
        .map_or(length, |minutes| TimeDelta::minutes(minutes.into()));
    let start = day.and_time(time);
    Ok(Some(NewTime::Local {
        start,
        end: start.checked_add_signed(length).ok_or_else(calendar::too_far)?,
        zone: Some(context.zone.name().to_owned()),
    }))
}
