//! `calendar_free`: when the user, and others, are free.

use calendar_client::{FreeSlotsQuery, WorkingHours};
use chrono::Weekday;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Tool, ToolContext, ToolError, ToolOutput, calendar, when::parse_time};

/// Finds free times.
pub(super) struct CalendarFree;

/// How many spans one answer lists.
const LISTED: u32 = 20;

/// How long, when, and with whom.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    /// how long; 60 when left out
    #[serde(default)]
    minutes: Option<u32>,
    /// as in calendar_agenda
    #[serde(default)]
    day: Option<String>,
    #[serde(default)]
    days: Option<u32>,
    /// e-mail addresses of others; ask the user for them
    #[serde(default, rename = "with")]
    others: Vec<String>,
    /// HH:MM; working hours when left out
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    before: Option<String>,
}

impl Tool for CalendarFree {
    const NAME: &'static str = "calendar_free";
    const DESCRIPTION: &'static str = "When the user (and others) are free.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        calendar::addresses(&args.others)?;
        let (from, days) = calendar::days(args.day.as_deref(), args.days, context)?;
        let time = |text: &Option<String>| {
            text.as_deref()
                .map(parse_time)
                .transpose()
                .map_err(ToolError::Told)
        };
        let (after, before) = (time(&args.after)?, time(&args.before)?);
        let usual = WorkingHours::default();
        // Asked about a Saturday, a Saturday is meant.
        let all_days = (0..7).filter_map(|day| Weekday::try_from(day).ok()).collect();
        let hours = WorkingHours {
            days: if days <= 2 { all_days } else { usual.days },
            start: after.unwrap_or(usual.start),
            end: before.unwrap_or(usual.end),
        };
        let query = FreeSlotsQuery {
            minutes: args.minutes.unwrap_or(60).clamp(5, 1440),
            from: Some(from),
            to: Some(calendar::days_after(from, days.saturating_sub(1))?),
            zone: Some(context.zone.name().to_owned()),
            working_hours: Some(hours),
            attendees: args.others,
            limit: Some(LISTED),
        };
        let free = calendar::client(context)?
            .free_slots(context.user_id, &query)
            .await?;
        let lines: Vec<String> = free
            .slots
            .iter()
            .map(|slot| {
                let (from, to) = (
                    slot.start.with_timezone(&context.zone),
                    slot.end.with_timezone(&context.zone),
                );
                let begin = context.language().local(from.naive_local());
                format!("{begin}–{}", to.format("%H:%M"))
            })
            .collect();
        let mut content = json!({ "free": lines, "zone": context.zone.name() });
        if !free.unknown.is_empty() {
            content["not_known_for"] = json!(free.unknown);
        }
        Ok(ToolOutput::answer(content))
    }
}
