//! `calendar_agenda`: what is planned, by days or by words.

use calendar_client::{AgendaQuery, EventsQuery, Word, Words};
use chrono::{Datelike, NaiveDate};
use schemars::JsonSchema;
use serde::Deserialize;
use texts::{Language, Text};

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
        let language = Language::of(&context.locale);
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
                    .map(|event| format!("- {}", calendar::described_event(event, context.zone, language)))
                    .collect();
                if lines.is_empty() {
                    language.say(&Text::FoundNothing)
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
                agenda.text_in(
                    &AgendaWords(language),
                    usize::try_from(LISTED).unwrap_or(usize::MAX),
                )
            }
        };
        Ok(ToolOutput::answer(calendar::from_outside(context, text)))
    }
}

/// What an agenda says around events, in the user's language.
struct AgendaWords(Language);

impl Words for AgendaWords {
    fn say(&self, word: Word<'_>) -> String {
        self.0.say(&match word {
            Word::NothingPlanned => Text::AgendaNothing,
            Word::AllDay => Text::AgendaAllDay,
            Word::AllDayOf(day, days) => Text::AgendaAllDayOf { day, days },
            Word::Until(time) => Text::AgendaUntil { time },
            Word::Declined => Text::AgendaDeclined,
            Word::NotAnswered => Text::AgendaNotAnswered,
            Word::Maybe => Text::AgendaMaybe,
            Word::More(count) => Text::AgendaMore {
                count: i64::try_from(count).unwrap_or(i64::MAX),
            },
            Word::TooMany => Text::AgendaTooMany,
            Word::Unread(names) => Text::AgendaUnread { names },
            Word::NoTitle => Text::NoTitle,
        })
    }

    fn date(&self, date: NaiveDate) -> String {
        schedule::Language::from(self.0).date(date)
    }

    fn short(&self, date: NaiveDate, is_far: bool) -> String {
        let words = schedule::Language::from(self.0);
        if is_far {
            return words.day(date);
        }
        let weekday = date.weekday().number_from_monday();
        self.0.say(&Text::Weekday { weekday })
    }
}
