//! Events' times: a date or an instant with its zone, read from Google's JSON and written back in the asked zone.

use super::error::ApiError;
use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

/// When an event starts or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// A whole day, wherever one is; as an end, the day after the last.
    Day(NaiveDate),
    /// An instant, and the zone in which the event lives.
    At(DateTime<Utc>, Tz),
}

/// The zone of this name.
pub(crate) fn zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

/// The instant of a local time: in a gap the time moves on by the gap's length, in a fold the first one counts.
pub(crate) fn local_to_utc(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(found) | LocalResult::Ambiguous(found, _) => found.to_utc(),
        LocalResult::None => {
            // No gap is longer than a day; before it, the old offset still held.
            let before =
                zone.offset_from_utc_datetime(&local.checked_sub_signed(TimeDelta::days(1)).unwrap_or(local));
            let offset = chrono::Offset::fix(&before);
            let shift = TimeDelta::seconds(i64::from(offset.local_minus_utc()));
            local.checked_sub_signed(shift).unwrap_or(local).and_utc()
        }
    }
}

/// The first instant of a day.
pub(crate) fn start_of_day(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    local_to_utc(day.and_time(NaiveTime::MIN), zone)
}

/// RFC 3339 with `Z` in UTC, and no fraction.
pub(crate) fn rfc3339(instant: DateTime<Utc>, zone: Tz) -> String {
    let local = instant.with_timezone(&zone);
    if chrono::Offset::fix(local.offset()).local_minus_utc() == 0 {
        return instant.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    }
    local.format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// RFC 3339 with milliseconds, as in `created` and `updated`.
pub(crate) fn rfc3339_millis(seconds: i64) -> String {
    let instant = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    instant.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

impl Moment {
    /// Reads `start`, `end` or `originalStartTime`; a time without a zone lives in `default`.
    pub(crate) fn read(value: &Value, side: &str, default: Tz) -> Result<Self, ApiError> {
        let text = |name: &str| value[name].as_str();
        let named = match text("timeZone") {
            None => None,
            Some(name) => {
                let unknown = || {
                    ApiError::bad(
                        "invalid",
                        format!("Invalid time zone definition for {side} time."),
                    )
                };
                Some(zone(name).ok_or_else(unknown)?)
            }
        };
        let invalid = || ApiError::bad("invalid", format!("Invalid {side} time."));
        match (text("date"), text("dateTime")) {
            (None, None) => Err(ApiError::bad("required", format!("Missing {side} time."))),
            (Some(_), Some(_)) => Err(invalid()),
            (Some(date), None) => {
                // chrono would take "2026-1-5" as well.
                let day = NaiveDate::parse_from_str(date, "%Y-%m-%d").map_err(|_| invalid())?;
                if date.len() != 10 {
                    return Err(invalid());
                }
                Ok(Self::Day(day))
            }
            (None, Some(time)) => {
                if let Ok(instant) = DateTime::parse_from_rfc3339(time) {
                    let whole = instant.timestamp();
                    let instant = DateTime::from_timestamp(whole, 0).unwrap_or_default();
                    return Ok(Self::At(instant, named.unwrap_or(default)));
                }
                let local =
                    NaiveDateTime::parse_from_str(time, "%Y-%m-%dT%H:%M:%S%.f").map_err(|_| invalid())?;
                let missing = || {
                    ApiError::bad(
                        "required",
                        format!("Missing time zone definition for {side} time."),
                    )
                };
                let zone = named.ok_or_else(missing)?;
                Ok(Self::At(local_to_utc(local, zone), zone))
            }
        }
    }

    /// As it is kept: in UTC, with the event's zone.
    pub(crate) fn canonical(self) -> Value {
        match self {
            Self::Day(day) => json!({ "date": day.to_string() }),
            Self::At(instant, zone) => {
                json!({ "dateTime": rfc3339(instant, Tz::UTC), "timeZone": zone.name() })
            }
        }
    }

    /// As it is answered: the offset of the answer's zone, the name of the event's.
    pub(crate) fn present(self, answer: Tz) -> Value {
        match self {
            Self::Day(day) => json!({ "date": day.to_string() }),
            Self::At(instant, zone) => {
                json!({ "dateTime": rfc3339(instant, answer), "timeZone": zone.name() })
            }
        }
    }

    /// The instant; a day begins at midnight in the calendar's zone.
    pub(crate) fn instant(self, calendar: Tz) -> DateTime<Utc> {
        match self {
            Self::Day(day) => start_of_day(day, calendar),
            Self::At(instant, _) => instant,
        }
    }

    /// The local time by which a rule repeats it.
    pub(crate) fn local(self) -> NaiveDateTime {
        match self {
            Self::Day(day) => day.and_time(NaiveTime::MIN),
            Self::At(instant, zone) => instant.with_timezone(&zone).naive_local(),
        }
    }

    /// The same kind of moment at another local time.
    pub(crate) fn at_local(self, local: NaiveDateTime) -> Self {
        match self {
            Self::Day(_) => Self::Day(local.date()),
            Self::At(_, zone) => Self::At(local_to_utc(local, zone), zone),
        }
    }

    /// The end of an occurrence that starts here, for an event that lasts from `start` to `end`.
    pub(crate) fn end_like(self, start: Self, end: Self) -> Self {
        match (self, start, end) {
            (Self::Day(day), Self::Day(first), Self::Day(last)) => {
                let days = (last - first).num_days().unsigned_abs();
                Self::Day(day.checked_add_days(Days::new(days)).unwrap_or(day))
            }
            (Self::At(instant, _), Self::At(first, _), Self::At(last, zone)) => {
                Self::At(instant + (last - first), zone)
            }
            (moment, _, _) => moment,
        }
    }

    /// The part of an instance's id that names it: `20260105T090000Z` or `20260105`.
    pub(crate) fn suffix(self) -> String {
        match self {
            Self::Day(day) => day.format("%Y%m%d").to_string(),
            Self::At(instant, _) => instant.format("%Y%m%dT%H%M%SZ").to_string(),
        }
    }
}
