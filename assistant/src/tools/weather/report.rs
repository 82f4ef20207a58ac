//! What the model is told of a forecast: words and figures ready to be said in the user's language, so that it computes
//! and translates nothing. Pure.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use serde_json::{Map, Value, json};
use texts::{Language, Text};

use super::{wire::Forecast, words};

/// The time that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// The present.
    Now,
    /// Days, at the place.
    Days(Vec<NaiveDate>),
}

/// A forecast, and where and when it is read.
pub(super) struct Report<'f> {
    /// The user's language.
    pub(super) language: Language,
    /// What the place is called.
    pub(super) place: String,
    /// The day there.
    pub(super) today: NaiveDate,
    /// The time there.
    pub(super) hour: NaiveTime,
    /// What is known.
    pub(super) forecast: &'f Forecast,
}

impl Report<'_> {
    /// The answer, or why there is none.
    pub(super) fn tell(&self, when: &When, hourly: bool) -> Result<Value, String> {
        let mut content = json!({ "place": self.place });
        match when {
            When::Now if hourly => self.hours(self.today, &mut content)?,
            When::Now => {
                content["now"] = self.now();
                content["today"] = self.day(self.today)?;
            }
            When::Days(days) => match days.as_slice() {
                [day] if hourly => self.hours(*day, &mut content)?,
                [day] => content["forecast"] = self.day(*day)?,
                days => {
                    let known: Result<Vec<Value>, String> = days.iter().map(|day| self.day(*day)).collect();
                    content["days"] = known?.into();
                }
            },
        }
        Ok(content)
    }

    fn now(&self) -> Value {
        let (current, units) = (&self.forecast.current, &self.forecast.current_units);
        let figure = |value, name: &str| words::figure(self.language, value, units.get(name));
        let time = NaiveDateTime::parse_from_str(&current.time, "%Y-%m-%dT%H:%M");
        let fields = [
            ("time", time.ok().map(|time| time.format("%H:%M").to_string())),
            ("weather", Some(words::sky(self.language, current.weather_code))),
            ("temperature", figure(current.temperature_2m, "temperature_2m")),
            (
                "feels_like",
                figure(current.apparent_temperature, "apparent_temperature"),
            ),
            (
                "humidity",
                figure(current.relative_humidity_2m, "relative_humidity_2m"),
            ),
            (
                "wind",
                figure(current.wind_speed_10m, "wind_speed_10m")
                    .map(|speed| words::wind(self.language, &speed, current.wind_direction_10m)),
            ),
            ("gusts", figure(current.wind_gusts_10m, "wind_gusts_10m")),
        ];
        object(fields)
    }

    fn day(&self, date: NaiveDate) -> Result<Value, String> {
        let (daily, units) = (&self.forecast.daily, &self.forecast.daily_units);
        let wanted = date.to_string();
        let Some(at) = daily.time.iter().position(|day| *day == wanted) else {
            return Err(self.not_covered(date));
        };
        let value = |values: &[Option<f64>]| values.get(at).copied().flatten();
        let figure =
            |values: &[Option<f64>], name: &str| words::figure(self.language, value(values), units.get(name));
        let clock = |times: &[Option<String>]| {
            let (_, time) = times.get(at)?.as_deref()?.split_once('T')?;
            Some(time.to_owned())
        };
        let fields = [
            ("day", Some(self.date(date))),
            (
                "weather",
                Some(words::sky(self.language, value(&daily.weather_code))),
            ),
            ("low", figure(&daily.temperature_2m_min, "temperature_2m_min")),
            ("high", figure(&daily.temperature_2m_max, "temperature_2m_max")),
            (
                "chance_of_rain",
                figure(
                    &daily.precipitation_probability_max,
                    "precipitation_probability_max",
                ),
            ),
            (
                "precipitation",
                figure(&daily.precipitation_sum, "precipitation_sum"),
            ),
            (
                "wind",
                figure(&daily.wind_speed_10m_max, "wind_speed_10m_max").map(|speed| {
                    let speed = self.language.say(&Text::WindUpTo { speed: &speed });
                    words::wind(self.language, &speed, value(&daily.wind_direction_10m_dominant))
                }),
            ),
            ("sunrise", clock(&daily.sunrise)),
            ("sunset", clock(&daily.sunset)),
        ];
        Ok(object(fields))
    }

    /// The hours of a day, one line each; those of today that have passed are left out.
    fn hours(&self, date: NaiveDate, content: &mut Value) -> Result<(), String> {
        let (hourly, units) = (&self.forecast.hourly, &self.forecast.hourly_units);
        let first = if date == self.today { self.hour.hour() } else { 0 };
        let mut lines: Vec<Value> = Vec::new();
        for (at, time) in hourly.time.iter().enumerate() {
            let Ok(time) = NaiveDateTime::parse_from_str(time, "%Y-%m-%dT%H:%M") else {
                continue;
            };
            if time.date() != date || time.hour() < first {
                continue;
            }
            let value = |values: &[Option<f64>]| values.get(at).copied().flatten();
            let figure = |values: &[Option<f64>], name: &str| {
                words::figure(self.language, value(values), units.get(name))
            };
            let parts = [
                Some(words::sky(self.language, value(&hourly.weather_code))),
                figure(&hourly.temperature_2m, "temperature_2m"),
                figure(&hourly.precipitation_probability, "precipitation_probability")
                    .map(|chance| self.language.say(&Text::RainChance { chance: &chance })),
                figure(&hourly.wind_speed_10m, "wind_speed_10m")
                    .map(|wind| self.language.say(&Text::WindOf { wind: &wind })),
            ];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            lines.push(format!("{} {}", time.format("%H:%M"), parts.join(", ")).into());
        }
        if lines.is_empty() {
            return Err(self.not_covered(date));
        }
        content["day"] = self.date(date).into();
        content["hours"] = lines.into();
        Ok(())
    }

    /// `Saturday, 21 November 2026`, as the language writes it.
    fn date(&self, date: NaiveDate) -> String {
        match self.language {
            Language::English => date.format("%A, %-d %B %Y").to_string(),
            other => schedule::Language::from(other).date(date),
        }
    }

    fn not_covered(&self, date: NaiveDate) -> String {
        let shown = |date: NaiveDate| schedule::Language::from(self.language).date(date);
        let day = &shown(date);
        if date < self.today {
            return self.language.say(&Text::WeatherPast { day });
        }
        let last = self
            .forecast
            .daily
            .time
            .last()
            .and_then(|day| day.parse::<NaiveDate>().ok());
        match last {
            Some(last) => {
                let last = &shown(last);
                self.language.say(&Text::WeatherTooFar { day, last })
            }
            None => self.language.say(&Text::WeatherNothing { day }),
        }
    }
}

/// What is known.
fn object<const N: usize>(fields: [(&str, Option<String>); N]) -> Value {
    let known = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))));
    known.collect::<Map<_, _>>().into()
}
