//! The settings that several services share: where the bus and rest_service are, and the key between services.

use clap::Args;
use secrecy::SecretString;
use url::Url;

/// The shortest service key that is taken, in characters. `manage` makes keys of 256 bits.
pub const SERVICE_KEY_MIN: usize = 16;

/// Where the bus is.
#[derive(Args, Clone, Debug)]
pub struct BusSettings {
    /// The bus: sqlite:FILE on one machine, redis://HOST or rediss://HOST for many.
    #[arg(long, env = "BUS_URL", hide_env_values = true, value_name = "URL", value_parser = bus_url, help_heading = "Peers")]
    pub bus_url: SecretString,
}

/// Where rest_service is, and the key that opens it.
#[derive(Args, Clone, Debug)]
pub struct RestSettings {
    /// The address of rest_service.
    #[arg(long, env = "REST_URL", value_name = "URL", default_value = "http://127.0.0.1:8080", value_parser = http_url, help_heading = "Peers")]
    pub rest_url: Url,
    /// The key that opens it.
    #[command(flatten)]
    pub key: ServiceKey,
}

/// The key that services show each other.
#[derive(Args, Clone, Debug)]
pub struct ServiceKey {
    /// The key that services show each other; at least 16 characters, the same for all.
    #[arg(long, env = "SERVICE_KEY", hide_env_values = true, value_name = "KEY", value_parser = service_key, help_heading = "Peers")]
    pub service_key: SecretString,
}

/// Reads the URL of an HTTP peer.
///
/// # Errors
/// It is not an absolute `http` or `https` URL; the text says so.
pub fn http_url(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("not a URL: {error}"))?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err("not an http:// or https:// URL".to_owned())
    }
}

fn bus_url(text: &str) -> Result<SecretString, String> {
    if ["sqlite:", "redis://", "rediss://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
    {
        Ok(text.into())
    } else {
        Err("start it with sqlite:, redis:// or rediss://".to_owned())
    }
}

fn service_key(text: &str) -> Result<SecretString, String> {
    if text.chars().count() < SERVICE_KEY_MIN {
        return Err(format!("shorter than {SERVICE_KEY_MIN} characters"));
    }
    // It travels in a header.
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("has spaces or characters outside ASCII".to_owned());
    }
    Ok(text.into())
}
