//! Found due late: what was missed folds into one run, counted, with bounded work.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use chrono_tz::Europe::Berlin;
use schedule::{CatchUp, MISSED_CAP, Schedule};

use crate::{cron, daily, utc, wall};

#[test]
fn on_time_nothing_was_missed() {
    let due = utc("2026-11-24T08:00:00Z");
    assert_eq!(
        daily(&["09:00"]).catch_up(due, due + TimeDelta::milliseconds(300), Berlin),
        CatchUp {
            missed: 0,
            next: Some(utc("2026-11-25T08:00:00Z"))
        }
    );
}

#[test]
fn missed_occurrences_fold_into_one_with_how_many() {
    // Due on the 24th; the 25th, the 26th and the 27th passed as well.
    let found = utc("2026-11-27T10:00:00Z");
    assert_eq!(
        daily(&["09:00"]).catch_up(utc("2026-11-24T08:00:00Z"), found, Berlin),
        CatchUp {
            missed: 3,
            next: Some(utc("2026-11-28T08:00:00Z"))
        }
    );
}

#[test]
fn an_occurrence_exactly_now_folds_in_too() {
    assert_eq!(
        daily(&["09:00"]).catch_up(utc("2026-11-24T08:00:00Z"), utc("2026-11-25T08:00:00Z"), Berlin),
        CatchUp {
            missed: 1,
            next: Some(utc("2026-11-26T08:00:00Z"))
        }
    );
}

#[test]
fn a_once_is_late_but_not_missed() {
    for once in [
        Schedule::Once {
            at: utc("2026-11-24T08:00:00Z"),
        },
        Schedule::OnceLocal {
            at: wall("2026-11-24T09:00:00"),
        },
    ] {
        assert_eq!(
            once.catch_up(utc("2026-11-24T08:00:00Z"), utc("2027-01-01T00:00:00Z"), Berlin),
            CatchUp {
                missed: 0,
                next: None
            }
        );
    }
}

#[test]
fn elapsed_time_keeps_its_beat() {
    let every = Schedule::Every {
        seconds: 6 * 3600,
        anchor: utc("2026-11-24T00:00:00Z"),
        until: None,
    };
    assert_eq!(
        every.catch_up(utc("2026-11-24T06:00:00Z"), utc("2026-11-25T01:00:00Z"), Berlin),
        CatchUp {
            missed: 3,
            next: Some(utc("2026-11-25T06:00:00Z"))
        }
    );
}

#[test]
fn a_clock_that_jumped_back_fires_nothing_twice() {
    let fired = utc("2026-11-24T08:00:00Z");
    let caught_up = daily(&["09:00"]).catch_up(fired, utc("2026-11-23T00:00:00Z"), Berlin);
    assert_eq!(
        caught_up,
        CatchUp {
            missed: 0,
            next: Some(utc("2026-11-25T08:00:00Z"))
        }
    );
}

#[test]
fn the_occurrence_of_a_fold_is_missed_once() {
    assert_eq!(
        daily(&["02:30"]).catch_up(utc("2026-10-24T00:30:00Z"), utc("2026-10-26T00:00:00Z"), Berlin),
        CatchUp {
            missed: 1,
            next: Some(utc("2026-10-26T01:30:00Z"))
        }
    );
}

#[test]
fn years_of_missed_minutes_are_counted_up_to_the_cap_in_no_time() {
    let (due, found) = (utc("2026-01-01T00:00:00Z"), utc("2126-01-01T00:00:30Z"));
    let every = Schedule::Every {
        seconds: 60,
        anchor: due,
        until: None,
    };
    for schedule in [cron("* * * * *"), every] {
        let started = Instant::now();
        let caught_up = schedule.catch_up(due, found, Berlin);
        assert_eq!(
            caught_up,
            CatchUp {
                missed: MISSED_CAP,
                next: Some(utc("2126-01-01T00:01:00Z"))
            }
        );
        // Debug builds on a busy machine; a release build needs about a millisecond.
        assert!(
            started.elapsed() < Duration::from_secs(2),
            "{:?}",
            started.elapsed()
        );
    }
}
