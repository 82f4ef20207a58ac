//! A rule that repeats, in iCalendar's terms.

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use chrono_tz::Tz;

/// A rule that repeats: iCalendar's RRULE (RFC 5545) with times of day, a window and exceptions beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Recurrence {
    /// What it counts in.
    pub frequency: Frequency,
    /// Every n-th of them, from 1.
    pub interval: u32,
    /// BYDAY: weekdays, with "the 2nd" or "the last" of the month or year where `nth` is given.
    pub by_day: Vec<NthDay>,
    /// BYMONTHDAY: 1 to 31, and -1 for the last day.
    pub by_month_day: Vec<i8>,
    /// BYMONTH: 1 to 12.
    pub by_month: Vec<u8>,
    /// BYSETPOS over `by_day`: "the last workday of the month" is -1 over Monday to Friday.
    pub by_set_pos: Option<i8>,
    /// The times of day, in order; empty for minutes and hours.
    pub times: Vec<NaiveTime>,
    /// Between which times of day minutes and hours tick.
    pub window: Option<Window>,
    /// DTSTART as far as it was said: nothing fires before it.
    pub start: Option<NaiveDateTime>,
    /// UNTIL, inclusive.
    pub until: Option<NaiveDateTime>,
    /// COUNT.
    pub count: Option<u32>,
    /// Weekdays that are left out ("daily except Sunday").
    pub except_weekdays: Vec<Weekday>,
    /// Dates that are left out (EXDATE).
    pub except_dates: Vec<NaiveDate>,
    /// Counted from when the last one was done ("every! 3 days", "3 days after I've done it").
    pub from_completion: bool,
    /// The zone that was named; `None` follows the user's.
    pub zone: Option<Tz>,
}

/// What a rule counts in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Frequency {
    /// Elapsed minutes.
    Minutely,
    /// Elapsed hours.
    Hourly,
    /// Days.
    #[default]
    Daily,
    /// Weeks.
    Weekly,
    /// Months.
    Monthly,
    /// Years.
    Yearly,
}

/// A weekday, and which one of the month or year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NthDay {
    /// 1 for the first, -1 for the last; `None` for each.
    pub nth: Option<i8>,
    /// The weekday.
    pub weekday: Weekday,
}

/// Between which times of day a rule ticks; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// The first time of day.
    pub from: NaiveTime,
    /// The last; before `from` when it lies on the next day.
    pub to: NaiveTime,
}

/// iCalendar's two letters.
fn letters(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items
        .into_iter()
        .map(|item| item.to_string())
        .collect::<Vec<_>>()
        .join(",")
}

impl Frequency {
    fn name(self) -> &'static str {
        match self {
            Self::Minutely => "MINUTELY",
            Self::Hourly => "HOURLY",
            Self::Daily => "DAILY",
            Self::Weekly => "WEEKLY",
            Self::Monthly => "MONTHLY",
            Self::Yearly => "YEARLY",
        }
    }
}

impl Recurrence {
    /// The RRULE alone: `FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=5`. Times of day, window, start and exceptions
    /// are not in it: they become DTSTARTs and EXDATEs.
    pub fn rrule(&self) -> String {
        let mut rule = format!("FREQ={}", self.frequency.name());
        if self.interval > 1 {
            rule += &format!(";INTERVAL={}", self.interval);
        }
        if !self.by_month.is_empty() {
            rule += &format!(";BYMONTH={}", list(&self.by_month));
        }
        if !self.by_month_day.is_empty() {
            rule += &format!(";BYMONTHDAY={}", list(&self.by_month_day));
        }
        if !self.by_day.is_empty() {
            let days = self.by_day.iter().map(|day| {
                let nth = day.nth.map_or_else(String::new, |nth| nth.to_string());
                nth + letters(day.weekday)
            });
            rule += &format!(";BYDAY={}", list(days));
        }
        if let Some(position) = self.by_set_pos {
            rule += &format!(";BYSETPOS={position}");
        }
        if let Some(until) = self.until {
            rule += &format!(";UNTIL={}", until.format("%Y%m%dT%H%M%S"));
        }
        if let Some(count) = self.count {
            rule += &format!(";COUNT={count}");
        }
        rule
    }
}

/// The RRULE and what stands beside it, on one line: for logs and tests.
impl fmt::Display for Recurrence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.rrule())?;
        if !self.times.is_empty() {
            write!(
                formatter,
                " @{}",
                list(self.times.iter().map(|time| time.format("%H:%M")))
            )?;
        }
        if let Some(window) = self.window {
            write!(
                formatter,
                " window {}-{}",
                window.from.format("%H:%M"),
                window.to.format("%H:%M")
            )?;
        }
        if let Some(start) = self.start {
            write!(formatter, " from {}", start.format("%Y-%m-%dT%H:%M"))?;
        }
        if !self.except_weekdays.is_empty() {
            write!(
                formatter,
                " except {}",
                list(self.except_weekdays.iter().map(|day| letters(*day)))
            )?;
        }
        if !self.except_dates.is_empty() {
            write!(formatter, " except {}", list(&self.except_dates))?;
        }
        if self.from_completion {
            formatter.write_str(" from completion")?;
        }
        if let Some(zone) = self.zone {
            write!(formatter, " zone {zone}")?;
        }
        Ok(())
    }
}
