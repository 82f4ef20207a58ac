//! The audit: who changed what, when, and from where.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::limits;

/// The kind of thing that was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditedResource {
    /// A user.
    User,
    /// An outside account of a user.
    Identity,
    /// The assistant that serves a user; the id is the user's.
    Secretary,
    /// An assistant.
    Assistant,
    /// A tool.
    Tool,
    /// A tool that an assistant was given or lost; the id is the assistant's.
    AssistantTool,
    /// A sub-assistant that an assistant may ask, or no longer; the id is the asking assistant's.
    SubAssistant,
    /// A fact about a user, when an API key changed it.
    Fact,
    /// A task, when an API key changed it.
    ScheduledTask,
    /// An API key.
    ApiKey,
}

/// What was done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditedOperation {
    /// It was made.
    Create,
    /// It was changed.
    Update,
    /// It was deleted.
    Delete,
    /// It was made or changed by an import.
    Import,
    /// A user and all that was theirs was erased.
    Erase,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEntry {
    /// The entry's id.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// The API key that was used; `null` for a service.
    pub key_id: Option<Uuid>,
    /// The key's name at that time; `service` for a service.
    pub caller: String,
    /// The caller's role.
    pub role: String,
    /// Where the call came from: the peer of the connection, which may be a proxy.
    pub remote_address: Option<IpAddr>,
    /// What was done.
    pub operation: AuditedOperation,
    /// With what kind of thing.
    pub resource: AuditedResource,
    /// With which one.
    pub resource_id: Uuid,
    /// The user whose it is, where it is a user's.
    pub user_id: Option<Uuid>,
    /// What it was before, without secrets and without what users wrote; `null` when it was made.
    pub before: Option<Value>,
    /// What it became, as `before`; `null` when it was deleted.
    pub after: Option<Value>,
}

/// Which changes, and which page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Only changes of this kind of thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<AuditedResource>,
    /// Only changes of the thing with this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Only changes by the API key with this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Uuid>,
    /// Only changes since this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Where the page starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many at most: 1 to 200, 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = limits::LONGEST_PAGE))]
    pub limit: Option<u32>,
}
