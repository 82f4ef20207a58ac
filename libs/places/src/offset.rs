//! Offsets as people write them: `UTC+2`, `+05:30`, `gmt -3`.

use chrono::{DateTime, FixedOffset, Offset, TimeZone, Utc};
use chrono_tz::Tz;

/// Reads an offset: with a sign, or with `UTC` or `GMT` before it.
pub(crate) fn read(words: &str) -> Option<FixedOffset> {
    let text: String = words
        .to_ascii_lowercase()
        .replace(['−', '–'], "-")
        .split_whitespace()
        .collect();
    let rest = text
        .strip_prefix("utc")
        .or_else(|| text.strip_prefix("gmt"))
        .unwrap_or(&text);
    let (sign, digits) = match rest.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once([':', '.']) {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        Some(_) => return None,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    if hours.is_empty() || hours.len() > 2 {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if !(0..=14).contains(&hours) || !(0..60).contains(&minutes) {
        return None;
    }
    FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60))
}

/// Whether the zone's clocks are that far from UTC at this instant.
pub(crate) fn holds(zone: Tz, offset: FixedOffset, now: DateTime<Utc>) -> bool {
    zone.offset_from_utc_datetime(&now.naive_utc()).fix() == offset
}
