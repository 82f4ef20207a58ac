//! The settings of rest_service.

use std::net::SocketAddr;

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
}

impl settings::Settings for Settings {}

fn connections(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1000) => Ok(number),
        _ => Err("use a number from 1 to 1000".to_owned()),
    }
}
