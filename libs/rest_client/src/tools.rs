//! Tools: what assistants can do.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::limits;

/// Something an assistant can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// The tool's id.
    pub id: Uuid,
    /// Which implementation serves it (`time`, `reminder`).
    #[schemars(example = &"reminder")]
    pub kind: String,
    /// Its name, unique; what the model calls.
    #[schemars(example = &"reminder")]
    pub name: String,
    /// What the model is told about it; empty means the implementation's own words.
    #[schemars(example = &"Keeps reminders.")]
    pub description: String,
    /// Its configuration, which the implementation reads.
    pub config: Map<String, Value>,
    /// Whether it can be used.
    pub active: bool,
    /// Counts the changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Makes a tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTool {
    /// Which implementation serves it: 1 to 64 lower-case letters, digits and `_`.
    #[schemars(regex(pattern = limits::SYMBOL), example = &"reminder")]
    pub kind: String,
    /// Its name: 1 to 64 letters, digits, `_` and `-`.
    #[schemars(regex(pattern = limits::SYMBOL), example = &"reminder")]
    pub name: String,
    /// What the model is told about it, up to 4,000 characters.
    #[serde(default)]
    #[schemars(length(max = limits::DESCRIPTION), example = &"Keeps reminders.")]
    pub description: String,
    /// Its configuration.
    #[serde(default)]
    pub config: Map<String, Value>,
    /// Whether it can be used; it can when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// Changes a tool; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolPatch {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::SYMBOL), example = &"reminder")]
    pub name: Option<String>,
    /// What the model is told about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::DESCRIPTION), example = &"Keeps reminders.")]
    pub description: Option<String>,
    /// Its configuration, as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Map<String, Value>>,
    /// Whether it can be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}
