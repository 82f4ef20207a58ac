//! Calls about events and free times.

use reqwest::Method;
use uuid::Uuid;

use super::Client;
use crate::{
    Agenda, AgendaQuery, DeleteEvent, Error, Event, EventsQuery, FreeBusy, FreeBusyQuery, FreeSlots,
    FreeSlotsQuery, NewEvent, Page, Undone, UpdateEvent, Written,
};

impl Client {
    /// The user's agenda.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn agenda(&self, user: Uuid, query: &AgendaQuery) -> Result<Agenda, Error> {
        self.get_with(&["users", &user.to_string(), "agenda"], query)
            .await
    }

    /// Events of one calendar by words and days, series expanded to their instances, the earliest first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn events(&self, user: Uuid, query: &EventsQuery) -> Result<Page<Event>, Error> {
        self.get_with(&["users", &user.to_string(), "events"], query)
            .await
    }

    /// One event, one instance of a series, or (by [`Event::series_id`]) a series.
    ///
    /// # Errors
    /// [`Error::Gone`] when it was deleted; see [`Error`].
    pub async fn event(&self, user: Uuid, calendar: &str, event: &str) -> Result<Event, Error> {
        self.get(&event_path(&user.to_string(), calendar, event)).await
    }

    /// Makes an event; again is the same.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the key made something else before; see [`Error`].
    pub async fn create(&self, user: Uuid, calendar: &str, new: &NewEvent) -> Result<Written, Error> {
        let path = ["users", &user.to_string(), "calendars", calendar, "events"];
        self.send_body(Method::POST, &path, new).await
    }

    /// Changes an event; again is the same.
    ///
    /// # Errors
    /// [`Error::Changed`] when it is no longer as the caller knew it; see [`Error`].
    pub async fn update(
        &self,
        user: Uuid,
        calendar: &str,
        event: &str,
        change: &UpdateEvent,
    ) -> Result<Written, Error> {
        self.send_body(
            Method::PATCH,
            &event_path(&user.to_string(), calendar, event),
            change,
        )
        .await
    }

    /// Deletes an event; again is the same.
    ///
    /// # Errors
    /// [`Error::Changed`] when it is no longer as the caller knew it; see [`Error`].
    pub async fn delete_event(
        &self,
        user: Uuid,
        calendar: &str,
        event: &str,
        deletion: &DeleteEvent,
    ) -> Result<Written, Error> {
        self.delete_with(&event_path(&user.to_string(), calendar, event), deletion)
            .await
    }

    /// Takes a write back; again is the same.
    ///
    /// # Errors
    /// [`Error::Changed`] when the event was changed since, [`Error::Gone`] when the time to undo it has passed;
    /// see [`Error`].
    pub async fn undo(&self, user: Uuid, write: Uuid) -> Result<Undone, Error> {
        let path = ["users", &user.to_string(), "writes", &write.to_string(), "undo"];
        self.send_body(Method::POST, &path, &serde_json::Map::new()).await
    }

    /// When calendars are busy.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn free_busy(&self, user: Uuid, query: &FreeBusyQuery) -> Result<FreeBusy, Error> {
        self.send_body(Method::POST, &["users", &user.to_string(), "free_busy"], query)
            .await
    }

    /// When the user, and others, are free.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn free_slots(&self, user: Uuid, query: &FreeSlotsQuery) -> Result<FreeSlots, Error> {
        self.send_body(Method::POST, &["users", &user.to_string(), "free_slots"], query)
            .await
    }
}

fn event_path<'a>(user: &'a str, calendar: &'a str, event: &'a str) -> [&'a str; 6] {
    ["users", user, "calendars", calendar, "events", event]
}
