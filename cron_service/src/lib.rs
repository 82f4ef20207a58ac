//! Claims due tasks, publishes them and records their runs.
//!
//! Reminders are rows, not timers: `tick` asks rest_service for what is due and puts it on the bus, at a cost
//! that depends on what is due and not on how many tasks there are. Any number of replicas may run: a claim is
//! a lease, the event's id is the task and the planned instant, and a run is recorded once.
//! `clean_up` drops what is old. `jobs` lists the service's own periodic work.

mod clean_up;
mod due;
mod jobs;
mod tick;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use clap::Args;
use rest_client::Client;
use service_kit::{
    Lifecycle, OperatorError, ops,
    settings::{self, BusSettings, RestSettings},
};

pub use clean_up::Cleaner;
pub use due::{Firing, firing};
pub use jobs::queues;
pub use tick::{TickError, Ticker};

/// What the service is, for `--help`.
pub const ABOUT: &str = "Claims due reminders and tasks, publishes them and plans their next time.";

/// The settings of cron_service.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Where the bus is.
    #[command(flatten)]
    pub bus: BusSettings,
    /// Where rest_service is.
    #[command(flatten)]
    pub rest: RestSettings,
    /// Where health and metrics are served; nowhere when absent.
    #[arg(long, env = "CRON_LISTEN", value_name = "ADDRESS")]
    pub cron_listen: Option<SocketAddr>,
    /// How long to wait between looks for due tasks, in milliseconds; also how late a reminder may be.
    #[arg(long, env = "CRON_POLL_MS", value_name = "MS", default_value = "250", value_parser = clap::value_parser!(u64).range(10..=60_000))]
    pub cron_poll_ms: u64,
    /// After how many days messages that could not be handled are purged from the bus; 0 keeps them, and with them
    /// what makes their second try harmless: the records of what was sent, and tasks that have ended.
    #[arg(long, env = "RETENTION_DEAD_LETTERS_DAYS", value_name = "DAYS", default_value = "30", value_parser = clap::value_parser!(u32).range(0..=36_500))]
    pub retention_dead_letters_days: u32,
}

impl settings::Settings for Settings {}

/// Runs the service until the process stops.
///
/// # Errors
/// A setting cannot work: the address is taken, the bus refuses the URL.
pub async fn run(settings: Settings, lifecycle: Lifecycle) -> Result<(), OperatorError> {
    ops::listen(
        settings.cron_listen,
        "CRON_LISTEN",
        &settings.rest.key.service_key,
        &lifecycle,
    )
    .await?;
    let rest = Client::open(&settings.rest, &lifecycle)?;
    let Some(bus) = bus::open(&settings.bus, &lifecycle).await? else {
        return Ok(());
    };
    let cleaner = Cleaner::new(
        rest.clone(),
        bus.clone(),
        lifecycle.clock().clone(),
        settings.retention_dead_letters_days,
    );
    let _scheduler = jobs::start(&bus, &Arc::new(cleaner)).await?;
    let ticker = Ticker::new(rest, bus, lifecycle.clock().clone());
    lifecycle.health().started("cron_service");
    ticker
        .run(Duration::from_millis(settings.cron_poll_ms), &lifecycle)
        .await;
    Ok(())
}
