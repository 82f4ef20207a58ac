//! Events in the calendar, from a reading of their time to the tool's arguments.

use chrono_tz::Tz;
use serde_json::Map;
use when::{Need, Reading, Value};

use super::{Plan, draft::Step};

/// An event whose time is clear; a day alone makes it last all day.
pub(super) fn event(title: &str, reading: &Reading, zone: Tz) -> Option<Step> {
    let mut arguments = Map::from_iter([("title".to_owned(), title.into())]);
    let known = &reading.understood;
    match (&reading.value, &reading.need) {
        (None, Some(Need::TimeOfDay)) if known.recurrence.is_none() => {
            arguments.insert("day".to_owned(), known.day?.to_string().into());
        }
        (Some(Value::Once(moment)), _) => {
            // Where another zone was named: the same instant on the user's clock, which the receipt shows.
            let local = if moment.names_zone {
                moment.instant.with_timezone(&zone).naive_local()
            } else {
                moment.local
            };
            arguments.insert("day".to_owned(), local.date().to_string().into());
            arguments.insert("time".to_owned(), local.format("%H:%M").to_string().into());
            let until_end = moment.end.map(|end| (end - moment.local).num_minutes());
            let lasts = reading.lasts.filter(|length| length.months == 0);
            let minutes =
                until_end.or(lasts.map(|length| length.seconds / 60 + i64::from(length.days) * 1440));
            if let Some(minutes) = minutes.filter(|minutes| *minutes > 0) {
                arguments.insert("minutes".to_owned(), minutes.into());
            }
        }
        (Some(Value::Every(rule)), _) => {
            let [time] = rule.times.as_slice() else {
                return None;
            };
            arguments.insert("time".to_owned(), time.format("%H:%M").to_string().into());
            let (repeat, day) = repeats(rule)?;
            arguments.insert("repeat".to_owned(), repeat.into());
            if let Some(day) = day {
                arguments.insert("day".to_owned(), day.into());
            }
        }
        _ => return None,
    }
    Some(Step::Do(Plan::Call {
        tool: "calendar_create",
        arguments: arguments.into(),
    }))
}

/// The calendar tool's word for a rule, and the day on which it begins where the rule names one.
fn repeats(rule: &when::Recurrence) -> Option<(&'static str, Option<String>)> {
    let is_plain = rule.interval <= 1
        && rule.until.is_none()
        && rule.count.is_none()
        && rule.start.is_none()
        && rule.by_set_pos.is_none()
        && rule.by_month.is_empty()
        && rule.by_month_day.is_empty()
        && rule.except_weekdays.is_empty()
        && rule.except_dates.is_empty()
        && rule.by_day.iter().all(|day| day.nth.is_none());
    if !is_plain {
        return None;
    }
    match (rule.frequency, rule.by_day.as_slice()) {
        (when::Frequency::Daily, []) => Some(("daily", None)),
        (when::Frequency::Weekly, [day]) => Some(("weekly", Some(day.weekday.to_string().to_lowercase()))),
        (when::Frequency::Weekly | when::Frequency::Daily, days) => {
            use chrono::Weekday::{Fri, Mon, Thu, Tue, Wed};
            let days: Vec<_> = days.iter().map(|day| day.weekday).collect();
            (days == [Mon, Tue, Wed, Thu, Fri]).then_some(("workdays", None))
        }
        _ => None,
    }
}
