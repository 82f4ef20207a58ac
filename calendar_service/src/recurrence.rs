//! Recurrence rules (RFC 5545 §3.3.10) as Google keeps them: read, cut in two, moved to other days. Pure.
//!
//! An event's recurrence is a list of lines: one or more `RRULE`, and `EXDATE` and `RDATE` in rare cases. Parts of
//! a rule that are not looked at here are kept as they are.

use std::str::FromStr;

use calendar_client::EventTime;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rrule::RRuleSet;

mod describe;

pub(crate) use describe::describe;

/// The most lines and the longest line that are taken.
const MOST_LINES: usize = 20;
const LONGEST_LINE: usize = 1_000;

/// The days of the week as rules name them, from Monday.
const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// Why a recurrence cannot be used, in words for the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RecurrenceError {
    /// It is no recurrence that Google takes.
    #[error("{line:?} is not a recurrence rule: {reason}")]
    Malformed {
        /// The line.
        line: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It cannot be cut or moved by rule.
    #[error("{0}")]
    Unsupported(&'static str),
}

/// One `RRULE` line as its parts, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule(Vec<(String, String)>);

impl Rule {
    fn parse(line: &str) -> Option<Self> {
        let (name, parts) = line.split_once(':')?;
        if !name.trim().eq_ignore_ascii_case("RRULE") {
            return None;
        }
        let parts = parts.trim().trim_end_matches(';').split(';').map(|part| {
            let (name, value) = part.split_once('=')?;
            Some((
                name.trim().to_ascii_uppercase(),
                value.trim().to_ascii_uppercase(),
            ))
        });
        parts.collect::<Option<Vec<_>>>().map(Self)
    }

    fn get(&self, name: &str) -> Option<&str> {
        let part = self.0.iter().find(|(part, _)| part == name);
        part.map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.get(name)?.parse().ok()
    }

    fn set(&mut self, name: &str, value: String) {
        match self.0.iter_mut().find(|(part, _)| part == name) {
            Some((_, stored)) => *stored = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    fn remove(&mut self, name: &str) {
        self.0.retain(|(part, _)| part != name);
    }

    fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.get(name).is_some())
    }

    fn line(&self) -> String {
        let parts: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("RRULE:{}", parts.join(";"))
    }
}

/// Checks lines that somebody wrote for an event at `time`, and writes `RRULE:` in front where it was left out.
///
/// # Errors
/// A line is no rule, repeats more often than daily, or never falls on a day.
pub(crate) fn checked(lines: &[String], time: &EventTime) -> Result<Vec<String>, RecurrenceError> {
    if lines.len() > MOST_LINES {
        return Err(RecurrenceError::Unsupported("a recurrence has at most 20 lines"));
    }
    let mut checked = Vec::new();
    for line in lines {
        let line = line.trim();
        let malformed = |reason: &str| RecurrenceError::Malformed {
            line: line.chars().take(80).collect(),
            reason: reason.to_owned(),
        };
        if line.len() > LONGEST_LINE || line.chars().any(char::is_control) {
            return Err(malformed("it must be one line of at most 1,000 bytes"));
        }
        let line = if line.to_ascii_uppercase().starts_with("FREQ=") {
            format!("RRULE:{line}")
        } else {
            line.to_owned()
        };
        let name = line
            .split([':', ';'])
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        match name.as_str() {
            "RRULE" => {
                let mut rule = Rule::parse(&line).ok_or_else(|| malformed("write FREQ=WEEKLY;BYDAY=MO"))?;
                if !matches!(rule.get("FREQ"), Some("DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY")) {
                    return Err(malformed("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY"));
                }
                if rule.get("UNTIL").is_some_and(|until| !is_date_or_instant(until)) {
                    return Err(malformed("write UNTIL=20261224, or UNTIL=20261224T180000Z"));
                }
                fit_until(&mut rule, time);
                checked.push(rule.line());
            }
            "EXDATE" | "RDATE" => checked.push(line),
            _ => return Err(malformed("it must begin with RRULE:")),
        }
    }
    if !checked.is_empty() {
        let set = rule_set(&checked, time)?;
        if set.into_iter().next().is_none() {
            return Err(RecurrenceError::Unsupported(
                "the recurrence never falls on a day",
            ));
        }
    }
    Ok(checked)
}

/// Whether a text has one of the forms of `UNTIL` (RFC 5545 §3.3.4, §3.3.5), in a year that calendars have.
fn is_date_or_instant(until: &str) -> bool {
    let (date, time) = match until.split_once('T') {
        Some((date, time)) => (date, Some(time.strip_suffix('Z').unwrap_or(time))),
        None => (until, None),
    };
    let are_digits = |text: &str, many: usize| text.len() == many && text.bytes().all(|b| b.is_ascii_digit());
    are_digits(date, 8)
        && ("1970".."9999").contains(&date)
        && NaiveDate::parse_from_str(date, "%Y%m%d").is_ok()
        && time.is_none_or(|time| are_digits(time, 6) && NaiveTime::parse_from_str(time, "%H%M%S").is_ok())
}

/// `UNTIL` has the form of the start: a date for whole days, an instant in UTC for times (§3.3.10). A date with
/// times means the end of that day.
fn fit_until(rule: &mut Rule, time: &EventTime) {
    let Some(until) = rule.get("UNTIL") else { return };
    let date = until.get(..8).unwrap_or_default().to_owned();
    match time {
        EventTime::AllDay { .. } => rule.set("UNTIL", date),
        EventTime::Timed { zone, .. } if until.len() == 8 => {
            let end = NaiveDate::parse_from_str(&date, "%Y%m%d")
                .ok()
                .zip(zone.parse::<Tz>().ok())
                .and_then(|(day, zone)| {
                    let next = day.succ_opt()?;
                    schedule::local_to_utc(next.and_time(NaiveTime::MIN), zone)
                        .checked_sub_signed(TimeDelta::seconds(1))
                });
            if let Some(end) = end {
                rule.set("UNTIL", utc_form(end));
            }
        }
        EventTime::Timed { .. } => {}
    }
}

const UTC_FORM: &str = "%Y%m%dT%H%M%SZ";

fn utc_form(at: DateTime<Utc>) -> String {
    at.format(UTC_FORM).to_string()
}

/// The instants that the lines mean for an event that begins with `time`; whole days begin at midnight UTC.
fn rule_set(lines: &[String], time: &EventTime) -> Result<RRuleSet, RecurrenceError> {
    let (start, until_form) = match time {
        EventTime::AllDay { first, .. } => (format!("DTSTART:{}T000000Z", first.format("%Y%m%d")), true),
        EventTime::Timed { start, zone, .. } => {
            let zone: Tz = zone.parse().unwrap_or(chrono_tz::UTC);
            let local = start.with_timezone(&zone);
            let start = if zone == chrono_tz::UTC {
                format!("DTSTART:{}", utc_form(*start))
            } else {
                format!("DTSTART;TZID={}:{}", zone.name(), local.format("%Y%m%dT%H%M%S"))
            };
            (start, false)
        }
    };
    let rules = lines.iter().filter_map(|line| Rule::parse(line)).map(|mut rule| {
        if let (true, Some(until)) = (until_form, rule.get("UNTIL")) {
            let until = format!("{}T000000Z", until.get(..8).unwrap_or_default());
            rule.set("UNTIL", until);
        }
        rule.line()
    });
    let rules: Vec<String> = rules.collect();
    RRuleSet::from_str(&format!("{start}\n{}", rules.join("\n"))).map_err(|error| {
        RecurrenceError::Malformed {
            line: lines.first().cloned().unwrap_or_default(),
            reason: error.to_string(),
        }
    })
}

/// A series cut in two before one of its instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// The lines of the series up to the instance, without it; `None` when nothing lies before it.
    pub(crate) before: Option<Vec<String>>,
    /// The lines of a series that begins with the instance.
    pub(crate) following: Vec<String>,
}

/// Cuts the series of `lines` that begins with `time` before the instance planned for `original_start`.
///
/// # Errors
/// The series has extra dates (`RDATE`), or more than one rule.
pub(crate) fn cut(
    lines: &[String],
    time: &EventTime,
    original_start: DateTime<Utc>,
) -> Result<Cut, RecurrenceError> {
    let rules: Vec<Rule> = lines.iter().filter_map(|line| Rule::parse(line)).collect();
    let has_extra_dates = lines
        .iter()
        .any(|line| line.to_ascii_uppercase().starts_with("RDATE"));
    let [rule] = rules.as_slice() else {
        return Err(RecurrenceError::Unsupported(
            "this series repeats by more than one rule: change this one, or all of them",
        ));
    };
    if has_extra_dates {
        return Err(RecurrenceError::Unsupported(
            "this series has extra dates: change this one, or all of them",
        ));
    }
    let earlier = rule_set(lines, time)?
        .into_iter()
        .take_while(|start| start.with_timezone(&Utc) < original_start)
        .count();
    let others = || lines.iter().filter(|line| Rule::parse(line).is_none()).cloned();
    let (mut old, mut new) = (rule.clone(), rule.clone());
    if let Some(count) = rule.number("COUNT") {
        let earlier = u32::try_from(earlier).unwrap_or(u32::MAX);
        new.set("COUNT", count.saturating_sub(earlier).max(1).to_string());
    }
    old.remove("COUNT");
    let (step, form) = match time {
        EventTime::AllDay { .. } => (TimeDelta::days(1), "%Y%m%d"),
        EventTime::Timed { .. } => (TimeDelta::seconds(1), UTC_FORM),
    };
    let end = original_start.checked_sub_signed(step).unwrap_or(original_start);
    old.set("UNTIL", end.format(form).to_string());
    Ok(Cut {
        before: (earlier > 0).then(|| std::iter::once(old.line()).chain(others()).collect()),
        following: std::iter::once(new.line()).chain(others()).collect(),
    })
}

/// The lines of a series that began with `from` and is to begin with `to`: the days that its rules name move along,
/// and so does its end.
///
/// # Errors
/// It moves to another day, and a monthly or yearly rule names days: how it should go on is not clear.
pub(crate) fn moved(
    lines: &[String],
    from: &EventTime,
    to: &EventTime,
) -> Result<Vec<String>, RecurrenceError> {
    let (start, zone) = local_start(from, to);
    let (end, _) = local_start(to, from);
    let by = end - start;
    let days = (end.date() - start.date()).num_days();
    lines
        .iter()
        .map(|line| match Rule::parse(line) {
            Some(mut rule) if !by.is_zero() => {
                move_until(&mut rule, by, days, zone);
                if days == 0 {
                    Ok(rule.line())
                } else {
                    move_rule(rule, days)
                }
            }
            Some(_) | None => Ok(line.clone()),
        })
        .collect()
}

/// What the clock shows when an event begins, in its zone or, for whole days, in the other's.
fn local_start(time: &EventTime, other: &EventTime) -> (NaiveDateTime, Tz) {
    let zone = match (time, other) {
        (EventTime::Timed { zone, .. }, _) | (_, EventTime::Timed { zone, .. }) => zone.parse().ok(),
        _ => None,
    };
    let zone: Tz = zone.unwrap_or(chrono_tz::UTC);
    let start = match time {
        EventTime::AllDay { first, .. } => first.and_time(NaiveTime::MIN),
        EventTime::Timed { start, .. } => start.with_timezone(&zone).naive_local(),
    };
    (start, zone)
}

/// Moves the end of a rule by as much as its beginning, in local time, so that it has as many instances as before.
fn move_until(rule: &mut Rule, by: TimeDelta, days: i64, zone: Tz) {
    let Some(until) = rule.get("UNTIL") else { return };
    let is_usual = |date: NaiveDate| (1..=9_998).contains(&date.year());
    let moved = match NaiveDateTime::parse_from_str(until.trim_end_matches('Z'), "%Y%m%dT%H%M%S") {
        Ok(at) if is_usual(at.date()) => {
            let local = at.and_utc().with_timezone(&zone).naive_local();
            let local = local
                .checked_add_signed(by)
                .filter(|local| is_usual(local.date()));
            local.map(|local| utc_form(schedule::local_to_utc(local, zone)))
        }
        Ok(_) => None,
        Err(_) => NaiveDate::parse_from_str(until, "%Y%m%d")
            .ok()
            .and_then(|day| day.checked_add_signed(TimeDelta::try_days(days)?))
            .map(|day| day.format("%Y%m%d").to_string()),
    };
    if let Some(moved) = moved {
        rule.set("UNTIL", moved);
    }
}

fn move_rule(mut rule: Rule, days: i64) -> Result<String, RecurrenceError> {
    let names_days = [
        "BYDAY",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYWEEKNO",
        "BYMONTH",
        "BYSETPOS",
    ];
    match rule.get("FREQ") {
        Some("WEEKLY") if !rule.has_any(&names_days[1..]) => {
            if let Some(named) = rule.get("BYDAY") {
                let moved: Option<Vec<&str>> = named.split(',').map(|day| moved_day(day, days)).collect();
                let moved = moved.ok_or(RecurrenceError::Unsupported(
                    "the days of the series cannot be read",
                ))?;
                rule.set("BYDAY", moved.join(","));
            }
            Ok(rule.line())
        }
        // A rule without days follows the first instance, whatever day it moves to.
        _ if !rule.has_any(&names_days) => Ok(rule.line()),
        _ => Err(RecurrenceError::Unsupported(
            "this series repeats on named days: say how the moved series repeats",
        )),
    }
}

fn moved_day(day: &str, by: i64) -> Option<&'static str> {
    let from = DAYS.iter().position(|name| *name == day)?;
    let to = (i64::try_from(from).ok()? + by).rem_euclid(7);
    DAYS.get(usize::try_from(to).ok()?).copied()
}

/// The time of a series after one of its instances, at `instance`, moved to `to`: as many days and the same time
/// of day, in the zone that it is planned in from now on.
pub(crate) fn moved_time(series: &EventTime, instance: &EventTime, to: &EventTime) -> EventTime {
    let (new, zone) = local_start(to, series);
    let day = |time: &EventTime| match time {
        EventTime::AllDay { first, .. } => *first,
        EventTime::Timed { start, .. } => start.with_timezone(&zone).date_naive(),
    };
    let first = day(series) + (new.date() - day(instance));
    match to {
        EventTime::AllDay { first: from, last } => EventTime::AllDay {
            first,
            last: first + (*last - *from),
        },
        EventTime::Timed {
            start,
            end,
            zone: name,
        } => {
            let begin = schedule::local_to_utc(first.and_time(new.time()), zone);
            EventTime::Timed {
                start: begin,
                end: begin + (*end - *start),
                zone: name.clone(),
            }
        }
    }
}

#[cfg(test)]
mod tests;
