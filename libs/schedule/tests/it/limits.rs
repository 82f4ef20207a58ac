//! The ends of the calendar, and schedules that nobody validated: an answer, never a panic or a hang.

use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::{Europe::Berlin, Pacific::Apia, TZ_VARIANTS};
use schedule::{Cycle, Schedule, format_instant, local_to_utc};

use crate::{cron, daily, times, utc};

fn ends_of_the_calendar() -> [DateTime<Utc>; 6] {
    [
        DateTime::<Utc>::MIN_UTC,
        DateTime::<Utc>::MIN_UTC + TimeDelta::days(1),
        utc("0001-01-01T00:00:00Z"),
        utc("9999-12-31T23:59:59Z"),
        DateTime::<Utc>::MAX_UTC - TimeDelta::days(1),
        DateTime::<Utc>::MAX_UTC,
    ]
}

/// What `validate` refuses, and what it takes at its limits.
fn extremes() -> Vec<Schedule> {
    let cycles = [NaiveDate::MIN, NaiveDate::MAX].map(|from| Some(Cycle { every: 0, from }));
    let mut all = vec![
        Schedule::Once {
            at: DateTime::<Utc>::MAX_UTC,
        },
        Schedule::OnceLocal {
            at: NaiveDateTime::MAX,
        },
        Schedule::OnceLocal {
            at: NaiveDateTime::MIN,
        },
        Schedule::Every {
            seconds: 0,
            anchor: DateTime::<Utc>::MIN_UTC,
            until: None,
        },
        Schedule::Every {
            seconds: u32::MAX,
            anchor: DateTime::<Utc>::MAX_UTC,
            until: None,
        },
        daily(&[]),
        daily(&["23:59"]),
        Schedule::Yearly {
            month: 0,
            day: 0,
            times: times(&["09:00"]),
        },
        cron("* * * * *"),
        cron("0 0 29 2 *"),
    ];
    all.extend(
        ["0 0 30 2 *", "", "+ + + + +", "@", "🦀 * * * *"].map(|text| Schedule::Cron {
            expression: text.into(),
        }),
    );
    all.extend(cycles.map(|cycle| Schedule::Monthly {
        days: vec![0, 255],
        times: vec![NaiveTime::MIN],
        cycle,
    }));
    all
}

#[test]
fn every_question_has_an_answer_soon() {
    let started = Instant::now();
    for schedule in extremes() {
        for zone in [Berlin, Apia] {
            let _ = (schedule.validate(), schedule.describe(zone));
            for after in ends_of_the_calendar() {
                if let Some(next) = schedule.next_after(after, zone) {
                    assert!(next > after, "{schedule:?} after {after}");
                }
                let _ = schedule.catch_up(after, DateTime::<Utc>::MAX_UTC, zone);
                let _ = schedule.catch_up(after, utc("2026-11-24T08:00:00Z"), zone);
            }
        }
    }
    // Thousands of answers, in a debug build on a busy machine.
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn conversions_are_total_in_every_zone() {
    for zone in TZ_VARIANTS {
        for local in [NaiveDateTime::MIN, NaiveDateTime::MAX] {
            let _ = local_to_utc(local, zone);
        }
        for instant in ends_of_the_calendar() {
            assert!(format_instant(instant, zone).ends_with(zone.name()));
        }
    }
}

#[test]
fn nothing_fires_after_the_year_9999() {
    assert_eq!(
        daily(&["09:00"]).next_after(utc("9999-12-31T12:00:00Z"), Berlin),
        None
    );
    assert_eq!(
        daily(&["09:00"]).next_after(utc("9999-12-30T12:00:00Z"), Berlin),
        Some(utc("9999-12-31T08:00:00Z"))
    );
}

#[test]
fn the_rarest_rules_are_found() {
    let every_83_years = Schedule::Monthly {
        days: vec![31],
        times: times(&["09:00"]),
        cycle: Some(Cycle {
            every: 1000,
            from: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
        }),
    };
    let first = every_83_years
        .next_after(utc("2026-01-01T00:00:00Z"), Berlin)
        .unwrap();
    let second = every_83_years.next_after(first, Berlin);
    assert_eq!(
        (first, second),
        (utc("2026-11-30T08:00:00Z"), Some(utc("2110-03-31T08:00:00Z")))
    );
    // 2100 is no leap year: eight years without the day.
    assert_eq!(
        cron("0 9 29 2 *").next_after(utc("2096-03-01T00:00:00Z"), chrono_tz::UTC),
        Some(utc("2104-02-29T09:00:00Z"))
    );
}
