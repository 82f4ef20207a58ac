//! `weather`: the weather now, hour by hour or by the day, at any place, from Open-Meteo.

use std::{sync::Arc, time::Duration};

use chrono::{NaiveDate, NaiveTime};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use texts::Language;

use super::{
    Tool, ToolContext, ToolError, ToolOutput,
    when::{Present, parse_day},
};

mod cache;
mod client;
mod place;
mod report;
mod settings;
mod wire;
mod words;

pub use client::{WeatherClient, WeatherError};
pub use settings::WeatherSettings;

use client::Reason;
use place::Found;
use report::{Report, When};
use wire::Units;

/// How long one call of the tool may take in all.
const LIMIT: Duration = Duration::from_secs(10);

/// Tells the weather.
pub(super) struct Weather(pub(super) Arc<WeatherClient>);

/// Where, when, in which units.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    /// city, with region or country where one was said: "Springfield, Illinois"
    #[serde(default)]
    place: Option<String>,
    /// today, tomorrow, weekend, week, a weekday, YYYY-MM-DD or MM-DD; leave out for now
    #[serde(default)]
    day: Option<String>,
    /// hour by hour
    #[serde(default)]
    hourly: Option<bool>,
    /// only if the user asked for them
    #[serde(default)]
    units: Option<AskedUnits>,
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum AskedUnits {
    Celsius,
    Fahrenheit,
}

impl Tool for Weather {
    const NAME: &'static str = "weather";
    const DESCRIPTION: &'static str =
        "Weather now and up to 15 days ahead. No place said: take the user's home if you know it, else ask.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        let said_in = Language::of(&context.locale);
        let Some(asked) = args
            .place
            .as_deref()
            .map(str::trim)
            .filter(|place| !place.is_empty())
        else {
            return Err(ToolError::Told("where? Ask the user for a city".to_owned()));
        };
        let units = match args.units {
            Some(AskedUnits::Celsius) => Units::Metric,
            Some(AskedUnits::Fahrenheit) => Units::Imperial,
            None => Units::of_locale(&context.locale),
        };
        let told = async {
            let language = context.locale.split('-').next().unwrap_or("en").to_lowercase();
            let name = place::name_of(asked);
            let places = self.0.places(name, &language, context.now).await?;
            let place = match place::choose(asked, &places) {
                Found::One(place) => place,
                Found::Several(candidates) => return Ok(several(asked, &candidates)),
                Found::None(others) => return Ok(unknown(asked, &others)),
            };
            let forecast = self.0.forecast(place, units, context.now).await?;
            let zone = schedule::parse_zone(&forecast.timezone).unwrap_or(context.zone);
            let present = Present {
                said_at: context.said_at,
                now: context.now,
                zone,
            };
            let when = when(args.day.as_deref(), &present)?;
            let report = Report {
                language: said_in,
                place: place.label(),
                today: context.now.with_timezone(&zone).date_naive(),
                hour: context.now.with_timezone(&zone).time(),
                forecast: &forecast,
            };
            let content = report.tell(&when, args.hourly == Some(true));
            content.map_err(|why| Trouble::Tool(ToolError::Told(why)))
        };
        let content = tokio::time::timeout(LIMIT, told)
            .await
            .unwrap_or(Err(Trouble::Weather(WeatherError::Away(Reason::Late))));
        match content {
            Ok(content) => Ok(ToolOutput::answer(content)),
            Err(Trouble::Weather(error)) => Err(ToolError::Told(error.said(said_in))),
            Err(Trouble::Tool(error)) => Err(error),
        }
    }
}

/// What can go wrong on the way to an answer.
enum Trouble {
    Weather(WeatherError),
    Tool(ToolError),
}

impl From<WeatherError> for Trouble {
    fn from(error: WeatherError) -> Self {
        Self::Weather(error)
    }
}

impl From<ToolError> for Trouble {
    fn from(error: ToolError) -> Self {
        Self::Tool(error)
    }
}

fn when(day: Option<&str>, present: &Present) -> Result<When, ToolError> {
    let word = day.unwrap_or_default().trim().to_lowercase();
    let date = |text: &str| {
        let last_minute = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
        parse_day(text, last_minute, present).map_err(ToolError::Told)
    };
    Ok(match word.as_str() {
        "" | "now" => When::Now,
        "week" | "this week" => {
            let today: NaiveDate = date("today")?;
            When::Days(today.iter_days().take(7).collect())
        }
        "weekend" | "this weekend" => {
            let (saturday, sunday) = (date("sat")?, date("sun")?);
            // On a Sunday the weekend is what is left of it.
            When::Days(
                [saturday, sunday]
                    .into_iter()
                    .filter(|day| *day <= sunday)
                    .collect(),
            )
        }
        other => When::Days(vec![date(other)?]),
    })
}

fn several(asked: &str, candidates: &[String]) -> Value {
    json!({
        "ambiguous": asked,
        "candidates": candidates,
        "next": "ask the user which one is meant, then call again with its region and country",
    })
}

fn unknown(asked: &str, others: &[String]) -> Value {
    let asked: String = asked.chars().take(80).collect();
    let mut content = json!({ "unknown_place": asked });
    if !others.is_empty() {
        content["candidates"] = others.into();
    }
    content
}
