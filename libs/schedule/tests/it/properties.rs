//! Over random zones, rules and moments, mostly near changes of offset: the search agrees with the plain oracle.

use std::collections::BTreeSet;

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc, Weekday,
};
use chrono_tz::{TZ_VARIANTS, Tz};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use schedule::{Schedule, local_to_utc};

use crate::{oracle, utc};

/// The same 64 cases in every run.
fn check<S: Strategy>(strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config {
        cases: 64,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng).run(strategy, test).unwrap();
}

/// A zone and a date, near a change of its clocks where it has any.
fn zone_and_date() -> impl Strategy<Value = (Tz, NaiveDate)> {
    (0..TZ_VARIANTS.len(), any::<prop::sample::Index>(), 0..3_u64).prop_map(|(zone, change, days_before)| {
        let zone = TZ_VARIANTS[zone];
        let changes = oracle::change_dates(zone);
        let date = if changes.is_empty() {
            NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
        } else {
            *change.get(&changes)
        };
        (zone, date - Days::new(days_before))
    })
}

/// Times of day, most of them in the small hours, where clocks change.
fn some_times() -> impl Strategy<Value = Vec<NaiveTime>> {
    let minute = prop_oneof![3 => 0..240_u32, 1 => 0..1440_u32, 1 => 1380..1440_u32];
    vec(minute, 1..5).prop_map(|minutes| {
        minutes
            .iter()
            .map(|n| NaiveTime::from_hms_opt(n / 60, n % 60, 0).unwrap())
            .collect()
    })
}

/// Walks the schedule through the days and compares with all instants at which it should fire; then asks at
/// every moment near one.
fn agrees(
    schedule: &Schedule,
    zone: Tz,
    expected: &BTreeSet<DateTime<Utc>>,
    (first, last): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), TestCaseError> {
    let mut walked = Vec::new();
    let mut at = first;
    while let Some(next) = schedule.next_after(at, zone).filter(|next| *next <= last) {
        prop_assert!(next > at, "{zone}: from {at} back to {next}");
        walked.push(next);
        at = next;
    }
    let within: Vec<_> = expected
        .iter()
        .copied()
        .filter(|at| *at > first && *at <= last)
        .collect();
    prop_assert_eq!(&walked, &within, "{} {:?}", zone, schedule);
    for at in within.iter().step_by(within.len() / 24 + 1) {
        for seconds in [-1800, -61, -1, 0, 1, 61, 1800] {
            let after = *at + TimeDelta::seconds(seconds);
            let next = expected
                .range(after + TimeDelta::nanoseconds(1)..)
                .next()
                .copied();
            if next.is_some_and(|next| next <= last) {
                prop_assert_eq!(
                    schedule.next_after(after, zone),
                    next,
                    "{} {:?} after {}",
                    zone,
                    schedule,
                    after
                );
            }
        }
    }
    Ok(())
}

/// The inner part of a stretch of days: far enough from its ends that no occurrence is outside the oracle.
fn inner(first: NaiveDate, days: u64) -> (DateTime<Utc>, DateTime<Utc>) {
    let start = first.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(40);
    let end = (first + Days::new(days)).and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(40);
    (start, end)
}

#[test]
fn times_of_day_fire_exactly_once_per_matching_local_day() {
    let strategy = (zone_and_date(), some_times(), vec(0..7_u8, 1..7));
    check(&strategy, |((zone, date), times, days)| {
        let days: Vec<Weekday> = days.into_iter().map(|n| Weekday::try_from(n).unwrap()).collect();
        let first = date - Days::new(2);
        let expected = oracle::instants(first, 9, zone, |local| {
            times.contains(&local.time()) && days.contains(&local.weekday())
        });
        let weekly = Schedule::Weekly {
            days,
            times,
            cycle: None,
        };
        agrees(&weekly, zone, &expected, inner(first, 9))
    });
}

#[test]
fn cron_at_chosen_hours_agrees_with_the_oracle() {
    let strategy = (zone_and_date(), 0..60_u32, 1..5_u32, 0..24_u32, 0..24_u32);
    check(&strategy, |((zone, date), minute, step, hour, other_hour)| {
        let expression = format!("{minute}-59/{} {hour},{other_hour} * * *", step * 15);
        let first = date - Days::new(2);
        let expected = oracle::instants(first, 8, zone, |local| {
            let minute_matches =
                local.minute() >= minute && (local.minute() - minute).is_multiple_of(step * 15);
            minute_matches && [hour, other_hour].contains(&local.hour())
        });
        agrees(&Schedule::Cron { expression }, zone, &expected, inner(first, 8))
    });
}

/// Every-hour rules fire whenever the clocks show a minute that matches, both times in a fold, and for what a gap
/// swallowed.
#[test]
fn cron_of_every_hour_ticks_with_the_clocks() {
    let strategy = (zone_and_date(), 10..31_u32, 0..30_u32);
    check(&strategy, |((zone, date), step, minute)| {
        let expression = format!("{minute}/{step} * * * *");
        let matches = |local: NaiveDateTime| {
            local.second() == 0 && local.minute() >= minute && (local.minute() - minute).is_multiple_of(step)
        };
        let first = date - Days::new(2);
        let mut expected = oracle::instants(first, 6, zone, matches);
        let midnight = first.and_time(NaiveTime::MIN).and_utc();
        let ticks = (0..6 * 1440).map(|n| midnight + TimeDelta::minutes(n));
        expected.extend(ticks.filter(|at| matches(at.with_timezone(&zone).naive_local())));
        agrees(&Schedule::Cron { expression }, zone, &expected, inner(first, 6))
    });
}

#[test]
fn every_local_time_has_the_oracles_instant() {
    check(
        &(zone_and_date(), 0..3 * 86_400_i64),
        |((zone, date), seconds)| {
            let local = date.and_time(NaiveTime::MIN) + TimeDelta::seconds(seconds - 86_400);
            // The oracle looks for the gap's begin minute by minute.
            prop_assert_eq!(
                local_to_utc(local, zone),
                oracle::instant(local, zone),
                "{} {}",
                zone,
                local
            );
            Ok(())
        },
    );
}

#[test]
fn what_was_missed_is_what_lies_between() {
    let strategy = (zone_and_date(), some_times(), 0..200_i64, 0..200_i64);
    check(&strategy, |((zone, date), times, due_hours, late_hours)| {
        let schedule = Schedule::Daily { times, cycle: None };
        let start = date.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(due_hours);
        let due = schedule.next_after(start, zone).unwrap();
        let now = due + TimeDelta::hours(late_hours);
        let mut between = 0;
        let mut at = due;
        while let Some(next) = schedule.next_after(at, zone).filter(|next| *next <= now) {
            (between, at) = (between + 1, next);
        }
        let caught_up = schedule.catch_up(due, now, zone);
        prop_assert_eq!(caught_up.missed, between);
        prop_assert_eq!(caught_up.next, schedule.next_after(now, zone));
        Ok(())
    });
}

/// Every change of every zone from 1973 to 2037, not a sample: the days around it.
#[test]
fn no_change_of_any_zone_skips_or_doubles_a_day() {
    let mut seen = 0;
    for zone in oracle::zones() {
        for date in oracle::change_dates(zone) {
            for time in ["00:00", "02:30"] {
                let schedule = crate::daily(&[time]);
                let local =
                    |days: u64| (date - Days::new(3) + Days::new(days)).and_time(time.parse().unwrap());
                let expected: BTreeSet<_> = (0..6).map(|days| oracle::instant(local(days), zone)).collect();
                let mut expected = expected.into_iter();
                let mut at = expected.next().unwrap();
                for next in expected {
                    assert_eq!(
                        schedule.next_after(at, zone),
                        Some(next),
                        "{zone} {time} after {at}"
                    );
                    at = next;
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 50_000, "{seen}");
    assert!(!oracle::change_dates(Tz::Europe__Berlin).contains(&utc("2026-11-20T00:00:00Z").date_naive()));
}

/// Any text as an expression: refused or taken, and what is taken fires later and later.
#[test]
fn no_expression_panics() {
    let field = "[0-9*/,LW#?A-Za-z@+-]{1,6}";
    let strategy = prop_oneof![vec(field, 1..8).prop_map(|fields| fields.join(" ")), "\\PC{0,40}",];
    check(&strategy, |expression| {
        let schedule = Schedule::Cron { expression };
        let _ = schedule.describe(Tz::Europe__Berlin);
        if schedule.validate().is_ok() {
            let start = utc("2026-11-20T00:00:00Z");
            let next = schedule.next_after(start, Tz::Europe__Berlin);
            prop_assert!(next.is_some_and(|next| next > start), "{:?} was taken", schedule);
        }
        Ok(())
    });
}
