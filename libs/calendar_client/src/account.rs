//! A user's Google account: whether it is connected, and the link that connects it.

use std::fmt;

use chrono::{DateTime, Utc};
use messages::Address;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

/// Where a user's connection to Google stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// The operator has not set the product up with Google: nobody can connect.
    NotSetUp,
    /// The user has not connected an account, or has disconnected it.
    NotConnected,
    /// Calendars can be read and written.
    Connected,
    /// Google no longer takes what the user once granted: they must connect again.
    ReconnectNeeded,
}

/// A user's connection to Google.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Where it stands.
    pub status: AccountStatus,
    /// The Google account's address, once one was connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When it was connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected_at: Option<DateTime<Utc>>,
    /// When Google will end the connection by itself, where that is known (an app in "Testing" mode: 7 days).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
}

/// Asks for a link with which a user connects their account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    /// Where the user is told how it went; the chat has 1 to 200 characters.
    pub reply_to: Address,
}

/// A link with which one user connects their account, once. Whoever opens it connects *their* Google account to
/// this user: it is shown to nobody else, and its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where the user goes.
    pub url: Url,
    /// Until when it works.
    pub expires_at: DateTime<Utc>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Asks for the next accounts to be encrypted with the current key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reencrypt {
    /// Where to go on; the beginning when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// How far encrypting accounts with the current key has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reencrypted {
    /// The key that they are encrypted with now.
    pub key_id: String,
    /// How many accounts were looked at by this call.
    pub checked: u32,
    /// How many of them were encrypted anew.
    pub reencrypted: u32,
    /// Whose accounts do not decrypt: their key is lost, and they must connect again.
    pub unreadable: Vec<Uuid>,
    /// Where to go on; `None` when all are done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
