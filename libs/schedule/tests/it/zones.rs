//! Gaps and folds of every shape that clocks have had: an hour, half an hour, midnight, a whole day, none.

use chrono_tz::{
    Africa::Casablanca,
    America::{New_York, Sao_Paulo},
    Asia::Kathmandu,
    Australia::{Lord_Howe, Sydney},
    Europe::London,
    Pacific::Apia,
};

use crate::{cron, daily, occurrences};

#[test]
fn one_occurrence_a_day_wherever_the_clocks_change() {
    for (zone, time, after, expected) in [
        (
            London,
            "01:30",
            "2026-03-28T12:00:00Z",
            ["2026-03-29T02:30+01:00", "2026-03-30T01:30+01:00"],
        ),
        (
            London,
            "01:30",
            "2026-10-24T12:00:00Z",
            ["2026-10-25T01:30+01:00", "2026-10-26T01:30+00:00"],
        ),
        (
            New_York,
            "02:30",
            "2026-03-07T12:00:00Z",
            ["2026-03-08T03:30-04:00", "2026-03-09T02:30-04:00"],
        ),
        (
            New_York,
            "01:30",
            "2026-10-31T12:00:00Z",
            ["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"],
        ),
        (
            Sydney,
            "02:30",
            "2026-10-03T00:00:00Z",
            ["2026-10-04T03:30+11:00", "2026-10-05T02:30+11:00"],
        ),
        (
            Sydney,
            "02:30",
            "2026-04-04T00:00:00Z",
            ["2026-04-05T02:30+11:00", "2026-04-06T02:30+10:00"],
        ),
        // Half an hour.
        (
            Lord_Howe,
            "02:15",
            "2026-10-03T00:00:00Z",
            ["2026-10-04T02:45+11:00", "2026-10-05T02:15+11:00"],
        ),
        (
            Lord_Howe,
            "01:45",
            "2026-04-04T00:00:00Z",
            ["2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30"],
        ),
        // The day began at 01:00.
        (
            Sao_Paulo,
            "00:00",
            "2018-11-03T12:00:00Z",
            ["2018-11-04T01:00-02:00", "2018-11-05T00:00-02:00"],
        ),
        // The day's last hour came twice.
        (
            Sao_Paulo,
            "23:30",
            "2019-02-16T12:00:00Z",
            ["2019-02-16T23:30-02:00", "2019-02-17T23:30-03:00"],
        ),
        // 30 December 2011 never was; its occurrence and that of the 31st are one.
        (
            Apia,
            "09:00",
            "2011-12-29T12:00:00Z",
            ["2011-12-29T09:00-10:00", "2011-12-31T09:00+14:00"],
        ),
        // Ramadan ends: the clocks go forward again.
        (
            Casablanca,
            "02:30",
            "2026-03-21T12:00:00Z",
            ["2026-03-22T03:30+01:00", "2026-03-23T02:30+01:00"],
        ),
        (
            Casablanca,
            "02:30",
            "2026-02-14T12:00:00Z",
            ["2026-02-15T02:30+01:00", "2026-02-16T02:30+00:00"],
        ),
        (
            Kathmandu,
            "06:15",
            "2026-11-20T00:00:00Z",
            ["2026-11-20T06:15+05:45", "2026-11-21T06:15+05:45"],
        ),
    ] {
        assert_eq!(
            occurrences(&daily(&[time]), after, zone, 2),
            expected,
            "{zone} {time}"
        );
    }
}

#[test]
fn a_weekday_that_never_was_fires_a_day_later() {
    assert_eq!(
        occurrences(&cron("0 9 * * 5"), "2011-12-24T00:00:00Z", Apia, 2),
        ["2011-12-31T09:00+14:00", "2012-01-06T09:00+14:00"]
    );
}
