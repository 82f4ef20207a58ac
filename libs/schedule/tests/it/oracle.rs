//! The semantics once more, as slow and as plain as can be: every wall-clock minute is mapped by itself.

use std::collections::BTreeSet;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

/// The instant of a wall-clock time: the first of two; in a gap, read with the offset before it.
pub(crate) fn instant(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => at.to_utc(),
        LocalResult::Ambiguous(one, other) => one.to_utc().min(other.to_utc()),
        LocalResult::None => {
            let mut before = local;
            loop {
                before -= TimeDelta::minutes(1);
                if let Some(at) = zone.from_local_datetime(&before).latest() {
                    return (local - TimeDelta::seconds(i64::from(at.offset().fix().local_minus_utc())))
                        .and_utc();
                }
            }
        }
    }
}

/// All instants of the wall-clock minutes of some days that match.
pub(crate) fn instants(
    first: NaiveDate,
    days: u64,
    zone: Tz,
    matches: impl Fn(NaiveDateTime) -> bool,
) -> BTreeSet<DateTime<Utc>> {
    let midnight = first.and_time(chrono::NaiveTime::MIN);
    (0..i64::try_from(days).unwrap() * 1440)
        .map(|minute| midnight + TimeDelta::minutes(minute))
        .filter(|local| matches(*local))
        .map(|local| instant(local, zone))
        .collect()
}

/// The dates around which a zone's clocks change, from 1973 (by when every offset was whole minutes) to 2037.
pub(crate) fn change_dates(zone: Tz) -> Vec<NaiveDate> {
    let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    let mut dates = Vec::new();
    let mut at: DateTime<Utc> = "1973-01-01T00:00:00Z".parse().unwrap();
    while at < "2038-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() {
        let next = at + TimeDelta::days(8);
        if offset(at) != offset(next) {
            let days = (1..=8).map(|day| at + TimeDelta::days(day));
            dates.extend(
                days.filter(|day| offset(*day) != offset(*day - TimeDelta::days(1)))
                    .map(|day| day.date_naive()),
            );
        }
        at = next;
    }
    dates
}

/// All zones of the database.
pub(crate) fn zones() -> impl Iterator<Item = Tz> {
    TZ_VARIANTS.into_iter()
}
