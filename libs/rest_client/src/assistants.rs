//! Assistants: who answers, with which instructions and model.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::limits;

use crate::patch::present;

/// What an assistant is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssistantKind {
    /// Talks to users.
    Secretary,
    /// Does special work for another assistant.
    Sub,
}

/// Who answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Assistant {
    /// The assistant's id.
    pub id: Uuid,
    /// What it is for.
    pub kind: AssistantKind,
    /// How it is called.
    #[schemars(example = &"Secretary")]
    pub name: String,
    /// What it is told before each turn.
    #[schemars(example = &"You are a helpful secretary.")]
    pub instructions: String,
    /// The model it uses; `null` means the installation's own.
    #[schemars(example = &"gpt-4o-mini")]
    pub model: Option<String>,
    /// The model's parameters (`temperature`, …), handed on as they are.
    pub parameters: Map<String, Value>,
    /// Whether it serves.
    pub active: bool,
    /// Counts the changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Makes an assistant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAssistant {
    /// What it is for.
    pub kind: AssistantKind,
    /// How it is called, 1 to 200 characters.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"Secretary")]
    pub name: String,
    /// What it is told before each turn, up to 50,000 characters.
    #[schemars(length(max = limits::INSTRUCTIONS), example = &"You are a helpful secretary.")]
    pub instructions: String,
    /// The model it uses, up to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"gpt-4o-mini")]
    pub model: Option<String>,
    /// The model's parameters.
    #[serde(default)]
    pub parameters: Map<String, Value>,
    /// Whether it serves; it does when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// Changes an assistant; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssistantPatch {
    /// How it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"Secretary")]
    pub name: Option<String>,
    /// What it is told before each turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::INSTRUCTIONS), example = &"You are a helpful secretary.")]
    pub instructions: Option<String>,
    /// The model it uses; `null` takes the installation's own.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"gpt-4o-mini")]
    pub model: Option<Option<String>>,
    /// The model's parameters, as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Map<String, Value>>,
    /// Whether it serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// Chooses the assistant that serves a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSecretary {
    /// An active secretary; `null` means the default one.
    pub assistant_id: Option<Uuid>,
}
