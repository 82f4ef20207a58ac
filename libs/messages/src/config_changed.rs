//! A word to all services that something they may have cached is no longer so.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The kind of thing that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// A user: profile, state, or the assistant that serves them.
    User,
    /// An identity: which user an outside account belongs to.
    Identity,
    /// An assistant: instructions, model, parameters, linked tools.
    Assistant,
    /// A tool: description, configuration, whether it is active.
    Tool,
    /// An API key: scopes, expiry, whether it holds.
    ApiKey,
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Identity => "identity",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::ApiKey => "api_key",
        })
    }
}

/// Something was changed over REST; broadcast, so caches must also expire by themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigChangedV1 {
    /// What kind of thing.
    pub resource: Resource,
    /// Which one.
    pub id: Uuid,
}
