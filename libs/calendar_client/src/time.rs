//! When an event is: whole days, or instants with the zone that they were planned in.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use schedule::local_to_utc;
use serde::{Deserialize, Serialize};

/// When an event is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventTime {
    /// Whole days, the same dates in every zone: `{"kind":"all_day","first":"2026-11-24","last":"2026-11-24"}`.
    AllDay {
        /// The first day.
        first: NaiveDate,
        /// The last day, which is part of it.
        last: NaiveDate,
    },
    /// From one instant to another:
    /// `{"kind":"timed","start":"2026-11-24T14:00:00Z","end":"2026-11-24T15:00:00Z","zone":"Europe/Berlin"}`.
    Timed {
        /// When it begins.
        start: DateTime<Utc>,
        /// When it ends; not before it begins.
        end: DateTime<Utc>,
        /// The IANA zone that it was planned in, which a series keeps its local time in.
        zone: String,
    },
}

/// When an event is to be, as the user says it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum NewTime {
    /// Whole days.
    AllDay {
        /// The first day.
        first: NaiveDate,
        /// The last day, which is part of it.
        last: NaiveDate,
    },
    /// Wall-clock times: `{"kind":"local","start":"2026-11-24T15:00:00","end":"2026-11-24T16:00:00"}`. A time that
    /// the clocks skip is moved forward by the gap's length; of one that they show twice it is the first.
    Local {
        /// What the clock shows when it begins.
        start: NaiveDateTime,
        /// What the clock shows when it ends.
        end: NaiveDateTime,
        /// The IANA zone of the clock; the user's own when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<String>,
    },
    /// Instants, for times that were computed.
    Timed {
        /// When it begins.
        start: DateTime<Utc>,
        /// When it ends.
        end: DateTime<Utc>,
        /// The IANA zone to plan it in; the user's own when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<String>,
    },
}

/// The instants at which a local day of a zone begins and ends: 23, 24 or 25 hours apart, or what the zone had.
pub(crate) fn day_bounds(day: NaiveDate, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
    let midnight = |day: NaiveDate| local_to_utc(day.and_time(NaiveTime::MIN), zone);
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    (midnight(day), midnight(next))
}

impl EventTime {
    /// How long it takes.
    pub fn duration(&self) -> TimeDelta {
        match self {
            Self::AllDay { first, last } => {
                TimeDelta::try_days((*last - *first).num_days().saturating_add(1)).unwrap_or(TimeDelta::MAX)
            }
            Self::Timed { start, end, .. } => *end - *start,
        }
    }

    /// The instants between which it lies for somebody in a zone.
    pub fn bounds(&self, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        match self {
            Self::AllDay { first, last } => (day_bounds(*first, zone).0, day_bounds(*last, zone).1),
            Self::Timed { start, end, .. } => (*start, *end),
        }
    }

    /// The first and the last local day of a zone that it touches. One that ends at midnight does not touch the
    /// day that begins then; one that takes no time touches the day it lies in.
    pub fn days(&self, zone: Tz) -> (NaiveDate, NaiveDate) {
        match self {
            Self::AllDay { first, last } => (*first, *last),
            Self::Timed { start, end, .. } => {
                let date = |at: &DateTime<Utc>| at.with_timezone(&zone).date_naive();
                let last = if end > start {
                    end.checked_sub_signed(TimeDelta::nanoseconds(1))
                        .unwrap_or(*start)
                } else {
                    *start
                };
                (date(start), date(&last).max(date(start)))
            }
        }
    }
}
