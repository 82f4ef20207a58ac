//! Facts: short texts about a user that their assistant should know.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::limits;

/// Who said a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactSource {
    /// The user.
    User,
    /// The assistant, from what it was told.
    Assistant,
    /// An admin.
    Admin,
}

/// A short text that the assistant should know of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// The fact's id.
    pub id: Uuid,
    /// Whom it is about.
    pub user_id: Uuid,
    /// The text.
    pub text: String,
    /// Who said it.
    pub source: FactSource,
    /// Whether it may hold the words of others than the user: a turn that is shown it asks before it changes anything.
    #[serde(default)]
    pub from_outside: bool,
    /// Counts the changes.
    pub version: i64,
    /// When it was first said.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Adds a fact; the same text again is the same fact. A user has at most 100.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFact {
    /// The text.
    #[schemars(length(min = 1, max = limits::FACT), regex(pattern = limits::NOT_BLANK))]
    pub text: String,
    /// Who said it.
    pub source: FactSource,
    /// Whether it may hold the words of others than the user.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_outside: bool,
}

/// Changes a fact; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactPatch {
    /// The text, 1 to 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::FACT), regex(pattern = limits::NOT_BLANK))]
    pub text: Option<String>,
    /// Who said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<FactSource>,
}
