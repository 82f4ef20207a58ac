//! Tools: what assistants can do.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Something an assistant can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// The tool's id.
    pub id: Uuid,
    /// Which implementation serves it (`time`, `reminder`).
    pub kind: String,
    /// Its name, unique; what the model calls.
    pub name: String,
    /// What the model is told about it; empty means the implementation's own words.
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTool {
    /// Which implementation serves it: 1 to 64 lower-case letters, digits and `_`.
    pub kind: String,
    /// Its name: 1 to 64 letters, digits, `_` and `-`.
    pub name: String,
    /// What the model is told about it, up to 4,000 characters.
    #[serde(default)]
    pub description: String,
    /// Its configuration.
    #[serde(default)]
    pub config: Map<String, Value>,
    /// Whether it can be used; it can when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// Changes a tool; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolPatch {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the model is told about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its configuration, as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Map<String, Value>>,
    /// Whether it can be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}
