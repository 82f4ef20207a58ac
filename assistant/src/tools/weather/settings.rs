//! Where the weather comes from.

use clap::Args;
use service_kit::settings::http_url;
use url::Url;

const WEATHER: &str = "https://api.open-meteo.com/v1/forecast";
const GEOCODING: &str = "https://geocoding-api.open-meteo.com/v1/search";

/// The settings of the weather tool. Open-Meteo needs no key.
#[derive(Args, Clone, Debug)]
pub struct WeatherSettings {
    /// Open-Meteo's forecasts, or a server of one's own that speaks as it does.
    #[arg(long, env = "WEATHER_URL", value_name = "URL", default_value = WEATHER, value_parser = weather_url, help_heading = "Tools")]
    pub weather_url: Url,
    /// Open-Meteo's search for places.
    #[arg(long, env = "GEOCODING_URL", value_name = "URL", default_value = GEOCODING, value_parser = geocoding_url, help_heading = "Tools")]
    pub geocoding_url: Url,
}

fn weather_url(text: &str) -> Result<Url, String> {
    url(text, WEATHER)
}

fn geocoding_url(text: &str) -> Result<Url, String> {
    url(text, GEOCODING)
}

/// An empty variable is how Compose files say "not set".
fn url(text: &str, default: &str) -> Result<Url, String> {
    match text.trim() {
        "" => http_url(default),
        text => http_url(text),
    }
}
