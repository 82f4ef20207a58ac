//! When calendars are busy, and when everybody is free.

use axum::extract::State;
use calendar_client::{
    Access, BusyCalendar, FreeBusy, FreeBusyQuery, FreeSlots, FreeSlotsQuery, PRIMARY, Slot,
};
use chrono::{DateTime, Days, TimeDelta, Utc};
use google_calendar3::api;
use uuid::Uuid;

use super::{
    App,
    agenda::LocalDays,
    check::{Check, is_email},
    error::ApiError,
    extract::{Json, Path},
};
use crate::{
    free::{Wanted, free_slots, merged},
    google::usable,
};

/// The longest range that Google tells of, in days.
const LONGEST_RANGE: i64 = 90;

/// The most calendars that Google tells of at once.
const MOST_CALENDARS: usize = 50;

/// How many slots a call answers with when it does not say.
const SLOTS: u32 = 20;

pub(super) async fn busy(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(query): Json<FreeBusyQuery>,
) -> Result<Json<FreeBusy>, ApiError> {
    let mut check = Check::default();
    check.instant("from", query.from);
    check.that("to", query.from < query.to, "must be after `from`");
    check.that(
        "to",
        query.to - query.from <= TimeDelta::days(LONGEST_RANGE),
        "must be at most 90 days after `from`",
    );
    check.that(
        "calendars",
        query.calendars.len() <= MOST_CALENDARS,
        "must be at most 50",
    );
    for id in &query.calendars {
        check.text("calendars", id, 1..=320);
    }
    check.done()?;
    let asked = if query.calendars.is_empty() {
        vec![PRIMARY.to_owned()]
    } else {
        query.calendars
    };
    let calendars = ask(&app, user, query.from, query.to, asked).await?;
    Ok(Json(FreeBusy { calendars }))
}

pub(super) async fn slots(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(query): Json<FreeSlotsQuery>,
) -> Result<Json<FreeSlots>, ApiError> {
    let zone = app.zone(user, query.zone.as_deref()).await?;
    let now = app.now();
    // Before anything is computed from them: a date at the end of time has no week after it.
    let mut check = Check::default();
    check.some_dates(&[("from", query.from), ("to", query.to)]);
    check.done()?;
    let first = query
        .from
        .unwrap_or_else(|| now.with_timezone(&zone).date_naive());
    let last = query.to.or_else(|| first.checked_add_days(Days::new(6)));
    let last = last.unwrap_or(first);
    let hours = query.working_hours.unwrap_or_default();
    let limit = query.limit.unwrap_or(SLOTS);
    let mut check = Check::default();
    check.date("from", first);
    check.that("to", first <= last, "must not be before `from`");
    check.that(
        "to",
        last - first <= TimeDelta::days(61),
        "must be at most 61 days after `from`",
    );
    check.number("minutes", query.minutes, &(5..=1_440));
    check.number("limit", limit, &(1..=200));
    check.that("working_hours.days", !hours.days.is_empty(), "must name a day");
    let is_day = hours.start < hours.end || hours.end == chrono::NaiveTime::MIN;
    check.that("working_hours.end", is_day, "must be after the start");
    check.that(
        "attendees",
        query.attendees.len() < MOST_CALENDARS,
        "must be at most 49",
    );
    for email in &query.attendees {
        check.that(
            "attendees",
            is_email(email),
            format!("{email:?} is not an e-mail address"),
        );
    }
    check.done()?;
    let (from, to) = LocalDays { first, last, zone }.bounds(None);
    let attendees: Vec<String> = query
        .attendees
        .iter()
        .map(|email| email.trim().to_owned())
        .collect();
    let mut asked = attendees.clone();
    asked.extend(own(&app, user).await?);
    asked.truncate(MOST_CALENDARS);
    let calendars = ask(&app, user, from, to, asked).await?;
    let unknown = attendees
        .iter()
        .filter(|email| {
            calendars
                .iter()
                .any(|calendar| calendar.id == **email && !calendar.visible)
        })
        .cloned()
        .collect();
    let busy: Vec<Slot> = calendars.into_iter().flat_map(|calendar| calendar.busy).collect();
    let wanted = Wanted {
        first,
        last,
        zone,
        hours: &hours,
        at_least: TimeDelta::minutes(query.minutes.into()),
        now,
    };
    let mut slots = free_slots(&wanted, &busy);
    slots.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(Json(FreeSlots {
        zone: zone.name().to_owned(),
        slots,
        unknown,
    }))
}

/// The calendars that keep the user busy: their main one and those of their own that they show. Other people's
/// calendars and holidays, which they may show as well, do not.
async fn own(app: &App, user: Uuid) -> Result<Vec<String>, ApiError> {
    let calendars = app.calendars_of(user).await?;
    let own = calendars
        .iter()
        .filter(|calendar| calendar.primary || (calendar.shown && calendar.access == Access::Owner));
    Ok(own.map(|calendar| calendar.id.clone()).collect())
}

async fn ask(
    app: &App,
    user: Uuid,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    asked: Vec<String>,
) -> Result<Vec<BusyCalendar>, ApiError> {
    let mut found = app
        .calendar
        .free_busy(user, from, to, &asked)
        .await?
        .calendars
        .unwrap_or_default();
    let calendars = asked.into_iter().map(|id| match found.remove(&id) {
        Some(calendar) => view(id, calendar),
        None => BusyCalendar {
            id,
            busy: Vec::new(),
            visible: false,
        },
    });
    Ok(calendars.collect())
}

fn view(id: String, calendar: api::FreeBusyCalendar) -> BusyCalendar {
    let busy = calendar.busy.unwrap_or_default().into_iter();
    let slots: Vec<Slot> = busy
        .filter_map(|period| {
            Some(Slot {
                start: usable(period.start?)?,
                end: usable(period.end?)?,
            })
        })
        .collect();
    BusyCalendar {
        id,
        busy: merged(&slots),
        visible: calendar.errors.unwrap_or_default().is_empty(),
    }
}
