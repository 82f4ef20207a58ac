//! Google OAuth and Calendar behind a small HTTP API; the only service that knows Google.
//!
//! `api` are the routes (the list is in `api/routes.rs`). `accounts` connects and disconnects users' accounts, with
//! `links` and `pages` for the browser and `oauth` for Google; `chores` tells users what became of them; `tokens` hands
//! out access tokens, `vault` encrypts them. `google` calls the Calendar API, `writes` changes events so that each
//! change happens once and can be undone; `recurrence` and `free` are the pure parts of both.

mod accounts;
mod api;
mod check;
mod chores;
mod free;
mod google;
mod links;
mod oauth;
mod pages;
mod recurrence;
mod settings;
mod setup;
mod tokens;
mod vault;
mod writes;

use std::{sync::Arc, time::Duration};

use rest_client::Client;
use service_kit::{Lifecycle, OperatorError, http, ops};
use tokio::net::TcpListener;

pub use settings::{GoogleSettings, KeySettings, Settings};

use accounts::Accounts;
use google::Google;
use setup::Setup;
use tokens::Tokens;
use writes::{Journal, Writes};

/// What the service is, for `--help`.
pub const ABOUT: &str = "Connects Google Calendar accounts and reads and writes their events.";

/// Runs the service until the process stops.
///
/// # Errors
/// A setting cannot work: the address is taken.
pub async fn run(settings: Settings, lifecycle: Lifecycle) -> Result<(), OperatorError> {
    let listener = http::bind(settings.calendar_listen, "CALENDAR_LISTEN").await?;
    serve(settings, listener, lifecycle).await
}

/// [`run`] on a listener that the caller has bound.
///
/// # Errors
/// As for [`run`].
pub async fn serve(
    settings: Settings,
    listener: TcpListener,
    lifecycle: Lifecycle,
) -> Result<(), OperatorError> {
    lifecycle.health().expect("calendar_service");
    let rest = Client::open(&settings.rest, &lifecycle)?;
    let service_key = settings.rest.key.service_key.clone();
    let operators = ops::routes(&lifecycle, &service_key);
    let key = service_key.clone();
    let listening = listener.local_addr().unwrap_or(settings.calendar_listen);
    let setup = Setup::new(&settings, listening)?.map(Arc::new);
    let accounts = Accounts {
        setup: setup.clone(),
        rest: rest.clone(),
        clock: lifecycle.clock().clone(),
        chores: Arc::default(),
    };
    let tokens = Tokens::new(
        setup.clone(),
        rest.clone(),
        lifecycle.clock().clone(),
        Arc::clone(&accounts.chores),
    );
    let calendar = Google::new(settings.google.google_calendar_url.clone(), tokens)?;
    let journal = Journal::new(rest.clone(), setup.clone());
    let app = api::App {
        writes: Writes::new(calendar.clone(), journal, lifecycle.clock().clone()),
        accounts: accounts.clone(),
        calendar,
        lists: api::CalendarLists::default(),
        rest,
        service_key,
        lifecycle: lifecycle.clone(),
    };
    let serving = http::serve(listener, operators.merge(api::routes(app)), &key, &lifecycle);
    let Some(setup) = setup else {
        tracing::info!("Google Calendar is not set up: without GOOGLE_CLIENT_ID, nobody can connect one");
        lifecycle.health().started("calendar_service");
        return serving.await;
    };
    let poll = Duration::from_millis(settings.calendar_poll_ms);
    let chores = chores::run(accounts, setup, settings.bus, poll, lifecycle.clone());
    tokio::try_join!(serving, chores).map(|_| ())
}
