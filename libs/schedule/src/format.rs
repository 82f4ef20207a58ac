//! Instants and delays as people read them, in English.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use crate::local::utc_to_local;

/// An instant in a zone, with its weekday and the zone's name: `Tue 24 Nov 2026, 09:00 Europe/Berlin`.
///
/// Seconds are shown only when they are not zero.
pub fn format_instant(instant: DateTime<Utc>, zone: Tz) -> String {
    format!("{} {}", format_local(utc_to_local(instant, zone)), zone.name())
}

/// How late something is, by its one or two largest units: `45 seconds`, `3 minutes`, `2 hours 5 minutes`,
/// `1 day`. What is not late at all is `0 seconds`.
pub fn format_late(late: TimeDelta) -> String {
    let seconds = late.num_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => count(seconds, "second"),
        (0, 0, _) => count(minutes, "minute"),
        (0, _, _) => two(count(hours, "hour"), minutes % 60, "minute"),
        (_, _, _) => two(count(days, "day"), hours % 24, "hour"),
    }
}

/// A wall-clock time with its weekday: `Tue 24 Nov 2026, 09:00`.
pub(crate) fn format_local(local: NaiveDateTime) -> String {
    let pattern = if local.second() == 0 {
        "%a %-d %b %Y, %H:%M"
    } else {
        "%a %-d %b %Y, %H:%M:%S"
    };
    local.format(pattern).to_string()
}

/// `1 hour`, `2 hours`.
pub(crate) fn count(number: i64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn two(large: String, number: i64, unit: &str) -> String {
    match number {
        0 => large,
        _ => format!("{large} {}", count(number, unit)),
    }
}
