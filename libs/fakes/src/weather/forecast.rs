//! `/v1/forecast`: what the weather of a place is and will be.

use super::places::{self, Place};
use super::query::{Query, Refusal};
use super::{Shared, State};
use chrono::{DateTime, Days, NaiveDate, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

/// Every documented parameter that the fake carries out.
pub(crate) const PARAMETERS: &[&str] = &[
    "latitude",
    "longitude",
    "current",
    "hourly",
    "daily",
    "temperature_unit",
    "wind_speed_unit",
    "precipitation_unit",
    "timezone",
    "forecast_days",
];

const HOURLY: &[&str] = &[
    "temperature_2m",
    "relative_humidity_2m",
    "apparent_temperature",
    "precipitation",
    "precipitation_probability",
    "weather_code",
    "cloud_cover",
    "wind_speed_10m",
    "wind_direction_10m",
    "wind_gusts_10m",
    "is_day",
];

const DAILY: &[&str] = &[
    "weather_code",
    "temperature_2m_max",
    "temperature_2m_min",
    "apparent_temperature_max",
    "apparent_temperature_min",
    "precipitation_sum",
    "precipitation_probability_max",
    "wind_speed_10m_max",
    "wind_gusts_10m_max",
    "wind_direction_10m_dominant",
    "sunrise",
    "sunset",
];

/// The weather of one day at one place, in metric units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    /// The WMO code.
    pub code: u8,
    /// The lowest temperature, at midnight, in °C.
    pub low: f64,
    /// The highest temperature, at noon, in °C.
    pub high: f64,
    /// The rain of the day in mm.
    pub rain: f64,
    /// How likely it is, in %.
    pub chance: u8,
    /// The wind in km/h, from the west.
    pub wind: f64,
}

impl Default for Day {
    /// A dry day.
    fn default() -> Self {
        Self {
            code: 1,
            low: 10.0,
            high: 20.0,
            rain: 0.0,
            chance: 0,
            wind: 10.0,
        }
    }
}

impl Day {
    /// From the lowest at midnight to the highest at noon and back.
    fn temperature(&self, hour: u32) -> f64 {
        let share = 1.0 - (f64::from(hour) - 12.0).abs() / 12.0;
        self.low + (self.high - self.low) * share
    }
}

/// In which units the answer is.
struct Units {
    temperature: &'static str,
    wind: &'static str,
    rain: &'static str,
}

impl Units {
    fn unit(&self, variable: &str) -> &'static str {
        match variable {
            "sunrise" | "sunset" => "iso8601",
            "weather_code" => "wmo code",
            "is_day" => "",
            _ if variable.contains("temperature") => match self.temperature {
                "fahrenheit" => "°F",
                _ => "°C",
            },
            _ if variable.contains("direction") => "°",
            _ if variable.starts_with("wind") => match self.wind {
                "mph" => "mp/h",
                "ms" => "m/s",
                "kn" => "kn",
                _ => "km/h",
            },
            "precipitation" | "precipitation_sum" => match self.rain {
                "inch" => "inch",
                _ => "mm",
            },
            _ => "%",
        }
    }

    fn converted(&self, variable: &str, metric: f64) -> Value {
        let (value, places) = match self.unit(variable) {
            "°F" => (metric * 9.0 / 5.0 + 32.0, 10.0),
            "mp/h" => (metric / 1.609_344, 10.0),
            "m/s" => (metric / 3.6, 100.0),
            "kn" => (metric / 1.852, 10.0),
            "inch" => (metric / 25.4, 1000.0),
            "mm" => (metric, 100.0),
            _ => (metric, 10.0),
        };
        json!((value * places).round() / places)
    }
}

/// The answer's body.
pub(crate) fn answer(shared: &Shared, query: &Query<'_>) -> Result<Value, Refusal> {
    let (latitude, longitude) = (query.number("latitude")?, query.number("longitude")?);
    if !(-90.0..=90.0).contains(&latitude) {
        return Err(Refusal(format!(
            "Latitude must be in range of -90 to 90°. Given: {latitude:?}."
        )));
    }
    if !(-180.0..=180.0).contains(&longitude) {
        return Err(Refusal(format!(
            "Longitude must be in range of -180 to 180°. Given: {longitude:?}."
        )));
    }
    let units = Units {
        temperature: query.word("temperature_unit", "TemperatureUnit", &["celsius", "fahrenheit"])?,
        wind: query.word("wind_speed_unit", "WindspeedUnit", &["kmh", "mph", "ms", "kn"])?,
        rain: query.word("precipitation_unit", "PrecipitationUnit", &["mm", "inch"])?,
    };
    let (current, hourly) = (
        query.variables("current", HOURLY)?,
        query.variables("hourly", HOURLY)?,
    );
    let daily = query.variables("daily", DAILY)?;
    let days = query.whole("forecast_days")?.unwrap_or(7);
    if !(0..=16).contains(&days) {
        return Err(Refusal(format!(
            "Forecast days is invalid. Allowed range 0 to 16. Given {days}."
        )));
    }
    let Some(place) = places::nearest(latitude, longitude) else {
        return Err(Refusal("No data is available for this location".to_owned()));
    };
    let zone: Tz = match query.get("timezone") {
        None => Tz::UTC,
        Some("auto") => place.timezone.parse().unwrap_or(Tz::UTC),
        Some(name) => name.parse().map_err(|_| Refusal("Invalid timezone".to_owned()))?,
    };
    if !daily.is_empty() && query.get("timezone").is_none() {
        return Err(Refusal("Timezone is required".to_owned()));
    }
    let now = Utc
        .timestamp_opt((shared.now)(), 0)
        .single()
        .unwrap_or_default()
        .with_timezone(&zone);
    let dates: Vec<NaiveDate> = (0..u64::try_from(days).unwrap_or_default())
        .filter_map(|ahead| now.date_naive().checked_add_days(Days::new(ahead)))
        .collect();
    let state = shared.lock();
    let mut body = json!({
        "latitude": place.latitude,
        "longitude": place.longitude,
        "generationtime_ms": 0.12,
        "utc_offset_seconds": chrono::Offset::fix(now.offset()).local_minus_utc(),
        "timezone": if zone == Tz::UTC { "GMT" } else { zone.name() },
        "timezone_abbreviation": now.format("%Z").to_string(),
        "elevation": place.elevation,
    });
    if !current.is_empty() {
        body["current_units"] = units_of(&units, &current, true);
        body["current"] = current_of(&state, place, &now, &units, &current);
    }
    if !hourly.is_empty() {
        body["hourly_units"] = units_of(&units, &hourly, false);
        body["hourly"] = hourly_of(&state, place, &dates, &units, &hourly);
    }
    if !daily.is_empty() {
        body["daily_units"] = units_of(&units, &daily, false);
        body["daily"] = daily_of(&state, place, &dates, &units, &daily);
    }
    Ok(body)
}

fn units_of(units: &Units, variables: &[&str], with_interval: bool) -> Value {
    let mut all = Map::from_iter([("time".to_owned(), "iso8601".into())]);
    if with_interval {
        all.insert("interval".to_owned(), "seconds".into());
    }
    for variable in variables {
        all.insert((*variable).to_owned(), units.unit(variable).into());
    }
    all.into()
}

fn day_of(state: &State, place: &Place, date: NaiveDate) -> Day {
    let key = (place.name.to_owned(), date.to_string());
    let is_first = places::PLACES.iter().find(|known| known.name == place.name);
    let is_first = is_first.is_some_and(|first| first.id == place.id);
    state
        .days
        .get(&key)
        .filter(|_| is_first)
        .copied()
        .unwrap_or_default()
}

fn current_of(state: &State, place: &Place, now: &DateTime<Tz>, units: &Units, variables: &[&str]) -> Value {
    let day = day_of(state, place, now.date_naive());
    let quarter = now.minute() / 15 * 15;
    let mut all = Map::from_iter([
        (
            "time".to_owned(),
            format!("{}{quarter:02}", now.format("%Y-%m-%dT%H:")).into(),
        ),
        ("interval".to_owned(), 900.into()),
    ]);
    for variable in variables {
        all.insert((*variable).to_owned(), at_hour(&day, now.hour(), units, variable));
    }
    all.into()
}

fn hourly_of(state: &State, place: &Place, dates: &[NaiveDate], units: &Units, variables: &[&str]) -> Value {
    let hours = || {
        dates
            .iter()
            .flat_map(|date| (0..24).map(move |hour| (*date, hour)))
    };
    let times: Vec<String> = hours()
        .map(|(date, hour)| format!("{date}T{hour:02}:00"))
        .collect();
    let mut all = Map::from_iter([("time".to_owned(), times.into())]);
    for variable in variables {
        let values: Vec<Value> = hours()
            .map(|(date, hour)| at_hour(&day_of(state, place, date), hour, units, variable))
            .collect();
        all.insert((*variable).to_owned(), values.into());
    }
    all.into()
}

fn at_hour(day: &Day, hour: u32, units: &Units, variable: &str) -> Value {
    match variable {
        "weather_code" => json!(day.code),
        "precipitation_probability" => json!(day.chance),
        "relative_humidity_2m" => json!(70),
        "cloud_cover" => json!(if day.code > 1 { 100 } else { 10 }),
        "wind_direction_10m" => json!(270),
        "is_day" => json!(u8::from((6..20).contains(&hour))),
        "temperature_2m" => units.converted(variable, day.temperature(hour)),
        "apparent_temperature" => units.converted(variable, day.temperature(hour) - 2.0),
        "precipitation" => units.converted(variable, day.rain / 24.0),
        "wind_gusts_10m" => units.converted(variable, day.wind * 2.0),
        _ => units.converted(variable, day.wind),
    }
}

fn daily_of(state: &State, place: &Place, dates: &[NaiveDate], units: &Units, variables: &[&str]) -> Value {
    let times: Vec<String> = dates.iter().map(ToString::to_string).collect();
    let mut all = Map::from_iter([("time".to_owned(), times.into())]);
    for variable in variables {
        let values: Vec<Value> = dates
            .iter()
            .map(|date| {
                let day = day_of(state, place, *date);
                match *variable {
                    "weather_code" => json!(day.code),
                    "precipitation_probability_max" => json!(day.chance),
                    "wind_direction_10m_dominant" => json!(270),
                    "sunrise" => json!(format!("{date}T06:30")),
                    "sunset" => json!(format!("{date}T19:45")),
                    "temperature_2m_max" => units.converted(variable, day.high),
                    "temperature_2m_min" => units.converted(variable, day.low),
                    "apparent_temperature_max" => units.converted(variable, day.high - 2.0),
                    "apparent_temperature_min" => units.converted(variable, day.low - 2.0),
                    "precipitation_sum" => units.converted(variable, day.rain),
                    "wind_gusts_10m_max" => units.converted(variable, day.wind * 2.0),
                    _ => units.converted(variable, day.wind),
                }
            })
            .collect();
        all.insert((*variable).to_owned(), values.into());
    }
    all.into()
}
