//! Consumes user messages and due tasks and runs turns; the only service that knows models.
//!
//! [`turn`] decides, [`driver`] performs; [`model`] answers, [`tools`] act, [`context`] says what the model is told.

use std::{net::SocketAddr, sync::Arc};

use bus::{Bus, ConsumerOptions};
use clap::Args;
use messages::{Event, Resource, Topic};
use rest_client::Client;
use service_kit::{
    Lifecycle, OperatorError, ops,
    retry::wait_for,
    settings::{self, BusSettings, RestSettings, http_url},
};
use tokio_util::task::TaskTracker;
use url::Url;

mod actions;
mod check;
pub mod context;
pub mod driver;
mod live;
pub mod model;
mod model_settings;
mod reasons;
mod running;
pub mod tools;
pub mod turn;

pub use check::{ModelState, Tried};
use driver::Driver;
pub use model_settings::{ModelSettings, ServerSettings};
use tools::{Outside, Registry, WeatherClient, WeatherSettings};

/// What the service is, for `--help`.
pub const ABOUT: &str = "Answers what users say, with a model and tools, and sends their reminders.";

/// The consumer group of the inbox.
pub const GROUP: &str = "assistant";

/// How often an event is tried: with the waits of [`driver::backoff`] some seven minutes.
const MAX_ATTEMPTS: u32 = 20;

/// The settings of assistant.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Where the bus is.
    #[command(flatten)]
    pub bus: BusSettings,
    /// Where rest_service is.
    #[command(flatten)]
    pub rest: RestSettings,
    /// Where calendar_service is; there are no calendars when absent.
    #[arg(long, env = "CALENDAR_URL", value_name = "URL", value_parser = http_url, help_heading = "Peers")]
    pub calendar_url: Option<Url>,
    /// Who answers, and how long it may take.
    #[command(flatten)]
    pub model: ModelSettings,
    /// Where the weather comes from.
    #[command(flatten)]
    pub weather: WeatherSettings,
    /// Where health and metrics are served; nowhere when absent.
    #[arg(long, env = "ASSISTANT_LISTEN", value_name = "ADDRESS")]
    pub assistant_listen: Option<SocketAddr>,
}

impl settings::Settings for Settings {
    fn problems(&self) -> Vec<String> {
        self.model.problems()
    }
}

/// Runs the service until the process stops; turns in hand are finished.
///
/// # Errors
/// A setting cannot work: the address is taken, the bus refuses the URL.
pub async fn run(settings: Settings, lifecycle: Lifecycle) -> Result<(), OperatorError> {
    let key = &settings.rest.key.service_key;
    ops::listen(settings.assistant_listen, "ASSISTANT_LISTEN", key, &lifecycle).await?;
    let model = Arc::new(model::Measured(settings.model.model()?));
    let unpriced = settings.model.unpriced()?;
    if !unpriced.is_empty() {
        let models = unpriced.join(", ");
        tracing::info!(
            models,
            "no price is known of these models: budgets in money do not count them; add them to MODELS_FILE, or limit tokens"
        );
    }
    let calendar = settings
        .calendar_url
        .map(|url| calendar_client::Client::new(url, key.clone()))
        .transpose()?;
    let outside = Outside {
        weather: Arc::new(WeatherClient::new(settings.weather.clone())?),
    };
    let rest = Client::open(&settings.rest, &lifecycle)?;
    let Some(bus) = bus::open(&settings.bus, &lifecycle).await? else {
        return Ok(());
    };
    let driver = Driver::new(
        bus.clone(),
        rest,
        model,
        Registry::new(&outside),
        lifecycle.clock().clone(),
        settings.model.turns(),
    )
    .with_calendar(calendar);
    serve(&bus, driver, &lifecycle).await
}

/// Handles what is on the inbox until the process stops, different conversations side by side; turns in hand are
/// finished.
///
/// # Errors
/// The bus was closed.
pub async fn serve(bus: &Bus, driver: Driver, lifecycle: &Lifecycle) -> Result<(), OperatorError> {
    let joined = wait_for(lifecycle, "bus", || {
        let options = ConsumerOptions {
            max_attempts: MAX_ATTEMPTS,
            ..ConsumerOptions::default()
        };
        let bus = bus.clone();
        async move { bus.consumer(&Topic::ASSISTANT_INBOX, GROUP, options).await }
    });
    let Some(mut consumer) = joined.await else {
        return Ok(());
    };
    let driver = Arc::new(driver);
    let heard = listen(bus.clone(), Arc::clone(&driver), lifecycle.clone());
    lifecycle.spawn("assistant's ear", heard);
    lifecycle.health().started("assistant");
    let in_hand = TaskTracker::new();
    while let Some(next) = lifecycle.until_stopping(consumer.next()).await {
        let delivery = next.map_err(|error| {
            OperatorError::new("the bus was closed", "restart the service").because(error)
        })?;
        let (driver, lifecycle) = (driver.clone(), lifecycle.clone());
        // A turn that panics drops its delivery, which comes back.
        in_hand.spawn(async move {
            if let Some(due) = driver.handle(delivery).await {
                lifecycle.until_stopping(driver.sum_up(due)).await;
            }
        });
    }
    consumer.close().await;
    in_hand.close();
    in_hand.wait().await;
    Ok(())
}

/// Stops turns whose users want no answer any more, and forgets what was said by who may be erased. A word that is lost
/// costs a wait, or an hour until it is forgotten.
async fn listen(bus: Bus, driver: Arc<Driver>, lifecycle: Lifecycle) -> Result<(), OperatorError> {
    while let Some(mut words) = wait_for(&lifecycle, "bus", || bus.subscribe()).await {
        while let Some(Ok(envelope)) = lifecycle.until_stopping(words.next()).await {
            match envelope.event {
                Event::StopTurnV1(stop) => driver.stop(&stop),
                Event::ConfigChangedV1(change) if change.resource == Resource::User => {
                    driver.forget(change.id);
                }
                _ => {}
            }
        }
    }
    Ok(())
}
