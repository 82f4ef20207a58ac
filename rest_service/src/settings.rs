//! The settings of rest_service.

use std::net::{IpAddr, SocketAddr};

use clap::Args;
use secrecy::SecretString;
use service_kit::settings::{self, BusSettings, ServiceKey};

/// The settings of rest_service.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Where it listens.
    #[arg(
        long,
        env = "REST_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080"
    )]
    pub rest_listen: SocketAddr,
    /// The database: sqlite:FILE on one machine, postgres://USER:PASSWORD@HOST/DATABASE for many.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: SecretString,
    /// How many database connections are open at most.
    #[arg(long, env = "DATABASE_CONNECTIONS", value_name = "N", default_value = "16", value_parser = connections)]
    pub database_connections: usize,
    /// Where the bus is, for the API channel: what users say goes there, what they are told comes from there.
    #[command(flatten)]
    pub bus: BusSettings,
    /// The key that services show each other.
    #[command(flatten)]
    pub key: ServiceKey,
    /// How much callers may do.
    #[command(flatten)]
    pub limits: CallLimits,
}

/// How much callers may do. Each replica counts for itself; `SERVICE_KEY` is not counted.
#[derive(Args, Clone, Debug)]
pub struct CallLimits {
    /// How many calls an API key may make per minute.
    #[arg(long, env = "REST_RATE_LIMIT", value_name = "N", default_value = "6000", value_parser = clap::value_parser!(u32).range(1..))]
    pub rest_rate_limit: u32,
    /// How many wrong keys an address may show per minute before it is locked out for a minute.
    #[arg(long, env = "REST_WRONG_KEYS", value_name = "N", default_value = "20", value_parser = clap::value_parser!(u32).range(1..))]
    pub rest_wrong_keys: u32,
    /// The addresses of reverse proxies whose X-Forwarded-For is believed, with commas between them. Without them,
    /// all callers behind a proxy count as one address.
    #[arg(
        long = "rest-trusted-proxies",
        env = "REST_TRUSTED_PROXIES",
        value_name = "ADDRESS",
        value_delimiter = ','
    )]
    pub trusted_proxies: Vec<IpAddr>,
}

impl settings::Settings for Settings {}

fn connections(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1000) => Ok(number),
        _ => Err("use a number from 1 to 1000".to_owned()),
    }
}
