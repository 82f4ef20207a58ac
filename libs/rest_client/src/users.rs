//! Users and the outside accounts (identities) they are known by.

use chrono::{DateTime, Utc};
use messages::Channel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{limits, patch::present};

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Lets others in and configures.
    Owner,
    /// Talks to the assistant.
    Member,
}

/// Whether a user is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// Known, but not let in yet.
    Pending,
    /// Let in.
    Active,
    /// Turned away.
    Blocked,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// The user's id.
    pub id: Uuid,
    /// How they are called.
    #[schemars(example = &"Ada")]
    pub name: String,
    /// Their language, as a BCP 47 tag (`en`, `pt-BR`).
    #[schemars(example = &"pt-BR")]
    pub locale: String,
    /// Their IANA time zone (`Europe/Berlin`).
    #[schemars(example = &"Europe/Berlin")]
    pub time_zone: String,
    /// What they may do.
    pub role: Role,
    /// Whether they are let in.
    pub state: UserState,
    /// The assistant that serves them; `null` means the default one.
    pub secretary_id: Option<Uuid>,
    /// What their model calls may cost per day, in millionths of a US dollar; `null` takes the installation's default.
    #[serde(default)]
    #[schemars(range(min = 0, max = limits::MOST_SPENT), example = &2_500_000)]
    pub budget_day_micros: Option<i64>,
    /// The same per month.
    #[serde(default)]
    #[schemars(range(min = 0, max = limits::MOST_SPENT), example = &40_000_000)]
    pub budget_month_micros: Option<i64>,
    /// How many tokens they may use per day; `null` takes the installation's default.
    #[serde(default)]
    #[schemars(range(min = 0, max = limits::MOST_SPENT), example = &1_000_000)]
    pub budget_day_tokens: Option<i64>,
    /// The same per month.
    #[serde(default)]
    #[schemars(range(min = 0, max = limits::MOST_SPENT), example = &20_000_000)]
    pub budget_month_tokens: Option<i64>,
    /// Counts the changes.
    pub version: i64,
    /// When they were first known.
    pub created_at: DateTime<Utc>,
    /// When they were last changed.
    pub updated_at: DateTime<Utc>,
}

/// Makes a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// How they are called, 1 to 200 characters.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"Ada")]
    pub name: String,
    /// Their language; `en` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::LOCALE_LENGTH), regex(pattern = limits::LOCALE), example = &"pt-BR")]
    pub locale: Option<String>,
    /// Their IANA time zone; `UTC` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"Europe/Berlin")]
    pub time_zone: Option<String>,
    /// What they may do; a member when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether they are let in; pending when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<UserState>,
}

/// Changes a user; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    /// How they are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"Ada")]
    pub name: Option<String>,
    /// Their language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::LOCALE_LENGTH), regex(pattern = limits::LOCALE), example = &"pt-BR")]
    pub locale: Option<String>,
    /// Their IANA time zone. Their recurring local tasks that were in the old zone follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"Europe/Berlin")]
    pub time_zone: Option<String>,
    /// What they may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether they are let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<UserState>,
    /// What their model calls may cost per day, in millionths of a US dollar; `null` takes the installation's default.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 0, max = limits::MOST_SPENT), example = &2_500_000)]
    pub budget_day_micros: Option<Option<i64>>,
    /// The same per month.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 0, max = limits::MOST_SPENT), example = &40_000_000)]
    pub budget_month_micros: Option<Option<i64>>,
    /// How many tokens they may use per day; `null` takes the installation's default.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 0, max = limits::MOST_SPENT), example = &1_000_000)]
    pub budget_day_tokens: Option<Option<i64>>,
    /// The same per month.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 0, max = limits::MOST_SPENT), example = &20_000_000)]
    pub budget_month_tokens: Option<Option<i64>>,
}

/// An outside account that a user is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    /// The identity's id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// Where the account is.
    pub channel: Channel,
    /// The channel's own id of the account (Telegram's user id in decimal).
    #[schemars(example = &"5550100")]
    pub external_id: String,
    /// What the account calls itself.
    #[schemars(example = &"Ada")]
    pub display_name: String,
    /// When it was linked.
    pub created_at: DateTime<Utc>,
}

/// Links an outside account to a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIdentity {
    /// Where the account is.
    pub channel: Channel,
    /// The channel's own id of the account, 1 to 200 characters.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"5550100")]
    pub external_id: String,
    /// What the account calls itself, up to 200 characters; may be empty.
    #[serde(default)]
    #[schemars(length(max = limits::SHORT), example = &"Ada")]
    pub display_name: String,
}

/// Asks who an outside account is; one that nobody has yet becomes a pending user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveIdentity {
    /// Where the account is.
    pub channel: Channel,
    /// The channel's own id of the account, 1 to 200 characters.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"5550100")]
    pub external_id: String,
    /// What the account calls itself, up to 200 characters; may be empty.
    #[serde(default)]
    #[schemars(length(max = limits::SHORT), example = &"Ada")]
    pub display_name: String,
    /// The account's language, for a new user; `en` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::LOCALE_LENGTH), regex(pattern = limits::LOCALE), example = &"pt-BR")]
    pub locale: Option<String>,
    /// The account's IANA time zone, for a new user; `UTC` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"Europe/Berlin")]
    pub time_zone: Option<String>,
}

/// Who an outside account is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resolved {
    /// The user.
    pub user: User,
    /// The account.
    pub identity: Identity,
    /// Whether this call made them.
    pub created: bool,
}

/// Claims the installation for a user, on a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimOwnership {
    /// The channel on which they showed that it is theirs.
    pub channel: Channel,
}

/// What came of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ownership {
    /// Whether the user owns the installation now.
    pub granted: bool,
    /// The user, as they are now.
    pub user: User,
}
