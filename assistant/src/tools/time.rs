//! `time`: what time and day it is, here or elsewhere, and how far away a day is.

use chrono::{Days, NaiveTime};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{
    Tool, ToolContext, ToolError, ToolOutput,
    when::{Present, parse_day},
};

/// Tells the time.
pub(super) struct Time;

/// Where, and which day.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    /// city or IANA zone; the user's own when left out
    #[serde(default)]
    place: Option<String>,
    /// today, tomorrow, a weekday, YYYY-MM-DD or MM-DD
    #[serde(default)]
    day: Option<String>,
    /// days to add to it
    #[serde(default)]
    plus_days: Option<i32>,
}

impl Tool for Time {
    const NAME: &'static str = "time";
    const DESCRIPTION: &'static str =
        "Time and date, in the user's zone or elsewhere; weekday and distance of a day.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        let zone = match args
            .place
            .as_deref()
            .map(str::trim)
            .filter(|place| !place.is_empty())
        {
            Some(place) => schedule::parse_zone(place).map_err(|error| ToolError::Told(error.to_string()))?,
            None => context.zone,
        };
        let mut content =
            json!({ "now": schedule::format_instant_in(context.language(), context.now, zone) });
        if args.day.is_some() || args.plus_days.is_some() {
            let present = Present {
                said_at: context.now,
                now: context.now,
                zone,
            };
            let day = args.day.as_deref().unwrap_or("today");
            let last_minute = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
            let date = parse_day(day, last_minute, &present).map_err(ToolError::Told)?;
            let plus = args.plus_days.unwrap_or(0);
            let step = Days::new(u64::from(plus.unsigned_abs()));
            let date = if plus < 0 {
                date.checked_sub_days(step)
            } else {
                date.checked_add_days(step)
            };
            let date = date.ok_or_else(|| ToolError::Told("that is too far away".to_owned()))?;
            let today = context.now.with_timezone(&zone).date_naive();
            content["day"] = match context.language() {
                schedule::Language::English => date.format("%A, %-d %B %Y").to_string(),
                other => other.date(date),
            }
            .into();
            content["days_from_today"] = (date - today).num_days().into();
        }
        Ok(ToolOutput::answer(content))
    }
}
