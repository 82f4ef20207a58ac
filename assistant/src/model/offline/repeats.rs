//! Reads "every weekday", "every 6 hours", "every monday and thursday", "every month on the 1st".

use serde_json::{Value, json};

use super::numbers::{self, Unit};

/// A rule that repeats, as far as it was said.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    unit: &'static str,
    every: u32,
    weekdays: Vec<&'static str>,
    month_days: Vec<u32>,
    month: Option<u32>,
}

const WEEKDAYS: [&str; 5] = ["mon", "tue", "wed", "thu", "fri"];

impl Rule {
    /// The tool's argument; `None` when the time of day or the day itself is missing.
    pub(super) fn arguments(&self, times: &[String]) -> Option<Value> {
        let is_known = match self.unit {
            "weeks" => !self.weekdays.is_empty(),
            "months" | "years" => !self.month_days.is_empty(),
            _ => true,
        };
        if !is_known {
            return None;
        }
        let mut rule = json!({ "unit": self.unit });
        if self.every != 1 {
            rule["every"] = self.every.into();
        }
        if !self.weekdays.is_empty() {
            rule["weekdays"] = self.weekdays.clone().into();
        }
        if !self.month_days.is_empty() {
            rule["month_days"] = self.month_days.clone().into();
        }
        if let Some(month) = self.month {
            rule["month"] = month.into();
        }
        if !matches!(self.unit, "minutes" | "hours") {
            if times.is_empty() {
                return None;
            }
            rule["times"] = times.into();
        }
        Some(rule)
    }

    /// Reads what may stand behind a rule: "on monday", "on the 1st and 15th", "on 24 december".
    pub(super) fn more(&mut self, words: &[&str]) -> Option<usize> {
        let (rest, before) = match words {
            ["on", rest @ ..] | ["and" | "&", rest @ ..] => (rest, 1),
            _ => (words, 0),
        };
        if matches!(self.unit, "weeks")
            && let Some(day) = rest.first().and_then(|word| numbers::weekday(word))
        {
            self.weekdays.push(day);
            return Some(before + 1);
        }
        if before == 0 {
            return None;
        }
        let (rest, before) = match rest {
            ["the", rest @ ..] => (rest, before + 1),
            _ => (rest, before),
        };
        let (first, rest) = rest.split_first()?;
        if matches!(self.unit, "months") {
            if matches!((*first, rest), ("last", ["day", ..])) {
                self.month_days.push(31);
                return Some(before + 2);
            }
            self.month_days.push(numbers::ordinal(first)?);
            return Some(before + 1);
        }
        if matches!(self.unit, "years") && self.month.is_none() {
            let day = |word: &str| numbers::ordinal(word).or_else(|| numbers::digits(word));
            let (day, month, taken) = match rest {
                ["of", name, ..] => (day(first)?, numbers::month(name)?, 3),
                [name, ..] if numbers::month(name).is_some() => (day(first)?, numbers::month(name)?, 2),
                [word, ..] => (day(word)?, numbers::month(first)?, 2),
                [] => return None,
            };
            self.month = Some(month);
            self.month_days.push(day);
            return Some(before + taken);
        }
        None
    }
}

/// The rule at the beginning of the words, and how many it takes.
pub(super) fn rule(words: &[&str]) -> Option<(Rule, usize)> {
    match words {
        ["daily", ..] => return Some((counted(Unit::Days, 1)?, 1)),
        ["hourly", ..] => return Some((counted(Unit::Hours, 1)?, 1)),
        ["weekly", ..] => return Some((counted(Unit::Weeks, 1)?, 1)),
        ["monthly", ..] => return Some((counted(Unit::Months, 1)?, 1)),
        ["yearly" | "annually", ..] => return Some((counted(Unit::Years, 1)?, 1)),
        ["on", "weekdays", ..] => return Some((weekly(&WEEKDAYS), 2)),
        ["weekdays", ..] => return Some((weekly(&WEEKDAYS), 1)),
        ["on", "weekends", ..] => return Some((weekly(&["sat", "sun"]), 2)),
        // "on mondays"; "on monday" is once.
        ["on", day, ..] if day.len() > 4 && day.ends_with('s') => {
            return Some((weekly(&[numbers::weekday(day)?]), 2));
        }
        _ => {}
    }
    let ["every" | "each", rest @ ..] = words else {
        return None;
    };
    let (rule, taken) = match rest {
        ["weekday" | "weekdays" | "workday", ..] => (weekly(&WEEKDAYS), 1),
        ["weekend" | "weekends", ..] => (weekly(&["sat", "sun"]), 1),
        // The part of the day is read as such after the rule.
        [
            "morning" | "noon" | "midnight" | "afternoon" | "evening" | "night",
            ..,
        ] => (counted(Unit::Days, 1)?, 0),
        ["other" | "second", name, ..] if numbers::unit(name).is_some() => {
            (counted(numbers::unit(name)?, 2)?, 2)
        }
        ["other" | "second", name, ..] if numbers::weekday(name).is_some() => {
            let mut rule = weekly(&[numbers::weekday(name)?]);
            rule.every = 2;
            (rule, 2)
        }
        [n, name, ..] if numbers::number(n).is_some() && numbers::unit(name).is_some() => {
            (counted(numbers::unit(name)?, numbers::number(n)?)?, 2)
        }
        [name, ..] if numbers::weekday(name).is_some() => (weekly(&[numbers::weekday(name)?]), 1),
        [name, ..] if numbers::unit(name).is_some() => (counted(numbers::unit(name)?, 1)?, 1),
        [day, "of", "the" | "every" | "each", "month", ..] => {
            let mut rule = counted(Unit::Months, 1)?;
            rule.month_days.push(numbers::ordinal(day)?);
            (rule, 4)
        }
        _ => return None,
    };
    Some((rule, taken + 1))
}

fn counted(unit: Unit, every: u32) -> Option<Rule> {
    let unit = match unit {
        Unit::Seconds => return None,
        Unit::Minutes => "minutes",
        Unit::Hours => "hours",
        Unit::Days => "days",
        Unit::Weeks => "weeks",
        Unit::Months => "months",
        Unit::Years => "years",
    };
    Some(Rule {
        unit,
        every,
        weekdays: Vec::new(),
        month_days: Vec::new(),
        month: None,
    })
}

fn weekly(days: &[&'static str]) -> Rule {
    Rule {
        unit: "weeks",
        every: 1,
        weekdays: days.to_vec(),
        month_days: Vec::new(),
        month: None,
    }
}
