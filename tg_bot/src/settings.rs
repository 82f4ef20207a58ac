//! The bot's settings.

use std::net::SocketAddr;

use chrono_tz::Tz;
use clap::Args;
use secrecy::SecretString;
use service_kit::settings::{BusSettings, RestSettings, http_url};
use url::Url;

use crate::hearing::HearingSettings;

/// The bot's settings.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// The bot's token, from @BotFather.
    #[arg(long, env = "TELEGRAM_BOT_TOKEN", hide_env_values = true, value_name = "TOKEN", value_parser = token, help_heading = "Telegram")]
    pub telegram_bot_token: SecretString,
    /// The Bot API's address; another one for an own Bot API server.
    #[arg(long, env = "TELEGRAM_API_URL", value_name = "URL", default_value = "https://api.telegram.org", value_parser = http_url, help_heading = "Telegram")]
    pub telegram_api_url: Url,
    /// This Telegram id owns the bot without a code.
    #[arg(long, env = "TELEGRAM_OWNER_ID", value_name = "ID", help_heading = "Telegram")]
    pub telegram_owner_id: Option<u64>,
    /// The first person who sends this code to the bot owns it; at least 8 characters.
    #[arg(long, env = "TELEGRAM_OWNER_CODE", hide_env_values = true, value_name = "CODE", value_parser = owner_code, help_heading = "Telegram")]
    pub telegram_owner_code: Option<SecretString>,
    /// The time zone that a new owner begins with, such as Europe/Berlin; this machine's when absent.
    #[arg(long, env = "TELEGRAM_OWNER_TIME_ZONE", value_name = "ZONE", value_parser = zone, help_heading = "Telegram")]
    pub telegram_owner_time_zone: Option<Tz>,
    /// Where Telegram reaches the bot, `https` (webhook mode); without it, the bot asks Telegram for what is new.
    #[arg(long, env = "TELEGRAM_WEBHOOK_URL", value_name = "URL", value_parser = webhook_url, requires_all = ["telegram_webhook_listen", "telegram_webhook_secret"], help_heading = "Telegram")]
    pub telegram_webhook_url: Option<Url>,
    /// Where the bot listens for what Telegram sends to TELEGRAM_WEBHOOK_URL; whatever serves the certificate stands before it.
    #[arg(
        long,
        env = "TELEGRAM_WEBHOOK_LISTEN",
        value_name = "ADDRESS",
        help_heading = "Telegram"
    )]
    pub telegram_webhook_listen: Option<SocketAddr>,
    /// A secret that Telegram sends with each update, so that the bot takes updates from nobody else; the same on all
    /// replicas. 16 to 256 letters, digits, `_` and `-`.
    #[arg(long, env = "TELEGRAM_WEBHOOK_SECRET", hide_env_values = true, value_name = "SECRET", value_parser = webhook_secret, help_heading = "Telegram")]
    pub telegram_webhook_secret: Option<SecretString>,
    /// How many messages a second the bot may send in all.
    #[arg(long, env = "TELEGRAM_MESSAGES_PER_SECOND", value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=10_000), help_heading = "Telegram")]
    pub telegram_messages_per_second: u32,
    /// How many messages a second the bot may send to one person, on average; three may come at once.
    #[arg(long, env = "TELEGRAM_CHAT_MESSAGES_PER_SECOND", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000), help_heading = "Telegram")]
    pub telegram_chat_messages_per_second: u32,
    /// Where the bot's health and metrics are served; nowhere when it is not set.
    #[arg(
        long,
        env = "TG_BOT_LISTEN",
        value_name = "ADDRESS",
        help_heading = "Telegram"
    )]
    pub tg_bot_listen: Option<SocketAddr>,
    /// Where voice messages are transcribed.
    #[command(flatten)]
    pub hearing: HearingSettings,
    /// Where the bus is.
    #[command(flatten)]
    pub bus: BusSettings,
    /// Where rest_service is.
    #[command(flatten)]
    pub rest: RestSettings,
}

impl service_kit::settings::Settings for Settings {}

/// The shortest owner code, in characters.
const OWNER_CODE_MIN: usize = 8;

/// Reads a bot's token: the bot's id, a colon, and a secret of letters, digits, `_` and `-`.
///
/// # Errors
/// It is none; the text says what one looks like.
pub fn token(text: &str) -> Result<SecretString, String> {
    let is_token = text.split_once(':').is_some_and(|(id, secret)| {
        id.parse::<u64>().is_ok()
            && !secret.is_empty()
            && secret
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    });
    if is_token {
        Ok(text.into())
    } else {
        Err("not a token as @BotFather gives it: 123456:ABC…".to_owned())
    }
}

fn webhook_url(text: &str) -> Result<Url, String> {
    let url = http_url(text)?;
    // Bot API, "setWebhook".
    if url.scheme() == "https" {
        Ok(url)
    } else {
        Err("must begin with https://".to_owned())
    }
}

fn webhook_secret(text: &str) -> Result<SecretString, String> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if (16..=256).contains(&text.len()) && text.bytes().all(is_allowed) {
        Ok(text.into())
    } else {
        Err("must have 16 to 256 letters, digits, _ and -".to_owned())
    }
}

fn zone(text: &str) -> Result<Tz, String> {
    schedule::parse_zone(text).map_err(|error| error.to_string())
}

/// The machine's own zone; `None` where it has none but UTC, as in containers.
pub(crate) fn machine_zone() -> Option<Tz> {
    let name = iana_time_zone::get_timezone().ok()?;
    let zone = schedule::parse_zone(&name).ok()?;
    (!matches!(
        zone,
        Tz::UTC | Tz::Etc__UTC | Tz::UCT | Tz::Etc__UCT | Tz::Zulu | Tz::Universal
    ))
    .then_some(zone)
}

fn owner_code(text: &str) -> Result<SecretString, String> {
    if text.chars().count() < OWNER_CODE_MIN {
        return Err(format!("shorter than {OWNER_CODE_MIN} characters"));
    }
    if text.chars().any(char::is_whitespace) {
        return Err("has white space in it".to_owned());
    }
    Ok(text.into())
}
