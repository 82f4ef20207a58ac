//! Schedules, instants and delays in words.

use chrono::{NaiveDate, TimeDelta, Weekday};
use chrono_tz::{Asia::Kathmandu, Europe::Berlin};
use schedule::{Cycle, Schedule, format_instant, format_late};

use crate::{cron, daily, times, utc, wall};

#[test]
fn instants_are_shown_with_weekday_and_zone() {
    assert_eq!(
        format_instant(utc("2026-11-24T08:00:00Z"), Berlin),
        "Tue 24 Nov 2026, 09:00 Europe/Berlin"
    );
    assert_eq!(
        format_instant(utc("2026-11-03T18:30:05.9Z"), Kathmandu),
        "Wed 4 Nov 2026, 00:15:05 Asia/Kathmandu"
    );
}

#[test]
fn delays_are_shown_by_their_two_largest_units() {
    for (seconds, expected) in [
        (-5, "0 seconds"),
        (0, "0 seconds"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (3 * 60 + 59, "3 minutes"),
        (3600, "1 hour"),
        (2 * 3600 + 5 * 60, "2 hours 5 minutes"),
        (86_400, "1 day"),
        (86_400 + 59 * 60, "1 day"),
        (2 * 86_400 + 3600, "2 days 1 hour"),
        (i64::MAX / 1000, "106751991167 days 7 hours"),
    ] {
        assert_eq!(format_late(TimeDelta::seconds(seconds)), expected, "{seconds}");
    }
}

#[test]
fn schedules_read_as_phrases() {
    let cycle = Some(Cycle {
        every: 2,
        from: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
    });
    let every = |seconds| Schedule::Every {
        seconds,
        anchor: utc("2026-11-24T08:00:00Z"),
        until: None,
    };
    let weekly = |days: &[Weekday], cycle| Schedule::Weekly {
        days: days.to_vec(),
        times: times(&["09:00"]),
        cycle,
    };
    let monthly = |days: &[u8], cycle| Schedule::Monthly {
        days: days.to_vec(),
        times: times(&["18:00"]),
        cycle,
    };
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    for (schedule, expected) in [
        (
            Schedule::Once {
                at: utc("2026-11-24T08:00:00Z"),
            },
            "once on Tue 24 Nov 2026, 09:00",
        ),
        (
            Schedule::OnceLocal {
                at: wall("2026-11-24T09:00:00"),
            },
            "once on Tue 24 Nov 2026, 09:00",
        ),
        (every(60), "every minute"),
        (every(90), "every 90 seconds"),
        (every(5400), "every 90 minutes"),
        (every(3600), "every hour"),
        (every(21_600), "every 6 hours"),
        (
            daily(&["18:00", "09:00", "12:30"]),
            "every day at 09:00, 12:30 and 18:00",
        ),
        (
            Schedule::Daily {
                times: times(&["09:00"]),
                cycle,
            },
            "every 2 days at 09:00, from Tue 24 Nov 2026",
        ),
        (weekly(&[Fri, Mon, Tue, Wed, Thu], None), "every weekday at 09:00"),
        (weekly(&[Sun, Sat], None), "every Saturday and Sunday at 09:00"),
        (
            weekly(&[Mon, Tue, Wed, Thu, Fri, Sat, Sun], None),
            "every day at 09:00",
        ),
        (
            weekly(&[Tue], cycle),
            "every 2 weeks on Tuesday at 09:00, from Tue 24 Nov 2026",
        ),
        (monthly(&[31], None), "on the last day of each month at 18:00"),
        (
            monthly(&[1, 2, 3, 11, 22, 31], None),
            "on the 1st, the 2nd, the 3rd, the 11th, the 22nd and the last day of each month at 18:00",
        ),
        (
            monthly(&[1], cycle),
            "every 2 months on the 1st at 18:00, from Tue 24 Nov 2026",
        ),
        (
            Schedule::Yearly {
                month: 12,
                day: 24,
                times: times(&["18:00"]),
            },
            "every year on 24 December at 18:00",
        ),
        (cron("0 9 * * 1-5"), "every weekday at 09:00"),
        (cron("@daily"), "every day at 00:00"),
        (
            cron("0,30 8,20 * * mon,7"),
            "every Monday and Sunday at 08:00, 08:30, 20:00 and 20:30",
        ),
        (cron("*/15 * * * *"), "every 15 minutes"),
        (cron("* * * * *"), "every minute"),
        (cron("@hourly"), "every hour at :00"),
        (cron(" 0 9 * * 1#2 "), "by the cron schedule 0 9 * * 1#2"),
        (cron("*/7 * * * *"), "by the cron schedule */7 * * * *"),
    ] {
        assert_eq!(schedule.describe(Berlin), expected);
    }
}
