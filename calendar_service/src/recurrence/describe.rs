//! A recurrence as a phrase, in English.

use chrono::{NaiveDate, NaiveDateTime};

use super::{DAYS, Rule};

const DAY_NAMES: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The lines as a phrase: `every 2 weeks on Monday and Friday, until 24 Dec 2026`. A rule with parts that have no
/// simple words is given as it is.
pub(crate) fn describe(lines: &[String]) -> String {
    let rules: Vec<String> = lines
        .iter()
        .filter_map(|line| {
            let rule = Rule::parse(line)?;
            Some(phrase(&rule).unwrap_or_else(|| format!("by the rule {}", rule.line())))
        })
        .collect();
    if rules.is_empty() {
        "on chosen dates".to_owned()
    } else {
        rules.join("; and ")
    }
}

fn phrase(rule: &Rule) -> Option<String> {
    let known = [
        "FREQ",
        "INTERVAL",
        "BYDAY",
        "BYMONTHDAY",
        "BYMONTH",
        "COUNT",
        "UNTIL",
        "WKST",
    ];
    if rule.0.iter().any(|(name, _)| !known.contains(&name.as_str())) {
        return None;
    }
    let unit = match rule.get("FREQ")? {
        "DAILY" => "day",
        "WEEKLY" => "week",
        "MONTHLY" => "month",
        "YEARLY" => "year",
        _ => return None,
    };
    let interval = rule.number("INTERVAL").unwrap_or(1);
    let mut text =
        if rule.get("FREQ") == Some("WEEKLY") && interval == 1 && rule.get("BYDAY") == Some("MO,TU,WE,TH,FR")
        {
            "every weekday".to_owned()
        } else {
            let every = if interval == 1 {
                format!("every {unit}")
            } else {
                format!("every {interval} {unit}s")
            };
            match on(rule)? {
                on if on.is_empty() => every,
                on => format!("{every} on {on}"),
            }
        };
    if let Some(months) = rule.get("BYMONTH") {
        let names: Option<Vec<String>> = months
            .split(',')
            .map(|month| {
                let number: usize = month.parse().ok()?;
                MONTHS.get(number.checked_sub(1)?).map(|name| (*name).to_owned())
            })
            .collect();
        text.push_str(&format!(" in {}", list(&names?)));
    }
    if let Some(count) = rule.number("COUNT") {
        text.push_str(&format!(", {count} time{}", if count == 1 { "" } else { "s" }));
    }
    if let Some(until) = rule.get("UNTIL") {
        let date = NaiveDateTime::parse_from_str(until.trim_end_matches('Z'), "%Y%m%dT%H%M%S")
            .map(|at| at.date())
            .or_else(|_| NaiveDate::parse_from_str(until, "%Y%m%d"))
            .ok()?;
        text.push_str(&format!(", until {}", date.format("%-d %b %Y")));
    }
    Some(text)
}

/// `Monday and the 2nd Friday`, `the 15th and the last day`; empty when the rule names no days.
fn on(rule: &Rule) -> Option<String> {
    let mut names = Vec::new();
    for day in rule.get("BYDAY").into_iter().flat_map(|days| days.split(',')) {
        let (place, day) = day.split_at_checked(day.len().checked_sub(2)?)?;
        let name = DAY_NAMES.get(DAYS.iter().position(|name| *name == day)?)?;
        names.push(match place.trim_start_matches('+') {
            "" => (*name).to_owned(),
            "-1" => format!("the last {name}"),
            place => format!("the {} {name}", ordinal(place.parse().ok()?)),
        });
    }
    for day in rule
        .get("BYMONTHDAY")
        .into_iter()
        .flat_map(|days| days.split(','))
    {
        names.push(match day {
            "-1" => "the last day".to_owned(),
            day => format!("the {}", ordinal(day.parse().ok()?)),
        });
    }
    Some(list(&names))
}

fn ordinal(number: u8) -> String {
    let suffix = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}

/// `a`, `a and b`, `a, b and c`.
fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}
