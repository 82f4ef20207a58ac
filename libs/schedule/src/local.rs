//! Between wall-clock time and UTC: gaps, folds, and where they lie. Every function here is total.

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

/// The instant at which the clocks of a zone show a wall-clock time.
///
/// A time that the clocks skip (a gap) is moved forward by the gap's length; of a time that they show twice
/// (a fold) it is the first, as in RFC 5545 §3.3.5. Never panics: where the calendar itself ends, the wall-clock
/// time is taken as UTC.
pub fn local_to_utc(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    resolve(local, zone).0
}

/// As [`local_to_utc`], and, when the time lies in a gap, the wall-clock time at which the gap ends.
pub(crate) fn resolve(local: NaiveDateTime, zone: Tz) -> (DateTime<Utc>, Option<NaiveDateTime>) {
    let (offset_seconds, gap_end) = match zone.offset_from_local_datetime(&local) {
        LocalResult::Single(offset) => (seconds(&offset), None),
        // The larger offset is the earlier instant.
        LocalResult::Ambiguous(one, other) => (seconds(&one).max(seconds(&other)), None),
        LocalResult::None => match GapInfo::new(&local, &zone) {
            Some(GapInfo {
                begin: Some((_, before)),
                end,
            }) => (seconds(&before), end.map(|end| end.naive_local())),
            _ => (seconds(&zone.offset_from_utc_datetime(&local)), None),
        },
    };
    let shifted = local.checked_sub_signed(TimeDelta::seconds(offset_seconds));
    (shifted.unwrap_or(local).and_utc(), gap_end)
}

/// What the clocks of a zone show at an instant; at the very ends of the calendar, what they show in UTC.
pub(crate) fn utc_to_local(instant: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    let utc = instant.naive_utc();
    utc.checked_add_signed(TimeDelta::seconds(offset_at(instant, zone)))
        .unwrap_or(utc)
}

/// A change of a zone's offset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transition {
    /// The first instant with the new offset.
    pub(crate) at: DateTime<Utc>,
    /// The offset before, east of UTC.
    pub(crate) before: TimeDelta,
    /// The offset from then on.
    pub(crate) after: TimeDelta,
}

impl Transition {
    /// What the clocks showed when they were changed: a gap's begin, a fold's end.
    pub(crate) fn old_wall(&self) -> NaiveDateTime {
        self.at.naive_utc() + self.before
    }

    /// What they were set to: a gap's end, a fold's begin.
    pub(crate) fn new_wall(&self) -> NaiveDateTime {
        self.at.naive_utc() + self.after
    }

    /// How far the clocks were put forward; negative in a fold.
    pub(crate) fn forward(&self) -> TimeDelta {
        self.after - self.before
    }
}

/// The change of offset in `(begin, end]`, if the two ends differ.
///
/// The caller keeps the window shorter than the time between any two changes that matter, and away from the
/// calendar's ends.
pub(crate) fn transition_between(begin: DateTime<Utc>, end: DateTime<Utc>, zone: Tz) -> Option<Transition> {
    let (before, after) = (offset_at(begin, zone), offset_at(end, zone));
    if before == after {
        return None;
    }
    let (mut low, mut high) = (begin.timestamp(), end.timestamp());
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if offset_at(DateTime::from_timestamp(middle, 0)?, zone) == before {
            low = middle;
        } else {
            high = middle;
        }
    }
    let at = DateTime::from_timestamp(high, 0)?;
    Some(Transition {
        at,
        before: TimeDelta::seconds(before),
        after: TimeDelta::seconds(offset_at(at, zone)),
    })
}

fn offset_at(instant: DateTime<Utc>, zone: Tz) -> i64 {
    seconds(&zone.offset_from_utc_datetime(&instant.naive_utc()))
}

fn seconds(offset: &impl Offset) -> i64 {
    i64::from(offset.fix().local_minus_utc())
}
