//! When something is to happen, as the user said it, made into a schedule: the model never does time arithmetic.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use schedule::Schedule;
use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) mod asked;
mod day;
mod moved;
mod repeat;
pub(crate) mod spoken;

pub use day::{parse_day, parse_time};
pub use moved::moved;
pub use repeat::Repeat;

/// What words of time are read against.
pub fn context(said_at: DateTime<Utc>, zone: Tz, locale: &str) -> ::when::Context {
    ::when::Context::new(said_at, zone, ::when::Locale::of(locale))
}

/// Elapsed time, for "in 90 minutes".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct After {
    #[serde(default)]
    days: Option<u32>,
    #[serde(default)]
    hours: Option<u32>,
    #[serde(default)]
    minutes: Option<u32>,
    #[serde(default)]
    seconds: Option<u32>,
}

/// A local date and time, for "tomorrow at 9".
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct At {
    /// today, tomorrow, a weekday, YYYY-MM-DD or MM-DD; leave out for the next time the clock shows `time`
    #[serde(default)]
    day: Option<String>,
    /// HH:MM, 24 hours
    time: String,
}

impl At {
    /// What was said; the next time the clock shows `time` without a day.
    pub fn new(day: Option<String>, time: String) -> Self {
        Self { day, time }
    }
}

/// Where "now" is: what times that were said are read against.
#[derive(Clone, Copy, Debug)]
pub struct Present {
    /// When it was said.
    pub said_at: DateTime<Utc>,
    /// The present instant, which may be later.
    pub now: DateTime<Utc>,
    /// The user's zone.
    pub zone: Tz,
}

impl Present {
    fn local(&self) -> NaiveDateTime {
        self.said_at.with_timezone(&self.zone).naive_local()
    }

    fn shown(&self) -> String {
        schedule::format_instant(self.now, self.zone)
    }
}

/// The schedule for exactly one of the ways to say when; `None` when nothing was said.
///
/// # Errors
/// A sentence that says what is wrong: two ways at once, a time that has passed, a date that does not exist.
pub fn resolve(
    after: Option<After>,
    at: Option<&At>,
    repeat: Option<&Repeat>,
    present: &Present,
) -> Result<Option<Schedule>, String> {
    let schedule = match (after, at, repeat) {
        (None, None, None) => return Ok(None),
        (Some(after), None, None) => once_after(after, present)?,
        (None, Some(at), None) => Schedule::OnceLocal {
            at: local(at, present)?,
        },
        (None, None, Some(repeat)) => repeat.schedule(present)?,
        _ => return Err("give one of in, at and repeat, not several".to_owned()),
    };
    schedule.validate().map_err(|error| error.to_string())?;
    Ok(Some(schedule))
}

fn once_after(after: After, present: &Present) -> Result<Schedule, String> {
    let part = |n: Option<u32>, seconds: i64| i64::from(n.unwrap_or(0)) * seconds;
    let seconds =
        part(after.days, 86_400) + part(after.hours, 3600) + part(after.minutes, 60) + part(after.seconds, 1);
    if seconds == 0 {
        return Err("in how long? Give days, hours, minutes or seconds".to_owned());
    }
    let at = TimeDelta::try_seconds(seconds)
        .and_then(|step| present.said_at.checked_add_signed(step))
        .ok_or("that is too far ahead")?;
    // Heard late, it is due at once rather than refused as past.
    Ok(Schedule::Once {
        at: at.max(present.now + TimeDelta::seconds(1)),
    })
}

/// The local date and time that was said, which is still ahead.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn local(at: &At, present: &Present) -> Result<NaiveDateTime, String> {
    let time = parse_time(&at.time)?;
    let today = present.local().date();
    let Some(day) = at.day.as_deref().map(str::trim).filter(|day| !day.is_empty()) else {
        return [Some(today), today.succ_opt()]
            .into_iter()
            .flatten()
            .map(|date| date.and_time(time))
            .find(|at| is_ahead(&Schedule::OnceLocal { at: *at }, present))
            .ok_or_else(|| "that is too far ahead".to_owned());
    };
    let at = parse_day(day, time, present)?.and_time(time);
    let schedule = Schedule::OnceLocal { at };
    if !is_ahead(&schedule, present) {
        return Err(format!(
            "{} is in the past: it is now {}",
            schedule.describe(present.zone).trim_start_matches("once on "),
            present.shown()
        ));
    }
    Ok(at)
}

fn once_on(date: NaiveDate, time: NaiveTime) -> Schedule {
    Schedule::OnceLocal {
        at: date.and_time(time),
    }
}

/// Whether it was still ahead when it was said.
fn is_ahead(schedule: &Schedule, present: &Present) -> bool {
    schedule.next_after(present.said_at, present.zone).is_some()
}
