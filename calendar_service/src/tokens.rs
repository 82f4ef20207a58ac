//! Users' access tokens: fresh ones for whoever calls Google, and why there is none.
//!
//! A token is refreshed ahead of its end, by one caller at a time among all replicas: the right to do so is a lease
//! in the account's row, taken by a compare-and-set on its version. The others use the old token while it lasts, or
//! wait for the new version.

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use rest_client::{
    CalendarAccount, CalendarAccountPatch, CalendarAccountState, Client, ConflictKind, RefreshLease,
    TakeRefresh,
};
use secrecy::{ExposeSecret, SecretString};
use service_kit::Clock;
use tokio::{sync::Notify, time::Instant};
use uuid::Uuid;
use yup_oauth2::storage::TokenInfo;

use crate::{
    oauth::{Granted, OAuthError},
    setup::Setup,
    vault::{Purpose, Vault},
};

/// How long before its end a token is refreshed.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// How long a token must last yet to be used while another caller refreshes it.
const STILL_GOOD: TimeDelta = TimeDelta::seconds(30);

/// How long one caller has the right to refresh; Google has answered or not by then.
const LEASE_SECONDS: u32 = 15;

/// How long a caller waits for another one's refresh; longer than a lease, so that it can take over.
const PATIENCE: Duration = Duration::from_secs(20);

/// The first and the longest wait between two looks at another caller's refresh.
const PAUSE: (Duration, Duration) = (Duration::from_millis(40), Duration::from_millis(500));

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

/// An account's tokens in the clear. Its `Debug` does not show them.
pub(crate) struct Secrets {
    pub(crate) access: SecretString,
    pub(crate) refresh: SecretString,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

impl Secrets {
    /// Encrypts them for a user. `None` only if the system has no random numbers.
    pub(crate) fn seal(&self, vault: &Vault, user: Uuid) -> Option<rest_client::Sealed> {
        // The form in which the OAuth library stores tokens; when they end is a column of its own.
        let info = TokenInfo {
            access_token: Some(self.access.expose_secret().to_owned()),
            refresh_token: Some(self.refresh.expose_secret().to_owned()),
            expires_at: None,
            id_token: None,
        };
        let text = zeroize::Zeroizing::new(serde_json::to_vec(&info).ok()?);
        vault.seal(Purpose::Tokens, user, &text)
    }

    /// Decrypts an account's. What is wrong with them is a matter for the operator, who is told in the log; the
    /// account stays as it is, since the key may be found again.
    ///
    /// # Errors
    /// [`AccountError::ReconnectNeeded`].
    pub(crate) fn open(vault: &Vault, account: &CalendarAccount) -> Result<Self, AccountError> {
        let user = account.user_id;
        let text = vault
            .open(Purpose::Tokens, user, &account.tokens)
            .map_err(|error| {
                tracing::error!(%user, %error, "an account's tokens cannot be decrypted: put its key into ENCRYPTION_KEY_OLD, or the user must connect again");
                AccountError::ReconnectNeeded
            })?;
        let info: Option<TokenInfo> = serde_json::from_slice(&text).ok();
        match info.map(|info| (info.access_token, info.refresh_token)) {
            Some((Some(access), Some(refresh))) => Ok(Self {
                access: access.into(),
                refresh: refresh.into(),
            }),
            _ => {
                tracing::error!(%user, "an account's tokens are of an unknown form: the user must connect again");
                Err(AccountError::ReconnectNeeded)
            }
        }
    }
}

/// Hands out users' access tokens. Clones share its state.
#[derive(Clone)]
pub(crate) struct Tokens {
    setup: Option<Arc<Setup>>,
    rest: Client,
    clock: Arc<dyn Clock>,
    /// Woken when something is to be done about an account.
    chores: Arc<Notify>,
}

impl Tokens {
    pub(crate) fn new(
        setup: Option<Arc<Setup>>,
        rest: Client,
        clock: Arc<dyn Clock>,
        chores: Arc<Notify>,
    ) -> Self {
        Self {
            setup,
            rest,
            clock,
            chores,
        }
    }

    /// A token that Google takes for some minutes yet; refreshed before, when it would not.
    ///
    /// # Errors
    /// See [`AccountError`].
    pub(crate) async fn access(&self, user: Uuid) -> Result<AccessToken, AccountError> {
        let setup = self.setup()?;
        let account = self.active_account(user).await?;
        if account.access_expires_at > self.now() + AHEAD {
            return token_of(&setup.vault, &account);
        }
        self.refreshed(setup, account, true).await
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
        let setup = self.setup()?;
        let account = self.active_account(user).await?;
        if account.version != stale.version && account.access_expires_at > self.now() + STILL_GOOD {
            return token_of(&setup.vault, &account);
        }
        self.refreshed(setup, account, false).await
    }

    /// Refreshes an account's tokens, or waits for whoever does. `old_is_good`: the old one may be used while it
    /// lasts.
    async fn refreshed(
        &self,
        setup: &Arc<Setup>,
        account: CalendarAccount,
        old_is_good: bool,
    ) -> Result<AccessToken, AccountError> {
        let user = account.user_id;
        let until = Instant::now() + PATIENCE;
        let mut pause = PAUSE.0;
        let mut seen = account;
        loop {
            let ask = TakeRefresh {
                version: seen.version,
                lease_seconds: LEASE_SECONDS,
            };
            match self.rest.take_calendar_refresh(user, &ask).await {
                Ok(lease) => {
                    // A task of its own: a caller who hangs up must not leave the lease to run out.
                    let (tokens, setup) = (self.clone(), Arc::clone(setup));
                    let work = tokio::spawn(async move { tokens.refresh(&setup, seen, lease).await });
                    return work
                        .await
                        .map_err(|error| AccountError::Unavailable(error.into()))?;
                }
                Err(error) if is_stale(&error) => {}
                Err(error) => return Err(unavailable(error)),
            }
            if old_is_good && seen.access_expires_at > self.now() + STILL_GOOD {
                return token_of(&setup.vault, &seen);
            }
            if Instant::now() >= until {
                return Err(AccountError::Unavailable(
                    "another caller's refresh takes too long".into(),
                ));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE.1);
            let now_stored = self.active_account(user).await?;
            if now_stored.version != seen.version && now_stored.access_expires_at > self.now() + STILL_GOOD {
                return token_of(&setup.vault, &now_stored);
            }
            seen = now_stored;
        }
    }

    /// Refreshes, as the one who has the lease.
    async fn refresh(
        &self,
        setup: &Setup,
        account: CalendarAccount,
        lease: RefreshLease,
    ) -> Result<AccessToken, AccountError> {
        let user = account.user_id;
        let outcome = match Secrets::open(&setup.vault, &account) {
            Ok(secrets) => self.refresh_with(setup, &account, &secrets).await,
            Err(error) => Err(error),
        };
        // A stored change has ended the lease, and this does nothing then; a failed refresh is the next caller's to try.
        if let Err(error) = self.rest.release_calendar_refresh(user, lease.lease_token).await {
            tracing::debug!(%user, %error, "the lease on a refresh runs out by itself");
        }
        outcome
    }

    async fn refresh_with(
        &self,
        setup: &Setup,
        account: &CalendarAccount,
        secrets: &Secrets,
    ) -> Result<AccessToken, AccountError> {
        let user = account.user_id;
        let granted = match setup.oauth.refresh(&secrets.refresh).await {
            Ok(granted) => granted,
            Err(OAuthError::InvalidGrant) => {
                self.needs_reconnect(account).await?;
                return Err(AccountError::ReconnectNeeded);
            }
            Err(error) => {
                error.tell_operator();
                if account.access_expires_at > self.now() + STILL_GOOD {
                    tracing::warn!(%user, %error, "a token could not be refreshed ahead of its end");
                    return token_of(&setup.vault, account);
                }
                return Err(AccountError::Unavailable(Box::new(error)));
            }
        };
        let fresh = Secrets {
            access: granted.access_token.clone(),
            refresh: granted
                .refresh_token
                .clone()
                .unwrap_or_else(|| secrets.refresh.clone()),
        };
        let now = self.now();
        let patch = CalendarAccountPatch {
            version: account.version,
            state: None,
            tokens: Some(fresh.seal(&setup.vault, user).ok_or_else(no_random)?),
            access_expires_at: Some(ends_at(now, granted.expires_in)),
            refresh_expires_at: granted.refresh_expires_in.map(|left| ends_at(now, left)),
        };
        match self.rest.patch_calendar_account(user, &patch).await {
            Ok(stored) => {
                tracing::info!(%user, "an access token was refreshed");
                token_of(&setup.vault, &stored)
            }
            // Changed meanwhile, or our own change whose answer was lost.
            Err(error) if is_stale(&error) => {
                let stored = self.active_account(user).await?;
                if stored.access_expires_at > self.now() + STILL_GOOD {
                    token_of(&setup.vault, &stored)
                } else {
                    Err(unavailable(error))
                }
            }
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Marks an account whose refresh token Google takes no more; the user is told, once.
    async fn needs_reconnect(&self, account: &CalendarAccount) -> Result<(), AccountError> {
        let user = account.user_id;
        let patch = CalendarAccountPatch {
            version: account.version,
            state: Some(CalendarAccountState::Reconnect),
            tokens: None,
            access_expires_at: None,
            refresh_expires_at: None,
        };
        match self.rest.patch_calendar_account(user, &patch).await {
            Ok(_) => {
                tracing::warn!(%user, "Google takes an account's refresh token no more; the user is asked to connect again");
                self.chores.notify_one();
                Ok(())
            }
            // Connected again, or disconnected, meanwhile.
            Err(error) if is_stale(&error) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// The account, if it works as far as is known.
    async fn active_account(&self, user: Uuid) -> Result<CalendarAccount, AccountError> {
        let account = match self.rest.calendar_account(user).await {
            Ok(account) => account,
            Err(rest_client::Error::NotFound) => return Err(AccountError::NotConnected),
            Err(error) => return Err(unavailable(error)),
        };
        match account.state {
            CalendarAccountState::Active => Ok(account),
            CalendarAccountState::Reconnect => Err(AccountError::ReconnectNeeded),
            CalendarAccountState::Closed => Err(AccountError::NotConnected),
        }
    }

    fn setup(&self) -> Result<&Arc<Setup>, AccountError> {
        self.setup.as_ref().ok_or(AccountError::NotSetUp)
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// The longest that something of Google's is taken to last; a longer time is as good as for ever.
const LONGEST_LIFE: Duration = Duration::from_secs(10 * 365 * 86_400);

/// When something ends that has so long left.
pub(crate) fn ends_at(now: DateTime<Utc>, left: Duration) -> DateTime<Utc> {
    let left = TimeDelta::from_std(left.min(LONGEST_LIFE)).ok();
    left.and_then(|left| now.checked_add_signed(left)).unwrap_or(now)
}

/// What a first grant is stored as; `None` when Google gave no refresh token.
pub(crate) fn secrets_of(granted: &Granted) -> Option<Secrets> {
    Some(Secrets {
        access: granted.access_token.clone(),
        refresh: granted.refresh_token.clone()?,
    })
}

/// Whether a compare-and-set lost against another caller.
pub(crate) fn is_stale(error: &rest_client::Error) -> bool {
    matches!(
        error,
        rest_client::Error::Conflict {
            kind: ConflictKind::StaleLease,
            ..
        }
    )
}

/// The system's generator of random numbers does not answer.
pub(crate) fn no_random() -> AccountError {
    AccountError::Unavailable("the system has no random numbers".into())
}

pub(crate) fn unavailable(error: rest_client::Error) -> AccountError {
    AccountError::Unavailable(Box::new(error))
}

fn token_of(vault: &Vault, account: &CalendarAccount) -> Result<AccessToken, AccountError> {
    Ok(AccessToken {
        secret: Secrets::open(vault, account)?.access,
        version: account.version,
    })
}
