//! `calendar_agenda`: what is planned, by days or by words.

use calendar_client::{AgendaQuery, EventsQuery};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Tool, ToolContext, ToolError, ToolOutput, calendar};

/// Tells what is planned.
pub(super) struct CalendarAgenda;

/// The most events that one answer lists.
const LISTED: u32 = 40;

/// Which days, or which words.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    /// first day: today (default), tomorrow, a weekday, YYYY-MM-DD, this week or next week
    #[serde(default)]
    day: Option<String>,
    #[serde(default)]
    days: Option<u32>,
    /// instead: find events of the coming year by these words
    #[serde(default)]
    words: Option<String>,
}

impl Tool for CalendarAgenda {
    const NAME: &'static str = "calendar_agenda";
    const DESCRIPTION: &'static str = "What is in the user's calendar.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        let client = calendar::client(context)?;
        let zone = Some(context.zone.name().to_owned());
        let words = args
            .words
            .as_deref()
            .map(str::trim)
            .filter(|words| !words.is_empty());
        let text = match words {
            Some(words) => {
                let from = match args.day.as_deref() {
                    Some(day) => calendar::days(Some(day), args.days, context)?.0,
                    None => context.now.with_timezone(&context.zone).date_naive(),
                };
                let query = EventsQuery {
                    query: Some(words.chars().take(200).collect()),
                    from: Some(from),
                    zone,
                    limit: Some(LISTED),
                    ..EventsQuery::default()
                };
                let found = client.events(context.user_id, &query).await?;
                let lines: Vec<String> = found
                    .items
                    .iter()
                    .map(|event| format!("- {}", event.describe(context.zone)))
                    .collect();
                if lines.is_empty() {
                    "nothing found".to_owned()
                } else {
                    lines.join("\n")
                }
            }
            None => {
                let (from, days) = calendar::days(args.day.as_deref(), args.days, context)?;
                let query = AgendaQuery {
                    from: Some(from),
                    days: Some(days),
                    zone,
                    calendar: None,
                };
                let agenda = client.agenda(context.user_id, &query).await?;
                agenda.text(usize::try_from(LISTED).unwrap_or(usize::MAX))
            }
        };
        Ok(ToolOutput::answer(calendar::from_outside(context, text)))
    }
}
