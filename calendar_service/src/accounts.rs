//! Connecting and disconnecting: links, stored accounts, keys changed under them.

use std::sync::Arc;

use calendar_client::{Account, AccountStatus, Link, Reencrypted};
use chrono::{DateTime, TimeDelta, Utc};
use messages::Address;
use rest_client::{
    CalendarAccount, CalendarAccountPatch, CalendarAccountState, Client, NewCalendarAccount, NewCalendarLink,
    PageQuery,
};
use service_kit::{Clock, OperatorError};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    links::LinkRef,
    oauth::Granted,
    setup::{Setup, page},
    tokens::{AccountError, Secrets, ends_at, is_stale, no_random, secrets_of, unavailable},
};

/// How long a link that the user asked for can be opened.
pub(crate) const LINK_LIFE: TimeDelta = TimeDelta::minutes(10);

/// How long a link can be opened that the user did not ask for: they may read of it days later.
pub(crate) const OFFERED_LINK_LIFE: TimeDelta = TimeDelta::days(7);

/// How many accounts are encrypted anew by one call.
const REENCRYPT_PAGE: u32 = 50;

/// How often a change is tried that others come before.
const TRIES: usize = 5;

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    /// There is no such user.
    #[error("there is no such user")]
    NoUser,
    /// It cannot be made.
    #[error(transparent)]
    Account(#[from] AccountError),
}

/// Users' accounts. Clones share the state.
#[derive(Clone)]
pub(crate) struct Accounts {
    pub(crate) setup: Option<Arc<Setup>>,
    pub(crate) rest: Client,
    pub(crate) clock: Arc<dyn Clock>,
    /// Wakes whoever does what is to be done about an account.
    pub(crate) chores: Arc<Notify>,
}

impl Accounts {
    /// The service as it was set up.
    ///
    /// # Errors
    /// [`AccountError::NotSetUp`].
    pub(crate) fn setup(&self) -> Result<&Arc<Setup>, AccountError> {
        self.setup.as_ref().ok_or(AccountError::NotSetUp)
    }

    /// Where a user's connection stands.
    ///
    /// # Errors
    /// [`AccountError::Unavailable`].
    pub(crate) async fn status(&self, user: Uuid) -> Result<Account, AccountError> {
        let Some(setup) = &self.setup else {
            return Ok(without_account(AccountStatus::NotSetUp));
        };
        let Some(account) = self.stored(user).await? else {
            return Ok(without_account(AccountStatus::NotConnected));
        };
        let status = match account.state {
            CalendarAccountState::Closed => return Ok(without_account(AccountStatus::NotConnected)),
            CalendarAccountState::Reconnect => AccountStatus::ReconnectNeeded,
            CalendarAccountState::Active if Secrets::open(&setup.vault, &account).is_err() => {
                AccountStatus::ReconnectNeeded
            }
            CalendarAccountState::Active => AccountStatus::Connected,
        };
        Ok(Account {
            status,
            email: Some(account.email),
            connected_at: Some(account.created_at),
            expires_at: account.refresh_expires_at,
        })
    }

    /// A link with which a user connects an account, for `life`.
    ///
    /// # Errors
    /// [`AccountError::NotSetUp`], [`AccountError::Unavailable`]; the user is not known.
    pub(crate) async fn link(
        &self,
        user: Uuid,
        reply_to: Address,
        life: TimeDelta,
    ) -> Result<Link, LinkError> {
        let setup = self.setup()?;
        let new = NewCalendarLink {
            reply_to,
            expires_at: self.now() + life,
        };
        let link = match self.rest.create_calendar_link(user, &new).await {
            Ok(link) => link,
            Err(rest_client::Error::NotFound) => return Err(LinkError::NoUser),
            Err(error) => return Err(unavailable(error).into()),
        };
        let text = LinkRef { link: link.id, user }
            .to_text(&setup.vault)
            .ok_or_else(no_random)?;
        let mut url = page(&setup.public_url, &["auth", "start"]).map_err(bad_address)?;
        url.query_pairs_mut().append_pair("link", &text);
        Ok(Link {
            url,
            expires_at: link.expires_at,
        })
    }

    /// Stores what a user has granted, in place of what was there. `grant` is the same each time it is tried.
    ///
    /// # Errors
    /// [`AccountError::Unavailable`].
    pub(crate) async fn connect(
        &self,
        setup: &Setup,
        grant: LinkRef,
        granted: &Granted,
        email: String,
        reply_to: Address,
    ) -> Result<CalendarAccount, AccountError> {
        let user = grant.user;
        let before = self.stored(user).await?;
        let secrets = secrets_of(granted).ok_or(AccountError::ReconnectNeeded)?;
        let now = self.now();
        let new = NewCalendarAccount {
            grant_id: grant.link,
            email,
            scopes: granted
                .scopes
                .as_ref()
                .map_or_else(|| crate::oauth::SCOPES.join(" "), |scopes| scopes.join(" ")),
            tokens: secrets.seal(&setup.vault, user).ok_or_else(no_random)?,
            access_expires_at: ends_at(now, granted.expires_in),
            refresh_expires_at: granted.refresh_expires_in.map(|left| ends_at(now, left)),
            reply_to,
        };
        let stored = self
            .rest
            .put_calendar_account(user, &new)
            .await
            .map_err(unavailable)?;
        tracing::info!(%user, "a calendar account was connected");
        self.chores.notify_one();
        // Revoking a grant of the same account would end the new one too.
        if let Some(before) = before.filter(|before| before.email != stored.email)
            && let Ok(old) = Secrets::open(&setup.vault, &before)
            && let Err(error) = setup.oauth.revoke(&old.refresh).await
        {
            tracing::warn!(%user, %error, "the account that was replaced could not be revoked at Google");
        }
        Ok(stored)
    }

    /// Ends a user's connection: from now on it cannot be used; Google is told, and the tokens are erased, by the
    /// chore that this leaves behind.
    ///
    /// # Errors
    /// [`AccountError::Unavailable`].
    pub(crate) async fn disconnect(&self, user: Uuid) -> Result<Account, AccountError> {
        for _ in 0..TRIES {
            let Some(account) = self.stored(user).await? else {
                break;
            };
            if account.state == CalendarAccountState::Closed {
                break;
            }
            let patch = CalendarAccountPatch {
                version: account.version,
                state: Some(CalendarAccountState::Closed),
                tokens: None,
                access_expires_at: None,
                refresh_expires_at: None,
            };
            match self.rest.patch_calendar_account(user, &patch).await {
                Ok(_) => {
                    tracing::info!(%user, "a calendar account was disconnected");
                    break;
                }
                Err(error) if is_stale(&error) => {}
                Err(rest_client::Error::NotFound) => break,
                Err(error) => return Err(unavailable(error)),
            }
        }
        self.chores.notify_one();
        let status = self.status(user).await?;
        if status.status == AccountStatus::Connected {
            return Err(AccountError::Unavailable(
                "the account was changed all the time".into(),
            ));
        }
        Ok(status)
    }

    /// Encrypts the accounts of one page with the current key. What does not decrypt is left, and counted.
    ///
    /// # Errors
    /// [`AccountError::NotSetUp`], [`AccountError::Unavailable`].
    pub(crate) async fn reencrypt(&self, cursor: Option<String>) -> Result<Reencrypted, AccountError> {
        let setup = self.setup()?;
        let query = PageQuery {
            cursor,
            limit: Some(REENCRYPT_PAGE),
        };
        let page = self.rest.calendar_accounts(&query).await.map_err(unavailable)?;
        let mut done = Reencrypted {
            key_id: setup.vault.current_key_id().to_owned(),
            next_cursor: page.next_cursor,
            ..Reencrypted::default()
        };
        for entry in page.items {
            done.checked += 1;
            if entry.key_id == setup.vault.current_key_id() {
                continue;
            }
            match self.reencrypt_one(setup, entry.user_id).await {
                Ok(()) => done.reencrypted += 1,
                Err(AccountError::ReconnectNeeded) => done.unreadable.push(entry.user_id),
                Err(AccountError::NotConnected) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    async fn reencrypt_one(&self, setup: &Setup, user: Uuid) -> Result<(), AccountError> {
        for _ in 0..TRIES {
            let account = self.stored(user).await?.ok_or(AccountError::NotConnected)?;
            let secrets = Secrets::open(&setup.vault, &account)?;
            let patch = CalendarAccountPatch {
                version: account.version,
                state: None,
                tokens: Some(secrets.seal(&setup.vault, user).ok_or_else(no_random)?),
                access_expires_at: None,
                refresh_expires_at: None,
            };
            match self.rest.patch_calendar_account(user, &patch).await {
                Ok(_) => return Ok(()),
                // Refreshed meanwhile; and if by a replica with the old key, it is to be done again.
                Err(error) if is_stale(&error) => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
        Err(AccountError::Unavailable(
            "the account was changed all the time".into(),
        ))
    }

    async fn stored(&self, user: Uuid) -> Result<Option<CalendarAccount>, AccountError> {
        match self.rest.calendar_account(user).await {
            Ok(account) => Ok(Some(account)),
            Err(rest_client::Error::NotFound) => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

fn without_account(status: AccountStatus) -> Account {
    Account {
        status,
        email: None,
        connected_at: None,
        expires_at: None,
    }
}

fn bad_address(error: OperatorError) -> AccountError {
    AccountError::Unavailable(Box::new(error))
}
