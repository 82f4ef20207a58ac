//! Instants and delays as people read them.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::{Language, Unit, local::utc_to_local};

/// An instant in a zone, with its weekday and the zone's name: `Tue 24 Nov 2026, 09:00 Europe/Berlin`.
///
/// Seconds are shown only when they are not zero.
pub fn format_instant(instant: DateTime<Utc>, zone: Tz) -> String {
    format_instant_in(Language::English, instant, zone)
}

/// As [`format_instant`], in a language.
pub fn format_instant_in(language: Language, instant: DateTime<Utc>, zone: Tz) -> String {
    format!("{} {}", language.local(utc_to_local(instant, zone)), zone.name())
}

/// How late something is, by its one or two largest units: `45 seconds`, `3 minutes`, `2 hours 5 minutes`,
/// `1 day`. What is not late at all is `0 seconds`.
pub fn format_late(late: TimeDelta) -> String {
    format_late_in(Language::English, late)
}

/// As [`format_late`], in a language.
pub fn format_late_in(language: Language, late: TimeDelta) -> String {
    let count = |number, unit| language.count(number, unit);
    let two = |large: String, number, unit| match number {
        0 => large,
        _ => format!("{large} {}", count(number, unit)),
    };
    let seconds = late.num_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => count(seconds, Unit::Second),
        (0, 0, _) => count(minutes, Unit::Minute),
        (0, _, _) => two(count(hours, Unit::Hour), minutes % 60, Unit::Minute),
        (_, _, _) => two(count(days, Unit::Day), hours % 24, Unit::Hour),
    }
}
