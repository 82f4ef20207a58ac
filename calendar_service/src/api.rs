//! The HTTP interface. The list of routes is in `routes`; to add one: a handler in its own module and a line in
//! that list.

mod accounts;
mod connect;
mod error;
mod extract;
mod guard;
mod routes;

pub(crate) use routes::routes;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rest_client::Client;
use secrecy::SecretString;
use service_kit::Lifecycle;

use crate::{accounts::Accounts, google::Google, settings::GoogleSettings, tokens::Tokens};

/// What every handler has at hand.
#[derive(Clone)]
pub(crate) struct App {
    /// Users' accounts.
    pub(crate) accounts: Accounts,
    /// Google's addresses.
    pub(crate) google: Arc<GoogleSettings>,
    /// Google Calendar.
    pub(crate) calendar: Google,
    /// rest_service.
    pub(crate) rest: Client,
    /// Users' access tokens.
    pub(crate) tokens: Tokens,
    pub(crate) service_key: SecretString,
    pub(crate) lifecycle: Lifecycle,
}

impl App {
    /// The present instant.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.lifecycle.clock().now()
    }
}
