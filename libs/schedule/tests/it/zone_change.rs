//! The user moves: wall-clock rules follow, instants stay.

use chrono_tz::{America::New_York, Europe::Berlin};
use schedule::Schedule;

use crate::{cron, daily, utc, wall};

const NOW: &str = "2026-11-23T12:00:00Z";

#[test]
fn recurring_local_times_follow_the_user() {
    for schedule in [daily(&["09:00"]), cron("0 9 * * *")] {
        let planned = schedule.next_after(utc(NOW), Berlin).unwrap();
        assert_eq!(planned, utc("2026-11-24T08:00:00Z"));
        assert_eq!(
            schedule.next_after_zone_change(planned, utc(NOW), New_York),
            Some(utc("2026-11-23T14:00:00Z"))
        );
    }
}

#[test]
fn one_off_times_and_elapsed_time_stay() {
    let planned = utc("2026-11-24T08:00:00Z");
    for schedule in [
        Schedule::Once { at: planned },
        Schedule::OnceLocal {
            at: wall("2026-11-24T09:00:00"),
        },
        Schedule::Every {
            seconds: 21_600,
            anchor: planned,
            until: None,
        },
    ] {
        assert_eq!(
            schedule.next_after_zone_change(planned, utc(NOW), New_York),
            Some(planned)
        );
    }
}

#[test]
fn what_is_already_due_is_not_moved_away() {
    let due = utc("2026-11-23T08:00:00Z");
    assert_eq!(
        daily(&["09:00"]).next_after_zone_change(due, utc(NOW), New_York),
        Some(due)
    );
}
