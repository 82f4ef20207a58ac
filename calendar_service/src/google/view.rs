//! Google's events and calendars as ours.

use calendar_client::{
    Access, Attendee, Calendar, Event, EventStatus, EventTime, Recurrence, Reminder, ReminderMethod,
    Reminders, Response,
};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use google_calendar3::api::{self, CalendarListEntry, EventDateTime};

use crate::recurrence::describe;

/// The most people that are told of one event.
const MOST_ATTENDEES: usize = 200;
/// The most of a description that is told, in characters.
const LONGEST_DESCRIPTION: usize = 8_000;

/// A calendar of the user's list; `None` for one without an id.
pub(crate) fn calendar_view(entry: CalendarListEntry) -> Option<Calendar> {
    let id = entry.id?;
    Some(Calendar {
        name: entry
            .summary_override
            .or(entry.summary)
            .unwrap_or_else(|| id.clone()),
        time_zone: entry.time_zone.unwrap_or_else(|| "UTC".to_owned()),
        access: match entry.access_role.as_deref() {
            Some("owner") => Access::Owner,
            Some("writer") => Access::Writer,
            Some("reader") => Access::Reader,
            _ => Access::FreeBusy,
        },
        primary: entry.primary.unwrap_or(false),
        shown: entry.selected.unwrap_or(false) && !entry.hidden.unwrap_or(false),
        id,
    })
}

/// A date of Google's that can be computed with in every zone; there is none beyond the years that RFC 3339 has.
pub(crate) fn usable_date(date: NaiveDate) -> Option<NaiveDate> {
    (1..=9_998).contains(&date.year()).then_some(date)
}

/// As [`usable_date`].
pub(crate) fn usable(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    usable_date(at.date_naive()).map(|_| at)
}

/// When a Google event is; `None` when it does not say, or says a time that there is not. `zone` is the calendar's.
pub(crate) fn google_time(event: &api::Event, zone: &str) -> Option<EventTime> {
    let (start, end) = (event.start.as_ref()?, event.end.as_ref());
    if let Some(first) = start.date {
        let first = usable_date(first)?;
        // The last day is the one before Google's end.
        let last = end.and_then(|end| usable_date(end.date?)?.pred_opt());
        let last = last.unwrap_or(first);
        return Some(EventTime::AllDay {
            first,
            last: last.max(first),
        });
    }
    let begin = usable(start.date_time?)?;
    let end = end.and_then(|end| usable(end.date_time?)).unwrap_or(begin);
    Some(EventTime::Timed {
        start: begin,
        end: end.max(begin),
        zone: start.time_zone.clone().unwrap_or_else(|| zone.to_owned()),
    })
}

/// A Google event as ours; `None` when it lacks an id or a time, as a cancelled instance does. `zone` is the
/// calendar's.
pub(crate) fn event_view(calendar: &str, event: api::Event, zone: &str) -> Option<Event> {
    let time = google_time(&event, zone)?;
    let attendees: Vec<Attendee> = event
        .attendees
        .unwrap_or_default()
        .into_iter()
        .filter_map(attendee_view)
        .collect();
    let organizer = event
        .organizer
        .filter(|organizer| !organizer.self_.unwrap_or(false))
        .and_then(|organizer| organizer.display_name.or(organizer.email));
    Some(Event {
        id: event.id?,
        calendar_id: calendar.to_owned(),
        etag: event.etag.unwrap_or_default(),
        status: match event.status.as_deref() {
            Some("cancelled") => EventStatus::Cancelled,
            Some("tentative") => EventStatus::Tentative,
            _ => EventStatus::Confirmed,
        },
        title: event.summary.unwrap_or_default(),
        time,
        location: event.location.filter(|location| !location.is_empty()),
        description: event
            .description
            .filter(|description| !description.is_empty())
            .map(|description| description.chars().take(LONGEST_DESCRIPTION).collect()),
        response: attendees.iter().find(|one| one.is_self).map(|one| one.response),
        attendees: attendees.into_iter().take(MOST_ATTENDEES).collect(),
        organizer,
        reminders: reminders_view(event.reminders),
        recurrence: event
            .recurrence
            .filter(|rules| !rules.is_empty())
            .map(|rules| Recurrence {
                description: describe(&rules),
                rules,
            }),
        series_id: event.recurring_event_id,
        original_start: event.original_start_time.as_ref().and_then(original_start),
        busy: event.transparency.as_deref() != Some("transparent"),
        html_link: event.html_link,
        call_link: event.hangout_link,
    })
}

/// When a series planned an instance; of an all-day one, midnight UTC.
pub(crate) fn original_start(time: &EventDateTime) -> Option<DateTime<Utc>> {
    time.date_time
        .or_else(|| time.date.map(|date| date.and_time(NaiveTime::MIN).and_utc()))
        .and_then(usable)
}

fn attendee_view(attendee: api::EventAttendee) -> Option<Attendee> {
    Some(Attendee {
        email: attendee.email?,
        name: attendee.display_name,
        response: match attendee.response_status.as_deref() {
            Some("declined") => Response::Declined,
            Some("tentative") => Response::Tentative,
            Some("accepted") => Response::Accepted,
            _ => Response::NeedsAction,
        },
        optional: attendee.optional.unwrap_or(false),
        is_self: attendee.self_.unwrap_or(false),
        organizer: attendee.organizer.unwrap_or(false),
    })
}

fn reminders_view(reminders: Option<api::EventReminders>) -> Reminders {
    let Some(reminders) = reminders.filter(|reminders| !reminders.use_default.unwrap_or(false)) else {
        return Reminders::Default;
    };
    let list = reminders
        .overrides
        .unwrap_or_default()
        .into_iter()
        .filter_map(|reminder| {
            Some(Reminder {
                method: match reminder.method.as_deref()? {
                    "email" => ReminderMethod::Email,
                    _ => ReminderMethod::Popup,
                },
                minutes: u32::try_from(reminder.minutes?).ok()?,
            })
        });
    Reminders::Own { list: list.collect() }
}
