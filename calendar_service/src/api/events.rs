//! Events: found, read, made, changed, deleted, and a change undone.

use axum::extract::State;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use calendar_client::{
    DeleteEvent, Event, EventStatus, EventsQuery, NewEvent, PRIMARY, Page, ProblemKind, Scope, Undone,
    UpdateEvent, WriteKind, Written,
};
use chrono::{DateTime, Days, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    App,
    agenda::{LocalDays, shown},
    check::Check,
    error::ApiError,
    extract::{Json, Path, Query},
};
use crate::{
    google::{GoogleError, ListQuery, event_view},
    writes::{Order, Target, write_id},
};

/// How many events a page has when the call does not say, and at most.
const PAGE: u32 = 50;
const LONGEST_PAGE: u32 = 250;

/// Where a list goes on: Google's page, and the bounds that it belongs to, which "today" would move.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    page: String,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Cursor {
    fn text(&self) -> Option<String> {
        Some(URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).ok()?))
    }

    fn read(text: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    }
}

pub(super) async fn find(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Query(query): Query<EventsQuery>,
) -> Result<Json<Page<Event>>, ApiError> {
    let limit = query.limit.unwrap_or(PAGE);
    let mut check = Check::default();
    check.number("limit", limit, &(1..=LONGEST_PAGE));
    if let Some(words) = &query.query {
        check.text("query", words, 0..=200);
    }
    let cursor = query.cursor.as_deref().map(Cursor::read);
    check.that(
        "cursor",
        !matches!(cursor, Some(None)),
        "must be a next_cursor of this list",
    );
    check.done()?;
    let cursor = cursor.flatten();
    let (from, to) = match &cursor {
        Some(cursor) => (cursor.from, cursor.to),
        None => bounds(&app, user, &query).await?,
    };
    let calendar = query.calendar.as_deref().unwrap_or(PRIMARY);
    let words = query
        .query
        .as_deref()
        .map(str::trim)
        .filter(|words| !words.is_empty());
    let listing = ListQuery {
        from,
        to,
        words,
        page: cursor.as_ref().map(|cursor| cursor.page.as_str()),
        limit,
    };
    let list = app.calendar.events(user, calendar, &listing).await?;
    let zone = list.zone.unwrap_or_else(|| "UTC".to_owned());
    let next = list.next_page.map(|page| Cursor { page, from, to });
    Ok(Json(Page {
        items: shown(list.items, calendar, &zone),
        next_cursor: next.and_then(|cursor| cursor.text()),
    }))
}

/// The days of a search as instants: 30 days back and a year ahead where it does not say.
async fn bounds(
    app: &App,
    user: Uuid,
    query: &EventsQuery,
) -> Result<(DateTime<Utc>, DateTime<Utc>), ApiError> {
    let zone = app.zone(user, query.zone.as_deref()).await?;
    let mut check = Check::default();
    check.some_dates(&[("from", query.from), ("to", query.to)]);
    check.done()?;
    let today = app.now().with_timezone(&zone).date_naive();
    let first = query.from.or_else(|| today.checked_sub_days(Days::new(30)));
    let first = first.unwrap_or(today);
    let last = first.max(today).checked_add_days(Days::new(365));
    let last = query.to.or(last).unwrap_or(first);
    let mut check = Check::default();
    check.date("from", first);
    check.date("to", last);
    check.that("to", first <= last, "must not be before `from`");
    check.done()?;
    Ok(LocalDays { first, last, zone }.bounds(None))
}

pub(super) async fn get(
    State(app): State<App>,
    Path((user, calendar, event)): Path<(Uuid, String, String)>,
) -> Result<Json<Event>, ApiError> {
    let zone = app.zone(user, None).await?;
    let found = app.calendar.event(user, &calendar, &event).await?;
    if found.status.as_deref() == Some("cancelled") {
        return Err(GoogleError::Gone.into());
    }
    event_view(&calendar, found, zone.name())
        .filter(|event| event.status != EventStatus::Cancelled)
        .map(Json)
        .ok_or_else(|| ApiError::of(ProblemKind::NotFound))
}

pub(super) async fn create(
    State(app): State<App>,
    Path((user, calendar)): Path<(Uuid, String)>,
    Json(new): Json<NewEvent>,
) -> Result<Json<Written>, ApiError> {
    let mut check = Check::default();
    check.new_event(&new);
    check.done()?;
    let id = write_id(user, &new.idempotency_key);
    let plan = async || {
        let zone = app.zone(user, None).await?;
        let order = Order {
            id,
            calendar: &calendar,
            zone,
        };
        Ok(order.create(&new)?)
    };
    Ok(Json(app.writes.make(user, id, WriteKind::Create, plan).await?))
}

pub(super) async fn update(
    State(app): State<App>,
    Path((user, calendar, event)): Path<(Uuid, String, String)>,
    Json(change): Json<UpdateEvent>,
) -> Result<Json<Written>, ApiError> {
    let mut check = Check::default();
    check.idempotency_key(&change.idempotency_key);
    check.patch(&change.patch);
    check.done()?;
    let id = write_id(user, &change.idempotency_key);
    let plan = async || {
        let zone = app.zone(user, None).await?;
        let target = target(&app, user, &calendar, &event, change.scope).await?;
        let order = Order {
            id,
            calendar: &calendar,
            zone,
        };
        Ok(order.update(&target, &change.patch, change.scope, change.if_version.as_deref())?)
    };
    Ok(Json(app.writes.make(user, id, WriteKind::Update, plan).await?))
}

pub(super) async fn delete(
    State(app): State<App>,
    Path((user, calendar, event)): Path<(Uuid, String, String)>,
    Query(deletion): Query<DeleteEvent>,
) -> Result<Json<Written>, ApiError> {
    let mut check = Check::default();
    check.idempotency_key(&deletion.idempotency_key);
    check.done()?;
    let id = write_id(user, &deletion.idempotency_key);
    let plan = async || {
        let zone = app.zone(user, None).await?;
        let target = target(&app, user, &calendar, &event, deletion.scope).await?;
        let order = Order {
            id,
            calendar: &calendar,
            zone,
        };
        Ok(order.delete(&target, deletion.scope, deletion.if_version.as_deref())?)
    };
    Ok(Json(app.writes.make(user, id, WriteKind::Delete, plan).await?))
}

/// The event that a change names, with its series where more than one instance is meant.
async fn target(
    app: &App,
    user: Uuid,
    calendar: &str,
    event: &str,
    scope: Scope,
) -> Result<Target, ApiError> {
    let event = app.calendar.event(user, calendar, event).await?;
    let series = match &event.recurring_event_id {
        Some(series) if scope != Scope::ThisOne => Some(app.calendar.event(user, calendar, series).await?),
        Some(_) | None => None,
    };
    Ok(Target { event, series })
}

pub(super) async fn undo(
    State(app): State<App>,
    Path((user, write)): Path<(Uuid, Uuid)>,
) -> Result<Json<Undone>, ApiError> {
    Ok(Json(app.writes.undo(user, write).await?))
}
