//! Google OAuth and Calendar behind a small HTTP API; the only service that knows Google.
//!
//! So far it starts, finds rest_service and reports its health; accounts and events come with the calendar tools.

use std::net::SocketAddr;

use clap::Args;
use rest_client::Client;
use service_kit::{
    Lifecycle, OperatorError, ops,
    settings::{self, RestSettings},
};

/// What the service is, for `--help`.
pub const ABOUT: &str = "Connects Google Calendar accounts and reads and writes their events.";

/// The settings of calendar_service.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Where rest_service is.
    #[command(flatten)]
    pub rest: RestSettings,
    /// Where health and metrics are served; nowhere when absent.
    #[arg(long, env = "CALENDAR_LISTEN", value_name = "ADDRESS")]
    pub calendar_listen: Option<SocketAddr>,
}

impl settings::Settings for Settings {}

/// Runs the service until the process stops.
///
/// # Errors
/// A setting cannot work: the address is taken.
pub async fn run(settings: Settings, lifecycle: Lifecycle) -> Result<(), OperatorError> {
    let key = &settings.rest.key.service_key;
    ops::listen(settings.calendar_listen, "CALENDAR_LISTEN", key, &lifecycle).await?;
    Client::open(&settings.rest, &lifecycle)?;
    lifecycle.health().started("calendar_service");
    lifecycle.stopping().await;
    Ok(())
}
