//! When somebody is free: working hours of local days, less what is busy. Pure.

use calendar_client::{Slot, WorkingHours};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use schedule::local_to_utc;

/// Slots begin on a quarter of an hour, in seconds.
const GRID: i64 = 15 * 60;

/// What is looked for, all of it decided.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'a> {
    /// The first local day.
    pub(crate) first: NaiveDate,
    /// The last local day.
    pub(crate) last: NaiveDate,
    /// The zone of the days and hours.
    pub(crate) zone: Tz,
    /// The hours that count.
    pub(crate) hours: &'a WorkingHours,
    /// How long a slot must be at least.
    pub(crate) at_least: TimeDelta,
    /// What lies before this is past.
    pub(crate) now: DateTime<Utc>,
}

/// The spans in which nobody is busy, in order. Working hours are wall-clock times: on a day on which the clocks
/// change they may be longer or shorter.
pub(crate) fn free_slots(wanted: &Wanted<'_>, busy: &[Slot]) -> Vec<Slot> {
    let busy = merged(busy);
    let days = wanted.first.iter_days().take_while(|day| *day <= wanted.last);
    let windows = days.filter_map(|day| window(wanted, day));
    windows
        .flat_map(|window| free_in(window, &busy))
        .filter_map(|free| {
            let start = on_grid(free.start);
            (free.end - start >= wanted.at_least).then_some(Slot { start, end: free.end })
        })
        .collect()
}

/// The working hours of a day, as far as they are not past.
fn window(wanted: &Wanted<'_>, day: NaiveDate) -> Option<Slot> {
    if !wanted.hours.days.contains(&day.weekday()) {
        return None;
    }
    let ends_on = if wanted.hours.end == NaiveTime::MIN {
        day.succ_opt()?
    } else {
        day
    };
    let start = local_to_utc(day.and_time(wanted.hours.start), wanted.zone).max(wanted.now);
    let end = local_to_utc(ends_on.and_time(wanted.hours.end), wanted.zone);
    (start < end).then_some(Slot { start, end })
}

/// The parts of a window that are not busy.
fn free_in(window: Slot, busy: &[Slot]) -> Vec<Slot> {
    let mut free = Vec::new();
    let mut start = window.start;
    for taken in busy {
        if taken.end <= start {
            continue;
        }
        if taken.start >= window.end {
            break;
        }
        if taken.start > start {
            free.push(Slot {
                start,
                end: taken.start,
            });
        }
        start = start.max(taken.end);
    }
    if start < window.end {
        free.push(Slot {
            start,
            end: window.end,
        });
    }
    free
}

/// Busy spans in order, those that touch made one; what takes no time keeps nobody busy.
pub(crate) fn merged(busy: &[Slot]) -> Vec<Slot> {
    let mut busy: Vec<Slot> = busy
        .iter()
        .copied()
        .filter(|slot| slot.start < slot.end)
        .collect();
    busy.sort_unstable();
    let mut merged: Vec<Slot> = Vec::with_capacity(busy.len());
    for slot in busy {
        match merged.last_mut() {
            Some(last) if slot.start <= last.end => last.end = last.end.max(slot.end),
            Some(_) | None => merged.push(slot),
        }
    }
    merged
}

/// The next quarter of an hour. Every zone's offset today is a multiple of it.
fn on_grid(at: DateTime<Utc>) -> DateTime<Utc> {
    let over = at.timestamp().rem_euclid(GRID);
    let exact = over == 0 && at.timestamp_subsec_nanos() == 0;
    let seconds = if exact {
        at.timestamp()
    } else {
        at.timestamp() - over + GRID
    };
    DateTime::from_timestamp(seconds, 0).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    //! A table of days, hours and what is busy.

    use chrono::Weekday;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn slot(start: &str, end: &str) -> Slot {
        Slot {
            start: at(start),
            end: at(end),
        }
    }

    fn hours(days: &[Weekday], start: &str, end: &str) -> WorkingHours {
        WorkingHours {
            days: days.to_vec(),
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
        }
    }

    struct Case {
        name: &'static str,
        days: (&'static str, &'static str),
        zone: Tz,
        hours: WorkingHours,
        minutes: i64,
        now: &'static str,
        busy: &'static [(&'static str, &'static str)],
        free: &'static [(&'static str, &'static str)],
    }

    const ALL: [Weekday; 7] = [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ];

    fn case(name: &'static str) -> Case {
        Case {
            name,
            days: ("2026-11-24", "2026-11-24"),
            zone: chrono_tz::Europe::Berlin,
            hours: WorkingHours::default(),
            minutes: 60,
            now: "2026-11-20T00:00:00Z",
            busy: &[],
            free: &[],
        }
    }

    #[test]
    fn slots_are_what_is_left_of_working_hours() {
        for case in [
            Case {
                free: &[("2026-11-24T08:00:00Z", "2026-11-24T16:00:00Z")],
                ..case("an empty Tuesday")
            },
            Case {
                days: ("2026-11-21", "2026-11-22"),
                ..case("a weekend")
            },
            Case {
                busy: &[
                    ("2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z"),
                    ("2026-11-24T09:00:00Z", "2026-11-24T10:07:00Z"),
                    ("2026-11-24T09:30:00Z", "2026-11-24T09:45:00Z"),
                    ("2026-11-24T15:30:00Z", "2026-11-24T20:00:00Z"),
                ],
                free: &[
                    ("2026-11-24T08:00:00Z", "2026-11-24T09:00:00Z"),
                    ("2026-11-24T10:15:00Z", "2026-11-24T12:00:00Z"),
                    ("2026-11-24T13:00:00Z", "2026-11-24T15:30:00Z"),
                ],
                ..case("meetings that overlap, and one beyond the end of the day")
            },
            Case {
                busy: &[("2026-11-24T08:45:00Z", "2026-11-24T15:15:00Z")],
                ..case("only gaps that are too short")
            },
            Case {
                busy: &[("2026-11-23T00:00:00Z", "2026-11-26T00:00:00Z")],
                ..case("away for days")
            },
            Case {
                busy: &[("2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z")],
                free: &[("2026-11-24T08:00:00Z", "2026-11-24T16:00:00Z")],
                ..case("an event that takes no time")
            },
            Case {
                now: "2026-11-24T10:01:00.5Z",
                free: &[("2026-11-24T10:15:00Z", "2026-11-24T16:00:00Z")],
                ..case("part of today is past")
            },
            Case {
                now: "2026-11-24T15:30:00Z",
                ..case("too little of today is left")
            },
            Case {
                days: ("2026-10-23", "2026-10-26"),
                free: &[
                    ("2026-10-23T07:00:00Z", "2026-10-23T15:00:00Z"),
                    ("2026-10-26T08:00:00Z", "2026-10-26T16:00:00Z"),
                ],
                now: "2026-10-20T00:00:00Z",
                ..case("the clocks go back at the weekend")
            },
            Case {
                days: ("2026-10-25", "2026-10-25"),
                hours: hours(&ALL, "00:00:00", "06:00:00"),
                minutes: 420,
                now: "2026-10-20T00:00:00Z",
                free: &[("2026-10-24T22:00:00Z", "2026-10-25T05:00:00Z")],
                ..case("a night of seven hours between 0:00 and 6:00")
            },
            Case {
                days: ("2026-03-29", "2026-03-29"),
                hours: hours(&ALL, "02:30:00", "06:00:00"),
                minutes: 15,
                now: "2026-03-01T00:00:00Z",
                free: &[("2026-03-29T01:30:00Z", "2026-03-29T04:00:00Z")],
                ..case("hours that begin where the clocks skip")
            },
            Case {
                hours: hours(&ALL, "20:00:00", "00:00:00"),
                free: &[("2026-11-24T19:00:00Z", "2026-11-24T23:00:00Z")],
                ..case("hours until midnight")
            },
            Case {
                zone: chrono_tz::Asia::Kathmandu,
                free: &[("2026-11-24T03:15:00Z", "2026-11-24T11:15:00Z")],
                ..case("a zone with an offset of 5:45")
            },
        ] {
            let wanted = Wanted {
                first: case.days.0.parse().unwrap(),
                last: case.days.1.parse().unwrap(),
                zone: case.zone,
                hours: &case.hours,
                at_least: TimeDelta::minutes(case.minutes),
                now: at(case.now),
            };
            let slots =
                |spans: &[(&str, &str)]| spans.iter().map(|(from, to)| slot(from, to)).collect::<Vec<_>>();
            assert_eq!(
                free_slots(&wanted, &slots(case.busy)),
                slots(case.free),
                "{}",
                case.name
            );
        }
    }
}
