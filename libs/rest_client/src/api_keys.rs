//! API keys: who may call rest_service, and what for.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::limits;

/// What a scope is about; the tags of the OpenAPI document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// Users and their secretaries.
    Users,
    /// Outside accounts.
    Identities,
    /// Assistants and their tools.
    Assistants,
    /// Tools.
    Tools,
    /// Threads and the messages in them.
    Threads,
    /// Turns and their context.
    Turns,
    /// Scheduled tasks and their runs.
    ScheduledTasks,
    /// What is to be known of users.
    Facts,
    /// What turns have cost.
    Usage,
    /// Deliveries.
    Deliveries,
    /// Connected calendar accounts, as ciphertext.
    CalendarAccounts,
    /// The API channel.
    Channel,
    /// Configuration as a document.
    Configuration,
    /// Dropping what is old.
    Maintenance,
    /// API keys.
    ApiKeys,
    /// Who changed what.
    Audit,
}

impl Resource {
    /// All of them, in the order of the document.
    pub const ALL: [Self; 16] = [
        Self::Users,
        Self::Identities,
        Self::Assistants,
        Self::Tools,
        Self::Threads,
        Self::Turns,
        Self::ScheduledTasks,
        Self::Facts,
        Self::Usage,
        Self::Deliveries,
        Self::CalendarAccounts,
        Self::Channel,
        Self::Configuration,
        Self::Maintenance,
        Self::ApiKeys,
        Self::Audit,
    ];

    /// Its name in scopes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Identities => "identities",
            Self::Assistants => "assistants",
            Self::Tools => "tools",
            Self::Threads => "threads",
            Self::Turns => "turns",
            Self::ScheduledTasks => "scheduled_tasks",
            Self::Facts => "facts",
            Self::Usage => "usage",
            Self::Deliveries => "deliveries",
            Self::CalendarAccounts => "calendar_accounts",
            Self::Channel => "channel",
            Self::Configuration => "configuration",
            Self::Maintenance => "maintenance",
            Self::ApiKeys => "api_keys",
            Self::Audit => "audit",
        }
    }

    /// What it is, in a sentence.
    pub fn about(self) -> &'static str {
        match self {
            Self::Users => "People, and the assistants that serve them.",
            Self::Identities => "The outside accounts that users are known by.",
            Self::Assistants => "Who answers: instructions, model, tools.",
            Self::Tools => "What assistants can do.",
            Self::Threads => "What was said, in order.",
            Self::Turns => "What an event led to, and what a turn starts from.",
            Self::ScheduledTasks => "Reminders and prompts that fire at their time.",
            Self::Facts => "Short texts about users that their assistants should know.",
            Self::Usage => "Tokens and model calls, by day and model.",
            Self::Deliveries => "Which parts of a reply a channel has sent.",
            Self::CalendarAccounts => "The calendars that users have connected, as ciphertext.",
            Self::Channel => "Talking to the assistant over this API.",
            Self::Configuration => "Assistants and tools as one document.",
            Self::Maintenance => "Dropping what has been kept for long enough.",
            Self::ApiKeys => "Who may call this API, and what for.",
            Self::Audit => "Who changed what, when, and from where.",
        }
    }
}

/// What a scope lets its holder do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Calls that change nothing.
    Read,
    /// Calls that may change something.
    Write,
}

/// One thing that a key is good for: `users:read`, `assistants:write`. Reading is not part of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope {
    /// On what.
    pub resource: Resource,
    /// To do what.
    pub verb: Verb,
}

/// The text is not a scope.
#[derive(Debug, thiserror::Error)]
#[error("is not a scope, such as users:read or assistants:write")]
pub struct InvalidScope;

impl Scope {
    /// All scopes.
    pub fn all() -> impl Iterator<Item = Self> {
        Resource::ALL
            .into_iter()
            .flat_map(|resource| [Verb::Read, Verb::Write].map(|verb| Self { resource, verb }))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.verb {
            Verb::Read => "read",
            Verb::Write => "write",
        };
        write!(f, "{}:{verb}", self.resource.name())
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::all()
            .find(|scope| scope.to_string() == text)
            .ok_or(InvalidScope)
    }
}

impl TryFrom<String> for Scope {
    type Error = InvalidScope;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl JsonSchema for Scope {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Scope".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<String> = Self::all().map(String::from).collect();
        json_schema!({
            "description": "One thing that a key is good for. Reading is not part of writing.",
            "type": "string",
            "enum": names,
        })
    }
}

/// What a key is for; it bounds the key's scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyRole {
    /// A service of this installation: every scope but those of keys.
    Service,
    /// An admin's tool: every scope.
    Admin,
    /// Every scope that reads.
    ReadOnly,
}

impl KeyRole {
    /// Whether a key of this role may have the scope.
    pub fn allows(self, scope: Scope) -> bool {
        match self {
            Self::Service => scope.resource != Resource::ApiKeys,
            Self::Admin => true,
            Self::ReadOnly => scope.verb == Verb::Read,
        }
    }
}

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApiKey {
    /// The key's id.
    pub id: Uuid,
    /// What people call it.
    #[schemars(example = &"Grafana")]
    pub name: String,
    /// How its token begins, to tell tokens apart: `sak_3f9a2c1b`.
    #[schemars(example = &"sak_3f9a2c1b")]
    pub prefix: String,
    /// What it is for.
    pub role: KeyRole,
    /// What it is good for; absent means all that its role allows, also what comes with later versions.
    pub scopes: Option<Vec<Scope>>,
    /// When it stops working; `null` means never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute; `null` means never.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked; `null` while it is good.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl ApiKey {
    /// Whether it has the scope, whatever its age.
    pub fn has(&self, scope: Scope) -> bool {
        self.role.allows(scope) && self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&scope))
    }
}

/// Makes a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What people call it.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"Grafana")]
    pub name: String,
    /// What it is for.
    pub role: KeyRole,
    /// What it is good for, within what its role allows; all of that when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SHORT))]
    pub scopes: Option<Vec<Scope>>,
    /// When it stops working, in the future; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key that was just made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreatedApiKey {
    /// The key.
    pub key: ApiKey,
    /// What callers send as `Authorization: Bearer …`. It is shown this once and cannot be had again; a call
    /// that is repeated with its `Idempotency-Key` is answered with an empty one.
    #[schemars(example = &"sak_3f9a2c1b_dGhpcyBpcyBub3QgYSBrZXksIGp1c3QgYW4gZXhhbXBsZS4")]
    pub token: String,
}

impl fmt::Debug for CreatedApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedApiKey")
            .field("key", &self.key)
            .field("token", &"[redacted]")
            .finish()
    }
}
