//! Recurrence rules as phrases.

use chrono::{NaiveTime, Weekday};

use super::{End, Frequency, NthWeekday, Recurrence, Rule};
use crate::{Language, describe::days_in_order, language::Unit};

/// How many days that are left out are named; more are counted.
const NAMED: usize = 4;

impl Recurrence {
    /// `every 3rd Friday of the month at 09:00, until Thu 24 Dec 2026`.
    pub(crate) fn describe(&self, language: Language) -> String {
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
            let times: Vec<NaiveTime> = self.rules.iter().flat_map(|rule| rule.times.clone()).collect();
            first.phrase(&times, language)
        } else {
            let phrases = self.rules.iter().map(|rule| rule.phrase(&rule.times, language));
            language.list(&phrases.collect::<Vec<_>>())
        };
        let except = language.pick(["except", "außer", "excepto", "кроме"]);
        match self.except.as_slice() {
            [] => {}
            few if few.len() <= NAMED => {
                let mut days = few.to_vec();
                days.sort_unstable();
                let days: Vec<String> = days.iter().map(|day| language.date(*day)).collect();
                text.push_str(&format!(", {except} {}", language.list(&days)));
            }
            many => {
                let days = language.pick(["days", "Tagen", "días", "дней"]);
                text.push_str(&format!(", {except} {} {days}", many.len()));
            }
        }
        text
    }
}

impl Rule {
    fn phrase(&self, times: &[NaiveTime], language: Language) -> String {
        let mut text = format!("{}{}", self.days(language), language.at(times));
        if self.interval > 1 {
            text.push_str(&language.from(&language.date(self.start.date())));
        }
        match self.end {
            End::Never => {}
            End::Until(until) if until.time() >= NaiveTime::from_hms_opt(23, 59, 0).unwrap_or_default() => {
                text.push_str(&language.until(&language.date(until.date())));
            }
            End::Until(until) => text.push_str(&language.until(&language.local(until))),
            End::Count(1) => {
                let once = language.pick(["once", "einmal", "una vez", "один раз"]);
                text.push_str(&format!(", {once}"));
            }
            End::Count(n) => {
                let times = language.pick(["times", "Mal", "veces", "раз"]);
                text.push_str(&format!(", {n} {times}"));
            }
        }
        text
    }

    fn days(&self, language: Language) -> String {
        let is_picked = !self.weekdays.is_empty() || !self.month_days.is_empty();
        let every = |unit| language.every(self.interval.into(), unit);
        let plain = self.plain_weekdays();
        let picked = || language.on(&self.picked(language));
        let mut text = match (self.frequency, self.interval) {
            (Frequency::Daily, _) if !is_picked => every(Unit::Day),
            (Frequency::Daily, _) => {
                let only = language.pick([" that is", ", nur", ", solo", ", только"]);
                format!("{}{only} {}", every(Unit::Day), self.picked(language))
            }
            (Frequency::Weekly, 1) if self.positions.is_empty() => language.each_weekday(&plain),
            (Frequency::Weekly, _) if self.positions.is_empty() => {
                format!("{} {}", every(Unit::Week), on_weekdays(&plain, language))
            }
            (Frequency::Weekly, _) => format!("{} {}", every(Unit::Week), picked()),
            (Frequency::Monthly, 1) if self.months.is_empty() => {
                format!("{} {}", picked(), language.of_each_month())
            }
            (Frequency::Monthly, 1) => picked(),
            (Frequency::Monthly, _) => format!("{} {}", every(Unit::Month), picked()),
            (Frequency::Yearly, _) => format!("{} {}", every(Unit::Year), picked()),
        };
        if !self.months.is_empty() {
            let names: Vec<String> = self
                .months
                .iter()
                .map(|month| language.month(*month).to_owned())
                .collect();
            let is_in = self.frequency < Frequency::Monthly;
            let of = language.pick([
                if is_in { "in " } else { "of " },
                "im ",
                if is_in { "en " } else { "de " },
                // A month's name in the genitive says "of".
                if is_in { "в течение " } else { "" },
            ]);
            text.push_str(&format!(" {of}{}", language.list(&names)));
        }
        text
    }

    /// The days of the period: `the 15th and the last day`, `the third Friday`, `weekday`.
    fn picked(&self, language: Language) -> String {
        let days: Vec<String> = self
            .month_days
            .iter()
            .map(|day| language.month_day(*day))
            .collect();
        let weekdays = self.weekday_words(language);
        let picked = match (days.as_slice(), weekdays.as_str()) {
            ([], _) => weekdays,
            (_, "") => language.list(&days),
            _ => {
                let is_it = language.pick([
                    format!(" if it is {weekdays}"),
                    format!(", wenn das {weekdays} ist"),
                    format!(" si es {weekdays}"),
                    format!(", если это {weekdays}"),
                ]);
                format!("{}{is_it}", language.list(&days))
            }
        };
        if self.positions.is_empty() {
            return picked;
        }
        let places = self.positions.iter().map(|place| language.nth(i32::from(*place)));
        format!("{} {picked}", language.list(&places.collect::<Vec<_>>()))
    }

    fn plain_weekdays(&self) -> Vec<Weekday> {
        let plain: Vec<Weekday> = self
            .weekdays
            .iter()
            .filter(|day| day.nth.is_none())
            .map(|day| day.day)
            .collect();
        days_in_order(&plain)
    }

    fn weekday_words(&self, language: Language) -> String {
        let mut words = match self.plain_weekdays().as_slice() {
            [] => Vec::new(),
            all if all.len() == 7 => vec![language.a_day().to_owned()],
            [
                Weekday::Mon,
                Weekday::Tue,
                Weekday::Wed,
                Weekday::Thu,
                Weekday::Fri,
            ] => vec![language.a_weekday().to_owned()],
            some => some.iter().map(|day| language.weekday(*day).to_owned()).collect(),
        };
        words.extend(self.weekdays.iter().filter_map(|NthWeekday { nth: place, day }| {
            Some(language.nth_weekday(i32::from((*place)?), *day))
        }));
        language.list(&words)
    }
}

/// `on Monday and Friday`, `on weekday`.
fn on_weekdays(days: &[Weekday], language: Language) -> String {
    match days {
        [
            Weekday::Mon,
            Weekday::Tue,
            Weekday::Wed,
            Weekday::Thu,
            Weekday::Fri,
        ] => language
            .each_weekday(days)
            .replacen("every weekday", "on weekdays", 1),
        days => language.on_weekdays(days),
    }
}
