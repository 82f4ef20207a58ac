//! Calls about a user's account and calendars.

use uuid::Uuid;

use super::Client;
use crate::{Account, Calendar, Error, Link, NewLink, Page, Reencrypt, Reencrypted};

impl Client {
    /// Where a user's connection to Google stands. Not being connected is an answer here, not an error.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn account(&self, user: Uuid) -> Result<Account, Error> {
        self.get(&["users", &user.to_string(), "account"]).await
    }

    /// A link with which the user connects their account; earlier ones keep working until they expire.
    ///
    /// # Errors
    /// [`Error::NotSetUp`]; see [`Error`].
    pub async fn link(&self, user: Uuid, new: &NewLink) -> Result<Link, Error> {
        self.send_body(reqwest::Method::POST, &["users", &user.to_string(), "links"], new)
            .await
    }

    /// Ends the connection: Google is told, and the tokens are erased. Again is the same.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn disconnect(&self, user: Uuid) -> Result<Account, Error> {
        self.delete(&["users", &user.to_string(), "account"]).await
    }

    /// Encrypts the next accounts with the current key, for operators; again is the same.
    ///
    /// # Errors
    /// [`Error::NotSetUp`]; see [`Error`].
    pub async fn reencrypt(&self, ask: &Reencrypt) -> Result<Reencrypted, Error> {
        self.send_body(reqwest::Method::POST, &["accounts", "reencrypt"], ask)
            .await
    }

    /// The calendars that the user sees, their main one first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn calendars(&self, user: Uuid) -> Result<Vec<Calendar>, Error> {
        let page: Page<Calendar> = self.get(&["users", &user.to_string(), "calendars"]).await?;
        Ok(page.items)
    }
}
