//! Configuration as a document: exported from one installation, kept under version control, imported into another.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{AssistantKind, limits};

/// Assistants, their tools, and who asks whom.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Tools, by name.
    #[serde(default)]
    #[schemars(length(max = limits::CONFIGURED))]
    pub tools: Vec<ToolEntry>,
    /// Assistants, by name.
    #[serde(default)]
    #[schemars(length(max = limits::CONFIGURED))]
    pub assistants: Vec<AssistantEntry>,
}

/// A tool in a configuration.
///
/// It is the stored tool with this id, or else the one with this name, or else a new one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolEntry {
    /// The tool's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Which implementation serves it; cannot be changed.
    #[schemars(regex(pattern = limits::SYMBOL), example = &"reminder")]
    pub kind: String,
    /// Its name, unique; what the model calls.
    #[schemars(regex(pattern = limits::SYMBOL), example = &"reminder")]
    pub name: String,
    /// What the model is told about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = limits::DESCRIPTION))]
    pub description: String,
    /// Its configuration, as a whole.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub config: Map<String, Value>,
    /// Whether it can be used; it can when absent.
    #[serde(default = "yes")]
    pub active: bool,
}

/// An assistant in a configuration.
///
/// It is the stored assistant with this id, or else the one with this name, or else a new one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssistantEntry {
    /// The assistant's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// What it is for; cannot be changed.
    pub kind: AssistantKind,
    /// How it is called.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK))]
    pub name: String,
    /// What it is told before each turn.
    #[schemars(length(max = limits::INSTRUCTIONS))]
    pub instructions: String,
    /// The model it uses; the installation's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK))]
    pub model: Option<String>,
    /// The model's parameters, as a whole.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub parameters: Map<String, Value>,
    /// Whether it serves; it does when absent.
    #[serde(default = "yes")]
    pub active: bool,
    /// The names of all the tools it has; they stay as they are when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::CONFIGURED))]
    pub tools: Option<Vec<String>>,
    /// All the sub-assistants it may ask; they stay as they are when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::SUB_ASSISTANTS))]
    pub sub_assistants: Option<Vec<SubAssistantEntry>>,
}

/// A sub-assistant that an assistant in a configuration may ask.
///
/// It is the assistant with this id, or else the one with this name; of the kind `sub`, in the document or stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubAssistantEntry {
    /// The sub-assistant's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The sub-assistant's name.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK))]
    pub name: String,
    /// When to ask it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = limits::SUB_DESCRIPTION))]
    pub description: String,
}

/// How a configuration is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConfigurationFormat {
    /// JSON.
    #[default]
    Json,
    /// YAML.
    Yaml,
}

/// How to export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
    /// How it is written; JSON when absent.
    #[serde(default)]
    pub format: ConfigurationFormat,
}

/// How to import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportQuery {
    /// Change nothing, and only say what would be changed.
    #[serde(default)]
    pub dry_run: bool,
    /// Delete the tools and assistants that the document does not have; an assistant that is in use is kept.
    #[serde(default)]
    pub prune: bool,
}

/// What an import has changed, or would change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImportReport {
    /// Whether nothing was changed, because that was asked for.
    pub dry_run: bool,
    /// One for each thing of the document, and for each that it lacks when it was to be pruned.
    pub changes: Vec<Change>,
}

/// What happens to one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What it is.
    pub what: Configured,
    /// Its id; a dry run's new things have other ids than the import's.
    pub id: Uuid,
    /// Its name, or a task's text, after the change.
    pub name: String,
    /// What happens to it.
    pub action: ChangeAction,
    /// The fields that change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

/// What can be configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Configured {
    /// A tool.
    Tool,
    /// An assistant.
    Assistant,
    /// A scheduled task.
    Task,
}

/// What happens to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeAction {
    /// It is made.
    Created,
    /// Its fields are changed.
    Changed,
    /// It is as the document has it already.
    Unchanged,
    /// It is deleted.
    Deleted,
    /// It is not in the document, but in use: conversations, users or other assistants refer to it.
    Kept,
}

/// A field before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FieldChange {
    /// The field's name.
    pub field: String,
    /// What it was; `null` where there was nothing.
    pub before: Value,
    /// What it is.
    pub after: Value,
}

fn yes() -> bool {
    true
}
