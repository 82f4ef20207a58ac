//! The rows of the table in `docs/time.md` about single and recurring local times.

use chrono::NaiveDate;
use chrono_tz::{America::New_York, Europe::Berlin};
use schedule::{Cycle, Schedule, local_to_utc};

use crate::{daily, occurrences, times, utc, wall};

#[test]
fn a_once_in_a_gap_moves_forward_by_its_length() {
    let once = Schedule::OnceLocal {
        at: wall("2026-03-29T02:30:00"),
    };
    assert_eq!(
        occurrences(&once, "2026-01-01T00:00:00Z", Berlin, 2),
        ["2026-03-29T03:30+02:00"]
    );
}

#[test]
fn a_once_in_a_fold_is_the_first_of_the_two() {
    let once = Schedule::OnceLocal {
        at: wall("2026-10-25T02:30:00"),
    };
    assert_eq!(
        occurrences(&once, "2026-01-01T00:00:00Z", Berlin, 2),
        ["2026-10-25T02:30+02:00"]
    );
}

#[test]
fn a_recurring_time_in_a_gap_fires_once_that_day() {
    assert_eq!(
        occurrences(&daily(&["02:30"]), "2026-03-28T00:00:00Z", Berlin, 3),
        [
            "2026-03-28T02:30+01:00",
            "2026-03-29T03:30+02:00",
            "2026-03-30T02:30+02:00"
        ]
    );
}

#[test]
fn a_recurring_time_in_a_fold_fires_once_that_day() {
    assert_eq!(
        occurrences(&daily(&["02:30"]), "2026-10-24T00:00:00Z", Berlin, 3),
        [
            "2026-10-24T02:30+02:00",
            "2026-10-25T02:30+02:00",
            "2026-10-26T02:30+01:00"
        ]
    );
}

#[test]
fn a_time_after_the_gap_fires_before_the_one_the_gap_moved_past_it() {
    assert_eq!(
        occurrences(&daily(&["02:30", "03:15"]), "2026-03-29T00:00:00Z", Berlin, 3),
        [
            "2026-03-29T03:15+02:00",
            "2026-03-29T03:30+02:00",
            "2026-03-30T02:30+02:00"
        ]
    );
}

#[test]
fn two_times_that_the_gap_moves_together_fire_as_one() {
    assert_eq!(
        occurrences(&daily(&["02:30", "03:30"]), "2026-03-29T00:00:00Z", Berlin, 2),
        ["2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00"]
    );
}

#[test]
fn asking_within_the_second_pass_of_a_fold_finds_only_what_is_new() {
    // 02:10 for the second time; 02:30 has had its turn, 03:00 has not.
    assert_eq!(
        occurrences(&daily(&["02:30", "03:00"]), "2026-10-25T01:10:00Z", Berlin, 2),
        ["2026-10-25T03:00+01:00", "2026-10-26T02:30+01:00"]
    );
}

#[test]
fn every_six_hours_is_elapsed_time() {
    let every = Schedule::Every {
        seconds: 6 * 3600,
        anchor: utc("2026-03-28T17:00:00Z"),
        until: None,
    };
    assert_eq!(
        occurrences(&every, "2026-03-28T16:00:00Z", Berlin, 4),
        [
            "2026-03-28T18:00+01:00",
            "2026-03-29T00:00+01:00",
            "2026-03-29T07:00+02:00",
            "2026-03-29T13:00+02:00"
        ]
    );
}

#[test]
fn an_instant_knows_no_zone() {
    let once = Schedule::Once {
        at: utc("2026-03-29T01:30:00Z"),
    };
    for zone in [Berlin, New_York] {
        assert_eq!(
            once.next_after(utc("2026-01-01T00:00:00Z"), zone),
            Some(utc("2026-03-29T01:30:00Z"))
        );
        assert_eq!(once.next_after(utc("2026-03-29T01:30:00Z"), zone), None);
    }
}

#[test]
fn weekly_fires_on_its_days_only() {
    let weekly = Schedule::Weekly {
        days: vec![chrono::Weekday::Fri, chrono::Weekday::Mon],
        times: times(&["18:00", "09:00"]),
        cycle: None,
    };
    assert_eq!(
        occurrences(&weekly, "2026-11-20T08:00:00Z", Berlin, 4),
        [
            "2026-11-20T18:00+01:00",
            "2026-11-23T09:00+01:00",
            "2026-11-23T18:00+01:00",
            "2026-11-27T09:00+01:00"
        ]
    );
}

#[test]
fn a_cycle_counts_from_the_week_of_its_first_date() {
    let weekly = Schedule::Weekly {
        days: vec![chrono::Weekday::Tue, chrono::Weekday::Sun],
        times: times(&["09:00"]),
        cycle: Some(Cycle {
            every: 2,
            from: NaiveDate::from_ymd_opt(2026, 11, 25).unwrap(),
        }),
    };
    // The Tuesday of the first week is before the cycle's first date.
    assert_eq!(
        occurrences(&weekly, "2026-11-01T00:00:00Z", Berlin, 3),
        [
            "2026-11-29T09:00+01:00",
            "2026-12-08T09:00+01:00",
            "2026-12-13T09:00+01:00"
        ]
    );
}

#[test]
fn cycles_of_days_and_months_cross_years() {
    let from = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
    let every_third_day = Schedule::Daily {
        times: times(&["09:00"]),
        cycle: Some(Cycle { every: 3, from }),
    };
    assert_eq!(
        occurrences(&every_third_day, "2026-12-25T00:00:00Z", Berlin, 3),
        [
            "2026-12-27T09:00+01:00",
            "2026-12-30T09:00+01:00",
            "2027-01-02T09:00+01:00"
        ]
    );
    let every_quarter = Schedule::Monthly {
        days: vec![31],
        times: times(&["09:00"]),
        cycle: Some(Cycle { every: 3, from }),
    };
    assert_eq!(
        occurrences(&every_quarter, "2026-01-01T00:00:00Z", Berlin, 3),
        [
            "2026-11-30T09:00+01:00",
            "2027-02-28T09:00+01:00",
            "2027-05-31T09:00+02:00"
        ]
    );
}

#[test]
fn a_day_that_a_month_lacks_is_its_last_day() {
    let monthly = |days: &[u8]| Schedule::Monthly {
        days: days.to_vec(),
        times: times(&["18:00"]),
        cycle: None,
    };
    let expected = [
        "2027-01-31T18:00+01:00",
        "2027-02-28T18:00+01:00",
        "2027-03-31T18:00+02:00",
        "2027-04-30T18:00+02:00",
    ];
    assert_eq!(
        occurrences(&monthly(&[31]), "2027-01-01T00:00:00Z", Berlin, 4),
        expected
    );
    // In February the 29th, the 30th and the 31st are one day.
    assert_eq!(
        occurrences(&monthly(&[29, 30, 31]), "2027-02-01T00:00:00Z", Berlin, 2),
        ["2027-02-28T18:00+01:00", "2027-03-29T18:00+02:00"]
    );
}

#[test]
fn a_birthday_on_29_february_is_on_28_february_in_common_years() {
    let birthday = Schedule::Yearly {
        month: 2,
        day: 29,
        times: times(&["09:00"]),
    };
    assert_eq!(
        occurrences(&birthday, "2027-01-01T00:00:00Z", Berlin, 3),
        [
            "2027-02-28T09:00+01:00",
            "2028-02-29T09:00+01:00",
            "2029-02-28T09:00+01:00"
        ]
    );
    // 2100 is no leap year.
    assert_eq!(
        occurrences(&birthday, "2100-01-01T00:00:00Z", Berlin, 1),
        ["2100-02-28T09:00+01:00"]
    );
}

#[test]
fn the_last_moment_before_and_the_first_after_a_gap_are_themselves() {
    for (local, instant) in [
        ("2026-03-29T01:59:59", "2026-03-29T00:59:59Z"),
        ("2026-03-29T02:00:00", "2026-03-29T01:00:00Z"),
        ("2026-03-29T02:59:59", "2026-03-29T01:59:59Z"),
        ("2026-03-29T03:00:00", "2026-03-29T01:00:00Z"),
        ("2026-10-25T01:59:59", "2026-10-24T23:59:59Z"),
        ("2026-10-25T02:00:00", "2026-10-25T00:00:00Z"),
        ("2026-10-25T02:59:59", "2026-10-25T00:59:59Z"),
        ("2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
    ] {
        assert_eq!(local_to_utc(wall(local), Berlin), utc(instant), "{local}");
    }
}
