//! The agenda as people read it, and the wire types as they are written.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agenda;
mod wire;

use calendar_client::{Event, EventStatus, EventTime, Reminders};
use chrono::{DateTime, NaiveDate, Utc};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn timed(start: &str, end: &str, zone: &str) -> EventTime {
    EventTime::Timed {
        start: at(start),
        end: at(end),
        zone: zone.to_owned(),
    }
}

fn days(first: &str, last: &str) -> EventTime {
    EventTime::AllDay {
        first: date(first),
        last: date(last),
    }
}

/// An event in the user's own calendar.
fn event(title: &str, time: EventTime) -> Event {
    Event {
        id: title.to_lowercase().replace(' ', ""),
        calendar_id: "ann@example.com".to_owned(),
        etag: "\"1\"".to_owned(),
        status: EventStatus::Confirmed,
        title: title.to_owned(),
        time,
        location: None,
        description: None,
        attendees: Vec::new(),
        organizer: None,
        reminders: Reminders::Default,
        recurrence: None,
        series_id: None,
        original_start: None,
        busy: true,
        response: None,
        html_link: None,
        call_link: None,
    }
}
