//! Which day is meant: dates without a year, weekdays, and where several are plausible.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::Present;
use crate::{
    phrase::{Day, Phrase},
    rules::weekday,
};

/// The date of a month and day that is ahead, today included; 29 February of the next year that has it.
pub(crate) fn ahead(today: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    (0..=8)
        .filter_map(|more| NaiveDate::from_ymd_opt(today.year() + more, month, day))
        .find(|date| *date >= today)
}

/// The date that a day certainly is.
pub(crate) fn only_date(day: &Day, today: NaiveDate) -> Option<NaiveDate> {
    match day {
        Day::Date(date) => Some(*date),
        Day::Yearless(month, day) => ahead(today, *month, *day),
        Day::OfMonth(day) => month_day_ahead(today, *day),
        Day::Weekday(day) => weekday::after(today, *day),
        Day::Either(..) => None,
        Day::Stretch(first, last) => (first == last).then_some(*first),
    }
}

fn month_day_ahead(today: NaiveDate, day: u32) -> Option<NaiveDate> {
    let mut month = today.with_day(1)?;
    for _ in 0..14 {
        if let Some(date) = month.with_day(day)
            && date >= today
        {
            return Some(date);
        }
        month = month.checked_add_months(chrono::Months::new(1))?;
    }
    None
}

/// The days that may be meant.
pub(super) enum Candidates {
    /// Not said.
    None,
    One(NaiveDate),
    Which(Vec<NaiveDate>),
    Stretch(NaiveDate, NaiveDate),
    Unknown,
}

/// The days that may be meant; `is_ahead` tells whether the hour that was said is still to come on a day.
pub(super) fn days(phrase: &Phrase, present: Present, is_ahead: impl Fn(NaiveDate) -> bool) -> Candidates {
    let today = present.today();
    let Some(day) = &phrase.day else {
        return Candidates::None;
    };
    let week_later = |date: NaiveDate| date.checked_add_days(Days::new(7));
    match day {
        Day::Date(date) => match phrase.weekday {
            Some(weekday) if date.weekday() != weekday => {
                // "friday, 3 march 2027" of a year in which that is a wednesday.
                mismatch(*date, weekday, today)
            }
            _ => Candidates::One(*date),
        },
        Day::Yearless(month, day) => {
            let Some(mut date) = ahead(today, *month, *day) else {
                return Candidates::Unknown;
            };
            if date == today && !is_ahead(date) {
                match today
                    .succ_opt()
                    .and_then(|tomorrow| ahead(tomorrow, *month, *day))
                {
                    Some(next) => date = next,
                    None => return Candidates::Unknown,
                }
            }
            match phrase.weekday {
                Some(weekday) if date.weekday() != weekday => mismatch(date, weekday, today),
                _ => Candidates::One(date),
            }
        }
        Day::OfMonth(day) => {
            let mut from = today;
            if today.day() == *day && !is_ahead(today) {
                from = today.succ_opt().unwrap_or(today);
            }
            let Some(weekday) = phrase.weekday else {
                return month_day_ahead(from, *day).map_or(Candidates::Unknown, Candidates::One);
            };
            // "friday the 13th"
            let mut date = month_day_ahead(from, *day);
            for _ in 0..24 {
                match date {
                    Some(found) if found.weekday() == weekday => {
                        // Of another month than the next: was the number meant, or the weekday? "Friday the 13th" is.
                        let first = month_day_ahead(from, *day).filter(|first| *first != found && *day != 13);
                        return match first {
                            Some(first) => mismatch(first, weekday, today),
                            None => Candidates::One(found),
                        };
                    }
                    Some(found) => date = found.succ_opt().and_then(|next| month_day_ahead(next, *day)),
                    None => return Candidates::Unknown,
                }
            }
            Candidates::Unknown
        }
        Day::Weekday(weekday) => named_weekday(*weekday, today, is_ahead),
        Day::Either(one, other) => {
            let ahead: Vec<NaiveDate> = [*one, *other].into_iter().filter(|date| *date >= today).collect();
            match ahead.as_slice() {
                [] => Candidates::One(*other),
                [only] => Candidates::One(*only),
                _ => Candidates::Which(ahead),
            }
        }
        Day::Stretch(first, last) if first == last => Candidates::One(*first),
        Day::Stretch(first, last) => {
            if phrase.weekday.is_some() || week_later(*first).is_none() {
                return Candidates::Unknown;
            }
            Candidates::Stretch((*first).max(today.min(*last)), *last)
        }
    }
}

/// A date that is no such weekday: the date, or the weekday next to it?
fn mismatch(date: NaiveDate, weekday: Weekday, today: NaiveDate) -> Candidates {
    let later = weekday::after(date, weekday);
    let earlier = later
        .and_then(|later| later.checked_sub_days(Days::new(7)))
        .filter(|earlier| *earlier >= today);
    let near = match (earlier, later) {
        (Some(earlier), Some(later)) if date - earlier < later - date => Some(earlier),
        (_, later) => later,
    };
    let mut dates: Vec<NaiveDate> = [Some(date), near].into_iter().flatten().collect();
    dates.sort_unstable();
    Candidates::Which(dates)
}

/// A weekday: today's only when it may be, then asked.
fn named_weekday(weekday: Weekday, today: NaiveDate, is_ahead: impl Fn(NaiveDate) -> bool) -> Candidates {
    let Some(next) = weekday::after(today, weekday) else {
        return Candidates::Unknown;
    };
    if today.weekday() != weekday || !is_ahead(today) {
        return Candidates::One(next);
    }
    Candidates::Which(vec![today, next])
}
