//! Whether Telegram lets a bot work: its token, its webhook, who else receives its updates. For the operator's tools;
//! nothing is confirmed or changed by it.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use service_kit::OperatorError;
use teloxide::payloads::GetMe;
use url::Url;

use crate::{
    telegram::{Telegram, TelegramError},
    wrong_token,
};

/// How long [`Checkup::other_poller`] listens. Shorter than our own bot waits after a conflict, so that it is not
/// taken for another one.
const LISTEN: Duration = Duration::from_secs(2);

/// What Telegram calls a poll that another one ended, as opposed to one that a webhook forbids.
const ENDED_BY_ANOTHER: &str = "other getUpdates";

/// A bot whose operator wants to know how it is.
pub struct Checkup {
    telegram: Telegram,
    api_url: Url,
}

/// Who a bot is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Bot {
    /// Telegram's id.
    pub id: u64,
    /// Its name without `@`.
    pub username: String,
}

/// Where Telegram sends a bot's updates.
#[derive(Clone, Debug)]
pub struct SetWebhook {
    /// The host, which may be shown.
    pub host: String,
    url: SecretString,
}

impl SetWebhook {
    /// Whether it is this address.
    pub fn is(&self, url: &Url) -> bool {
        self.url.expose_secret() == url.as_str()
    }
}

impl Checkup {
    /// The bot of `token`, at the Bot API's address.
    ///
    /// # Errors
    /// The TLS stack cannot be set up.
    pub fn new(api_url: Url, token: SecretString) -> Result<Self, OperatorError> {
        Ok(Self {
            telegram: Telegram::new(api_url.clone(), token)?,
            api_url,
        })
    }

    /// Who the token's bot is.
    ///
    /// # Errors
    /// The token is not a bot's, or Telegram does not answer.
    pub async fn bot(&self) -> Result<Bot, OperatorError> {
        let bot = self.telegram.call(&GetMe::new()).await;
        bot.map_err(|error| self.explained(error))
    }

    /// The webhook that takes all updates, where one is set. Its address is often a secret: its host may be shown.
    ///
    /// # Errors
    /// As for [`Self::bot`].
    pub async fn webhook(&self) -> Result<Option<SetWebhook>, OperatorError> {
        let url = self.telegram.webhook().await;
        let url = url.map_err(|error| self.explained(error))?;
        Ok((!url.is_empty()).then(|| SetWebhook {
            host: match url.parse::<Url>() {
                Ok(url) => url.host_str().unwrap_or_default().to_owned(),
                Err(_) => "an unreadable address".to_owned(),
            },
            url: url.into(),
        }))
    }

    /// Whether another program receives the bot's updates: polls for two seconds, and sees whether somebody ends
    /// that. A bot that polls meanwhile is interrupted once, and goes on some seconds later.
    ///
    /// # Errors
    /// As for [`Self::bot`].
    pub async fn other_poller(&self) -> Result<bool, OperatorError> {
        match self.telegram.updates(None, LISTEN).await {
            Ok(_) => Ok(false),
            Err(TelegramError::Conflict(words)) => Ok(words.contains(ENDED_BY_ANOTHER)),
            Err(error) => Err(self.explained(error)),
        }
    }

    fn explained(&self, error: TelegramError) -> OperatorError {
        match error {
            TelegramError::Unauthorized => wrong_token(),
            TelegramError::Network(error) => OperatorError::new(
                format!("Telegram does not answer at {}", self.api_url),
                "check this machine's way to the internet, and TELEGRAM_API_URL if you set it",
            )
            .because(error),
            error => OperatorError::new("Telegram cannot be asked", "try again in a minute").because(error),
        }
    }
}
