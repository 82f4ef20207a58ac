//! The promised semantics of time, row by row; and properties over all zones.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod catch_up;
mod cron;
mod json;
mod languages;
mod limits;
mod oracle;
mod oracle_cases;
mod properties;
mod recurrence;
mod table;
mod text;
mod validation;
mod zone_change;
mod zone_names;
mod zones;

use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use schedule::Schedule;

/// `2026-11-24T08:00:00Z`.
fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// `2026-11-24T09:00:00`.
fn wall(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn times(texts: &[&str]) -> Vec<NaiveTime> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn daily(texts: &[&str]) -> Schedule {
    Schedule::Daily {
        times: times(texts),
        cycle: None,
    }
}

fn cron(expression: &str) -> Schedule {
    let schedule = Schedule::Cron {
        expression: expression.into(),
    };
    assert_eq!(schedule.validate(), Ok(()), "{expression}");
    schedule
}

/// The next occurrences after an instant, as RFC 3339 text in the zone: what its clocks show, with the offset.
fn occurrences(schedule: &Schedule, after: &str, zone: Tz, count: usize) -> Vec<String> {
    let mut last = utc(after);
    let mut found = Vec::new();
    while found.len() < count {
        let Some(next) = schedule.next_after(last, zone) else {
            break;
        };
        assert!(next > last, "{schedule:?} goes back from {last} to {next}");
        found.push(next.with_timezone(&zone).format("%Y-%m-%dT%H:%M%:z").to_string());
        last = next;
    }
    found
}
