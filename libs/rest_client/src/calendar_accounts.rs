//! Google accounts that users have connected, as ciphertext, and the links that connect them.
//!
//! Only calendar_service can decrypt what is here, and only it calls most of this.

use chrono::{DateTime, Utc};
use messages::Address;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::limits;

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalendarAccountState {
    /// Works, as far as is known.
    Active,
    /// Google no longer takes the refresh token; the user must connect again.
    Reconnect,
    /// The user disconnected it, and Google is yet to be told.
    Closed,
}

/// What is still to be done about an account; kept with the change that made it necessary, so that a crash
/// between the two loses nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalendarChore {
    /// Tell the user that it is connected.
    TellConnected,
    /// Tell the user that they must connect again.
    TellReconnect,
    /// Tell the user that the connection ends soon by itself.
    TellExpiring,
    /// Tell Google that the tokens are no longer wanted, then erase the account.
    Revoke,
}

/// A text that only calendar_service can read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// Which key it was encrypted with; 1 to 64 characters.
    pub key_id: String,
    /// The ciphertext in base64, up to 16,000 characters where nothing else is said.
    pub ciphertext: String,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// A user's account at Google.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CalendarAccount {
    /// Whose it is; a user has at most one.
    pub user_id: Uuid,
    /// Made anew each time the user connects.
    pub grant_id: Uuid,
    /// The account's address.
    pub email: String,
    /// Where it stands.
    pub state: CalendarAccountState,
    /// What Google lets us do, as it writes it.
    pub scopes: String,
    /// The tokens.
    pub tokens: Sealed,
    /// When the access token among them ends.
    pub access_expires_at: DateTime<Utc>,
    /// When the refresh token ends by itself, where Google says so (an app in "Testing" mode: 7 days).
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// Where the user is told what happens to it.
    pub reply_to: Address,
    /// What is still to be done.
    pub chore: Option<CalendarChore>,
    /// Counts the changes of its state and its tokens.
    pub version: i64,
    /// When it was connected.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// An account in a list: without its tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CalendarAccountEntry {
    /// Whose it is.
    pub user_id: Uuid,
    /// How they are called.
    pub user_name: String,
    /// The account's address.
    pub email: String,
    /// Where it stands.
    pub state: CalendarAccountState,
    /// Which key its tokens are encrypted with.
    pub key_id: String,
    /// When the refresh token ends by itself, where Google says so.
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// When it was connected.
    pub created_at: DateTime<Utc>,
}

/// Connects an account, in place of the one that was there. The same grant again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCalendarAccount {
    /// A new id.
    pub grant_id: Uuid,
    /// The account's address, 1 to 320 characters.
    pub email: String,
    /// What Google lets us do, 1 to 2,000 characters.
    pub scopes: String,
    /// The tokens.
    pub tokens: Sealed,
    /// When the access token among them ends.
    pub access_expires_at: DateTime<Utc>,
    /// When the refresh token ends by itself, where Google says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// Where the user is told what happens to it; the chat has 1 to 200 characters.
    pub reply_to: Address,
}

/// Changes an account, if nobody else did meanwhile; what is absent stays. Ends the lease on refreshing it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarAccountPatch {
    /// The version that was read.
    pub version: i64,
    /// Where it stands; with it goes what is to be done about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<CalendarAccountState>,
    /// The tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Sealed>,
    /// When the access token among them ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_expires_at: Option<DateTime<Utc>>,
    /// When the refresh token ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_expires_at: Option<DateTime<Utc>>,
}

/// Asks to be the one who refreshes an account's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeRefresh {
    /// The version that was read.
    pub version: i64,
    /// For how long, 1 to 300 seconds.
    #[schemars(range(min = 1, max = limits::REFRESH_LEASE_SECONDS))]
    pub lease_seconds: u32,
}

/// The right to refresh an account's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefreshLease {
    /// Gives it back.
    pub lease_token: Uuid,
    /// Until when it holds.
    pub lease_until: DateTime<Utc>,
}

/// Asks for the accounts about which something is to be done, of all users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarChores {
    /// Accounts whose refresh token ends before this get the chore `tell_expiring`, once.
    pub warn_before: DateTime<Utc>,
    /// How many at most, 1 to 200.
    #[schemars(range(min = 1, max = limits::LONGEST_PAGE))]
    pub limit: u32,
}

/// What was to be done is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoreDone {
    /// The grant that it was about.
    pub grant_id: Uuid,
    /// What was done.
    pub chore: CalendarChore,
}

/// A link with which one user connects an account, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CalendarLink {
    /// The link's id.
    pub id: Uuid,
    /// Whom it is for.
    pub user_id: Uuid,
    /// Where the user is told how it went.
    pub reply_to: Address,
    /// Until when it can be started.
    pub expires_at: DateTime<Utc>,
    /// The round trip to Google that was started last.
    pub started: Option<CalendarLinkStart>,
    /// When it was used; it cannot be used again.
    pub used_at: Option<DateTime<Utc>>,
}

/// Makes a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCalendarLink {
    /// Where the user is told how it went; the chat has 1 to 200 characters.
    pub reply_to: Address,
    /// Until when it can be started.
    pub expires_at: DateTime<Utc>,
}

/// Starts a round trip to Google; an earlier one of the link ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarLinkStart {
    /// The hash of the nonce in `state`, 1 to 100 characters.
    pub state_hash: String,
    /// The hash of the nonce in the browser's cookie, 1 to 100 characters.
    pub browser_hash: String,
    /// The PKCE verifier.
    pub verifier: Sealed,
    /// Until when Google may send the browser back.
    pub expires_at: DateTime<Utc>,
}

/// Uses a link up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UseCalendarLink {
    /// The hash of the nonce in `state`.
    pub state_hash: String,
}
