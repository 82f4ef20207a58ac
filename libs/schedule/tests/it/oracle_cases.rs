//! Ten years of random schedules in random zones, against what Python's `zoneinfo` and `dateutil.rrule` say.
//!
//! `oracle_cases.jsonl` holds some of their answers. `libs/schedule/oracle/run SEED COUNT` makes new ones and compares
//! them all; `oracle.py --explain` lists the instants of one case.

use std::{collections::BTreeMap, fmt::Write};

use chrono::{DateTime, Datelike, Utc};
use schedule::Schedule;
use serde::Deserialize;

/// One line of the oracle's.
#[derive(Deserialize)]
struct Case {
    schedule: Schedule,
    zone: chrono_tz::Tz,
    /// In Unix seconds, itself left out.
    from: i64,
    /// In Unix seconds, itself left out.
    to: i64,
    /// For each year of UTC, how many instants and their digest.
    years: BTreeMap<i32, (u64, String)>,
}

/// FNV-1a over the seconds, eight bytes each, the lowest first.
struct Digest(u64);

impl Digest {
    fn add(&mut self, at: DateTime<Utc>) {
        for byte in at.timestamp().to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

fn found(case: &Case) -> BTreeMap<i32, (u64, String)> {
    let mut years: BTreeMap<i32, (u64, Digest)> = BTreeMap::new();
    let mut last = DateTime::from_timestamp(case.from, 0).unwrap();
    let end = DateTime::from_timestamp(case.to, 0).unwrap();
    while let Some(next) = case
        .schedule
        .next_after(last, case.zone)
        .filter(|next| *next < end)
    {
        let (count, digest) = years
            .entry(next.year())
            .or_insert((0, Digest(0xcbf2_9ce4_8422_2325)));
        *count += 1;
        digest.add(next);
        last = next;
    }
    years
        .into_iter()
        .map(|(year, (count, digest))| (year, (count, format!("{:016x}", digest.0))))
        .collect()
}

/// The cases that differ, and how many there were with how many instants.
fn compare(cases: &str) -> (String, usize, u64) {
    let (mut wrong, mut count, mut instants) = (String::new(), 0, 0);
    for line in cases.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        assert_eq!(
            case.schedule
                .validate()
                .err()
                .filter(|error| !error.to_string().contains("never fire")),
            None,
            "{line}"
        );
        let found = found(&case);
        count += 1;
        instants += case.years.values().map(|(count, _)| count).sum::<u64>();
        if found != case.years {
            let year = found
                .iter()
                .chain(&case.years)
                .find(|(year, of)| found.get(year) != Some(of) || case.years.get(year) != Some(of));
            writeln!(wrong, "in {:?}: {line}", year.map(|(year, _)| year)).unwrap();
        }
    }
    (wrong, count, instants)
}

#[test]
fn ten_years_are_as_the_oracle_says() {
    let kept = include_str!("oracle_cases.jsonl");
    // The file that `oracle/run` has just written.
    let made = option_env!("SCHEDULE_ORACLE").map(|file| std::fs::read_to_string(file).unwrap());
    let (wrong, count, instants) = compare(made.as_deref().unwrap_or(kept));
    assert!(
        wrong.is_empty(),
        "{} of {count} differ:\n{wrong}",
        wrong.lines().count()
    );
    assert!(count >= if made.is_some() { 1 } else { 250 }, "{count} cases");
    if made.is_some() {
        println!("{count} schedules, {instants} instants: no difference");
    }
}
