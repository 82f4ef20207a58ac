//! A length of time: months and days by the calendar, seconds by the clock.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

use crate::{Grain, zone::local_to_utc};

/// A length of time. Months and days follow the calendar (the clock shows the same hour), seconds elapse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Length {
    /// Whole months; a year is twelve.
    pub months: i32,
    /// Whole days; a week is seven.
    pub days: i32,
    /// Working days, Monday to Friday.
    pub workdays: i32,
    /// Elapsed seconds.
    pub seconds: i64,
    /// "a few": nobody can say how many.
    pub is_vague: bool,
}

impl Length {
    /// So many seconds.
    pub fn of_seconds(seconds: i64) -> Self {
        Self {
            seconds,
            ..Self::default()
        }
    }

    /// Whether it is nothing at all.
    pub fn is_zero(&self) -> bool {
        self.months == 0 && self.days == 0 && self.workdays == 0 && self.seconds == 0
    }

    /// Whether it leads back.
    pub(crate) fn is_negative(&self) -> bool {
        self.months < 0 || self.days < 0 || self.workdays < 0 || self.seconds < 0
    }

    /// What it is exact to.
    pub fn grain(&self) -> Grain {
        if self.seconds % 60 != 0 {
            Grain::Second
        } else if self.seconds != 0 {
            Grain::Minute
        } else {
            Grain::Day
        }
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            months: self.months.checked_add(other.months)?,
            days: self.days.checked_add(other.days)?,
            workdays: self.workdays.checked_add(other.workdays)?,
            seconds: self.seconds.checked_add(other.seconds)?,
            is_vague: self.is_vague || other.is_vague,
        })
    }

    /// The other way.
    #[must_use]
    pub fn negated(self) -> Self {
        Self {
            months: -self.months,
            days: -self.days,
            workdays: -self.workdays,
            seconds: -self.seconds,
            is_vague: self.is_vague,
        }
    }

    /// The date that lies so far from another; seconds are left out.
    pub fn from_date(&self, date: NaiveDate) -> Option<NaiveDate> {
        let months = Months::new(self.months.unsigned_abs());
        let date = if self.months < 0 {
            date.checked_sub_months(months)
        } else {
            date.checked_add_months(months)
        }?;
        let days = Days::new(u64::from(self.days.unsigned_abs()));
        let date = if self.days < 0 {
            date.checked_sub_days(days)
        } else {
            date.checked_add_days(days)
        }?;
        let date = workdays_from(date, self.workdays)?;
        (1..=9999).contains(&date.year()).then_some(date)
    }

    /// The wall-clock time that lies so far from another.
    pub fn from_local(&self, local: NaiveDateTime) -> Option<NaiveDateTime> {
        let date = self.from_date(local.date())?;
        let at = date
            .and_time(local.time())
            .checked_add_signed(TimeDelta::try_seconds(self.seconds)?)?;
        (1..=9999).contains(&at.year()).then_some(at)
    }

    /// The instant that lies so far from another: calendar parts on the zone's wall clock, seconds elapsed.
    pub fn from_instant(&self, instant: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let elapsed = TimeDelta::try_seconds(self.seconds)?;
        let start = if self.months == 0 && self.days == 0 && self.workdays == 0 {
            instant
        } else {
            let local = instant.with_timezone(&zone).naive_local();
            local_to_utc(self.from_date(local.date())?.and_time(local.time()), zone)
        };
        let at = start.checked_add_signed(elapsed)?;
        (1..=9999).contains(&at.year()).then_some(at)
    }
}

fn workdays_from(date: NaiveDate, workdays: i32) -> Option<NaiveDate> {
    if workdays.unsigned_abs() > 5000 {
        return None;
    }
    let mut date = date;
    for _ in 0..workdays.unsigned_abs() {
        loop {
            date = if workdays < 0 {
                date.pred_opt()
            } else {
                date.succ_opt()
            }?;
            if !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
                break;
            }
        }
    }
    Some(date)
}
