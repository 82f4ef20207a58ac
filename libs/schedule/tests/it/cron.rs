//! Cron expressions: which days and times they mean, pinned against what `croner` does.

use chrono_tz::{
    Australia::Lord_Howe,
    Europe::Berlin,
    Tz::{self, UTC},
};

use crate::{cron, occurrences};

/// The first occurrences in UTC from the start of 2027 (a Friday).
fn in_2027(expression: &str, count: usize) -> Vec<String> {
    occurrences(&cron(expression), "2026-12-31T23:59:59Z", UTC, count)
        .into_iter()
        .map(|text| text.trim_end_matches("+00:00").to_owned())
        .collect()
}

#[test]
fn fields_mean_what_they_do_in_vixie_cron() {
    for (expression, expected) in [
        (
            "0 9 * * 1-5",
            ["2027-01-01T09:00", "2027-01-04T09:00", "2027-01-05T09:00"],
        ),
        (
            "*/5 * * * *",
            ["2027-01-01T00:00", "2027-01-01T00:05", "2027-01-01T00:10"],
        ),
        (
            "5-20/7 8,22 * * *",
            ["2027-01-01T08:05", "2027-01-01T08:12", "2027-01-01T08:19"],
        ),
        (
            "0 0 1 */6 *",
            ["2027-01-01T00:00", "2027-07-01T00:00", "2028-01-01T00:00"],
        ),
        (
            "30 7 * JUN sat",
            ["2027-06-05T07:30", "2027-06-12T07:30", "2027-06-19T07:30"],
        ),
        // 0 and 7 are both Sunday.
        (
            "0 9 * * 0",
            ["2027-01-03T09:00", "2027-01-10T09:00", "2027-01-17T09:00"],
        ),
        (
            "0 9 * * 7",
            ["2027-01-03T09:00", "2027-01-10T09:00", "2027-01-17T09:00"],
        ),
        (
            "0 9 * * fri-sun",
            ["2027-01-01T09:00", "2027-01-02T09:00", "2027-01-03T09:00"],
        ),
        // Both days given: either will do.
        (
            "0 9 15 * 1",
            ["2027-01-04T09:00", "2027-01-11T09:00", "2027-01-15T09:00"],
        ),
        // One of them open: the other decides. `?` is open, too.
        (
            "0 9 15 * ?",
            ["2027-01-15T09:00", "2027-02-15T09:00", "2027-03-15T09:00"],
        ),
        // A stepped star is not open, unlike in Vixie cron: odd days or Mondays.
        (
            "0 9 */2 * 1",
            ["2027-01-01T09:00", "2027-01-03T09:00", "2027-01-04T09:00"],
        ),
        // A month that lacks the day is left out.
        (
            "0 9 31 * *",
            ["2027-01-31T09:00", "2027-03-31T09:00", "2027-05-31T09:00"],
        ),
        (
            "0 9 29 2 *",
            ["2028-02-29T09:00", "2032-02-29T09:00", "2036-02-29T09:00"],
        ),
    ] {
        assert_eq!(in_2027(expression, 3), expected, "{expression}");
    }
}

#[test]
fn last_nth_and_nearest_days() {
    for (expression, expected) in [
        (
            "0 18 L * *",
            ["2027-01-31T18:00", "2027-02-28T18:00", "2027-03-31T18:00"],
        ),
        (
            "0 9 * * 1#2",
            ["2027-01-11T09:00", "2027-02-08T09:00", "2027-03-08T09:00"],
        ),
        (
            "0 9 * * MON#5",
            ["2027-03-29T09:00", "2027-05-31T09:00", "2027-08-30T09:00"],
        ),
        (
            "0 9 * * 5L",
            ["2027-01-29T09:00", "2027-02-26T09:00", "2027-03-26T09:00"],
        ),
        (
            "0 9 * * 7L",
            ["2027-01-31T09:00", "2027-02-28T09:00", "2027-03-28T09:00"],
        ),
        (
            "0 9 * * SUN#1",
            ["2027-01-03T09:00", "2027-02-07T09:00", "2027-03-07T09:00"],
        ),
        // 15 May is a Saturday: Friday the 14th. 15 August is a Sunday: Monday the 16th.
        (
            "0 9 15W 5-8 *",
            ["2027-05-14T09:00", "2027-06-15T09:00", "2027-07-15T09:00"],
        ),
        (
            "0 9 15W 8 *",
            ["2027-08-16T09:00", "2028-08-15T09:00", "2029-08-15T09:00"],
        ),
        // 1 May is a Saturday, but the Friday before is in April.
        (
            "0 9 1W 5 *",
            ["2027-05-03T09:00", "2028-05-01T09:00", "2029-05-01T09:00"],
        ),
    ] {
        assert_eq!(in_2027(expression, 3), expected, "{expression}");
    }
}

#[test]
fn nicknames_stand_for_their_expressions() {
    for (nickname, expected) in [
        ("@hourly", ["2027-01-01T00:00", "2027-01-01T01:00"]),
        ("@daily", ["2027-01-01T00:00", "2027-01-02T00:00"]),
        ("@Midnight", ["2027-01-01T00:00", "2027-01-02T00:00"]),
        ("@weekly", ["2027-01-03T00:00", "2027-01-10T00:00"]),
        ("@monthly", ["2027-01-01T00:00", "2027-02-01T00:00"]),
        ("@yearly", ["2027-01-01T00:00", "2028-01-01T00:00"]),
        (" @annually ", ["2027-01-01T00:00", "2028-01-01T00:00"]),
    ] {
        assert_eq!(in_2027(nickname, 2), expected, "{nickname}");
    }
}

/// What the clocks show, without the date.
fn clocks(expression: &str, after: &str, zone: Tz, count: usize) -> Vec<String> {
    let found = occurrences(&cron(expression), after, zone, count);
    found
        .iter()
        .map(|text| text["2027-01-01T".len()..].to_owned())
        .collect()
}

#[test]
fn a_time_of_day_in_a_gap_or_fold_fires_once() {
    assert_eq!(
        occurrences(&cron("30 2 * * *"), "2026-03-28T12:00:00Z", Berlin, 2),
        ["2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00"]
    );
    assert_eq!(
        occurrences(&cron("30 2 * * *"), "2026-10-24T12:00:00Z", Berlin, 2),
        ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]
    );
    assert_eq!(
        clocks("0 */2 * * *", "2026-10-24T21:30:00Z", Berlin, 4),
        ["00:00+02:00", "02:00+02:00", "04:00+01:00", "06:00+01:00"]
    );
}

#[test]
fn minutes_of_every_hour_keep_ticking_through_gap_and_fold() {
    assert_eq!(
        clocks("*/30 * * * *", "2026-03-29T00:00:00Z", Berlin, 4),
        ["01:30+01:00", "03:00+02:00", "03:30+02:00", "04:00+02:00"]
    );
    assert_eq!(
        clocks("*/30 * * * *", "2026-10-25T00:00:00Z", Berlin, 5),
        [
            "02:30+02:00",
            "02:00+01:00",
            "02:30+01:00",
            "03:00+01:00",
            "03:30+01:00"
        ]
    );
    // Half an hour is repeated: 01:30 to 02:00.
    assert_eq!(
        clocks("45 * * * *", "2026-04-04T14:00:00Z", Lord_Howe, 3),
        ["01:45+11:00", "01:45+10:30", "02:45+10:30"]
    );
    // Half an hour is left out: 02:00 to 02:30.
    assert_eq!(
        clocks("0 * * * *", "2026-10-03T14:00:00Z", Lord_Howe, 3),
        ["01:00+10:30", "02:30+11:00", "03:00+11:00"]
    );
}
