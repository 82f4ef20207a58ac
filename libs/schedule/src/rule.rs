//! Wall-clock rules: which days match, and which times of those days. No zones here.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};
use croner::Cron;

use crate::{Cycle, Schedule, cron, recurrence::Recurrence};

/// A rule over the wall clock, ready to be searched.
pub(crate) enum WallRule<'a> {
    /// Days, and the times of each.
    Pattern(Pattern<'a>),
    /// Rules of iCalendar.
    Recurrence(Recurrence),
}

/// Days, and the times of each of them.
pub(crate) struct Pattern<'a> {
    days: DayRule<'a>,
    times: Times<'a>,
}

enum DayRule<'a> {
    Daily(Option<Cycle>),
    Weekly(&'a [Weekday], Option<Cycle>),
    Monthly(&'a [u8], Option<Cycle>),
    Yearly { month: u8, day: u8 },
    Cron(Box<Cron>),
}

enum Times<'a> {
    List(&'a [NaiveTime]),
    /// Every combination of an hour and a minute; bit n is hour n or minute n.
    Grid {
        hours: u32,
        minutes: u64,
    },
}

impl<'a> WallRule<'a> {
    /// The rule behind a schedule; `None` for instants and elapsed time, and for an expression that
    /// [`Schedule::validate`] refuses.
    pub(crate) fn of(schedule: &'a Schedule) -> Option<Self> {
        let (days, times) = match schedule {
            Schedule::Once { .. } | Schedule::OnceLocal { .. } | Schedule::Every { .. } => return None,
            Schedule::Daily { times, cycle } => (DayRule::Daily(*cycle), times),
            Schedule::Weekly { days, times, cycle } => (DayRule::Weekly(days, *cycle), times),
            Schedule::Monthly { days, times, cycle } => (DayRule::Monthly(days, *cycle), times),
            Schedule::Yearly { month, day, times } => (
                DayRule::Yearly {
                    month: *month,
                    day: *day,
                },
                times,
            ),
            Schedule::Cron { expression } => return cron::parse(expression).ok().map(Self::of_cron),
            Schedule::Rule { start, rules, except } => {
                return Recurrence::parse(*start, rules, except)
                    .ok()
                    .map(Self::Recurrence);
            }
        };
        Some(Self::Pattern(Pattern {
            days,
            times: Times::List(times),
        }))
    }

    /// The rule of a parsed cron expression.
    pub(crate) fn of_cron(parsed: Cron) -> Self {
        let hours = (0..24).filter(|hour| parsed.pattern.hour_match(*hour).unwrap_or(false));
        let minutes = (0..60).filter(|minute| parsed.pattern.minute_match(*minute).unwrap_or(false));
        let times = Times::Grid {
            hours: hours.fold(0, |bits, hour| bits | 1 << hour),
            minutes: minutes.fold(0, |bits, minute| bits | 1 << minute),
        };
        Self::Pattern(Pattern {
            days: DayRule::Cron(Box::new(parsed)),
            times,
        })
    }

    /// Whether it names minutes of every hour rather than times of day: such a rule keeps ticking through both
    /// passes of a fold.
    pub(crate) fn ticks_every_hour(&self) -> bool {
        match self {
            Self::Pattern(pattern) => {
                matches!(pattern.times, Times::Grid { hours, .. } if hours == (1 << 24) - 1)
            }
            Self::Recurrence(_) => false,
        }
    }

    /// The first match at or after a wall-clock time. The search ends after a century: what does not match in
    /// that time (30 February) never will.
    pub(crate) fn first_from(&self, from: NaiveDateTime) -> Option<NaiveDateTime> {
        match self {
            Self::Pattern(pattern) => pattern.first_from(from),
            Self::Recurrence(recurrence) => recurrence.first_from(from),
        }
    }
}

impl Pattern<'_> {
    fn first_from(&self, from: NaiveDateTime) -> Option<NaiveDateTime> {
        let today = from.date();
        let first_day = self.days.first_from(today)?;
        if first_day > today {
            return Some(first_day.and_time(self.times.first_from(NaiveTime::MIN)?));
        }
        if let Some(time) = self.times.first_from(from.time()) {
            return Some(today.and_time(time));
        }
        let later_day = self.days.first_from(today.succ_opt()?)?;
        Some(later_day.and_time(self.times.first_from(NaiveTime::MIN)?))
    }
}

/// After so many years without a match there is none: every calendar pattern of dates and weekdays shows within
/// 40 years (29 February on a given weekday, across 2100), and the longest cycle is 1000 months.
const SEARCH_YEARS: i32 = 100;

/// The last year in which anything fires.
const LAST_YEAR: i32 = 9999;

impl DayRule<'_> {
    fn first_from(&self, from: NaiveDate) -> Option<NaiveDate> {
        let mut date = from;
        if let Some(cycle) = self.cycle() {
            date = date.max(cycle.from);
        }
        let last_year = date.year().saturating_add(SEARCH_YEARS).min(LAST_YEAR);
        while date.year() <= last_year {
            if !self.matches_month(date) {
                date = date.with_day(1)?.checked_add_months(Months::new(1))?;
            } else if self.matches_day(date) {
                return Some(date);
            } else {
                date = date.checked_add_days(Days::new(1))?;
            }
        }
        None
    }

    fn cycle(&self) -> Option<Cycle> {
        match self {
            Self::Daily(cycle) | Self::Weekly(_, cycle) | Self::Monthly(_, cycle) => *cycle,
            Self::Yearly { .. } | Self::Cron(_) => None,
        }
    }

    /// Whether days of this month can match at all; lets the search step over months.
    fn matches_month(&self, date: NaiveDate) -> bool {
        match self {
            Self::Daily(_) | Self::Weekly(..) => true,
            Self::Monthly(_, cycle) => cycle.is_none_or(|cycle| {
                let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month());
                on_cycle(cycle, months(date) - months(cycle.from))
            }),
            Self::Yearly { month, .. } => date.month() == u32::from(*month),
            Self::Cron(cron) => cron.pattern.month_match(date.month()).unwrap_or(false),
        }
    }

    /// Whether a day of a month that matches does.
    fn matches_day(&self, date: NaiveDate) -> bool {
        match self {
            Self::Daily(cycle) => cycle.is_none_or(|cycle| on_cycle(cycle, (date - cycle.from).num_days())),
            Self::Weekly(days, cycle) => {
                // Monday is day 1 of the common era, so weeks of it begin on Mondays.
                let weeks = |date: NaiveDate| i64::from((date.num_days_from_ce() - 1).div_euclid(7));
                days.contains(&date.weekday())
                    && cycle.is_none_or(|cycle| on_cycle(cycle, weeks(date) - weeks(cycle.from)))
            }
            Self::Monthly(days, _) => days.iter().any(|day| is_day_or_last(date, *day)),
            Self::Yearly { day, .. } => is_day_or_last(date, *day),
            Self::Cron(cron) => cron
                .pattern
                .day_match(date.year(), date.month(), date.day())
                .unwrap_or(false),
        }
    }
}

fn on_cycle(cycle: Cycle, units: i64) -> bool {
    units >= 0 && units % i64::from(cycle.every.max(1)) == 0
}

/// Whether a date is that day of its month, or the last one of a month that is too short for it.
fn is_day_or_last(date: NaiveDate, day: u8) -> bool {
    date.day() == u32::from(day).min(u32::from(date.num_days_in_month()))
}

impl Times<'_> {
    fn first_from(&self, from: NaiveTime) -> Option<NaiveTime> {
        match self {
            Self::List(times) => times.iter().copied().filter(|time| *time >= from).min(),
            Self::Grid { hours, minutes } => {
                // Rounded up to the whole minute; 1440 is past the day's end.
                let seconds = from.num_seconds_from_midnight();
                let partial = !seconds.is_multiple_of(60) || from.nanosecond() != 0;
                let minute_of_day = seconds / 60 + u32::from(partial);
                let (hour, minute) = (minute_of_day / 60, minute_of_day % 60);
                if hour > 23 {
                    return None;
                }
                let later_minutes = minutes >> minute << minute;
                if hours & (1 << hour) != 0 && later_minutes != 0 {
                    return NaiveTime::from_hms_opt(hour, later_minutes.trailing_zeros(), 0);
                }
                let later_hours = hours & !((2 << hour) - 1);
                NaiveTime::from_hms_opt(later_hours.trailing_zeros(), minutes.trailing_zeros(), 0)
            }
        }
    }
}
