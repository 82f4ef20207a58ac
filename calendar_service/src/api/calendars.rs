//! The calendars of a user, and the zone in which the user lives.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::extract::State;
use calendar_client::{Calendar, Page};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use schedule::parse_zone;
use uuid::Uuid;

use super::{
    App,
    error::ApiError,
    extract::{Json, Path},
};
use crate::google::calendar_view;

/// How long a list of calendars is taken as it was read. An agenda then costs Google one round trip and not two.
const FRESH: TimeDelta = TimeDelta::seconds(60);

/// The most users whose lists are kept.
const MOST_KEPT: usize = 10_000;

/// The calendars that users see, for as long as they are fresh. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct CalendarLists(Arc<Mutex<HashMap<Uuid, Kept>>>);

/// A user's list, and when it was read.
type Kept = (DateTime<Utc>, Arc<Vec<Calendar>>);

impl CalendarLists {
    fn get(&self, user: Uuid, now: DateTime<Utc>) -> Option<Arc<Vec<Calendar>>> {
        let lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, list) = lists.get(&user)?;
        (*read_at <= now && now < *read_at + FRESH).then(|| list.clone())
    }

    fn keep(&self, user: Uuid, now: DateTime<Utc>, list: Arc<Vec<Calendar>>) {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lists.len() >= MOST_KEPT {
            lists.clear();
        }
        lists.insert(user, (now, list));
    }

    /// Drops a user's list: the account may be another by now.
    pub(crate) fn forget(&self, user: Uuid) {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lists.remove(&user);
    }
}

impl App {
    /// The calendars that the user sees, their main one first.
    pub(crate) async fn calendars_of(&self, user: Uuid) -> Result<Arc<Vec<Calendar>>, ApiError> {
        let now = self.now();
        if let Some(list) = self.lists.get(user, now) {
            return Ok(list);
        }
        let entries = self.calendar.calendars(user).await?;
        let mut list: Vec<Calendar> = entries.into_iter().filter_map(calendar_view).collect();
        list.sort_by(|one, other| (!one.primary, &one.name).cmp(&(!other.primary, &other.name)));
        let list = Arc::new(list);
        self.lists.keep(user, now, list.clone());
        Ok(list)
    }

    /// The zone that a call names, or else the user's own.
    pub(crate) async fn zone(&self, user: Uuid, named: Option<&str>) -> Result<Tz, ApiError> {
        let name = match named {
            Some(name) => name.to_owned(),
            None => self.rest.user(user).await?.time_zone,
        };
        parse_zone(&name).map_err(|error| ApiError::field("zone", error.to_string()))
    }
}

pub(super) async fn list(
    State(app): State<App>,
    Path(user): Path<Uuid>,
) -> Result<Json<Page<Calendar>>, ApiError> {
    app.lists.forget(user);
    let items = app.calendars_of(user).await?.as_ref().clone();
    Ok(Json(Page {
        items,
        next_cursor: None,
    }))
}
