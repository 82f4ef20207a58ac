//! Tables of what rules become.

use chrono::NaiveDate;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn lines(rule: &str) -> Vec<String> {
    vec![rule.to_owned()]
}

fn timed(start: &str, end: &str, zone: &str) -> EventTime {
    EventTime::Timed {
        start: at(start),
        end: at(end),
        zone: zone.to_owned(),
    }
}

fn day(first: &str, last: &str) -> EventTime {
    EventTime::AllDay {
        first: date(first),
        last: date(last),
    }
}

/// Mondays at 09:00 in Berlin, from before the clocks go back.
fn mondays() -> EventTime {
    timed("2026-10-12T07:00:00Z", "2026-10-12T08:00:00Z", "Europe/Berlin")
}

#[test]
fn rules_are_told_in_words() {
    for (rule, words) in [
        ("RRULE:FREQ=DAILY", "every day"),
        ("RRULE:FREQ=DAILY;INTERVAL=3;COUNT=5", "every 3 days, 5 times"),
        ("RRULE:FREQ=WEEKLY", "every week"),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        (
            "RRULE:FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=MO,FR;UNTIL=20261224T225959Z",
            "every 2 weeks on Monday and Friday, until 24 Dec 2026",
        ),
        ("RRULE:FREQ=MONTHLY;BYDAY=2TU", "every month on the 2nd Tuesday"),
        ("RRULE:FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Friday"),
        (
            "RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15,-1",
            "every month on the 1st, the 15th and the last day",
        ),
        (
            "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=11",
            "every year on the 11th in March",
        ),
        (
            "RRULE:FREQ=YEARLY;UNTIL=20301231",
            "every year, until 31 Dec 2030",
        ),
        (
            "RRULE:FREQ=MONTHLY;BYSETPOS=1;BYDAY=MO",
            "by the rule RRULE:FREQ=MONTHLY;BYSETPOS=1;BYDAY=MO",
        ),
        ("RDATE:20261224T100000Z", "on chosen dates"),
    ] {
        assert_eq!(describe(&lines(rule)), words, "{rule}");
    }
}

#[test]
fn rules_are_checked_and_completed() {
    let check = |rule: &str, time: &EventTime| checked(&lines(rule), time).map(|mut lines| lines.remove(0));
    assert_eq!(
        check("freq=weekly;byday=mo", &mondays()).unwrap(),
        "RRULE:FREQ=WEEKLY;BYDAY=MO"
    );
    // A date means the whole of that day where the event is.
    assert_eq!(
        check("RRULE:FREQ=DAILY;UNTIL=20261130", &mondays()).unwrap(),
        "RRULE:FREQ=DAILY;UNTIL=20261130T225959Z"
    );
    assert_eq!(
        check(
            "RRULE:FREQ=DAILY;UNTIL=20261130T225959Z",
            &day("2026-11-20", "2026-11-20")
        )
        .unwrap(),
        "RRULE:FREQ=DAILY;UNTIL=20261130"
    );
    for refused in [
        "RRULE:FREQ=HOURLY",
        "every monday",
        "RRULE:FREQ=WEEKLY;BYDAY=XX",
        "DTSTART:20261121T100000Z",
        "RRULE:FREQ=DAILY\nRRULE:FREQ=DAILY",
        "RRULE:FREQ=DAILY;UNTIL=20200101T000000Z",
        "",
    ] {
        assert!(check(refused, &mondays()).is_err(), "{refused:?}");
    }
    assert_eq!(checked(&[], &mondays()).unwrap(), Vec::<String>::new());
}

#[test]
fn a_series_is_cut_before_an_instance() {
    let weekly = |rest: &str| lines(&format!("RRULE:FREQ=WEEKLY;BYDAY=MO{rest}"));
    // 2 November is after the end of summer time: 09:00 is an hour later in UTC.
    let third = at("2026-10-26T08:00:00Z");
    let parts = cut(&weekly(""), &mondays(), third).unwrap();
    assert_eq!(parts.before, Some(weekly(";UNTIL=20261026T075959Z")));
    assert_eq!(parts.following, weekly(""));

    let counted = cut(&weekly(";COUNT=10"), &mondays(), third).unwrap();
    assert_eq!(counted.before, Some(weekly(";UNTIL=20261026T075959Z")));
    assert_eq!(counted.following, weekly(";COUNT=8"));

    let ending = cut(&weekly(";UNTIL=20261231T225959Z"), &mondays(), third).unwrap();
    assert_eq!(ending.before, Some(weekly(";UNTIL=20261026T075959Z")));
    assert_eq!(ending.following, weekly(";UNTIL=20261231T225959Z"));

    let first = cut(&weekly(";COUNT=10"), &mondays(), at("2026-10-12T07:00:00Z")).unwrap();
    assert_eq!(first.before, None);
    assert_eq!(first.following, weekly(";COUNT=10"));

    let days = cut(
        &lines("RRULE:FREQ=DAILY;COUNT=4"),
        &day("2026-11-20", "2026-11-20"),
        at("2026-11-22T00:00:00Z"),
    );
    let days = days.unwrap();
    assert_eq!(days.before, Some(lines("RRULE:FREQ=DAILY;UNTIL=20261121")));
    assert_eq!(days.following, lines("RRULE:FREQ=DAILY;COUNT=2"));
}

#[test]
fn excluded_dates_stay_and_extra_dates_are_not_cut() {
    let with = |line: &str| vec!["RRULE:FREQ=WEEKLY".to_owned(), line.to_owned()];
    let excluded = with("EXDATE;TZID=Europe/Berlin:20261019T090000");
    let parts = cut(&excluded, &mondays(), at("2026-10-26T08:00:00Z")).unwrap();
    assert_eq!(parts.before.unwrap()[1], excluded[1]);
    assert_eq!(parts.following[1], excluded[1]);
    let extra = with("RDATE:20261224T100000Z");
    assert!(matches!(
        cut(&extra, &mondays(), at("2026-10-26T08:00:00Z")),
        Err(RecurrenceError::Unsupported(_))
    ));
}

#[test]
fn named_days_and_the_end_move_with_the_series() {
    let by =
        |rule: &str, to: &EventTime| moved(&lines(rule), &mondays(), to).map(|mut lines| lines.remove(0));
    let three_days_later = timed("2026-10-15T07:00:00Z", "2026-10-15T08:00:00Z", "Europe/Berlin");
    let a_day_earlier = timed("2026-10-11T07:00:00Z", "2026-10-11T08:00:00Z", "Europe/Berlin");
    let an_hour_later = timed("2026-10-12T08:00:00Z", "2026-10-12T09:00:00Z", "Europe/Berlin");
    for (rule, to, expected) in [
        (
            "RRULE:FREQ=WEEKLY;BYDAY=MO,FR",
            &three_days_later,
            "RRULE:FREQ=WEEKLY;BYDAY=TH,MO",
        ),
        (
            "RRULE:FREQ=WEEKLY;BYDAY=MO",
            &a_day_earlier,
            "RRULE:FREQ=WEEKLY;BYDAY=SU",
        ),
        (
            "RRULE:FREQ=DAILY;COUNT=3",
            &three_days_later,
            "RRULE:FREQ=DAILY;COUNT=3",
        ),
        ("RRULE:FREQ=MONTHLY", &a_day_earlier, "RRULE:FREQ=MONTHLY"),
        (
            "RRULE:FREQ=MONTHLY;BYDAY=2TU",
            &an_hour_later,
            "RRULE:FREQ=MONTHLY;BYDAY=2TU",
        ),
        (
            "RRULE:FREQ=MONTHLY;BYDAY=2TU",
            &mondays(),
            "RRULE:FREQ=MONTHLY;BYDAY=2TU",
        ),
        // The last one, on 9 November at 09:00, stays the last one: in winter time an hour later is 09:00 UTC.
        (
            "RRULE:FREQ=WEEKLY;UNTIL=20261109T080000Z",
            &an_hour_later,
            "RRULE:FREQ=WEEKLY;UNTIL=20261109T090000Z",
        ),
        (
            "RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261109T075959Z",
            &three_days_later,
            "RRULE:FREQ=WEEKLY;BYDAY=TH;UNTIL=20261112T075959Z",
        ),
    ] {
        assert_eq!(by(rule, to).unwrap(), expected, "{rule}");
    }
    assert!(by("RRULE:FREQ=MONTHLY;BYDAY=2TU", &a_day_earlier).is_err());
    assert!(by("RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=11", &a_day_earlier).is_err());
    let whole = moved(
        &lines("RRULE:FREQ=DAILY;UNTIL=20261130"),
        &day("2026-11-20", "2026-11-20"),
        &day("2026-11-22", "2026-11-23"),
    );
    assert_eq!(whole.unwrap(), lines("RRULE:FREQ=DAILY;UNTIL=20261202"));
}

#[test]
fn a_series_moves_as_its_instance_does() {
    // The instance of 26 October (winter time) moves to Tuesday at 10:30, and takes half an hour longer.
    let instance = timed("2026-10-26T08:00:00Z", "2026-10-26T09:00:00Z", "Europe/Berlin");
    let to = timed("2026-10-27T09:30:00Z", "2026-10-27T11:00:00Z", "Europe/Berlin");
    // Summer time at the beginning of the series: 10:30 is 08:30 UTC.
    assert_eq!(
        moved_time(&mondays(), &instance, &to),
        timed("2026-10-13T08:30:00Z", "2026-10-13T10:00:00Z", "Europe/Berlin")
    );
    assert_eq!(
        moved_time(&mondays(), &instance, &day("2026-10-26", "2026-10-27")),
        day("2026-10-12", "2026-10-13")
    );
    let birthdays = day("2026-01-05", "2026-01-05");
    assert_eq!(
        moved_time(
            &birthdays,
            &day("2027-01-05", "2027-01-05"),
            &day("2027-01-04", "2027-01-05")
        ),
        day("2026-01-04", "2026-01-05")
    );
}
