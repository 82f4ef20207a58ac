//! Asks Open-Meteo, and remembers what it said for a while.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use service_kit::{
    OperatorError,
    answer::{self, AnswerError},
    retry::RetryPolicy,
};
use texts::{Language, Text};
use url::Url;

use super::{
    cache::Cache,
    settings::WeatherSettings,
    wire::{self, Forecast, Place, Units},
};

/// How long one HTTP call may take.
const CALL_LIMIT: Duration = Duration::from_secs(4);

/// One more try, soon: the user waits.
const RETRIES: RetryPolicy = RetryPolicy {
    attempts: 2,
    first_wait: Duration::from_millis(200),
    longest_wait: Duration::from_millis(400),
};

/// The most of an answer that is read, in bytes; a forecast has about 40 KB.
const LONGEST: usize = 1024 * 1024;

/// How many places one name may find: enough to see how ambiguous it is.
const MOST_PLACES: &str = "20";

/// The way to Open-Meteo. Forecasts are kept for 10 minutes (its models run hourly at most), places for a day.
pub struct WeatherClient {
    http: reqwest::Client,
    settings: WeatherSettings,
    places: Cache<Vec<Place>>,
    forecasts: Cache<Forecast>,
}

/// Why the weather is not known. The texts are for the model, which tells the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeatherError {
    /// It cannot be reached, or says that it cannot serve.
    #[error("the weather service cannot be reached at the moment ({0}), so the weather is not known")]
    Away(Reason),
    /// We ask too often.
    #[error("the weather service limits how often it may be asked; it works again in some minutes")]
    TooMany,
    /// It will not take this request: a defect of ours, which the log tells.
    #[error("the weather service refused the request ({0})")]
    Refused(String),
    /// It answered, and not as documented.
    #[error("the weather service answered something that cannot be read, so the weather is not known")]
    Unreadable,
}

impl WeatherError {
    /// The same in the user's language.
    pub(super) fn said(&self, language: Language) -> String {
        let why = |reason: &Reason| match reason {
            Reason::Late => language.say(&Text::NoAnswerInTime),
            Reason::NoConnection => language.say(&Text::NoConnection),
            Reason::Status(_) => reason.to_string(),
        };
        match self {
            Self::Away(reason) => language.say(&Text::WeatherAway { why: &why(reason) }),
            Self::TooMany => language.say(&Text::WeatherTooMany),
            Self::Refused(why) => language.say(&Text::WeatherRefused { why }),
            Self::Unreadable => language.say(&Text::WeatherUnreadable),
        }
    }
}

/// Why the service is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// It did not answer in time.
    #[error("no answer in time")]
    Late,
    /// It cannot be reached.
    #[error("no connection")]
    NoConnection,
    /// It says that it cannot serve.
    #[error("status {0}")]
    Status(u16),
}

impl WeatherClient {
    /// Makes the client; nothing is sent yet.
    ///
    /// # Errors
    /// The TLS stack cannot be set up.
    pub fn new(settings: WeatherSettings) -> Result<Self, OperatorError> {
        Ok(Self {
            http: service_kit::http::client(CALL_LIMIT)?,
            settings,
            places: Cache::new("geocoding", TimeDelta::hours(24), 2000),
            forecasts: Cache::new("forecast", TimeDelta::minutes(10), 500),
        })
    }

    /// The places of that name, the most important first, named in a language (`de`).
    pub(super) async fn places(
        &self,
        name: &str,
        language: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<Vec<Place>>, WeatherError> {
        let name: String = name.chars().take(100).collect();
        let key = format!("{language} {}", name.to_lowercase());
        if let Some(known) = self.places.get(&key, now) {
            return Ok(known);
        }
        let mut url = self.settings.geocoding_url.clone();
        url.query_pairs_mut()
            .append_pair("name", &name)
            .append_pair("count", MOST_PLACES)
            .append_pair("language", language)
            .append_pair("format", "json");
        let found: wire::Places = self.ask(url).await?;
        let found = Arc::new(found.results);
        self.places.put(key, now, Arc::clone(&found));
        Ok(found)
    }

    /// The weather at a place, now and for as many days as are known.
    pub(super) async fn forecast(
        &self,
        place: &Place,
        units: Units,
        now: DateTime<Utc>,
    ) -> Result<Arc<Forecast>, WeatherError> {
        let mut url = self.settings.weather_url.clone();
        url.query_pairs_mut()
            .append_pair("latitude", &place.latitude.to_string())
            .append_pair("longitude", &place.longitude.to_string())
            .append_pair("current", wire::CURRENT)
            .append_pair("hourly", wire::HOURLY)
            .append_pair("daily", wire::DAILY)
            .append_pair("timezone", "auto")
            .append_pair("forecast_days", wire::FORECAST_DAYS)
            .extend_pairs(units.parameters());
        let key = url.query().unwrap_or_default().to_owned();
        if let Some(known) = self.forecasts.get(&key, now) {
            return Ok(known);
        }
        let forecast: Arc<Forecast> = Arc::new(self.ask(url).await?);
        self.forecasts.put(key, now, Arc::clone(&forecast));
        Ok(forecast)
    }

    async fn ask<T: DeserializeOwned>(&self, url: Url) -> Result<T, WeatherError> {
        let asked = RETRIES
            .run(|(_, is_passing)| *is_passing, || self.ask_once(&url))
            .await;
        let outcome = if asked.is_ok() { "answered" } else { "failed" };
        metrics::counter!("assistant_weather_requests_total", "outcome" => outcome).increment(1);
        let body = asked.map_err(|(error, _)| {
            // The text names no place: where people live is theirs.
            tracing::warn!(%error, "no weather");
            error
        })?;
        serde_json::from_slice(&body).map_err(|error| {
            tracing::warn!(
                line = error.line(),
                column = error.column(),
                "the weather cannot be read"
            );
            WeatherError::Unreadable
        })
    }

    /// The body of one call, or what went wrong and whether it may go right at once.
    async fn ask_once(&self, url: &Url) -> Result<Vec<u8>, (WeatherError, bool)> {
        let away = |error: reqwest::Error| {
            let reason = if error.is_timeout() {
                Reason::Late
            } else {
                Reason::NoConnection
            };
            // Waiting as long again would be too much of the user's time.
            (WeatherError::Away(reason), !error.is_timeout())
        };
        let response = self.http.get(url.clone()).send().await.map_err(away)?;
        let status = response.status();
        let body = match answer::read(response, LONGEST).await {
            Ok(body) => body,
            Err(AnswerError::Cut(error)) => return Err(away(error)),
            Err(AnswerError::TooLong(_)) => return Err((WeatherError::Unreadable, false)),
        };
        match status {
            status if status.is_success() => Ok(body),
            StatusCode::TOO_MANY_REQUESTS => Err((WeatherError::TooMany, false)),
            status if status.is_server_error() => {
                Err((WeatherError::Away(Reason::Status(status.as_u16())), true))
            }
            status => {
                let reason = serde_json::from_slice::<wire::Refusal>(&body).map_or_else(
                    |_| format!("status {}", status.as_u16()),
                    |refusal| refusal.reason,
                );
                Err((WeatherError::Refused(reason.chars().take(200).collect()), false))
            }
        }
    }
}
