//! How long a server asks to be left alone: in seconds, in milliseconds, as a date, or in the words of its error.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;
use service_kit::{Clock, SystemClock};

/// What the headers ask for. A date counts from the server's own, where it sends one.
pub(super) fn of_headers(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(wait) = text("retry-after-ms").and_then(|text| milliseconds(text.parse().ok()?)) {
        return Some(wait);
    }
    let value = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = value.parse::<f64>() {
        return milliseconds(seconds * 1000.0);
    }
    let until = date(value)?;
    let now = text(DATE.as_str())
        .and_then(date)
        .unwrap_or_else(|| SystemClock.now());
    Some((until - now).to_std().unwrap_or_default())
}

/// What an error's body asks for: Google's `retryDelay`, or "try again in 7.5s" as several say.
pub(super) fn of_body(body: &Value, words: &str) -> Option<Duration> {
    delay(body).or_else(|| {
        let lower = words.to_ascii_lowercase();
        let (_, behind) = lower.split_once("try again in ")?;
        let number: String = behind
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        let unit = behind.get(number.len()..)?.trim_start();
        let number: f64 = number.trim_end_matches('.').parse().ok()?;
        let unit = match unit {
            unit if unit.starts_with("ms") => 1.0,
            unit if unit.starts_with('m') => 60_000.0,
            unit if unit.starts_with('h') => 3_600_000.0,
            _ => 1000.0,
        };
        milliseconds(number * unit)
    })
}

fn delay(body: &Value) -> Option<Duration> {
    match body {
        Value::Object(fields) => match fields.get("retryDelay").and_then(Value::as_str) {
            Some(text) => milliseconds(text.trim_end_matches('s').parse::<f64>().ok()? * 1000.0),
            None => fields.values().find_map(delay),
        },
        Value::Array(items) => items.iter().find_map(delay),
        _ => None,
    }
}

fn milliseconds(number: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(number / 1000.0).ok()
}

fn date(text: &str) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc2822(text).ok()?.to_utc())
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};
    use serde_json::json;

    use super::*;

    /// Headers, and the wait in milliseconds.
    type Row = (&'static [(&'static str, &'static str)], Option<u64>);

    #[test]
    fn a_wait_is_read_in_every_way_that_it_is_written() {
        let rows: [Row; 9] = [
            (&[("retry-after", "7")], Some(7_000)),
            (&[("retry-after", " 1.5 ")], Some(1_500)),
            (&[("retry-after-ms", "250"), ("retry-after", "7")], Some(250)),
            (
                &[
                    ("date", "Wed, 21 Oct 2026 07:28:00 GMT"),
                    ("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT"),
                ],
                Some(30_000),
            ),
            (
                &[
                    ("date", "Wed, 21 Oct 2026 07:28:00 GMT"),
                    ("retry-after", "Wed, 21 Oct 2026 07:27:00 GMT"),
                ],
                Some(0),
            ),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "-3")], None),
            (&[("retry-after", "1e300")], None),
            (&[], None),
        ];
        for (headers, expected) in rows {
            let map: HeaderMap = headers
                .iter()
                .map(|(name, value)| {
                    let name: HeaderName = name.parse().unwrap();
                    (name, HeaderValue::from_str(value).unwrap())
                })
                .collect();
            assert_eq!(
                of_headers(&map),
                expected.map(Duration::from_millis),
                "{headers:?}"
            );
        }
        let google = json!({ "error": { "details": [{ "@type": "RetryInfo", "retryDelay": "34.5s" }] } });
        assert_eq!(of_body(&google, ""), Some(Duration::from_millis(34_500)));
        for (words, expected) in [
            (
                "Rate limit reached. Please try again in 7.66s. Visit …",
                Some(7_660),
            ),
            ("Please try again in 20ms.", Some(20)),
            ("please try again in 2m3s", Some(120_000)),
            ("try again later", None),
        ] {
            assert_eq!(
                of_body(&json!({}), words),
                expected.map(Duration::from_millis),
                "{words}"
            );
        }
    }
}
