//! The settings of calendar_service.

use std::net::SocketAddr;

use clap::Args;
use secrecy::SecretString;
use service_kit::settings::{self, BusSettings, RestSettings, http_url};
use url::Url;

/// The settings of calendar_service. Without Google's client id the service runs, and answers that it is not set up.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Where it listens.
    #[arg(
        long,
        env = "CALENDAR_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8081"
    )]
    pub calendar_listen: SocketAddr,
    /// Where browsers reach it, for the pages that connect an account; http://localhost and its port when absent.
    /// Google's console must list this address with /auth/callback behind it.
    #[arg(long, env = "CALENDAR_PUBLIC_URL", value_name = "URL", value_parser = http_url)]
    pub calendar_public_url: Option<Url>,
    /// How often to look for what is to be done about accounts, in milliseconds: warnings, and what failed before.
    #[arg(long, env = "CALENDAR_POLL_MS", value_name = "MS", default_value = "30000", value_parser = clap::value_parser!(u64).range(10..=3_600_000))]
    pub calendar_poll_ms: u64,
    /// Google, and what it knows us by.
    #[command(flatten)]
    pub google: GoogleSettings,
    /// The keys that the tokens are encrypted with.
    #[command(flatten)]
    pub keys: KeySettings,
    /// Where the bus is, for the word to the user that an account is connected.
    #[command(flatten)]
    pub bus: BusSettings,
    /// Where rest_service is.
    #[command(flatten)]
    pub rest: RestSettings,
}

/// Google's addresses, and what it knows us by.
#[derive(Args, Clone, Debug)]
pub struct GoogleSettings {
    /// The OAuth client's id, from Google's console; without it, nobody can connect a calendar.
    #[arg(long, env = "GOOGLE_CLIENT_ID", value_name = "ID", value_parser = not_empty, help_heading = "Google")]
    pub google_client_id: Option<String>,
    /// The OAuth client's secret.
    #[arg(long, env = "GOOGLE_CLIENT_SECRET", hide_env_values = true, value_name = "SECRET", value_parser = secret, help_heading = "Google")]
    pub google_client_secret: Option<SecretString>,
    /// Where users give their consent.
    #[arg(long, env = "GOOGLE_AUTH_URL", value_name = "URL", default_value = "https://accounts.google.com/o/oauth2/v2/auth", value_parser = http_url, help_heading = "Google")]
    pub google_auth_url: Url,
    /// Where codes become tokens.
    #[arg(long, env = "GOOGLE_TOKEN_URL", value_name = "URL", default_value = "https://oauth2.googleapis.com/token", value_parser = http_url, help_heading = "Google")]
    pub google_token_url: Url,
    /// Where tokens are revoked.
    #[arg(long, env = "GOOGLE_REVOKE_URL", value_name = "URL", default_value = "https://oauth2.googleapis.com/revoke", value_parser = http_url, help_heading = "Google")]
    pub google_revoke_url: Url,
    /// Where an account tells its address.
    #[arg(long, env = "GOOGLE_USERINFO_URL", value_name = "URL", default_value = "https://openidconnect.googleapis.com/v1/userinfo", value_parser = http_url, help_heading = "Google")]
    pub google_userinfo_url: Url,
    /// The Calendar API, version 3.
    #[arg(long, env = "GOOGLE_CALENDAR_URL", value_name = "URL", default_value = "https://www.googleapis.com/calendar/v3", value_parser = http_url, help_heading = "Google")]
    pub google_calendar_url: Url,
}

/// The keys that tokens are encrypted with, each 32 bytes as 64 hexadecimal digits.
#[derive(Args, Clone, Debug)]
pub struct KeySettings {
    /// The key that tokens are encrypted with: 64 hexadecimal digits. Who loses it must connect every calendar again.
    #[arg(long, env = "ENCRYPTION_KEY", hide_env_values = true, value_name = "KEY", value_parser = encryption_key, help_heading = "Keys")]
    pub encryption_key: Option<SecretString>,
    /// Earlier keys, which still decrypt; separated by commas.
    #[arg(long, env = "ENCRYPTION_KEY_OLD", hide_env_values = true, value_name = "KEYS", value_delimiter = ',', value_parser = encryption_key, help_heading = "Keys")]
    pub encryption_key_old: Vec<SecretString>,
}

impl settings::Settings for Settings {
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let google = &self.google;
        if google.google_client_id.is_some() != google.google_client_secret.is_some() {
            problems.push(
                "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET go together: set both or neither".to_owned(),
            );
        }
        if google.google_client_id.is_some() && self.keys.encryption_key.is_none() {
            problems.push("missing: ENCRYPTION_KEY, which GOOGLE_CLIENT_ID needs".to_owned());
        }
        problems
    }
}

fn not_empty(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it is empty; leave it out when there is none".to_owned()),
        text => Ok(text.to_owned()),
    }
}

fn secret(text: &str) -> Result<SecretString, String> {
    not_empty(text).map(SecretString::from)
}

fn encryption_key(text: &str) -> Result<SecretString, String> {
    let text = text.trim();
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text.into())
    } else {
        Err("use 64 hexadecimal digits; `openssl rand -hex 32` makes them".to_owned())
    }
}
