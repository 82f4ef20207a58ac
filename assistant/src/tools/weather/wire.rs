//! Open-Meteo's JSON, as far as we need it: <https://open-meteo.com/en/docs>.

use std::collections::HashMap;

use serde::Deserialize;

/// What is asked for of the present.
pub(super) const CURRENT: &str = "temperature_2m,apparent_temperature,relative_humidity_2m,weather_code,wind_speed_10m,wind_direction_10m,wind_gusts_10m";

/// What is asked for of each hour.
pub(super) const HOURLY: &str = "temperature_2m,precipitation_probability,weather_code,wind_speed_10m";

/// What is asked for of each day.
pub(super) const DAILY: &str = "weather_code,temperature_2m_max,temperature_2m_min,precipitation_sum,precipitation_probability_max,wind_speed_10m_max,wind_direction_10m_dominant,sunrise,sunset";

/// All that there is: one answer serves every question about the place.
pub(super) const FORECAST_DAYS: &str = "16";

/// In which units the user reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Units {
    /// °C, km/h, mm.
    Metric,
    /// °F, mph, inches.
    Imperial,
}

impl Units {
    /// The units that people with this language tag read: the region decides.
    pub(super) fn of_locale(locale: &str) -> Self {
        let is_fahrenheit = locale.split(['-', '_']).skip(1).any(|part| {
            matches!(
                part.to_uppercase().as_str(),
                "US" | "PR" | "BS" | "BZ" | "KY" | "LR" | "PW"
            )
        });
        if is_fahrenheit {
            Self::Imperial
        } else {
            Self::Metric
        }
    }

    /// The parameters that ask for them.
    pub(super) fn parameters(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Metric => &[],
            Self::Imperial => &[
                ("temperature_unit", "fahrenheit"),
                ("wind_speed_unit", "mph"),
                ("precipitation_unit", "inch"),
            ],
        }
    }
}

/// The answer of the search for places; without a list when there are none.
#[derive(Debug, Deserialize)]
pub(super) struct Places {
    #[serde(default)]
    pub(super) results: Vec<Place>,
}

/// A place. Empty fields are left out.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    #[serde(default)]
    pub(super) feature_code: String,
    #[serde(default)]
    pub(super) country_code: String,
    #[serde(default)]
    pub(super) country: String,
    #[serde(default)]
    pub(super) admin1: String,
    #[serde(default)]
    pub(super) admin2: String,
    #[serde(default)]
    pub(super) population: u64,
}

/// A refusal.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    pub(super) reason: String,
}

/// The weather at a place, in local time.
#[derive(Debug, Deserialize)]
pub(super) struct Forecast {
    pub(super) timezone: String,
    pub(super) current: Current,
    #[serde(default)]
    pub(super) current_units: HashMap<String, String>,
    pub(super) hourly: Hourly,
    #[serde(default)]
    pub(super) hourly_units: HashMap<String, String>,
    pub(super) daily: Daily,
    #[serde(default)]
    pub(super) daily_units: HashMap<String, String>,
}

/// The present. What a model does not know is null.
#[derive(Debug, Deserialize)]
pub(super) struct Current {
    pub(super) time: String,
    pub(super) temperature_2m: Option<f64>,
    pub(super) apparent_temperature: Option<f64>,
    pub(super) relative_humidity_2m: Option<f64>,
    pub(super) weather_code: Option<f64>,
    pub(super) wind_speed_10m: Option<f64>,
    pub(super) wind_direction_10m: Option<f64>,
    pub(super) wind_gusts_10m: Option<f64>,
}

/// The hours; the lists go side by side.
#[derive(Debug, Deserialize)]
pub(super) struct Hourly {
    pub(super) time: Vec<String>,
    pub(super) temperature_2m: Vec<Option<f64>>,
    pub(super) precipitation_probability: Vec<Option<f64>>,
    pub(super) weather_code: Vec<Option<f64>>,
    pub(super) wind_speed_10m: Vec<Option<f64>>,
}

/// The days; the lists go side by side.
#[derive(Debug, Deserialize)]
pub(super) struct Daily {
    pub(super) time: Vec<String>,
    pub(super) weather_code: Vec<Option<f64>>,
    pub(super) temperature_2m_max: Vec<Option<f64>>,
    pub(super) temperature_2m_min: Vec<Option<f64>>,
    pub(super) precipitation_sum: Vec<Option<f64>>,
    pub(super) precipitation_probability_max: Vec<Option<f64>>,
    pub(super) wind_speed_10m_max: Vec<Option<f64>>,
    pub(super) wind_direction_10m_dominant: Vec<Option<f64>>,
    #[serde(default)]
    pub(super) sunrise: Vec<Option<String>>,
    #[serde(default)]
    pub(super) sunset: Vec<Option<String>>,
}
