//! Words of time, once they are read (`libs/when`), made into a schedule.

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc, Weekday,
};
use chrono_tz::Tz;
use schedule::{Cycle, Language, Schedule, local_to_utc};
use when::{Frequency, Moment, Reading, Recurrence, Value};

use super::{
    Present,
    asked::{self, Unclear},
};

/// A schedule as it was said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spoken {
    /// When it fires.
    pub(crate) schedule: Schedule,
    /// The zone that was named for a rule; `None` follows the user.
    pub(crate) zone: Option<Tz>,
}

/// The most times of day that a rule within a window may have.
const MOST_TIMES: usize = 144;

/// Reads words of time as a schedule.
///
/// # Errors
/// What the user must be asked, or what is wrong, as a sentence.
pub(crate) fn read(said: &str, context: &when::Context, present: &Present) -> Result<Spoken, Unclear> {
    let reading = when::parse(said, context);
    match (&reading.value, asked::question(&reading, context)) {
        (Some(value), None) => Ok(of(value, present)?),
        (_, Some(question)) => Err(Unclear::Ask(question)),
        (None, None) => Err("when? The words say nothing of a time: ask the user"
            .to_owned()
            .into()),
    }
}

/// The schedule of a reading that is whole.
///
/// # Errors
/// A sentence that says what cannot be done.
pub(crate) fn of_reading(reading: &Reading, present: &Present) -> Option<Result<Spoken, String>> {
    reading.value.as_ref().map(|value| of(value, present))
}

fn of(value: &Value, present: &Present) -> Result<Spoken, String> {
    let spoken = match value {
        Value::Once(moment) => Spoken {
            schedule: once(moment, present),
            zone: None,
        },
        Value::Every(rule) => every(rule, present)?,
    };
    spoken.schedule.validate().map_err(|error| error.to_string())?;
    let zone = spoken.zone.unwrap_or(present.zone);
    if spoken.schedule.next_after(present.said_at, zone).is_none() {
        return Err(format!(
            "{} is in the past: it is now {}",
            spoken.schedule.describe(zone).trim_start_matches("once on "),
            present.shown()
        ));
    }
    Ok(spoken)
}

fn once(moment: &Moment, present: &Present) -> Schedule {
    if moment.is_elapsed || moment.names_zone {
        // Heard late, it is due at once rather than refused as past.
        let is_heard_late = moment.is_elapsed && moment.instant > present.said_at;
        let earliest = present.now + TimeDelta::seconds(1);
        Schedule::Once {
            at: if is_heard_late {
                moment.instant.max(earliest)
            } else {
                moment.instant
            },
        }
    } else {
        Schedule::OnceLocal { at: moment.local }
    }
}

/// The schedule of a rule that was said.
///
/// # Errors
/// A sentence that says what cannot be done.
pub(crate) fn of_rule(rule: &Recurrence, present: &Present) -> Result<Schedule, String> {
    every(rule, present).map(|spoken| spoken.schedule)
}

fn every(rule: &Recurrence, present: &Present) -> Result<Spoken, String> {
    if rule.from_completion {
        return Err("a rule cannot count from when the last one was done: say it as a fixed rule, such as “every 3 days at 9”".to_owned());
    }
    let zone = rule.zone.unwrap_or(present.zone);
    let here = Present { zone, ..*present };
    let schedule = match rule.frequency {
        Frequency::Minutely | Frequency::Hourly if is_plain_interval(rule) => interval(rule, &here)?,
        Frequency::Minutely | Frequency::Hourly => of_days(&within_window(rule)?, &here)?,
        _ => of_days(rule, &here)?,
    };
    Ok(Spoken {
        schedule,
        zone: rule.zone,
    })
}

fn is_plain_interval(rule: &Recurrence) -> bool {
    rule.window.is_none()
        && !has_days(rule)
        && rule.except_weekdays.is_empty()
        && rule.except_dates.is_empty()
}

fn has_days(rule: &Recurrence) -> bool {
    !rule.by_day.is_empty() || !rule.by_month_day.is_empty() || !rule.by_month.is_empty()
}

/// Elapsed time: the first one is a whole interval after it was said, or where the rule begins.
fn interval(rule: &Recurrence, present: &Present) -> Result<Schedule, String> {
    let too_long = || "that interval is too long".to_owned();
    let seconds = interval_seconds(rule).ok_or_else(too_long)?;
    let step = TimeDelta::seconds(i64::from(seconds));
    let anchor = match rule.start.map(|start| local_to_utc(start, present.zone)) {
        Some(start) if start > present.said_at => start,
        _ => present.said_at.checked_add_signed(step).ok_or_else(too_long)?,
    };
    let counted = rule.count.and_then(|count| {
        let steps = i32::try_from(count.saturating_sub(1)).ok()?;
        anchor.checked_add_signed(step.checked_mul(steps)?)
    });
    let until = rule
        .until
        .map(|until| local_to_utc(until, present.zone))
        .or(counted);
    Ok(Schedule::Every {
        seconds,
        anchor,
        until,
    })
}

fn interval_seconds(rule: &Recurrence) -> Option<u32> {
    let unit = if rule.frequency == Frequency::Hourly {
        3600
    } else {
        60
    };
    rule.interval.checked_mul(unit)
}

/// "Every 90 minutes between 9 and 5": the times of each day.
fn within_window(rule: &Recurrence) -> Result<Recurrence, String> {
    let minutes = interval_seconds(rule).unwrap_or(u32::MAX) / 60;
    let (from, to) = match rule.window {
        Some(window) => (window.from, window.to),
        None => (
            NaiveTime::MIN,
            NaiveTime::from_hms_opt(23, 59, 0).unwrap_or_default(),
        ),
    };
    if to < from {
        return Err("say a window within one day, such as “between 9 and 17”".to_owned());
    }
    let minute_of = |time: NaiveTime| time.hour() * 60 + time.minute();
    let times: Vec<NaiveTime> = (minute_of(from)..=minute_of(to))
        .step_by(usize::try_from(minutes.max(1)).unwrap_or(usize::MAX))
        .filter_map(|minute| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0))
        .collect();
    if times.len() > MOST_TIMES {
        return Err("that is too often: say every 10 minutes or more, or a shorter window".to_owned());
    }
    Ok(Recurrence {
        frequency: Frequency::Daily,
        interval: 1,
        times,
        window: None,
        ..rule.clone()
    })
}

/// A rule of days: one of the plain kinds where it is plain, and a rule of iCalendar else.
fn of_days(rule: &Recurrence, present: &Present) -> Result<Schedule, String> {
    if rule.times.is_empty() {
        return Err("at what time of day? Ask the user".to_owned());
    }
    let rule = &without_weekdays(rule);
    if let Some(plain) = plain(rule) {
        if rule.interval <= 1 {
            return Ok(plain);
        }
        plain.validate().map_err(|error| error.to_string())?;
        return Ok(with_cycle(plain, rule, present));
    }
    let mut start = rule
        .start
        .unwrap_or_else(|| present.local())
        .max(present.local())
        .with_second(0)
        .and_then(|start| start.with_nanosecond(0))
        .unwrap_or_default();
    if rule.interval > 1 {
        // Counted from the first one that fits.
        let each = written(
            &Recurrence {
                interval: 1,
                ..rule.clone()
            },
            start,
            None,
        );
        let begin = local_to_utc(start, present.zone);
        let before = begin.checked_sub_signed(TimeDelta::seconds(1)).unwrap_or(begin);
        let first = each.next_after(before, present.zone);
        start = first.map_or(start, |first| first.with_timezone(&present.zone).naive_local());
    }
    let endless = written(rule, start, None);
    let until = match (rule.until, rule.count) {
        (Some(until), _) => Some(until),
        (None, Some(count)) => last_of(&endless, count, present)?,
        (None, None) => None,
    };
    Ok(written(rule, start, until))
}

/// The last of so many occurrences, on the wall clock.
fn last_of(endless: &Schedule, count: u32, present: &Present) -> Result<Option<NaiveDateTime>, String> {
    if count > 1000 {
        return Err("that is too many: at most 1000 times".to_owned());
    }
    let mut last: Option<DateTime<Utc>> = None;
    for _ in 0..count {
        let Some(next) = endless.next_after(last.unwrap_or(present.said_at), present.zone) else {
            break;
        };
        last = Some(next);
    }
    Ok(last.map(|last| last.with_timezone(&present.zone).naive_local()))
}

/// "Daily except Sunday" as the days that are left.
fn without_weekdays(rule: &Recurrence) -> Recurrence {
    let mut rule = rule.clone();
    if rule.except_weekdays.is_empty() {
        return rule;
    }
    if rule.by_day.is_empty() {
        let mut day = Weekday::Mon;
        for _ in 0..7 {
            rule.by_day.push(when::NthDay {
                nth: None,
                weekday: day,
            });
            day = day.succ();
        }
        if rule.frequency == Frequency::Daily && rule.interval <= 1 {
            rule.frequency = Frequency::Weekly;
        }
    }
    let except = std::mem::take(&mut rule.except_weekdays);
    rule.by_day.retain(|day| !except.contains(&day.weekday));
    rule
}

/// The plain kinds of schedule, which read and travel best.
fn plain(rule: &Recurrence) -> Option<Schedule> {
    let is_open = rule.until.is_none()
        && rule.count.is_none()
        && rule.start.is_none()
        && rule.by_set_pos.is_none()
        && rule.except_dates.is_empty()
        && rule.by_day.iter().all(|day| day.nth.is_none());
    if !is_open {
        return None;
    }
    let times = rule.times.clone();
    let weekdays: Vec<Weekday> = rule.by_day.iter().map(|day| day.weekday).collect();
    let is_free = |by_day: bool, by_month_day: bool, by_month: bool| {
        rule.by_day.is_empty() == by_day
            && rule.by_month_day.is_empty() == by_month_day
            && rule.by_month.is_empty() == by_month
    };
    match rule.frequency {
        Frequency::Daily if is_free(true, true, true) => Some(Schedule::Daily { times, cycle: None }),
        Frequency::Daily if rule.interval <= 1 && is_free(false, true, true) => Some(Schedule::Weekly {
            days: weekdays,
            times,
            cycle: None,
        }),
        Frequency::Weekly if is_free(false, true, true) => Some(Schedule::Weekly {
            days: weekdays,
            times,
            cycle: None,
        }),
        Frequency::Monthly if is_free(true, false, true) => {
            let days: Option<Vec<u8>> = rule.by_month_day.iter().map(|day| month_day(*day)).collect();
            Some(Schedule::Monthly {
                days: days?,
                times,
                cycle: None,
            })
        }
        Frequency::Yearly if rule.interval <= 1 && is_free(true, false, false) => {
            match (rule.by_month.as_slice(), rule.by_month_day.as_slice()) {
                ([month], [day]) => Some(Schedule::Yearly {
                    month: *month,
                    day: month_day(*day)?,
                    times,
                }),
                _ => None,
            }
        }
        _ => None,
    }
}

/// As `Schedule::Monthly` counts: 31 is the last day.
fn month_day(day: i8) -> Option<u8> {
    match day {
        -1 => Some(31),
        day => u8::try_from(day).ok().filter(|day| (1..=31).contains(day)),
    }
}

fn with_cycle(plain: Schedule, rule: &Recurrence, present: &Present) -> Schedule {
    let first = plain.next_after(present.said_at, present.zone);
    let from: NaiveDate = first.map_or(present.local().date(), |first| {
        first.with_timezone(&present.zone).date_naive()
    });
    let new = Some(Cycle {
        every: u16::try_from(rule.interval).unwrap_or(u16::MAX),
        from,
    });
    let mut schedule = plain;
    match &mut schedule {
        Schedule::Daily { cycle, .. } | Schedule::Weekly { cycle, .. } | Schedule::Monthly { cycle, .. } => {
            *cycle = new;
        }
        _ => {}
    }
    schedule
}

/// As rules of iCalendar: one for each minute of the hour, since `BYHOUR` and `BYMINUTE` multiply.
fn written(rule: &Recurrence, start: NaiveDateTime, until: Option<NaiveDateTime>) -> Schedule {
    let days = Recurrence {
        until: None,
        count: None,
        ..rule.clone()
    };
    let mut minutes: Vec<u32> = rule.times.iter().map(Timelike::minute).collect();
    minutes.sort_unstable();
    minutes.dedup();
    let rules = minutes.iter().map(|minute| {
        let hours: Vec<String> = rule
            .times
            .iter()
            .filter(|time| time.minute() == *minute)
            .map(|time| time.hour().to_string())
            .collect();
        let mut text = format!("{};BYHOUR={};BYMINUTE={minute}", days.rrule(), hours.join(","));
        if let Some(until) = until {
            text.push_str(&format!(";UNTIL={}", until.format("%Y%m%dT%H%M%S")));
        }
        text
    });
    Schedule::Rule {
        start,
        rules: rules.collect(),
        except: rule.except_dates.clone(),
    }
}

/// A reminder moved by a length of time: a one-off from its next instant, and what repeats by the hours of its days.
///
/// # Errors
/// It repeats and would change its days, or the date is out of reach.
pub(crate) fn shifted(
    schedule: &Schedule,
    next: DateTime<Utc>,
    by: &when::Length,
    present: &Present,
) -> Result<Schedule, String> {
    if schedule.is_recurring() {
        return moved_within_days(schedule, by)
            .ok_or_else(|| "it repeats: say its new rule, such as “every weekday at 10”".to_owned());
    }
    // What is over is pushed back from now.
    let from = next.max(present.now);
    let at = by
        .from_instant(from, present.zone)
        .ok_or_else(|| "that is too far away".to_owned())?;
    if at <= present.now {
        return Err(format!(
            "that would be in the past: it is now {}",
            present.shown()
        ));
    }
    Ok(match schedule {
        Schedule::OnceLocal { .. } => Schedule::OnceLocal {
            at: at.with_timezone(&present.zone).naive_local(),
        },
        _ => Schedule::Once { at },
    })
}

/// What repeats at times of the day, so much later on the same days; `None` where a day would be another.
fn moved_within_days(schedule: &Schedule, by: &when::Length) -> Option<Schedule> {
    if by.months != 0 || by.days != 0 || by.workdays != 0 {
        return None;
    }
    let step = TimeDelta::try_seconds(by.seconds)?;
    let mut schedule = schedule.clone();
    let (Schedule::Daily { times, .. }
    | Schedule::Weekly { times, .. }
    | Schedule::Monthly { times, .. }
    | Schedule::Yearly { times, .. }) = &mut schedule
    else {
        return None;
    };
    for time in times.iter_mut() {
        let (moved, days) = time.overflowing_add_signed(step);
        if days != 0 {
            return None;
        }
        *time = moved;
    }
    schedule.validate().ok()?;
    Some(schedule)
}

/// The weekday and date of a question: `Fri 27 Nov`, with the year where it is not this one.
pub(super) fn day_words(date: NaiveDate, today: NaiveDate, language: Language) -> String {
    let is_near =
        date.year() == today.year() || date <= today.checked_add_days(Days::new(180)).unwrap_or(date);
    if is_near {
        language.day(date)
    } else {
        language.date(date)
    }
}
