//! When a planned event is, as the user says it and as a series planned it.

use calendar_client::{EventTime, NewTime};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use google_calendar3::api;
use schedule::{local_to_utc, parse_zone};

use super::{Order, PlanError};
use crate::google::{self, Fields, time_fields};

impl Order<'_> {
    /// When an event is to be. A clock without a zone is the user's; what is planned in a zone stays planned in it.
    pub(super) fn time(&self, time: &NewTime, own_zone: Option<&str>) -> Result<EventTime, PlanError> {
        let named = |zone: &Option<String>| match zone {
            Some(name) => parse_zone(name)
                .map(Some)
                .map_err(|error| PlanError::field("time.zone", error.to_string())),
            None => Ok(None),
        };
        let planned_in = |named: Option<Tz>| match (named, own_zone) {
            (Some(zone), _) => zone.name().to_owned(),
            (None, Some(own)) => own.to_owned(),
            (None, None) => self.zone.name().to_owned(),
        };
        match time {
            NewTime::AllDay { first, last } if last < first => {
                Err(PlanError::field("time.last", "must not be before the first day"))
            }
            NewTime::AllDay { first, last } => Ok(EventTime::AllDay {
                first: *first,
                last: *last,
            }),
            NewTime::Local { start, end, .. } if end < start => {
                Err(PlanError::field("time.end", "must not be before the start"))
            }
            NewTime::Local { start, end, zone } => {
                let named = named(zone)?;
                let clock = named.unwrap_or(self.zone);
                let begin = local_to_utc(*start, clock);
                Ok(EventTime::Timed {
                    start: begin,
                    // Both may lie where the clocks skip or repeat; no event ends before it begins.
                    end: local_to_utc(*end, clock).max(begin),
                    zone: planned_in(named),
                })
            }
            NewTime::Timed { start, end, .. } if end < start => {
                Err(PlanError::field("time.end", "must not be before the start"))
            }
            NewTime::Timed { start, end, zone } => Ok(EventTime::Timed {
                start: *start,
                end: *end,
                zone: planned_in(named(zone)?),
            }),
        }
    }
}

/// Puts a time among an event's fields.
pub(super) fn set_time(fields: &mut Fields, time: &EventTime) {
    for (name, value) in time_fields(time) {
        fields.insert(name.to_owned(), value);
    }
}

/// When a series planned an instance; of an all-day one, midnight UTC.
pub(super) fn original_start(event: &api::Event) -> Option<DateTime<Utc>> {
    google::original_start(event.original_start_time.as_ref()?)
}

/// The instance of a series that was planned for `original`.
pub(super) fn planned(series: &EventTime, original: DateTime<Utc>) -> EventTime {
    match series {
        EventTime::AllDay { first, last } => {
            let day = original.date_naive();
            EventTime::AllDay {
                first: day,
                last: day.checked_add_signed(*last - *first).unwrap_or(day),
            }
        }
        EventTime::Timed { start, end, zone } => EventTime::Timed {
            start: original,
            end: original.checked_add_signed(*end - *start).unwrap_or(original),
            zone: zone.clone(),
        },
    }
}
