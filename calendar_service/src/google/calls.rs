//! The calls of the API that are used.

use chrono::{DateTime, SecondsFormat, Utc};
use google_calendar3::api::{self, CalendarListEntry};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Fields, Google, GoogleError, request::Request};

/// The largest page that Google gives of events.
pub(crate) const LARGEST_PAGE: u32 = 2_500;

/// The most calendars that are read of a user's list.
const MOST_CALENDARS: u32 = 250;

/// Which events of a calendar.
#[derive(Clone, Debug)]
pub(crate) struct ListQuery<'a> {
    /// Events that end after it.
    pub(crate) from: DateTime<Utc>,
    /// Events that begin before it.
    pub(crate) to: DateTime<Utc>,
    /// Words that they contain.
    pub(crate) words: Option<&'a str>,
    /// The page, as Google named it.
    pub(crate) page: Option<&'a str>,
    /// How many at most: 1 to 2,500.
    pub(crate) limit: u32,
}

/// One page of events, series expanded, by their beginning.
#[derive(Debug)]
pub(crate) struct EventList {
    pub(crate) items: Vec<api::Event>,
    /// The calendar's zone.
    pub(crate) zone: Option<String>,
    pub(crate) next_page: Option<String>,
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl Google {
    /// The user's list of calendars.
    pub(crate) async fn calendars(&self, user: Uuid) -> Result<Vec<CalendarListEntry>, GoogleError> {
        let request = Request::new(Method::GET, &["users", "me", "calendarList"])
            .query("maxResults", MOST_CALENDARS.to_string());
        let list: api::CalendarList = self.call(user, &request).await?;
        Ok(list.items.unwrap_or_default())
    }

    /// A page of a calendar's events.
    pub(crate) async fn events(
        &self,
        user: Uuid,
        calendar: &str,
        query: &ListQuery<'_>,
    ) -> Result<EventList, GoogleError> {
        let mut request = Request::new(Method::GET, &["calendars", calendar, "events"])
            .query("singleEvents", "true")
            .query("orderBy", "startTime")
            .query("timeMin", instant(query.from))
            .query("timeMax", instant(query.to))
            .query("maxResults", query.limit.min(LARGEST_PAGE).to_string());
        if let Some(words) = query.words {
            request = request.query("q", words);
        }
        if let Some(page) = query.page {
            request = request.query("pageToken", page);
        }
        let list: api::Events = self.call(user, &request).await?;
        Ok(EventList {
            items: list.items.unwrap_or_default(),
            zone: list.time_zone,
            next_page: list.next_page_token,
        })
    }

    /// One event, also a deleted one (`cancelled`).
    pub(crate) async fn event(
        &self,
        user: Uuid,
        calendar: &str,
        event: &str,
    ) -> Result<api::Event, GoogleError> {
        let request = Request::new(Method::GET, &["calendars", calendar, "events", event]);
        self.call(user, &request).await
    }

    /// Inserts an event whose fields name its id. `notify` mails the guests.
    pub(crate) async fn insert(
        &self,
        user: Uuid,
        calendar: &str,
        fields: &Fields,
        notify: bool,
    ) -> Result<api::Event, GoogleError> {
        let request = Request::new(Method::POST, &["calendars", calendar, "events"])
            .query("sendUpdates", updates(notify))
            .body(Value::Object(fields.clone()));
        self.call(user, &request).await
    }

    /// Changes fields of an event; `null` clears one.
    pub(crate) async fn patch(
        &self,
        user: Uuid,
        calendar: &str,
        event: &str,
        fields: &Fields,
        if_match: Option<&str>,
        notify: bool,
    ) -> Result<api::Event, GoogleError> {
        let request = Request::new(Method::PATCH, &["calendars", calendar, "events", event])
            .query("sendUpdates", updates(notify))
            .if_match(if_match)
            .body(Value::Object(fields.clone()));
        self.call(user, &request).await
    }

    /// Deletes an event.
    pub(crate) async fn delete(
        &self,
        user: Uuid,
        calendar: &str,
        event: &str,
        if_match: Option<&str>,
        notify: bool,
    ) -> Result<(), GoogleError> {
        let request = Request::new(Method::DELETE, &["calendars", calendar, "events", event])
            .query("sendUpdates", updates(notify))
            .if_match(if_match);
        self.call(user, &request).await
    }

    /// When calendars are busy.
    pub(crate) async fn free_busy(
        &self,
        user: Uuid,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        calendars: &[String],
    ) -> Result<api::FreeBusyResponse, GoogleError> {
        let items: Vec<Value> = calendars.iter().map(|id| json!({ "id": id })).collect();
        let request = Request::new(Method::POST, &["freeBusy"])
            .body(json!({ "timeMin": instant(from), "timeMax": instant(to), "items": items }));
        self.call(user, &request).await
    }
}

fn updates(notify: bool) -> &'static str {
    if notify { "all" } else { "none" }
}
