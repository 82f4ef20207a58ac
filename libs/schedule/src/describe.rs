//! A schedule as a phrase: what a receipt or a list of tasks shows.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;

use crate::{Cycle, Language, Schedule, cron, language::Unit, local::utc_to_local, recurrence::Recurrence};

impl Schedule {
    /// The schedule as a phrase, in English: `every weekday at 09:00`, `every 6 hours`, `once on Tue 24 Nov 2026, 09:00`.
    ///
    /// The zone is the one in which an exact instant is shown; wall-clock times are the same in every zone.
    pub fn describe(&self, zone: Tz) -> String {
        self.describe_in(Language::English, zone)
    }

    /// As [`Self::describe`], in a language.
    pub fn describe_in(&self, language: Language, zone: Tz) -> String {
        let shown = self.shown_in(language, zone);
        match self {
            Self::Once { .. } | Self::OnceLocal { .. } => {
                let once = language.pick(["once on", "einmal am", "una vez el", "один раз,"]);
                format!("{once} {shown}")
            }
            _ => shown,
        }
    }

    /// As [`Self::describe_in`]; of what happens once, the date and time alone.
    pub fn shown_in(&self, language: Language, zone: Tz) -> String {
        match self {
            Self::Once { at } => language.local(utc_to_local(*at, zone)),
            Self::OnceLocal { at } => language.local(*at),
            Self::Every { seconds, until, .. } => {
                let mut text = interval(*seconds, language);
                if let Some(until) = until {
                    text.push_str(&language.until(&language.local(utc_to_local(*until, zone))));
                }
                text
            }
            Self::Daily { times, cycle } => {
                let every = cycle.map_or(1, |cycle| i64::from(cycle.every.max(1)));
                let days = language.every(every, Unit::Day);
                format!("{days}{}{}", language.at(times), from(*cycle, language))
            }
            Self::Weekly { days, times, cycle } => {
                let days = days_in_order(days);
                let days = match cycle.filter(|cycle| cycle.every > 1) {
                    Some(cycle) => format!(
                        "{} {}",
                        language.every(cycle.every.into(), Unit::Week),
                        language.on_weekdays(&days)
                    ),
                    None => language.each_weekday(&days),
                };
                format!("{days}{}{}", language.at(times), from(*cycle, language))
            }
            Self::Monthly { days, times, cycle } => {
                let picked = language.on(&month_days(days, language));
                let days = match cycle.filter(|cycle| cycle.every > 1) {
                    Some(cycle) => format!("{} {picked}", language.every(cycle.every.into(), Unit::Month)),
                    None => format!("{picked} {}", language.of_each_month()),
                };
                format!("{days}{}{}", language.at(times), from(*cycle, language))
            }
            Self::Yearly { month, day, times } => {
                let every = language.every(1, Unit::Year);
                format!(
                    "{every} {}{}",
                    language.day_of_year(*day, *month),
                    language.at(times)
                )
            }
            Self::Cron { expression } => simple_cron(expression, language, zone).unwrap_or_else(|| {
                let by = language.pick([
                    "by the cron schedule",
                    "nach dem Cron-Plan",
                    "según el plan de cron",
                    "по расписанию cron",
                ]);
                format!("{by} {}", expression.trim())
            }),
            Self::Rule { start, rules, except } => Recurrence::parse(*start, rules, except).map_or_else(
                |_| {
                    let by = language.pick(["by the rule", "nach der Regel", "según la regla", "по правилу"]);
                    format!("{by} {}", rules.join(" "))
                },
                |rule| rule.describe(language),
            ),
        }
    }
}

fn interval(seconds: u32, language: Language) -> String {
    let (number, unit) = match seconds {
        _ if seconds.is_multiple_of(3600) => (seconds / 3600, Unit::Hour),
        _ if seconds.is_multiple_of(60) => (seconds / 60, Unit::Minute),
        _ => (seconds, Unit::Second),
    };
    language.every(number.into(), unit)
}

fn from(cycle: Option<Cycle>, language: Language) -> String {
    cycle.map_or_else(String::new, |cycle| language.from(&language.date(cycle.from)))
}

pub(crate) fn days_in_order(days: &[Weekday]) -> Vec<Weekday> {
    let mut days = days.to_vec();
    days.sort_unstable_by_key(Weekday::num_days_from_monday);
    days.dedup();
    days
}

/// `the 1st, the 15th and the last day`.
fn month_days(days: &[u8], language: Language) -> String {
    let mut days = days.to_vec();
    days.sort_unstable();
    days.dedup();
    let days: Vec<String> = days
        .into_iter()
        .map(|day| match day {
            31 => language.month_day(-1),
            day => language.month_day(i8::try_from(day).unwrap_or_default()),
        })
        .collect();
    language.list(&days)
}

/// The everyday expressions in words: every n minutes, hourly, and times on days of the week.
fn simple_cron(expression: &str, language: Language, zone: Tz) -> Option<String> {
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
            ([one], _) => {
                let at = language.pick(["at", "um", "a las", "в"]);
                Some(format!("{} {at} :{one:02}", language.every(1, Unit::Hour)))
            }
            (all, _) if all.len() == 60 => Some(language.every(1, Unit::Minute)),
            (_, Some(step)) => {
                let step: i64 = step.parse().ok().filter(|step| 60 % step == 0)?;
                Some(language.every(step, Unit::Minute))
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
    Some(weekly.shown_in(language, zone))
}
