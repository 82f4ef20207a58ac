//! Schedules and instants in the languages that users have.

use chrono::{NaiveDate, NaiveTime, TimeDelta, Weekday};
use chrono_tz::Europe::Berlin;
use schedule::{Cycle, Language, Schedule, format_instant_in, format_late_in};

use crate::{cron, utc};

const ALL: [Language; 4] = [
    Language::English,
    Language::German,
    Language::Spanish,
    Language::Russian,
];

fn said(schedule: &Schedule) -> String {
    ALL.map(|language| schedule.describe_in(language, Berlin))
        .join("\n")
}

fn at(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap()
}

fn rule(rules: &[&str]) -> Schedule {
    let schedule = Schedule::Rule {
        start: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap().and_time(at(9, 0)),
        rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
        except: vec![NaiveDate::from_ymd_opt(2026, 12, 25).unwrap()],
    };
    assert_eq!(schedule.validate(), Ok(()));
    schedule
}

#[test]
fn plain_schedules() {
    let cycle = Some(Cycle {
        every: 2,
        from: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
    });
    let times = vec![at(9, 0), at(17, 30)];
    let schedules = [
        Schedule::Once {
            at: utc("2026-11-24T08:00:00Z"),
        },
        Schedule::Every {
            seconds: 21_600,
            anchor: utc("2026-11-24T08:00:00Z"),
            until: None,
        },
        Schedule::Every {
            seconds: 3_600,
            anchor: utc("2026-11-24T08:00:00Z"),
            until: Some(utc("2026-12-24T08:00:00Z")),
        },
        Schedule::Daily {
            times: times.clone(),
            cycle: None,
        },
        Schedule::Daily {
            times: times.clone(),
            cycle,
        },
        Schedule::Weekly {
            days: vec![Weekday::Fri, Weekday::Mon],
            times: times.clone(),
            cycle: None,
        },
        Schedule::Weekly {
            days: vec![
                Weekday::Mon,
                Weekday::Tue,
                Weekday::Wed,
                Weekday::Thu,
                Weekday::Fri,
            ],
            times: times.clone(),
            cycle: None,
        },
        Schedule::Weekly {
            days: vec![Weekday::Wed],
            times: times.clone(),
            cycle,
        },
        Schedule::Monthly {
            days: vec![15, 31],
            times: times.clone(),
            cycle: None,
        },
        Schedule::Yearly {
            month: 12,
            day: 24,
            times,
        },
        cron("*/15 * * * *"),
        cron("0 9 * * 1-5"),
    ];
    let all: Vec<String> = schedules.iter().map(said).collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn rules() {
    let schedules = [
        rule(&["FREQ=MONTHLY;BYDAY=3FR;BYHOUR=10;BYMINUTE=0"]),
        rule(&["FREQ=MONTHLY;BYDAY=-1WE,-1SU"]),
        rule(&["FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20271224"]),
        rule(&["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"]),
        rule(&["FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=10"]),
        rule(&["FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15;BYMINUTE=0"]),
        rule(&["FREQ=YEARLY;BYMONTH=3,6;BYMONTHDAY=15"]),
        rule(&["FREQ=DAILY;BYMONTH=7"]),
    ];
    let all: Vec<String> = schedules.iter().map(said).collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn instants_and_delays() {
    let shown = ALL.map(|language| {
        format!(
            "{} / {} / {}",
            format_instant_in(language, utc("2026-03-04T08:00:00Z"), Berlin),
            format_late_in(language, TimeDelta::minutes(125)),
            format_late_in(language, TimeDelta::seconds(61)),
        )
    });
    insta::assert_snapshot!(shown.join("\n"));
}
