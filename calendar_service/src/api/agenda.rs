//! Agendas: what touches some local days, in all calendars that the user shows.

use std::{collections::HashSet, sync::Arc};

use axum::extract::State;
use calendar_client::{Access, Agenda, AgendaQuery, Calendar, Event, EventStatus, PRIMARY};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use futures::{StreamExt, stream};
use google_calendar3::api;
use schedule::local_to_utc;
use uuid::Uuid;

use super::{
    App,
    check::Check,
    error::ApiError,
    extract::{Json, Path, Query},
};
use crate::google::{GoogleError, ListQuery, event_view};

/// The most events that are read of one calendar.
const MOST_EVENTS: usize = 2_500;

/// The most calendars that are read, and how many at a time.
const MOST_CALENDARS: usize = 25;
const AT_A_TIME: usize = 8;

/// Local days in a zone.
#[derive(Clone, Copy, Debug)]
pub(super) struct LocalDays {
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
    pub(super) zone: Tz,
}

impl LocalDays {
    /// The instants at which they begin and end, in the zone and also in another: whole days of a calendar lie in the
    /// calendar's own zone, and Google's bounds are instants.
    pub(super) fn bounds(&self, also: Option<Tz>) -> (DateTime<Utc>, DateTime<Utc>) {
        let midnight = |day: NaiveDate, zone: Tz| local_to_utc(day.and_time(NaiveTime::MIN), zone);
        let after = self.last.checked_add_days(Days::new(1)).unwrap_or(self.last);
        let also = also.unwrap_or(self.zone);
        (
            midnight(self.first, self.zone).min(midnight(self.first, also)),
            midnight(after, self.zone).max(midnight(after, also)),
        )
    }

    /// Whether an event touches one of them.
    pub(super) fn touch(&self, event: &Event) -> bool {
        let (first, last) = event.time.days(self.zone);
        first <= self.last && self.first <= last
    }
}

pub(super) async fn get(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Query(query): Query<AgendaQuery>,
) -> Result<Json<Agenda>, ApiError> {
    let zone = app.zone(user, query.zone.as_deref()).await?;
    let first = query
        .from
        .unwrap_or_else(|| app.now().with_timezone(&zone).date_naive());
    let days = query.days.unwrap_or(1);
    let mut check = Check::default();
    check.number("days", days, &(1..=92));
    check.date("from", first);
    check.done()?;
    let last = first.checked_add_days(Days::new(u64::from(days.saturating_sub(1))));
    let last = last.unwrap_or(first);
    let days = LocalDays { first, last, zone };
    let calendars = wanted(&app, user, query.calendar.as_deref()).await?;
    Ok(Json(read(&app, user, days, &calendars).await?))
}

/// The calendars that are meant: the one that was named, or all that the user shows and may read. Of those that show
/// the user no more than when others are busy, there are no events to tell.
async fn wanted(app: &App, user: Uuid, named: Option<&str>) -> Result<Vec<Calendar>, ApiError> {
    let all: Arc<Vec<Calendar>> = app.calendars_of(user).await?;
    let is_meant = |calendar: &&Calendar| match named {
        Some(PRIMARY) => calendar.primary,
        Some(id) => calendar.id == id,
        None => calendar.primary || (calendar.shown && calendar.access != Access::FreeBusy),
    };
    let meant: Vec<Calendar> = all
        .iter()
        .filter(is_meant)
        .take(MOST_CALENDARS)
        .cloned()
        .collect();
    if meant.is_empty() {
        return Err(GoogleError::NotFound.into());
    }
    Ok(meant)
}

/// Reads the calendars side by side. One that cannot be read is named in the agenda, unless it is the only one or the
/// user's own.
async fn read(app: &App, user: Uuid, days: LocalDays, calendars: &[Calendar]) -> Result<Agenda, ApiError> {
    // Owned, or the compiler cannot see that the future may go to another thread.
    let reads: Vec<_> = calendars
        .iter()
        .map(|calendar| list(app, user, days, calendar))
        .collect();
    let lists: Vec<Result<Listed, GoogleError>> = stream::iter(reads).buffered(AT_A_TIME).collect().await;
    let mut agenda = Agenda {
        zone: days.zone,
        first: days.first,
        last: days.last,
        events: Vec::new(),
        calendars: Vec::new(),
        unread: Vec::new(),
        truncated: false,
    };
    for (calendar, listed) in calendars.iter().zip(lists) {
        match listed {
            Ok(listed) => {
                agenda.truncated |= listed.truncated;
                agenda.events.extend(listed.events);
                agenda.calendars.push(calendar.clone());
            }
            Err(error)
                if calendar.primary || calendars.len() == 1 || matches!(error, GoogleError::Account(_)) =>
            {
                app.lists.forget(user);
                return Err(error.into());
            }
            Err(error) => {
                tracing::warn!(%user, %error, "a calendar of an agenda could not be read");
                agenda.unread.push(calendar.name.clone());
            }
        }
    }
    // An event to which several of the user's calendars are invited has one id; the first calendar's is shown.
    let mut seen = HashSet::new();
    agenda
        .events
        .retain(|event| days.touch(event) && seen.insert(event.id.clone()));
    agenda.events.sort_by_key(|event| event.time.bounds(days.zone));
    Ok(agenda)
}

/// A calendar's events.
struct Listed {
    events: Vec<Event>,
    truncated: bool,
}

async fn list(app: &App, user: Uuid, days: LocalDays, calendar: &Calendar) -> Result<Listed, GoogleError> {
    let (from, to) = days.bounds(calendar.time_zone.parse().ok());
    let mut events = Vec::new();
    let mut page: Option<String> = None;
    loop {
        let query = ListQuery {
            from,
            to,
            words: None,
            page: page.as_deref(),
            limit: u32::try_from(MOST_EVENTS - events.len()).unwrap_or(1).max(1),
        };
        let list = app.calendar.events(user, &calendar.id, &query).await?;
        let zone = list.zone.unwrap_or_else(|| calendar.time_zone.clone());
        events.extend(shown(list.items, &calendar.id, &zone));
        page = list.next_page;
        if page.is_none() || events.len() >= MOST_EVENTS {
            break;
        }
    }
    let truncated = page.is_some();
    Ok(Listed { events, truncated })
}

/// The events that people see: neither cancelled ones nor notes on where somebody works.
pub(super) fn shown(items: Vec<api::Event>, calendar: &str, zone: &str) -> Vec<Event> {
    items
        .into_iter()
        .filter(|event| event.event_type.as_deref() != Some("workingLocation"))
        .filter_map(|event| event_view(calendar, event, zone))
        .filter(|event| event.status != EventStatus::Cancelled)
        .collect()
}
