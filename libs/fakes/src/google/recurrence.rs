//! Repeating events: Google's `recurrence` lines read strictly, and the starts they give.

use super::error::ApiError;
use super::times::{self, Moment};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rrule::{RRule, RRuleSet, Unvalidated};
use std::collections::BTreeSet;

/// More than thirty years of days; keeps an endless rule from filling the memory.
const MAX_OCCURRENCES: usize = 12_000;

/// The recurrence of an event, read from its lines.
///
/// All local times stand as if in UTC, so that no rule sees a change of the clocks: each occurrence finds its instant
/// afterwards.
pub(crate) struct Recurrence {
    start: Moment,
    rule: Option<RRuleSet>,
    added: BTreeSet<NaiveDateTime>,
    removed: BTreeSet<NaiveDateTime>,
}

fn invalid() -> ApiError {
    ApiError::bad("invalid", "Invalid recurrence rule.")
}

/// The local time that is taken for UTC.
fn floating(local: NaiveDateTime) -> DateTime<rrule::Tz> {
    local.and_utc().with_timezone(&rrule::Tz::UTC)
}

impl Recurrence {
    /// Reads the lines of an event that starts then.
    pub(crate) fn read<'a>(
        lines: impl IntoIterator<Item = &'a str>,
        start: Moment,
    ) -> Result<Self, ApiError> {
        let mut recurrence = Self {
            start,
            rule: None,
            added: BTreeSet::new(),
            removed: BTreeSet::new(),
        };
        for line in lines {
            let (head, value) = line.split_once(':').ok_or_else(invalid)?;
            let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
            match name {
                "RRULE" if parameters.is_empty() && recurrence.rule.is_none() => {
                    recurrence.rule = Some(read_rule(value, start)?);
                }
                "RDATE" => recurrence.added.extend(read_dates(value, parameters, start)?),
                "EXDATE" => recurrence.removed.extend(read_dates(value, parameters, start)?),
                _ => return Err(invalid()),
            }
        }
        if recurrence.rule.is_none() && recurrence.added.is_empty() {
            return Err(invalid());
        }
        Ok(recurrence)
    }

    /// The starts before `until`, in order. As at Google the event's own start is one of them even where the rule does
    /// not give it, and does not count towards `COUNT` then.
    pub(crate) fn starts(&self, until: DateTime<Utc>) -> Vec<Moment> {
        // No zone is a whole day away from UTC.
        let last = until.naive_utc().checked_add_signed(TimeDelta::days(1));
        let last = last.unwrap_or(NaiveDateTime::MAX);
        let mut locals = self.added.clone();
        locals.insert(self.start.local());
        if let Some(rule) = &self.rule {
            let given = rule.into_iter().map(|instant| instant.naive_utc());
            locals.extend(given.take_while(|local| *local <= last).take(MAX_OCCURRENCES));
        }
        let kept = locals.into_iter().filter(|local| !self.removed.contains(local));
        // An all-day event's day is compared in UTC: the callers look again, in the calendar's zone.
        kept.map(|local| self.start.at_local(local))
            .filter(|moment| match moment {
                Moment::Day(day) => day.and_time(NaiveTime::MIN) <= last,
                Moment::At(instant, _) => *instant < until,
            })
            .collect()
    }

    /// Whether one of the starts is this one.
    pub(crate) fn contains(&self, original: Moment) -> bool {
        let until = original.instant(Tz::UTC).checked_add_signed(TimeDelta::days(2));
        let until = until.unwrap_or(DateTime::<Utc>::MAX_UTC);
        let suffix = original.suffix();
        self.starts(until).iter().any(|start| start.suffix() == suffix)
    }
}

fn read_rule(value: &str, start: Moment) -> Result<RRuleSet, ApiError> {
    let mut parts = Vec::new();
    let mut seen = BTreeSet::new();
    for part in value.split(';') {
        let (name, given) = part.split_once('=').ok_or_else(invalid)?;
        if !seen.insert(name) {
            return Err(invalid());
        }
        match name {
            "FREQ" if !["DAILY", "WEEKLY", "MONTHLY", "YEARLY"].contains(&given) => return Err(invalid()),
            "COUNT" | "INTERVAL" if given.parse::<u16>().ok().is_none_or(|number| number == 0) => {
                return Err(invalid());
            }
            "UNTIL" => {
                // RFC 5545: the kind of value is the start's, and an instant is in UTC.
                let local = match start {
                    Moment::Day(_) => read_date(given)?,
                    Moment::At(_, zone) => {
                        let until = given.strip_suffix('Z').ok_or_else(invalid)?;
                        read_time(until)?.and_utc().with_timezone(&zone).naive_local()
                    }
                };
                parts.push(format!("UNTIL={}Z", local.format("%Y%m%dT%H%M%S")));
                continue;
            }
            _ => {}
        }
        parts.push(part.to_owned());
    }
    if !seen.contains("FREQ") || (seen.contains("COUNT") && seen.contains("UNTIL")) {
        return Err(invalid());
    }
    let rule: RRule<Unvalidated> = parts.join(";").parse().map_err(|_| invalid())?;
    let start = floating(start.local());
    let rule = rule.validate(start).map_err(|_| invalid())?;
    Ok(RRuleSet::new(start).rrule(rule).limit())
}

fn read_dates(value: &str, parameters: &str, start: Moment) -> Result<Vec<NaiveDateTime>, ApiError> {
    let read = |text: &str| match start {
        Moment::Day(_) if parameters == "VALUE=DATE" => read_date(text),
        Moment::At(_, zone) => {
            let local = |instant: DateTime<Utc>| instant.with_timezone(&zone).naive_local();
            if let Some(utc) = text.strip_suffix('Z').filter(|_| parameters.is_empty()) {
                return Ok(local(read_time(utc)?.and_utc()));
            }
            let named = parameters.strip_prefix("TZID=").and_then(times::zone);
            let named = named.ok_or_else(invalid)?;
            Ok(local(times::local_to_utc(read_time(text)?, named)))
        }
        Moment::Day(_) => Err(invalid()),
    };
    value.split(',').map(read).collect()
}

fn read_date(text: &str) -> Result<NaiveDateTime, ApiError> {
    let day = NaiveDate::parse_from_str(text, "%Y%m%d").map_err(|_| invalid())?;
    if text.len() != 8 {
        return Err(invalid());
    }
    Ok(day.and_time(NaiveTime::MIN))
}

fn read_time(text: &str) -> Result<NaiveDateTime, ApiError> {
    if text.len() != 15 {
        return Err(invalid());
    }
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").map_err(|_| invalid())
}
