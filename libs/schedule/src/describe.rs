//! A schedule as a phrase, in English: what a receipt or a list of tasks shows.

use chrono::{Datelike, Days, Month, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;

use crate::{
    Cycle, Schedule, cron,
    format::{count, format_local},
    local::utc_to_local,
    recurrence::Recurrence,
};

impl Schedule {
    /// The schedule as a phrase: `every weekday at 09:00`, `every 6 hours`, `once on Tue 24 Nov 2026, 09:00`.
    ///
    /// The zone is the one in which an exact instant is shown; wall-clock times are the same in every zone.
    pub fn describe(&self, zone: Tz) -> String {
        match self {
            Self::Once { at } => format!("once on {}", format_local(utc_to_local(*at, zone))),
            Self::OnceLocal { at } => format!("once on {}", format_local(*at)),
            Self::Every { seconds, until, .. } => match until {
                Some(until) => format!(
                    "{}, until {}",
                    every(*seconds),
                    format_local(utc_to_local(*until, zone))
                ),
                None => every(*seconds),
            },
            Self::Daily { times, cycle } => {
                format!("{} {}{}", each("day", *cycle), at(times), from(*cycle))
            }
            Self::Weekly { days, times, cycle } => {
                let days = match cycle.filter(|cycle| cycle.every > 1) {
                    Some(cycle) => format!("every {} weeks on {}", cycle.every, weekdays(days)),
                    None => match days_in_order(days).as_slice() {
                        all if all.len() == 7 => "every day".to_owned(),
                        [
                            Weekday::Mon,
                            Weekday::Tue,
                            Weekday::Wed,
                            Weekday::Thu,
                            Weekday::Fri,
                        ] => "every weekday".to_owned(),
                        _ => format!("every {}", weekdays(days)),
                    },
                };
                format!("{days} {}{}", at(times), from(*cycle))
            }
            Self::Monthly { days, times, cycle } => {
                let days = match cycle.filter(|cycle| cycle.every > 1) {
                    Some(cycle) => format!("every {} months on {}", cycle.every, month_days(days)),
                    None => format!("on {} of each month", month_days(days)),
                };
                format!("{days} {}{}", at(times), from(*cycle))
            }
            Self::Yearly { month, day, times } => {
                let month = Month::try_from(*month).map_or("?", |month| month.name());
                format!("every year on {day} {month} {}", at(times))
            }
            Self::Cron { expression } => simple_cron(expression, zone)
                .unwrap_or_else(|| format!("by the cron schedule {}", expression.trim())),
            Self::Rule { start, rules, except } => Recurrence::parse(*start, rules, except).map_or_else(
                |_| format!("by the rule {}", rules.join(" ")),
                |rule| rule.describe(),
            ),
        }
    }
}

fn every(seconds: u32) -> String {
    let (number, unit) = match seconds {
        _ if seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    match number {
        1 => format!("every {unit}"),
        _ => format!("every {}", count(i64::from(number), unit)),
    }
}

/// `every day`, `every 3 days`.
fn each(unit: &str, cycle: Option<Cycle>) -> String {
    match cycle {
        Some(cycle) if cycle.every > 1 => format!("every {} {unit}s", cycle.every),
        _ => format!("every {unit}"),
    }
}

fn at(times: &[NaiveTime]) -> String {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.dedup();
    let times: Vec<String> = times
        .iter()
        .map(|time| time.format("%H:%M").to_string())
        .collect();
    format!("at {}", list(&times))
}

fn from(cycle: Option<Cycle>) -> String {
    cycle.map_or_else(String::new, |cycle| {
        format!(", from {}", cycle.from.format("%a %-d %b %Y"))
    })
}

pub(crate) fn days_in_order(days: &[Weekday]) -> Vec<Weekday> {
    let mut days = days.to_vec();
    days.sort_unstable_by_key(Weekday::num_days_from_monday);
    days.dedup();
    days
}

fn weekdays(days: &[Weekday]) -> String {
    let names: Vec<String> = days_in_order(days).into_iter().map(weekday_name).collect();
    list(&names)
}

pub(crate) fn weekday_name(day: Weekday) -> String {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
    .to_owned()
}

/// `the 1st, the 15th and the last day`.
fn month_days(days: &[u8]) -> String {
    let mut days = days.to_vec();
    days.sort_unstable();
    days.dedup();
    let days: Vec<String> = days
        .into_iter()
        .map(|day| match day {
            31 => "the last day".to_owned(),
            day => format!("the {}", ordinal(day.into())),
        })
        .collect();
    list(&days)
}

/// `1st`, `22nd`, `13th`.
pub(crate) fn ordinal(number: u32) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// The everyday expressions in words: every n minutes, hourly, and times on days of the week.
fn simple_cron(expression: &str, zone: Tz) -> Option<String> {
    let parsed = cron::parse(expression).ok()?;
    let fields = cron::fields(expression).ok()?;
    let [minute, hour, day_of_month, month, day_of_week] = fields.as_slice() else {
        return None;
    };
    let any = |field: &str| field == "*" || field == "?";
    if !any(day_of_month) || month != "*" || day_of_week.contains(['L', '#']) {
        return None;
    }
    let pattern = &parsed.pattern;
    let minutes: Vec<u32> = (0..60)
        .filter(|n| pattern.minute_match(*n).unwrap_or(false))
        .collect();
    let hours: Vec<u32> = (0..24)
        .filter(|n| pattern.hour_match(*n).unwrap_or(false))
        .collect();
    if hour == "*" && any(day_of_week) {
        return match (minutes.as_slice(), minute.strip_prefix("*/")) {
            ([one], _) => Some(format!("every hour at :{one:02}")),
            (all, _) if all.len() == 60 => Some("every minute".to_owned()),
            (_, Some(step)) => {
                let step: i64 = step.parse().ok().filter(|step| 60 % step == 0)?;
                Some(format!("every {}", count(step, "minute")))
            }
            _ => None,
        };
    }
    if hours.len() * minutes.len() > 4 {
        return None;
    }
    let times = hours.iter().flat_map(|hour| {
        minutes
            .iter()
            .filter_map(|minute| NaiveTime::from_hms_opt(*hour, *minute, 0))
    });
    // Any week shows which days of the week match.
    let monday = NaiveDate::from_isoywd_opt(2026, 1, Weekday::Mon)?;
    let days = (0..7).filter_map(|n| {
        let date = monday.checked_add_days(Days::new(n))?;
        let matches = pattern.day_match(date.year(), date.month(), date.day());
        matches.ok()?.then(|| date.weekday())
    });
    let weekly = Schedule::Weekly {
        days: days.collect(),
        times: times.collect(),
        cycle: None,
    };
    Some(weekly.describe(zone))
}
