//! What is refused, and the words in which the user is told.

use chrono::NaiveDate;
use schedule::{Cycle, Schedule};

use crate::{daily, times, utc, wall};

fn refusal(schedule: &Schedule) -> String {
    schedule.validate().unwrap_err().to_string()
}

fn cron_refusal(expression: &str) -> String {
    refusal(&Schedule::Cron {
        expression: expression.into(),
    })
}

#[test]
fn a_wrong_cron_field_is_named() {
    for (expression, field) in [
        ("60 9 * * *", "minute"),
        ("MON 9 * * *", "minute"),
        (", 9 * * *", "minute"),
        ("1,,2 9 * * *", "minute"),
        ("*/0 9 * * *", "minute"),
        ("0 24 * * *", "hour"),
        ("0 9-5 * * *", "hour"),
        ("0 9 0 * *", "day of month"),
        ("0 9 32 * *", "day of month"),
        ("0 9 15L * *", "day of month"),
        ("0 9 LW * *", "day of month"),
        ("0 9 * 13 *", "month"),
        ("0 9 * TUE *", "month"),
        ("0 9 * * 8", "day of week"),
        ("0 9 * * 1#6", "day of week"),
        ("0 9 * * MONDAY", "day of week"),
        ("0 9 * * +1", "day of week"),
        ("0 9 * * ä", "day of week"),
    ] {
        let message = cron_refusal(expression);
        let start = format!("the cron field for the {field} is wrong: ");
        assert!(message.starts_with(&start), "{expression}: {message}");
    }
}

#[test]
fn the_words_help() {
    insta::assert_snapshot!(cron_refusal("0 25 * * *"), @r#"the cron field for the hour is wrong: "25" is not 0 to 23, with * , - /"#);
    insta::assert_snapshot!(cron_refusal("0 0 9 * * 1"), @"a cron expression has five fields (minute, hour, day of month, month, day of week), this one has 6; leave seconds and years out");
    insta::assert_snapshot!(cron_refusal("0 9"), @"a cron expression has five fields (minute, hour, day of month, month, day of week), this one has 2");
    insta::assert_snapshot!(cron_refusal(""), @"a cron expression has five fields (minute, hour, day of month, month, day of week), this one has 0");
    insta::assert_snapshot!(cron_refusal("@reboot"), @r#""@reboot" is not a known nickname: take @hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually"#);
    insta::assert_snapshot!(cron_refusal("0 9 30 2 *"), @"this would never fire: no date matches it");
    insta::assert_snapshot!(cron_refusal("0 9 31 4,6,9,11 *"), @"this would never fire: no date matches it");
    insta::assert_snapshot!(refusal(&Schedule::Every { seconds: 59, anchor: utc("2026-11-24T08:00:00Z"), until: None }), @"an interval of 59 s is too short: the shortest is 60 s");
    insta::assert_snapshot!(refusal(&daily(&[])), @"the times of day must not be empty");
    insta::assert_snapshot!(refusal(&daily(&["09:00:05"])), @"the time of day 09:00:05 has seconds: recurring times are whole minutes");
    insta::assert_snapshot!(refusal(&Schedule::Weekly { days: vec![], times: times(&["09:00"]), cycle: None }), @"the days of the week must not be empty");
    insta::assert_snapshot!(refusal(&Schedule::Monthly { days: vec![32], times: times(&["09:00"]), cycle: None }), @"there is no day 32 of the month: days are 1 to 31, where 31 means the last day");
    insta::assert_snapshot!(refusal(&Schedule::Yearly { month: 2, day: 30, times: times(&["09:00"]) }), @"February never has a day 30: this would never fire");
    insta::assert_snapshot!(refusal(&Schedule::Yearly { month: 13, day: 1, times: times(&["09:00"]) }), @"there is no month 13: months are 1 to 12");
    insta::assert_snapshot!(refusal(&Schedule::OnceLocal { at: wall("1969-12-31T23:59:59") }), @"the year 1969 is out of range: years are 1970 to 9999");
}

#[test]
fn cycles_are_one_to_a_thousand() {
    let with = |every| Schedule::Daily {
        times: times(&["09:00"]),
        cycle: Some(Cycle {
            every,
            from: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
        }),
    };
    assert!(with(0).validate().is_err() && with(1001).validate().is_err());
    assert!(with(1).validate().is_ok() && with(1000).validate().is_ok());
}

#[test]
fn a_huge_expression_is_refused_before_it_is_read() {
    let expression = vec!["1"; 100_000].join(",");
    assert!(cron_refusal(&expression).contains("too many"));
}

#[test]
fn what_fires_at_most_once_a_minute_is_taken() {
    for schedule in [
        daily(&["00:00", "23:59"]),
        Schedule::Every {
            seconds: 60,
            anchor: utc("2026-11-24T08:00:00Z"),
            until: None,
        },
        Schedule::Yearly {
            month: 2,
            day: 29,
            times: times(&["09:00"]),
        },
    ] {
        assert_eq!(schedule.validate(), Ok(()));
    }
}
