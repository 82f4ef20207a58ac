//! A person with a Google account, for tests: what they put into their calendars, and how they treat the app.

use super::calendar::{Calendar as Kept, Role, Target};
use super::error::ApiError;
use super::events::{self, Context};
use super::state::{Shared, State};
use crate::violations::fail;
use chrono_tz::Tz;
use serde_json::Value;
use std::sync::Arc;

/// A Google account; clones are the same one.
#[derive(Clone)]
pub struct Account {
    shared: Arc<Shared>,
    email: String,
}

/// One calendar of an account, as its owner sees it in Google's own app; clones are the same one.
#[derive(Clone)]
pub struct CalendarOf {
    shared: Arc<Shared>,
    owner: String,
    id: String,
}

/// A zone by its name in the IANA database.
pub(crate) fn zone(name: &str) -> Tz {
    name.parse()
        .unwrap_or_else(|_| fail(&format!("there is no time zone {name}")))
}

impl Account {
    pub(crate) fn new(shared: Arc<Shared>, email: &str) -> Self {
        Self {
            shared,
            email: email.to_owned(),
        }
    }

    /// The address, which is also the id of the primary calendar.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The primary calendar.
    #[must_use]
    pub fn calendar(&self) -> CalendarOf {
        self.calendar_with_id(&self.email)
    }

    /// A new secondary calendar in a zone of the IANA database; its id is Google's kind of id.
    ///
    /// # Panics
    /// When there is no such zone.
    #[must_use]
    pub fn new_calendar(&self, summary: &str, time_zone: &str) -> CalendarOf {
        let zone = zone(time_zone);
        let id = self.shared.change(|state| {
            let id = format!("c_{}@group.calendar.google.com", state.event_id());
            let calendar = Kept::new(&id, summary, zone, &self.email);
            state.calendars.insert(id.clone(), calendar);
            id
        });
        self.calendar_with_id(&id)
    }

    fn calendar_with_id(&self, id: &str) -> CalendarOf {
        CalendarOf {
            shared: Arc::clone(&self.shared),
            owner: self.email.clone(),
            id: id.to_owned(),
        }
    }

    /// Removes the app under "third-party access": each of its tokens is dead at once.
    pub fn removes_app(&self) {
        self.shared.change(|state| state.revoke(&self.email));
    }

    /// Whether the app still has a living refresh token.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        let state = self.shared.lock();
        let now = state.now();
        state
            .refresh_tokens
            .values()
            .any(|token| token.account == self.email && token.is_alive(now))
    }

    /// Ends the access tokens, so that the next call gets 401; refresh tokens live on.
    pub fn expires_access_tokens(&self) {
        self.shared.change(|state| {
            let tokens = state.access_tokens.values_mut();
            for token in tokens.filter(|token| token.account == self.email) {
                token.revoked = true;
            }
        });
    }
}

impl CalendarOf {
    /// The calendar's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    fn run<T>(&self, run: impl FnOnce(&mut State, &Context<'_>) -> Result<T, ApiError>) -> T {
        let context = Context {
            account: &self.owner,
            calendar: &self.id,
            send_updates: "none",
            if_match: None,
        };
        match self.shared.change(|state| run(state, &context)) {
            Ok(result) => result,
            Err(error) => fail(&format!(
                "{} can't do this in the fake Google: {}",
                self.owner, error.message
            )),
        }
    }

    /// Adds an event with fields of the API; answers its id.
    ///
    /// # Panics
    /// When Google would refuse it.
    #[expect(clippy::needless_pass_by_value, reason = "tests write `adds(json!({ … }))`")]
    pub fn adds(&self, event: Value) -> String {
        self.run(|state, context| events::insert(state, context, &event))
            .id
    }

    /// Changes an event, or an instance of a series, by a patch.
    ///
    /// # Panics
    /// When Google would refuse it.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "tests write `changes(id, json!({ … }))`"
    )]
    pub fn changes(&self, id: &str, patch: Value) {
        self.run(|state, context| events::change(state, context, id, &patch, true));
    }

    /// Deletes an event, or an instance of a series.
    ///
    /// # Panics
    /// When there is none, or not any more.
    pub fn deletes(&self, id: &str) {
        self.run(|state, context| events::delete(state, context, id));
    }

    /// An event or instance as the API answers it, times in the calendar's zone; deleted ones are `cancelled`.
    #[must_use]
    pub fn event(&self, id: &str) -> Option<Value> {
        let state = self.shared.lock();
        let calendar = state.calendars.get(&self.id)?;
        let view = calendar.view(&calendar.find(id)?);
        Some(view.present(calendar, &self.owner, calendar.time_zone))
    }

    /// What is kept and not deleted, by id: single events, series, and the changed instances of series.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        let state = self.shared.lock();
        let Some(calendar) = state.calendars.get(&self.id) else {
            return Vec::new();
        };
        let views = calendar
            .events
            .values()
            .map(|event| calendar.view(&Target::Kept(event.clone())));
        views
            .filter(|view| !view.is_cancelled())
            .map(|view| view.present(calendar, &self.owner, calendar.time_zone))
            .collect()
    }

    /// Lets somebody else see or change the calendar; it appears in their list.
    pub fn shares_with(&self, other: &Account, role: Role) {
        self.shared.change(|state| {
            if let Some(calendar) = state.calendars.get_mut(&self.id) {
                calendar.roles.insert(other.email.clone(), role);
            }
        });
    }
}
