//! Consumes user messages and due tasks and runs turns; the only service that knows models.

use std::net::SocketAddr;

use clap::Args;
use rest_client::Client;
use service_kit::{
    Lifecycle, OperatorError, ops,
    settings::{self, BusSettings, RestSettings},
};

/// What the service is, for `--help`.
pub const ABOUT: &str = "Answers what users say, with a model and tools, and sends their reminders.";

/// The settings of assistant.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Where the bus is.
    #[command(flatten)]
    pub bus: BusSettings,
    /// Where rest_service is.
    #[command(flatten)]
    pub rest: RestSettings,
    /// Where health and metrics are served; nowhere when absent.
    #[arg(long, env = "ASSISTANT_LISTEN", value_name = "ADDRESS")]
    pub assistant_listen: Option<SocketAddr>,
}

impl settings::Settings for Settings {}

/// Runs the service until the process stops.
///
/// # Errors
/// A setting cannot work: the address is taken, the bus refuses the URL.
pub async fn run(settings: Settings, lifecycle: Lifecycle) -> Result<(), OperatorError> {
    ops::listen(
        settings.assistant_listen,
        "ASSISTANT_LISTEN",
        &settings.rest.key.service_key,
        &lifecycle,
    )
    .await?;
    Client::open(&settings.rest, &lifecycle)?;
    let Some(_bus) = bus::open(&settings.bus, &lifecycle).await? else {
        return Ok(());
    };
    lifecycle.health().started("assistant");
    lifecycle.stopping().await;
    Ok(())
}
