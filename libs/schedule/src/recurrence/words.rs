//! Recurrence rules as phrases, in English.

use chrono::{Month, NaiveTime, TimeDelta, Weekday};

use super::{End, Frequency, NthWeekday, Recurrence, Rule};
use crate::{
    describe::{days_in_order, list, ordinal, weekday_name},
    format::{count, format_local},
};

/// How many days that are left out are named; more are counted.
const NAMED: usize = 4;

impl Recurrence {
    /// `every 3rd Friday of the month at 09:00, until Thu 24 Dec 2026`.
    pub(crate) fn describe(&self) -> String {
        let Some(first) = self.rules.first() else {
            return String::new();
        };
        // Rules that differ in nothing but the time of day are one phrase.
        let one_rule = |rule: &Rule| {
            let mut rule = rule.clone();
            rule.times.clone_from(&first.times);
            rule == *first
        };
        let mut text = if self.rules.iter().all(one_rule) {
            let mut times: Vec<NaiveTime> = self.rules.iter().flat_map(|rule| rule.times.clone()).collect();
            times.sort_unstable();
            times.dedup();
            first.phrase(&times)
        } else {
            let phrases: Vec<String> = self.rules.iter().map(|rule| rule.phrase(&rule.times)).collect();
            list(&phrases)
        };
        match self.except.as_slice() {
            [] => {}
            few if few.len() <= NAMED => {
                let mut days = few.to_vec();
                days.sort_unstable();
                let days: Vec<String> = days
                    .iter()
                    .map(|day| day.format("%a %-d %b %Y").to_string())
                    .collect();
                text.push_str(&format!(", except {}", list(&days)));
            }
            many => text.push_str(&format!(", except {} days", many.len())),
        }
        text
    }
}

impl Rule {
    fn phrase(&self, times: &[NaiveTime]) -> String {
        let mut text = format!("{}{}", self.days(), at(times));
        if self.interval > 1 {
            text.push_str(&format!(", from {}", self.start.format("%a %-d %b %Y")));
        }
        match self.end {
            End::Never => {}
            End::Until(until) if until.time() >= NaiveTime::from_hms_opt(23, 59, 0).unwrap_or_default() => {
                text.push_str(&format!(", until {}", until.format("%a %-d %b %Y")));
            }
            End::Until(until) => text.push_str(&format!(", until {}", format_local(until))),
            End::Count(1) => text.push_str(", once"),
            End::Count(n) => text.push_str(&format!(", {n} times")),
        }
        text
    }

    fn days(&self) -> String {
        let picked = self.picked();
        let mut text = match (self.frequency, self.interval) {
            (Frequency::Daily, 1) if picked.is_empty() => "every day".to_owned(),
            (Frequency::Daily, n) if picked.is_empty() => format!("every {}", count(i64::from(n), "day")),
            (Frequency::Daily, 1) => format!("every day that is {picked}"),
            (Frequency::Daily, n) => format!("every {} that is {picked}", count(i64::from(n), "day")),
            (Frequency::Weekly, 1) => format!("every {picked}"),
            (Frequency::Weekly, n) => format!("every {} on {picked}", count(i64::from(n), "week")),
            (Frequency::Monthly, 1) if self.months.is_empty() => format!("on {picked} of each month"),
            (Frequency::Monthly, 1) => format!("on {picked}"),
            (Frequency::Monthly, n) => format!("every {} on {picked}", count(i64::from(n), "month")),
            (Frequency::Yearly, 1) => format!("every year on {picked}"),
            (Frequency::Yearly, n) => format!("every {} on {picked}", count(i64::from(n), "year")),
        };
        if !self.months.is_empty() {
            let names: Vec<String> = self
                .months
                .iter()
                .filter_map(|month| Month::try_from(*month).ok())
                .map(|month| month.name().to_owned())
                .collect();
            let of = if self.frequency < Frequency::Monthly {
                "in"
            } else {
                "of"
            };
            text.push_str(&format!(" {of} {}", list(&names)));
        }
        text
    }

    /// The days of the period: `the 15th and the last day`, `the third Friday`, `weekday`.
    fn picked(&self) -> String {
        let days: Vec<String> = self.month_days.iter().map(|day| month_day(*day)).collect();
        let weekdays = self.weekday_words();
        let picked = match (days.as_slice(), weekdays.as_str()) {
            ([], _) => weekdays,
            (_, "") => list(&days),
            _ => format!("{} if it is {weekdays}", list(&days)),
        };
        if self.positions.is_empty() {
            return picked;
        }
        let places: Vec<String> = self
            .positions
            .iter()
            .map(|place| nth(i32::from(*place)))
            .collect();
        format!("{} {picked}", list(&places))
    }

    fn weekday_words(&self) -> String {
        let plain: Vec<Weekday> = self
            .weekdays
            .iter()
            .filter(|day| day.nth.is_none())
            .map(|day| day.day)
            .collect();
        let mut words = match days_in_order(&plain).as_slice() {
            [] => Vec::new(),
            all if all.len() == 7 => vec!["day".to_owned()],
            [
                Weekday::Mon,
                Weekday::Tue,
                Weekday::Wed,
                Weekday::Thu,
                Weekday::Fri,
            ] => vec!["weekday".to_owned()],
            some => some.iter().map(|day| weekday_name(*day)).collect(),
        };
        words.extend(self.weekdays.iter().filter_map(|NthWeekday { nth: place, day }| {
            Some(format!("{} {}", nth(i32::from((*place)?)), weekday_name(*day)))
        }));
        list(&words)
    }
}

fn month_day(day: i8) -> String {
    match day {
        -1 => "the last day".to_owned(),
        day if day < 0 => format!("the {} to last day", ordinal(day.unsigned_abs().into())),
        day => format!("the {}", ordinal(day.unsigned_abs().into())),
    }
}

/// `the first`, `the last`, `the 7th`.
fn nth(place: i32) -> String {
    match place {
        1 => "the first".to_owned(),
        2 => "the second".to_owned(),
        3 => "the third".to_owned(),
        4 => "the fourth".to_owned(),
        5 => "the fifth".to_owned(),
        -1 => "the last".to_owned(),
        place if place < 0 => format!("the {} to last", ordinal(place.unsigned_abs())),
        place => format!("the {}", ordinal(place.unsigned_abs())),
    }
}

/// ` at 09:00 and 17:30`; `, every 30 minutes from 09:00 to 17:00` where more than four times are evenly apart.
fn at(times: &[NaiveTime]) -> String {
    if let [first, second, .., last] = times
        && times.len() > 4
    {
        let step = *second - *first;
        let is_even = times
            .windows(2)
            .all(|pair| matches!(pair, [one, next] if *next - *one == step));
        if is_even && step > TimeDelta::zero() {
            let minutes = step.num_minutes();
            let step = if minutes % 60 == 0 {
                count(minutes / 60, "hour")
            } else {
                count(minutes, "minute")
            };
            return format!(
                ", every {step} from {} to {}",
                first.format("%H:%M"),
                last.format("%H:%M")
            );
        }
    }
    let times: Vec<String> = times
        .iter()
        .map(|time| time.format("%H:%M").to_string())
        .collect();
    format!(" at {}", list(&times))
}
