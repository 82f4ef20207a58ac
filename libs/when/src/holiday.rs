//! Holidays: fixed dates, nth weekdays, and those that hang on Easter.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use chrono_tz::Tz;

use crate::{Frequency, phrase::Repeat, recurrence::NthDay, rules::repeat_days::yearly};

/// When a holiday is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holiday {
    /// Month and day.
    Fixed(u32, u32),
    /// The nth (from the end when negative) weekday of a month, and so many days after it.
    Nth(i8, Weekday, u32, i64),
    /// Days from Easter Sunday.
    Easter(i64),
    /// Days from Orthodox Easter Sunday.
    OrthodoxEaster(i64),
    /// The nth Sunday of Advent.
    Advent(i64),
    /// The weekday on or before a date ("Victoria Day").
    Before(Weekday, u32, u32),
    /// What each country has on a day of its own.
    National(National),
}

/// Holidays whose day the speaker's country tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum National {
    MothersDay,
    FathersDay,
    /// The same in German: in Germany it is Ascension Day.
    Vatertag,
    Thanksgiving,
    LabourDay,
}

impl National {
    /// Its day where a zone's clocks count.
    fn within(self, zone: Tz) -> Holiday {
        use Holiday::{Easter, Fixed, Nth};
        use Weekday::{Mon, Sun, Thu};
        let name = zone.name();
        let is = |zones: &[&str]| zones.iter().any(|zone| name.starts_with(zone));
        let is_british = is(&[
            "Europe/London",
            "Europe/Dublin",
            "Europe/Belfast",
            "Europe/Jersey",
            "Europe/Guernsey",
            "Europe/Isle_of_Man",
        ]);
        let is_spanish = is(&["Europe/Madrid", "Atlantic/Canary", "Africa/Ceuta"]);
        let is_russian = is(&[
            "Europe/Moscow",
            "Europe/Samara",
            "Asia/Yekaterinburg",
            "Asia/Novosibirsk",
        ]);
        let is_southern = is(&["Australia/", "Pacific/Auckland"]);
        let is_canadian = is(&[
            "Canada/",
            "America/Toronto",
            "America/Montreal",
            "America/Vancouver",
            "America/Edmonton",
            "America/Winnipeg",
            "America/Regina",
            "America/Halifax",
            "America/St_Johns",
            "America/Moncton",
        ]);
        match self {
            Self::MothersDay if is_british => Easter(-21),
            Self::MothersDay if is_spanish => Nth(1, Sun, 5, 0),
            Self::MothersDay if is_russian => Nth(-1, Sun, 11, 0),
            Self::MothersDay
                if is(&[
                    "America/Mexico_City",
                    "America/Cancun",
                    "America/Merida",
                    "America/Monterrey",
                    "America/Chihuahua",
                    "America/Tijuana",
                    "America/Guatemala",
                    "America/El_Salvador",
                ]) =>
            {
                Fixed(5, 10)
            }
            Self::MothersDay if is(&["America/Argentina", "America/Buenos_Aires"]) => Nth(3, Sun, 10, 0),
            Self::MothersDay => Nth(2, Sun, 5, 0),
            Self::FathersDay if is_spanish => Fixed(3, 19),
            Self::FathersDay if is_russian => Nth(3, Sun, 10, 0),
            Self::FathersDay if is_southern => Nth(1, Sun, 9, 0),
            Self::FathersDay if is(&["Europe/Vienna"]) => Nth(2, Sun, 6, 0),
            Self::FathersDay => Nth(3, Sun, 6, 0),
            Self::Vatertag if is(&["Europe/Vienna"]) => Nth(2, Sun, 6, 0),
            Self::Vatertag if is(&["Europe/Zurich"]) => Nth(1, Sun, 6, 0),
            Self::Vatertag => Easter(39),
            Self::Thanksgiving if is_canadian => Nth(2, Mon, 10, 0),
            Self::Thanksgiving => Nth(4, Thu, 11, 0),
            Self::LabourDay if is_british => Nth(1, Mon, 5, 0),
            Self::LabourDay if name.starts_with("Europe/") => Fixed(5, 1),
            Self::LabourDay => Nth(1, Mon, 9, 0),
        }
    }
}

impl Holiday {
    /// The same, as the speaker's country has it.
    pub(crate) fn within(self, zone: Tz) -> Self {
        match self {
            Self::National(national) => national.within(zone),
            known => known,
        }
    }

    /// The nth of those that are counted: the third Sunday of Advent, the second day of Christmas.
    pub(crate) fn nth(self, nth: u32) -> Option<Self> {
        let nth = i64::from(nth);
        match self {
            Self::Advent(_) if (1..=4).contains(&nth) => Some(Self::Advent(nth)),
            Self::Fixed(12, 25) if nth == 1 => Some(self),
            Self::Fixed(12, 25) if nth == 2 => Some(Self::Fixed(12, 26)),
            Self::Easter(days) if (1..=2).contains(&nth) => Some(Self::Easter(days + nth - 1)),
            _ => None,
        }
    }

    /// Its date in a year.
    pub(crate) fn of(self, year: i32) -> Option<NaiveDate> {
        match self {
            Self::Fixed(month, day) => NaiveDate::from_ymd_opt(year, month, day),
            Self::Nth(nth, weekday, month, after) => {
                let date = if nth > 0 {
                    NaiveDate::from_weekday_of_month_opt(year, month, weekday, nth.unsigned_abs())?
                } else {
                    let last = crate::rules::period::last_of_month(year, month)?;
                    last_before(last, weekday)?
                };
                shifted(date, after)
            }
            Self::Easter(days) => shifted(easter(year)?, days),
            Self::OrthodoxEaster(days) => shifted(orthodox_easter(year)?, days),
            Self::Advent(nth) => {
                let fourth = last_before(NaiveDate::from_ymd_opt(year, 12, 24)?, Weekday::Sun)?;
                shifted(fourth, (nth - 4) * 7)
            }
            Self::National(national) => national.within(Tz::UTC).of(year),
            Self::Before(weekday, month, day) => {
                last_before(NaiveDate::from_ymd_opt(year, month, day)?, weekday)
            }
        }
    }

    /// The next one, today included.
    pub(crate) fn ahead(self, today: NaiveDate) -> Option<NaiveDate> {
        [today.year(), today.year() + 1]
            .into_iter()
            .filter_map(|year| self.of(year))
            .find(|date| *date >= today)
    }

    /// The rule that it follows each year; `None` where iCalendar has none.
    pub(crate) fn rule(self) -> Option<Repeat> {
        match self {
            Self::Fixed(month, day) => Some(yearly(month, day)),
            Self::Nth(nth, weekday, month, 0) => Some(Repeat {
                months: vec![u8::try_from(month).ok()?],
                days: vec![NthDay {
                    nth: Some(nth),
                    weekday,
                }],
                ..Repeat::every(1, Frequency::Yearly)
            }),
            Self::National(national) => national.within(Tz::UTC).rule(),
            Self::Nth(..)
            | Self::Easter(_)
            | Self::OrthodoxEaster(_)
            | Self::Advent(_)
            | Self::Before(..) => None,
        }
    }
}

fn shifted(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let by = Days::new(days.unsigned_abs());
    if days < 0 {
        date.checked_sub_days(by)
    } else {
        date.checked_add_days(by)
    }
}

/// The last such weekday on or before a date.
fn last_before(date: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    let back = (date.weekday().num_days_from_monday() + 7 - weekday.num_days_from_monday()) % 7;
    date.checked_sub_days(Days::new(u64::from(back)))
}

/// Easter Sunday, by the anonymous Gregorian computus.
fn easter(year: i32) -> Option<NaiveDate> {
    let a = year % 19;
    let b = year / 100;
    let c = year % 100;
    let d = b / 4;
    let e = b % 4;
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let i = c / 4;
    let k = c % 4;
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let month = (h + l - 7 * m + 114) / 31;
    let day = (h + l - 7 * m + 114) % 31 + 1;
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

/// Orthodox Easter Sunday, by Meeus's Julian computus; the calendars lie 13 days apart until 2099.
fn orthodox_easter(year: i32) -> Option<NaiveDate> {
    if !(1900..=2099).contains(&year) {
        return None;
    }
    let a = year % 4;
    let b = year % 7;
    let c = year % 19;
    let d = (19 * c + 15) % 30;
    let e = (2 * a + 4 * b - d + 34) % 7;
    let month = (d + e + 114) / 31;
    let day = (d + e + 114) % 31 + 1;
    shifted(
        NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?,
        13,
    )
}
