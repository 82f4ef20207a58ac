//! Google OAuth and Calendar behind a small HTTP API; the only service that knows Google.
//!
//! `api` are the routes (the list is in `api/routes.rs`), `tokens` hands out access tokens, `google` calls the Calendar
//! API, `writes` changes events so that each change happens once and can be undone.

mod api;
mod free;
mod google;
mod recurrence;
mod settings;
mod tokens;
mod vault;
mod writes;

use std::sync::Arc;

use rest_client::Client;
use service_kit::{Lifecycle, OperatorError, http, ops};
use tokio::net::TcpListener;

pub use settings::{GoogleSettings, KeySettings, Settings};

use google::Google;
use tokens::Tokens;
use vault::Vault;
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
    let tokens = Tokens::new(&settings, rest.clone());
    let calendar = Google::new(settings.google.google_calendar_url.clone(), tokens.clone())?;
    let vault = Vault::open_keys(&settings.keys).map(Arc::new);
    let journal = Journal::new(rest.clone(), vault);
    let app = api::App {
        writes: Writes::new(calendar.clone(), journal, lifecycle.clock().clone()),
        calendar,
        lists: api::CalendarLists::default(),
        google: settings.google.into(),
        rest,
        tokens,
        service_key,
        lifecycle: lifecycle.clone(),
    };
    lifecycle.health().started("calendar_service");
    http::serve(listener, operators.merge(api::routes(app)), &lifecycle).await
}
