//! The JSON of every kind, pinned: it is in databases and on the wire.

use chrono::{NaiveDate, Weekday};
use schedule::{Cycle, Schedule};

use crate::{times, utc, wall};

/// Checks that the JSON reads back as the same and returns it for the snapshot.
fn wire(schedule: &Schedule) -> String {
    assert_eq!(schedule.validate(), Ok(()));
    let json = serde_json::to_string(schedule).unwrap();
    assert_eq!(&serde_json::from_str::<Schedule>(&json).unwrap(), schedule);
    json
}

#[test]
fn every_kind_has_its_form() {
    let cycle = Some(Cycle {
        every: 2,
        from: NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
    });
    insta::assert_snapshot!(wire(&Schedule::Once {
        at: utc("2026-11-24T08:00:00.25Z")
    }));
    insta::assert_snapshot!(wire(&Schedule::OnceLocal {
        at: wall("2026-11-24T09:00:00")
    }));
    insta::assert_snapshot!(wire(&Schedule::Every {
        seconds: 21_600,
        anchor: utc("2026-11-24T08:00:00Z"),
        until: None,
    }));
    insta::assert_snapshot!(wire(&Schedule::Daily {
        times: times(&["09:00", "18:30"]),
        cycle: None
    }));
    insta::assert_snapshot!(wire(&Schedule::Daily {
        times: times(&["09:00"]),
        cycle
    }));
    insta::assert_snapshot!(wire(&Schedule::Weekly {
        days: vec![Weekday::Mon, Weekday::Fri],
        times: times(&["09:00"]),
        cycle,
    }));
    insta::assert_snapshot!(wire(&Schedule::Monthly {
        days: vec![1, 31],
        times: times(&["18:00"]),
        cycle: None
    }));
    insta::assert_snapshot!(wire(&Schedule::Yearly {
        month: 2,
        day: 29,
        times: times(&["09:00"])
    }));
    insta::assert_snapshot!(wire(&Schedule::Cron {
        expression: "0 9 * * 1-5".into()
    }));
}

#[test]
fn what_people_write_is_read() {
    let json = r#"{"kind":"weekly","days":["monday","fri"],"times":["09:00"]}"#;
    assert_eq!(
        serde_json::from_str::<Schedule>(json).unwrap(),
        Schedule::Weekly {
            days: vec![Weekday::Mon, Weekday::Fri],
            times: times(&["09:00:00"]),
            cycle: None,
        }
    );
}

#[test]
fn what_is_not_understood_is_refused_rather_than_dropped() {
    for json in [
        r#"{"kind":"hourly"}"#,
        r#"{"kind":"daily"}"#,
        r#"{"kind":"daily","times":["9 am"]}"#,
        r#"{"kind":"daily","times":["24:00"]}"#,
        r#"{"kind":"daily","times":["09:00"],"cycles":{"every":2,"from":"2026-11-24"}}"#,
        r#"{"kind":"weekly","days":["noday"],"times":["09:00"]}"#,
        r#"{"kind":"monthly","days":[-1],"times":["09:00"]}"#,
        r#"{"kind":"once","at":"2026-11-24T09:00:00"}"#,
        r#"{"kind":"once_local","at":"2026-11-24T09:00:00Z"}"#,
        r#"{"kind":"every","seconds":-60,"anchor":"2026-11-24T08:00:00Z"}"#,
    ] {
        assert!(serde_json::from_str::<Schedule>(json).is_err(), "{json}");
    }
}
