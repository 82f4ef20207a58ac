//! The bus that a service's settings name, waited for and watched.

use secrecy::ExposeSecret;
use service_kit::{Lifecycle, OperatorError, retry::wait_for, settings::BusSettings};

use crate::{Bus, BusError, BusOptions};

/// Opens the bus and adds its health check; waits for a bus that does not answer yet.
///
/// `None` when the process was asked to stop first.
///
/// # Errors
/// The URL is not one of a bus, which waiting does not change.
pub async fn open(settings: &BusSettings, lifecycle: &Lifecycle) -> Result<Option<Bus>, OperatorError> {
    let connected = wait_for(lifecycle, "bus", || async {
        match Bus::connect(settings.bus_url.expose_secret(), BusOptions::default()).await {
            Ok(bus) => Ok(Ok(bus)),
            // Waiting does not help, so it is handed through as what was waited for.
            Err(error @ BusError::InvalidUrl) => Ok(Err(error)),
            Err(error) => Err(error),
        }
    });
    let bus = match connected.await {
        None => return Ok(None),
        Some(Ok(bus)) => bus,
        Some(Err(error)) => {
            let advice = "set BUS_URL to sqlite:FILE, redis://HOST or rediss://HOST";
            return Err(OperatorError::new("cannot open the bus", advice).because(error));
        }
    };
    let checked = bus.clone();
    lifecycle.health().check("bus", move || {
        let bus = checked.clone();
        async move { bus.ping().await.map_err(|error| error.to_string()) }
    });
    Ok(Some(bus))
}
