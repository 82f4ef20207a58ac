//! The HTTP interface. The list of routes is in `routes`; to add one: a handler in its own module and a line in
//! that list.

mod accounts;
mod agenda;
mod calendars;
mod check;
mod connect;
pub(crate) mod error;
mod events;
mod extract;
mod free;
mod guard;
mod routes;

pub(crate) use calendars::CalendarLists;
pub(crate) use routes::routes;

use chrono::{DateTime, Utc};
use rest_client::Client;
use secrecy::SecretString;
use service_kit::Lifecycle;

use crate::{accounts::Accounts, google::Google, writes::Writes};

/// What every handler has at hand.
#[derive(Clone)]
pub(crate) struct App {
    /// Users' accounts.
    pub(crate) accounts: Accounts,
    /// Google Calendar.
    pub(crate) calendar: Google,
    /// The calendars that users see.
    pub(crate) lists: CalendarLists,
    /// Changes of events.
    pub(crate) writes: Writes,
    /// rest_service.
    pub(crate) rest: Client,
    pub(crate) service_key: SecretString,
    pub(crate) lifecycle: Lifecycle,
}

impl App {
    /// The present instant.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.lifecycle.clock().now()
    }
}
