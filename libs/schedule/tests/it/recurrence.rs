//! Rules of iCalendar: what fires, what is refused, how they read; and against the `rrule` crate over random rules.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::{Europe::Berlin, Tz};
use proptest::{
    prelude::*,
    sample::{select, subsequence},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use schedule::Schedule;

use crate::{occurrences, utc, wall};

fn rules(start: &str, rules: &[&str], except: &[&str]) -> Schedule {
    Schedule::Rule {
        start: wall(start),
        rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
        except: except.iter().map(|date| date.parse().unwrap()).collect(),
    }
}

fn rule(start: &str, text: &str) -> Schedule {
    rules(start, &[text], &[])
}

/// The local dates and times of the first occurrences, and how the schedule reads.
fn shown(schedule: &Schedule, count: usize) -> String {
    assert_eq!(schedule.validate(), Ok(()));
    let mut lines = vec![schedule.describe(Berlin)];
    lines.extend(occurrences(schedule, "2026-11-01T00:00:00Z", Berlin, count));
    lines.join("\n")
}

#[test]
fn nth_weekdays_and_last_days() {
    insta::assert_snapshot!(shown(&rule("2026-11-01T09:00:00", "FREQ=MONTHLY;BYDAY=3FR"), 3), @r"
    on the third Friday of each month at 09:00
    2026-11-20T09:00+01:00
    2026-12-18T09:00+01:00
    2027-01-15T09:00+01:00
    ");
    insta::assert_snapshot!(shown(&rule("2026-11-01T09:00:00", "FREQ=MONTHLY;BYMONTHDAY=-1"), 4), @r"
    on the last day of each month at 09:00
    2026-11-30T09:00+01:00
    2026-12-31T09:00+01:00
    2027-01-31T09:00+01:00
    2027-02-28T09:00+01:00
    ");
    insta::assert_snapshot!(shown(&rule("2026-11-01T09:00:00", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"), 3), @r"
    on the last weekday of each month at 09:00
    2026-11-30T09:00+01:00
    2026-12-31T09:00+01:00
    2027-01-29T09:00+01:00
    ");
    insta::assert_snapshot!(shown(&rule("2026-11-01T18:00:00", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"), 2), @r"
    every year on the fourth Thursday of November at 18:00
    2026-11-26T18:00+01:00
    2027-11-25T18:00+01:00
    ");
}

#[test]
fn a_day_that_a_month_lacks_is_left_out() {
    insta::assert_snapshot!(shown(&rule("2026-11-01T09:00:00", "FREQ=MONTHLY;BYMONTHDAY=31"), 3), @r"
    on the 31st of each month at 09:00
    2026-12-31T09:00+01:00
    2027-01-31T09:00+01:00
    2027-03-31T09:00+02:00
    ");
}

#[test]
fn several_times_a_day_within_a_window() {
    let every_90_minutes = rules(
        "2026-11-02T09:00:00",
        &[
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9,12,15;BYMINUTE=0",
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=10,13,16;BYMINUTE=30",
        ],
        &[],
    );
    insta::assert_snapshot!(shown(&every_90_minutes, 7), @r"
    every weekday, every 90 minutes from 09:00 to 16:30
    2026-11-02T09:00+01:00
    2026-11-02T10:30+01:00
    2026-11-02T12:00+01:00
    2026-11-02T13:30+01:00
    2026-11-02T15:00+01:00
    2026-11-02T16:30+01:00
    2026-11-03T09:00+01:00
    ");
}

#[test]
fn ends_and_exceptions() {
    insta::assert_snapshot!(shown(&rule("2026-11-02T08:00:00", "FREQ=DAILY;COUNT=3"), 9), @r"
    every day at 08:00, 3 times
    2026-11-02T08:00+01:00
    2026-11-03T08:00+01:00
    2026-11-04T08:00+01:00
    ");
    insta::assert_snapshot!(shown(&rule("2026-12-22T08:00:00", "FREQ=DAILY;UNTIL=20261224"), 9), @r"
    every day at 08:00, until Thu 24 Dec 2026
    2026-12-22T08:00+01:00
    2026-12-23T08:00+01:00
    2026-12-24T08:00+01:00
    ");
    // An exception takes an occurrence away and adds none behind.
    insta::assert_snapshot!(shown(&rules("2026-11-02T08:00:00", &["FREQ=DAILY;COUNT=3"], &["2026-11-03"]), 9), @r"
    every day at 08:00, 3 times, except Tue 3 Nov 2026
    2026-11-02T08:00+01:00
    2026-11-04T08:00+01:00
    ");
    insta::assert_snapshot!(shown(&rule("2026-11-04T08:00:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,FR"), 4), @r"
    every 2 weeks on Wednesday and Friday at 08:00, from Wed 4 Nov 2026
    2026-11-04T08:00+01:00
    2026-11-06T08:00+01:00
    2026-11-18T08:00+01:00
    2026-11-20T08:00+01:00
    ");
}

#[test]
fn gaps_and_folds_are_as_for_every_other_rule() {
    let at_half_past_two = rule("2026-03-01T02:30:00", "FREQ=DAILY");
    assert_eq!(
        occurrences(&at_half_past_two, "2026-03-28T12:00:00Z", Berlin, 2),
        ["2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00"]
    );
    assert_eq!(
        occurrences(&at_half_past_two, "2026-10-24T12:00:00Z", Berlin, 2),
        ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]
    );
}

#[test]
fn what_is_refused_says_what_to_take() {
    let refusal = |text: &str| {
        rule("2026-11-24T09:00:00", text)
            .validate()
            .unwrap_err()
            .to_string()
    };
    insta::assert_snapshot!(refusal("BYDAY=MO"), @r#"the rule's part "BYDAY=MO" is wrong: take a rule with FREQ, such as FREQ=WEEKLY;BYDAY=MO"#);
    insta::assert_snapshot!(refusal("FREQ=HOURLY"), @r#"the rule's part "FREQ=HOURLY" is wrong: take FREQ=DAILY, WEEKLY, MONTHLY or YEARLY; for elapsed hours and minutes use the kind `every`"#);
    insta::assert_snapshot!(refusal("FREQ=DAILY;INTERVAL=0"), @r#"the rule's part "INTERVAL=0" is wrong: take INTERVAL=1 to 1000"#);
    insta::assert_snapshot!(refusal("FREQ=WEEKLY;BYDAY=3FR"), @r#"the rule's part "FREQ=WEEKLY;BYDAY=3FR" is wrong: take a third Friday only with FREQ=MONTHLY or YEARLY"#);
    insta::assert_snapshot!(refusal("FREQ=DAILY;COUNT=3;UNTIL=20261224"), @r#"the rule's part "UNTIL=20261224" is wrong: take either COUNT or UNTIL, not both"#);
    insta::assert_snapshot!(refusal("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), @"this would never fire: no date matches it");
    insta::assert_snapshot!(refusal("FREQ=DAILY;UNTIL=20261123"), @"this would never fire: no date matches it");
    insta::assert_snapshot!(refusal("FREQ=DAILY;UNTIL=20261224T000000Z"), @r#"the rule's part "UNTIL=20261224T000000Z" is wrong: take UNTIL=20261224 or UNTIL=20261224T180000, in the task's local time"#);
}

#[test]
fn an_interval_may_end() {
    let every = Schedule::Every {
        seconds: 600,
        anchor: utc("2026-11-24T08:00:00Z"),
        until: Some(utc("2026-11-24T08:20:00Z")),
    };
    assert_eq!(every.validate(), Ok(()));
    assert_eq!(
        every.describe(Berlin),
        "every 10 minutes, until Tue 24 Nov 2026, 09:20"
    );
    assert_eq!(
        occurrences(&every, "2026-11-24T07:00:00Z", Berlin, 9),
        [
            "2026-11-24T09:00+01:00",
            "2026-11-24T09:10+01:00",
            "2026-11-24T09:20+01:00"
        ]
    );
    let late = every.catch_up(utc("2026-11-24T08:00:00Z"), utc("2026-11-25T08:00:00Z"), Berlin);
    assert_eq!((late.missed, late.next), (2, None));
}

/// Rules that both sides know, over UTC, where the wall clock is the instant.
fn some_rule() -> impl Strategy<Value = (NaiveDateTime, String)> {
    let weekdays = || subsequence(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 1..5);
    let start = (0..3000_i64, 0..1440_i64).prop_map(|(day, minute)| {
        NaiveDate::from_ymd_opt(2024, 1, 1)
            .unwrap()
            .and_time(NaiveTime::MIN)
            + TimeDelta::days(day)
            + TimeDelta::minutes(minute)
    });
    let days = prop_oneof![
        weekdays().prop_map(|days| format!("FREQ=WEEKLY;BYDAY={}", days.join(","))),
        Just("FREQ=DAILY".to_owned()),
        Just("FREQ=WEEKLY".to_owned()),
        Just("FREQ=MONTHLY".to_owned()),
        Just("FREQ=YEARLY".to_owned()),
        weekdays().prop_map(|days| format!("FREQ=DAILY;BYDAY={}", days.join(","))),
        (
            select(vec![1, 2, 3, 4, 5, -1, -2]),
            select(vec!["MO", "WE", "FR", "SU"])
        )
            .prop_map(|(nth, day)| format!("FREQ=MONTHLY;BYDAY={nth}{day}")),
        subsequence(vec!["1", "15", "28", "30", "31", "-1", "-5"], 1..4)
            .prop_map(|days| format!("FREQ=MONTHLY;BYMONTHDAY={}", days.join(","))),
        (weekdays(), select(vec![1, 2, -1, -2]))
            .prop_map(|(days, nth)| format!("FREQ=MONTHLY;BYDAY={};BYSETPOS={nth}", days.join(","))),
        (
            1..13_u8,
            select(vec![1, 2, 4, -1]),
            select(vec!["TU", "TH", "SA"])
        )
            .prop_map(|(month, nth, day)| format!("FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{day}")),
        (1..13_u8, 1..29_u8).prop_map(|(month, day)| format!("FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}")),
        (select(vec![1, 20, -1]), select(vec!["MO", "SU"]))
            .prop_map(|(nth, day)| format!("FREQ=YEARLY;BYDAY={nth}{day}")),
    ];
    let times = prop_oneof![
        Just(String::new()),
        (0..24_u8, 0..60_u8).prop_map(|(hour, minute)| format!(";BYHOUR={hour};BYMINUTE={minute}")),
        Just(";BYHOUR=8,12,20;BYMINUTE=0,30".to_owned()),
    ];
    let end = prop_oneof![
        3 => Just(String::new()),
        1 => (1..20_u8).prop_map(|count| format!(";COUNT={count}")),
    ];
    (start, days, 1..5_u8, times, end).prop_map(|(start, days, interval, times, end)| {
        // BYSETPOS picks among occurrences there and among days here: the same with one time a day.
        let times = if days.contains("BYSETPOS") {
            String::new()
        } else {
            times
        };
        (start, format!("{days};INTERVAL={interval}{times}{end}"))
    })
}

#[test]
fn occurrences_agree_with_another_implementation() {
    let config = Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng)
        .run(&some_rule(), |(start, text)| {
            let schedule = Schedule::Rule {
                start,
                rules: vec![text.clone()],
                except: Vec::new(),
            };
            let dtstart = start.and_utc().with_timezone(&rrule::Tz::UTC);
            let other: rrule::RRule<rrule::Unvalidated> = text.parse().unwrap();
            let other = other.build(dtstart).unwrap();
            let expected: Vec<DateTime<Utc>> = other.into_iter().take(40).map(|at| at.to_utc()).collect();
            let mut last = start.and_utc() - TimeDelta::seconds(1);
            let mut found = Vec::new();
            while found.len() < expected.len() + usize::from(expected.len() < 40) {
                let Some(next) = schedule.next_after(last, Tz::UTC) else {
                    break;
                };
                found.push(next);
                last = next;
            }
            // Where no rule in that year fits, the other gives up and ours goes on; both agree as far as they go.
            prop_assert!(expected.is_empty() || expected[0].year() >= start.year());
            prop_assert_eq!(found, expected, "{} from {}", text, start);
            Ok(())
        })
        .unwrap();
}
