//! Telegram in and out; the only service that knows Telegram.

use std::net::SocketAddr;

use clap::Args;
use rest_client::Client;
use service_kit::{
    Lifecycle, OperatorError, ops,
    settings::{self, BusSettings, RestSettings},
};

/// What the service is, for `--help`.
pub const ABOUT: &str = "Takes messages from Telegram and brings answers and reminders back.";

/// The settings of tg_bot.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Where the bus is.
    #[command(flatten)]
    pub bus: BusSettings,
    /// Where rest_service is.
    #[command(flatten)]
    pub rest: RestSettings,
    /// Where health and metrics are served; nowhere when absent.
    #[arg(long, env = "TG_BOT_LISTEN", value_name = "ADDRESS")]
    pub tg_bot_listen: Option<SocketAddr>,
}

impl settings::Settings for Settings {}

/// Runs the service until the process stops.
///
/// # Errors
/// A setting cannot work: the address is taken, the bus refuses the URL.
pub async fn run(settings: Settings, lifecycle: Lifecycle) -> Result<(), OperatorError> {
    ops::listen(
        settings.tg_bot_listen,
        "TG_BOT_LISTEN",
        &settings.rest.key.service_key,
        &lifecycle,
    )
    .await?;
    Client::open(&settings.rest, &lifecycle)?;
    let Some(_bus) = bus::open(&settings.bus, &lifecycle).await? else {
        return Ok(());
    };
    lifecycle.health().started("tg_bot");
    lifecycle.stopping().await;
    Ok(())
}
