//! Recurrence rules of iCalendar (RFC 5545 §3.3.10), over the wall clock: which days match, and at which times.
//!
//! A rule picks days (`FREQ=DAILY` to `YEARLY`, `INTERVAL`, `BYMONTH`, `BYMONTHDAY`, `BYDAY`, `BYSETPOS`) and the
//! times of those days (`BYHOUR` × `BYMINUTE`), from a first wall-clock time on, until a last one or for a number of
//! occurrences. What a zone makes of a wall-clock time is decided elsewhere, as for every other schedule.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

pub(crate) mod parse;
pub(crate) mod words;

/// After so many years without a match there is none: the calendar repeats every 400 years, and the rarest pattern
/// of dates and weekdays shows within 40.
const SEARCH_YEARS: i32 = 100;

/// The last year in which anything fires.
const LAST_YEAR: i32 = 9999;

/// Some rules with one beginning and the days that are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recurrence {
    pub(crate) rules: Vec<Rule>,
    pub(crate) except: Vec<NaiveDate>,
}

/// How often a rule's period begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A weekday, and which one of its month or year: 2 is the second, -1 the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NthWeekday {
    pub(crate) nth: Option<i8>,
    pub(crate) day: Weekday,
}

/// Where a rule ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Never,
    /// The last wall-clock time that may match.
    Until(NaiveDateTime),
    /// How many occurrences there are in all.
    Count(u16),
}

/// One rule, read and completed from its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) start: NaiveDateTime,
    pub(crate) frequency: Frequency,
    pub(crate) interval: u16,
    pub(crate) months: Vec<u8>,
    pub(crate) month_days: Vec<i8>,
    pub(crate) weekdays: Vec<NthWeekday>,
    pub(crate) positions: Vec<i16>,
    /// In order, without repetitions; never empty.
    pub(crate) times: Vec<NaiveTime>,
    pub(crate) end: End,
}

impl Recurrence {
    /// The first occurrence at or after a wall-clock time.
    pub(crate) fn first_from(&self, from: NaiveDateTime) -> Option<NaiveDateTime> {
        self.rules
            .iter()
            .filter_map(|rule| rule.first_from(from, &self.except))
            .min()
    }
}

impl Rule {
    fn first_from(&self, from: NaiveDateTime, except: &[NaiveDate]) -> Option<NaiveDateTime> {
        // RFC 5545 counts occurrences before the exceptions are taken out.
        let last = match self.end {
            End::Never => None,
            End::Until(until) => Some(until),
            End::Count(count) => Some(self.nth(count)?),
        };
        let mut from = from.max(self.start);
        loop {
            let found = self.endless_from(from)?;
            if last.is_some_and(|last| found > last) {
                return None;
            }
            if !except.contains(&found.date()) {
                return Some(found);
            }
            from = found.date().succ_opt()?.and_time(NaiveTime::MIN);
        }
    }

    /// The n-th occurrence, or the last where the rule runs out of dates before.
    fn nth(&self, n: u16) -> Option<NaiveDateTime> {
        let mut last = self.endless_from(self.start)?;
        for _ in 1..n {
            let Some(next) = last
                .checked_add_signed(chrono::TimeDelta::seconds(1))
                .and_then(|from| self.endless_from(from))
            else {
                break;
            };
            last = next;
        }
        Some(last)
    }

    /// The first match at or after a wall-clock time that is not before the beginning, wherever the rule ends.
    fn endless_from(&self, from: NaiveDateTime) -> Option<NaiveDateTime> {
        let mut date = from.date();
        if self.matches(date)
            && let Some(time) = self.times.iter().find(|time| **time >= from.time())
        {
            return Some(date.and_time(*time));
        }
        date = date.succ_opt()?;
        // The interval may be longer than what a pattern needs to show.
        let years = SEARCH_YEARS.saturating_add(match self.frequency {
            Frequency::Yearly => i32::from(self.interval).saturating_mul(40),
            _ => i32::from(self.interval),
        });
        let last_year = date.year().saturating_add(years).min(LAST_YEAR);
        while date.year() <= last_year {
            if let Some(later) = self.skipped(date) {
                date = later;
            } else if self.matches(date) {
                return Some(date.and_time(*self.times.first()?));
            } else {
                date = date.succ_opt()?;
            }
        }
        None
    }

    /// The first day behind a whole month or year that cannot match.
    fn skipped(&self, date: NaiveDate) -> Option<NaiveDate> {
        let is_on = match self.frequency {
            Frequency::Daily | Frequency::Weekly => true,
            Frequency::Monthly => self.is_on_interval(months(date) - months(self.start.date())),
            Frequency::Yearly => {
                if !self.is_on_interval(i64::from(date.year()) - i64::from(self.start.year())) {
                    return NaiveDate::from_ymd_opt(date.year().checked_add(1)?, 1, 1);
                }
                true
            }
        };
        if is_on && self.is_month(date) {
            return None;
        }
        date.with_day(1)?.checked_add_months(Months::new(1))
    }

    fn is_on_interval(&self, periods: i64) -> bool {
        periods >= 0 && periods % i64::from(self.interval.max(1)) == 0
    }

    fn is_month(&self, date: NaiveDate) -> bool {
        self.months.is_empty() || self.months.iter().any(|month| u32::from(*month) == date.month())
    }

    /// Whether the rule picks the day.
    fn matches(&self, date: NaiveDate) -> bool {
        if !self.is_picked(date) {
            return false;
        }
        if self.positions.is_empty() {
            return true;
        }
        let Some((first, last)) = self.period(date) else {
            return false;
        };
        let picked = || {
            first
                .iter_days()
                .take_while(|day| *day <= last)
                .filter(|day| self.is_picked(*day))
        };
        let before = picked().take_while(|day| *day < date).count();
        let all = picked().count();
        self.positions.iter().any(|position| {
            let place = usize::from(position.unsigned_abs());
            if *position > 0 {
                place == before + 1
            } else {
                all.checked_sub(place) == Some(before)
            }
        })
    }

    /// The first and the last day of the period that a day lies in.
    fn period(&self, date: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        Some(match self.frequency {
            Frequency::Daily => (date, date),
            Frequency::Weekly => {
                let days = u64::from(date.weekday().num_days_from_monday());
                let monday = date.checked_sub_days(Days::new(days))?;
                (monday, monday.checked_add_days(Days::new(6))?)
            }
            Frequency::Monthly => {
                let first = date.with_day(1)?;
                (first, first.with_day(u32::from(date.num_days_in_month()))?)
            }
            Frequency::Yearly => (
                NaiveDate::from_ymd_opt(date.year(), 1, 1)?,
                NaiveDate::from_ymd_opt(date.year(), 12, 31)?,
            ),
        })
    }

    /// Whether the rule without its positions picks the day.
    fn is_picked(&self, date: NaiveDate) -> bool {
        let start = self.start.date();
        let is_on = match self.frequency {
            Frequency::Daily => self.is_on_interval((date - start).num_days()),
            Frequency::Weekly => self.is_on_interval(weeks(date) - weeks(start)),
            Frequency::Monthly => self.is_on_interval(months(date) - months(start)),
            Frequency::Yearly => self.is_on_interval(i64::from(date.year()) - i64::from(start.year())),
        };
        is_on
            && self.is_month(date)
            && (self.month_days.is_empty() || self.month_days.iter().any(|day| is_month_day(date, *day)))
            && (self.weekdays.is_empty() || self.weekdays.iter().any(|day| self.is_weekday(date, *day)))
    }

    fn is_weekday(&self, date: NaiveDate, wanted: NthWeekday) -> bool {
        if date.weekday() != wanted.day {
            return false;
        }
        let Some(nth) = wanted.nth else {
            return true;
        };
        // "The second Tuesday" of the month, or of the year where no month is named.
        let (place, days) = if self.frequency == Frequency::Yearly && self.months.is_empty() {
            let days = if date.leap_year() { 366 } else { 365 };
            (date.ordinal(), days)
        } else {
            (date.day(), u32::from(date.num_days_in_month()))
        };
        let count = u32::from(nth.unsigned_abs());
        if nth > 0 {
            (place - 1) / 7 + 1 == count
        } else {
            (days - place) / 7 + 1 == count
        }
    }
}

/// Whether a date is that day of its month; -1 is the last one. A month without that day has none.
fn is_month_day(date: NaiveDate, day: i8) -> bool {
    let number = u32::from(day.unsigned_abs());
    if day > 0 {
        date.day() == number
    } else {
        u32::from(date.num_days_in_month()) + 1 == date.day() + number
    }
}

/// Months since the year 0.
fn months(date: NaiveDate) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month())
}

/// Weeks since the common era; they begin on Mondays, as its first day did.
fn weeks(date: NaiveDate) -> i64 {
    i64::from((date.num_days_from_ce() - 1).div_euclid(7))
}
