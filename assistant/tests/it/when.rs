//! What was said about time, made into schedules; checked by when they fire.

use assistant::tools::when::{After, At, Present, Repeat, moved, resolve};
use chrono_tz::Tz;
use schedule::Schedule;
use serde_json::{Value, json};

use crate::support::now;

const ZONE: Tz = Tz::Europe__Berlin;

fn present() -> Present {
    Present {
        said_at: now(),
        now: now(),
        zone: ZONE,
    }
}

fn parts(said: &Value) -> (Option<After>, Option<At>, Option<Repeat>) {
    let part = |name: &str| said.get(name).cloned();
    (
        part("in").map(|value| serde_json::from_value(value).expect("in")),
        part("at").map(|value| serde_json::from_value(value).expect("at")),
        part("repeat").map(|value| serde_json::from_value(value).expect("repeat")),
    )
}

fn scheduled(said: &Value) -> Result<Schedule, String> {
    let (after, at, repeat) = parts(said);
    resolve(after, at.as_ref(), repeat.as_ref(), &present()).map(|schedule| schedule.expect("a schedule"))
}

/// When it fires first, or what is wrong.
fn first(said: &Value) -> String {
    match scheduled(said) {
        Ok(schedule) => {
            let next = schedule.next_after(now(), ZONE).expect("it fires");
            let shown = schedule::format_instant(next, ZONE);
            shown.trim_end_matches(" Europe/Berlin").to_owned()
        }
        Err(wrong) => wrong,
    }
}

#[test]
fn what_was_said_fires_when_it_should() {
    // It is Friday, 20 November 2026, 12:03.
    let rows = [
        (json!({ "in": { "seconds": 5 } }), "Fri 20 Nov 2026, 12:03:05"),
        (json!({ "in": { "minutes": 90 } }), "Fri 20 Nov 2026, 13:33"),
        (
            json!({ "in": { "hours": 1, "minutes": 30 } }),
            "Fri 20 Nov 2026, 13:33",
        ),
        (json!({ "in": { "days": 1 } }), "Sat 21 Nov 2026, 12:03"),
        (json!({ "at": { "time": "13:00" } }), "Fri 20 Nov 2026, 13:00"),
        (json!({ "at": { "time": "9:00" } }), "Sat 21 Nov 2026, 09:00"),
        (json!({ "at": { "time": "5pm" } }), "Fri 20 Nov 2026, 17:00"),
        (
            json!({ "at": { "day": "tomorrow", "time": "09:00" } }),
            "Sat 21 Nov 2026, 09:00",
        ),
        (
            json!({ "at": { "day": "Friday", "time": "13:00" } }),
            "Fri 20 Nov 2026, 13:00",
        ),
        (
            json!({ "at": { "day": "fri", "time": "09:00" } }),
            "Fri 27 Nov 2026, 09:00",
        ),
        (
            json!({ "at": { "day": "mon", "time": "09:00" } }),
            "Mon 23 Nov 2026, 09:00",
        ),
        (
            json!({ "at": { "day": "11-24", "time": "09:00" } }),
            "Tue 24 Nov 2026, 09:00",
        ),
        (
            json!({ "at": { "day": "11-19", "time": "09:00" } }),
            "Fri 19 Nov 2027, 09:00",
        ),
        (
            json!({ "at": { "day": "02-29", "time": "09:00" } }),
            "Tue 29 Feb 2028, 09:00",
        ),
        (
            json!({ "at": { "day": "1", "time": "09:00" } }),
            "Tue 1 Dec 2026, 09:00",
        ),
        (
            json!({ "at": { "day": "31", "time": "09:00" } }),
            "Thu 31 Dec 2026, 09:00",
        ),
        (
            json!({ "at": { "day": "2026-12-24", "time": "18:00" } }),
            "Thu 24 Dec 2026, 18:00",
        ),
        (
            json!({ "repeat": { "unit": "weeks", "weekdays": ["mon", "fri"], "times": ["09:00"] } }),
            "Mon 23 Nov 2026, 09:00",
        ),
        (
            json!({ "repeat": { "unit": "days", "times": ["08:00", "20:00"] } }),
            "Fri 20 Nov 2026, 20:00",
        ),
        (
            json!({ "repeat": { "unit": "hours", "every": 6 } }),
            "Fri 20 Nov 2026, 18:03",
        ),
        (
            json!({ "repeat": { "unit": "weeks", "every": 2, "weekdays": ["mon"], "times": ["09:00"] } }),
            "Mon 23 Nov 2026, 09:00",
        ),
        (
            json!({ "repeat": { "unit": "days", "every": 3, "times": ["09:00"] } }),
            "Sat 21 Nov 2026, 09:00",
        ),
        (
            json!({ "repeat": { "unit": "months", "month_days": [31], "times": ["18:00"] } }),
            "Mon 30 Nov 2026, 18:00",
        ),
        (
            json!({ "repeat": { "unit": "years", "month": 12, "month_days": [24], "times": ["18:00"] } }),
            "Thu 24 Dec 2026, 18:00",
        ),
        (
            json!({ "repeat": { "unit": "cron", "cron": "0 9 * * 1-5" } }),
            "Mon 23 Nov 2026, 09:00",
        ),
    ];
    for (said, expected) in rows {
        assert_eq!(first(&said), expected, "{said}");
    }
}

#[test]
fn what_cannot_be_is_said_in_a_sentence() {
    let rows = [
        (
            json!({ "at": { "day": "today", "time": "09:00" } }),
            "Fri 20 Nov 2026, 09:00 is in the past: it is now Fri 20 Nov 2026, 12:03 Europe/Berlin",
        ),
        (
            json!({ "at": { "day": "yesterday", "time": "09:00" } }),
            "Thu 19 Nov 2026, 09:00 is in the past: it is now Fri 20 Nov 2026, 12:03 Europe/Berlin",
        ),
        (
            json!({ "at": { "day": "2020-01-01", "time": "09:00" } }),
            "Wed 1 Jan 2020, 09:00 is in the past: it is now Fri 20 Nov 2026, 12:03 Europe/Berlin",
        ),
        (
            json!({ "at": { "day": "02-30", "time": "09:00" } }),
            "\"02-30\" is not a day that I know: take today, tomorrow, a weekday or a date such as 2026-11-24",
        ),
        (
            json!({ "at": { "day": "262142-12-31", "time": "09:00" } }),
            "\"262142-12-31\" is not a day that I know: take today, tomorrow, a weekday or a date such as 2026-11-24",
        ),
        (
            json!({ "at": { "time": "25:00" } }),
            "\"25:00\" is not a time of day: take one such as 09:00 or 17:30",
        ),
        (
            json!({ "in": {} }),
            "in how long? Give days, hours, minutes or seconds",
        ),
        (
            json!({ "in": { "days": 4_000_000_000_u32 } }),
            "that is too far ahead",
        ),
        (
            json!({ "in": { "seconds": 5 }, "at": { "time": "09:00" } }),
            "give one of in, at and repeat, not several",
        ),
        (
            json!({ "repeat": { "unit": "weeks", "times": ["09:00"] } }),
            "on which days of the week? Give weekdays, or ask the user",
        ),
        (
            json!({ "repeat": { "unit": "days" } }),
            "at what time of day? Give times, or ask the user",
        ),
        (
            json!({ "repeat": { "unit": "weeks", "weekdays": ["funday"], "times": ["09:00"] } }),
            "\"funday\" is not a weekday: take mon, tue, wed, thu, fri, sat or sun",
        ),
        (
            json!({ "repeat": { "unit": "minutes", "every": 0 } }),
            "every 0 is not a rule: take 1 or more",
        ),
    ];
    for (said, expected) in rows {
        assert_eq!(first(&said), expected, "{said}");
    }
}

#[test]
fn what_is_heard_late_is_due_at_once() {
    let late = Present {
        now: now() + chrono::TimeDelta::minutes(10),
        ..present()
    };
    let (after, ..) = parts(&json!({ "in": { "seconds": 5 } }));
    let schedule = resolve(after, None, None, &late)
        .expect("a schedule")
        .expect("a schedule");
    assert_eq!(
        schedule,
        Schedule::Once {
            at: late.now + chrono::TimeDelta::seconds(1)
        }
    );
}

#[test]
fn a_change_of_time_keeps_the_day_or_the_rule() {
    let change = |old: &Value, new: &Value| {
        let old = scheduled(old).expect("a schedule");
        let (after, at, repeat) = parts(new);
        match moved(&old, after, at.as_ref(), repeat.as_ref(), &present()) {
            Ok(Some(schedule)) => schedule.describe(ZONE),
            Ok(None) => "unchanged".to_owned(),
            Err(wrong) => wrong,
        }
    };
    let dentist = json!({ "at": { "day": "2026-11-24", "time": "09:00" } });
    let stretch = json!({ "repeat": { "unit": "weeks", "weekdays": ["mon", "tue", "wed", "thu", "fri"], "times": ["09:00"] } });
    let drink = json!({ "repeat": { "unit": "hours", "every": 6 } });
    let at_ten = json!({ "at": { "time": "10:00" } });
    let rows = [
        (&dentist, at_ten.clone(), "once on Tue 24 Nov 2026, 10:00"),
        (
            &dentist,
            json!({ "at": { "day": "tomorrow", "time": "10:00" } }),
            "once on Sat 21 Nov 2026, 10:00",
        ),
        (
            &dentist,
            json!({ "in": { "hours": 1 } }),
            "once on Fri 20 Nov 2026, 13:03",
        ),
        (&dentist, json!({}), "unchanged"),
        (&stretch, at_ten.clone(), "every weekday at 10:00"),
        (
            &stretch,
            json!({ "in": { "hours": 1 } }),
            "it repeats: give repeat for its new rule, or at with only a time",
        ),
        (
            &stretch,
            json!({ "repeat": { "unit": "days", "times": ["08:00"] } }),
            "every day at 08:00",
        ),
        (
            &drink,
            at_ten,
            "its rule has no time of day: give repeat for a new rule",
        ),
    ];
    for (old, new, expected) in rows {
        assert_eq!(change(old, &new), expected, "{old} changed by {new}");
    }
}
