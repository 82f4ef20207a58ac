//! Times and spans as people of each language say them.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::{Language, Text};

/// The time of day: `09:05`.
pub fn clock(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%H:%M").to_string()
}

/// When something is, seen from `now`: `today 12:12`, `tomorrow 09:00`, `Mon 09:00` within a week, else with the date.
pub fn spoken(language: Language, at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> String {
    let (local, today) = (at.with_timezone(&zone), now.with_timezone(&zone).date_naive());
    let time = &clock(at, zone);
    let weekday = local.weekday().number_from_monday();
    match local.date_naive().signed_duration_since(today).num_days() {
        0 => language.say(&Text::Today { time }),
        1 => language.say(&Text::Tomorrow { time }),
        2..=6 => {
            let weekday = &language.say(&Text::Weekday { weekday });
            language.say(&Text::OnWeekday { weekday, time })
        }
        _ => full(language, at, zone),
    }
}

/// A moment with its date: `Tue 24 Nov 2026, 09:00`.
pub fn full(language: Language, at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    let weekday = local.weekday().number_from_monday();
    language.say(&Text::OnDate {
        weekday: &language.say(&Text::Weekday { weekday }),
        day: &local.day().to_string(),
        month: &language.say(&Text::Month { month: local.month() }),
        year: &local.year().to_string(),
        time: &clock(at, zone),
    })
}

/// How long something is, by its one or two largest units: `3 minutes`, `2 hours 5 minutes`, `1 day`.
pub fn duration(language: Language, span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let two = |large: Text<'_>, rest: i64, small: Text<'_>| {
        let large = language.say(&large);
        match rest {
            0 => large,
            _ => format!("{large} {}", language.say(&small)),
        }
    };
    match (days, hours, minutes) {
        (0, 0, 0) => language.say(&Text::Seconds { count: seconds }),
        (0, 0, _) => language.say(&Text::Minutes { count: minutes }),
        (0, _, _) => two(
            Text::Hours { count: hours },
            minutes % 60,
            Text::Minutes { count: minutes % 60 },
        ),
        _ => two(
            Text::Days { count: days },
            hours % 24,
            Text::Hours { count: hours % 24 },
        ),
    }
}
