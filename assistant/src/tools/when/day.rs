//! Days and times of day as people and models write them.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};

use super::{Present, is_ahead, once_on};

/// Reads `today`, `tomorrow`, a weekday, `YYYY-MM-DD`, `MM-DD` or a day of the month. What leaves its year or month
/// open is the next such day at which `time` is still ahead.
///
/// # Errors
/// A sentence that says what may stand there.
pub fn parse_day(text: &str, time: NaiveTime, present: &Present) -> Result<NaiveDate, String> {
    let today = present.local().date();
    let word = text.trim().to_lowercase();
    let ahead = |date: &NaiveDate| is_ahead(&once_on(*date, time), present);
    let date = match word.as_str() {
        "today" => Some(today),
        "tomorrow" => today.succ_opt(),
        "yesterday" => today.pred_opt(),
        "day after tomorrow" => today.checked_add_days(Days::new(2)),
        _ => {
            if let Ok(weekday) = word.parse::<Weekday>() {
                let days = u64::from(
                    (7 + weekday.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7,
                );
                [days, days + 7]
                    .into_iter()
                    .filter_map(|days| today.checked_add_days(Days::new(days)))
                    .find(ahead)
            } else if let Some((month, day)) = month_and_day(&word) {
                // Eight years reach the next 29 February from any year.
                (0..=8)
                    .filter_map(|years| NaiveDate::from_ymd_opt(today.year() + years, month, day))
                    .find(ahead)
            } else if let Some(number) = number(&word) {
                // Two months reach the next day of any number.
                (0..=62)
                    .filter_map(|days| today.checked_add_days(Days::new(days)))
                    .filter(|date| date.day() == number)
                    .find(ahead)
            } else {
                NaiveDate::parse_from_str(&word, "%Y-%m-%d")
                    .ok()
                    .filter(|date| (1970..=9999).contains(&date.year()))
            }
        }
    };
    date.ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        format!(
            "{shown:?} is not a day that I know: take today, tomorrow, a weekday or a date such as 2026-11-24"
        )
    })
}

/// `11-24` or `--11-24`.
fn month_and_day(word: &str) -> Option<(u32, u32)> {
    let (month, day) = word.trim_start_matches("--").split_once('-')?;
    Some((month.parse().ok()?, day.parse().ok()?))
}

/// Reads a time of day: `9`, `09:00`, `9.30`, `9am`, `5:30 pm`, `noon`, `midnight`.
///
/// # Errors
/// A sentence that says what may stand there.
pub fn parse_time(text: &str) -> Result<NaiveTime, String> {
    read_time(&text.trim().to_lowercase()).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        format!("{shown:?} is not a time of day: take one such as 09:00 or 17:30")
    })
}

fn read_time(word: &str) -> Option<NaiveTime> {
    match word {
        "noon" | "midday" => return NaiveTime::from_hms_opt(12, 0, 0),
        "midnight" => return NaiveTime::from_hms_opt(0, 0, 0),
        _ => {}
    }
    let (clock, half) = match word.strip_suffix("am").or_else(|| word.strip_suffix("a.m.")) {
        Some(clock) => (clock, Some(0)),
        None => match word.strip_suffix("pm").or_else(|| word.strip_suffix("p.m.")) {
            Some(clock) => (clock, Some(12)),
            None => (word, None),
        },
    };
    let mut parts = clock.trim().split([':', '.']);
    let hour = number(parts.next()?)?;
    let minute = parts.next().map_or(Some(0), number)?;
    let second = parts.next().map_or(Some(0), number)?;
    if parts.next().is_some() {
        return None;
    }
    let hour = match half {
        None => hour,
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
    };
    NaiveTime::from_hms_opt(hour, minute, second)
}

fn number(text: &str) -> Option<u32> {
    (!text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}
