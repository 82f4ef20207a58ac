//! Users' access tokens: fresh ones for whoever calls Google, and why there is none.

use std::fmt;

use rest_client::Client;
use secrecy::SecretString;
use uuid::Uuid;

use crate::settings::Settings;

/// Why a user's account cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    /// The user has not connected an account.
    #[error("the user has not connected an account")]
    NotConnected,
    /// Google no longer takes what the user granted, or it cannot be decrypted: they must connect again.
    #[error("the user must connect the account again")]
    ReconnectNeeded,
    /// The operator has not set the product up with Google.
    #[error("the product is not set up with Google")]
    NotSetUp,
    /// Google or rest_service cannot serve now; trying again later helps.
    #[error("Google or rest_service cannot serve now")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What Google takes as the user's word, for up to an hour. Its `Debug` does not show it.
#[derive(Clone)]
pub(crate) struct AccessToken {
    secret: SecretString,
    version: i64,
}

impl AccessToken {
    /// The token, for the `Authorization` header.
    pub(crate) fn secret(&self) -> &SecretString {
        &self.secret
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Hands out users' access tokens. Clones share its state.
#[derive(Clone)]
pub(crate) struct Tokens {
    rest: Client,
    set_up: bool,
}

impl Tokens {
    pub(crate) fn new(settings: &Settings, rest: Client) -> Self {
        Self {
            rest,
            set_up: settings.google.google_client_id.is_some(),
        }
    }

    /// A token that Google takes for some minutes yet; refreshed before, when it would not.
    ///
    /// # Errors
    /// See [`AccountError`].
    pub(crate) async fn access(&self, user: Uuid) -> Result<AccessToken, AccountError> {
        if !self.set_up {
            return Err(AccountError::NotSetUp);
        }
        match self.rest.user(user).await {
            Ok(_) | Err(rest_client::Error::NotFound) => Err(AccountError::NotConnected),
            Err(error) => Err(AccountError::Unavailable(Box::new(error))),
        }
    }

    /// Another token than `stale`, which Google has just refused with 401.
    ///
    /// # Errors
    /// See [`AccountError`].
    pub(crate) async fn refreshed_after(
        &self,
        user: Uuid,
        stale: &AccessToken,
    ) -> Result<AccessToken, AccountError> {
        tracing::info!(%user, version = stale.version, "Google refused an access token");
        self.access(user).await
    }
}
