//! `timezone_set`: the user's own time zone, by the place where they are.

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;
use messages::{Button, Receipt};
use rest_client::{Client, UserPatch};
use schedule::Schedule;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use texts::{Language, Text};
use uuid::Uuid;

use super::{Question, Tool, ToolContext, ToolError, ToolOutput};
use crate::actions::Action;

/// What the model calls it; what follows in the turn reads the user's zone anew.
pub(crate) const NAME: &str = "timezone_set";

/// Sets the user's time zone.
pub(super) struct TimezoneSet;

/// Where the user is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    // A city, a country, an offset or an IANA zone; the name says enough, and each byte is in every request.
    place: String,
}

impl Tool for TimezoneSet {
    const NAME: &'static str = NAME;
    const DESCRIPTION: &'static str = "Set the user's zone: where they say they are. Call first, alone.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        let found = places::search(&args.place, context.now);
        let zone = match places::sure(&found) {
            Some(place) => place.zone,
            None => return choose(&args.place, &found),
        };
        if context.is_reading_outside() {
            return Ok(ToolOutput {
                content: json!({
                    "waiting_for_user": "nothing was changed yet. The user sees the question with its buttons below \
                        your answer; only their press does it. Don't ask again."
                }),
                receipts: Vec::new(),
                questions: vec![Question {
                    text: format!("Is your time zone {} now?", called(zone)),
                    buttons: vec![
                        Button::press("Yes", Action::Zone(zone).to_string()),
                        Button::press("No", Action::Zone(context.zone).to_string()),
                    ],
                }],
            });
        }
        let receipt = set(
            &context.rest,
            context.user_id,
            zone,
            context.now,
            Language::of(&context.locale),
        )
        .await?;
        Ok(ToolOutput {
            content: json!({ "stored": receipt.text }),
            receipts: vec![receipt],
            questions: Vec::new(),
        })
    }
}

/// Several places, or none: the model is told, and the user can press one.
fn choose(place: &str, found: &[places::Place]) -> Result<ToolOutput, ToolError> {
    if found.is_empty() {
        let place: String = place.chars().take(80).collect();
        return Err(ToolError::Told(format!(
            "no place {place:?} is known; ask the user for a larger city nearby, or a country"
        )));
    }
    let names: Vec<&str> = found.iter().map(|place| place.name.as_str()).collect();
    Ok(ToolOutput {
        content: json!({
            "waiting_for_user": "nothing was changed yet: it may be one of several places, and the user sees them as \
                buttons below your answer. Ask which one it is.",
            "places": names,
        }),
        receipts: Vec::new(),
        questions: vec![Question {
            text: String::new(),
            buttons: found
                .iter()
                .map(|place| Button::press(&place.name, Action::Zone(place.zone).to_string()))
                .collect(),
        }],
    })
}

/// Sets a user's zone; the line that says so, with the way back. Set again, it is the same.
pub(crate) async fn set(
    client: &Client,
    user: Uuid,
    zone: Tz,
    now: DateTime<Utc>,
    language: Language,
) -> Result<Receipt, ToolError> {
    let before = client.user(user).await?.time_zone;
    let patch = UserPatch {
        time_zone: Some(zone.name().to_owned()),
        ..UserPatch::default()
    };
    let after = client.update_user(user, &patch).await?.time_zone;
    let undo = before
        .parse()
        .ok()
        .filter(|_| before != after)
        .map(|before| Button::press(language.say(&Text::Undo), Action::Zone(before).to_string()));
    Ok(Receipt {
        text: language.say(&Text::ReceiptZone {
            zone: called(zone),
            time: &weekday_and_time(language, zone, now),
        }),
        undo,
    })
}

/// The question where the user is, when something was made for a time of day and nobody knows in which zone. Who never
/// said it has the zone `UTC`; who wants that zone has `Etc/UTC`.
pub(super) fn where_are_you(context: &ToolContext, schedule: &Schedule) -> Option<Question> {
    let is_local = !matches!(schedule, Schedule::Once { .. } | Schedule::Every { .. });
    (context.zone == Tz::UTC && is_local).then(|| Question {
        text: Language::of(&context.locale).say(&Text::TookAsUtc),
        buttons: places::guesses(&context.locale)
            .iter()
            .map(|place| Button::press(&place.name, Action::Zone(place.zone).to_string()))
            .collect(),
    })
}

fn called(zone: Tz) -> &'static str {
    match zone {
        Tz::UTC | Tz::Etc__UTC => "UTC",
        zone => zone.name(),
    }
}

fn weekday_and_time(language: Language, zone: Tz, now: DateTime<Utc>) -> String {
    let weekday = now.with_timezone(&zone).weekday().number_from_monday();
    language.say(&Text::OnWeekday {
        weekday: &language.say(&Text::Weekday { weekday }),
        time: &texts::clock(now, zone),
    })
}
