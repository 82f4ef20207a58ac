//! One user's scheduled tasks as a document: exported, and imported here or elsewhere.

use messages::{Address, TaskAction};
use schedule::Schedule;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{TaskStatus, limits};

/// The tasks of one user that are not over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskDocument {
    /// The tasks, those made first at the front.
    #[serde(default)]
    #[schemars(length(max = limits::CONFIGURED))]
    pub tasks: Vec<TaskEntry>,
}

/// A task in a document.
///
/// It is the user's task with this id, or else one that says the same and is not over, or else a new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskEntry {
    /// The task's id; one that is not this user's is passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// What happens; cannot be changed.
    pub action: TaskAction,
    /// The text, 1 to 10,000 characters.
    #[schemars(length(min = 1, max = limits::TASK_TEXT), regex(pattern = limits::NOT_BLANK), example = &"drink water")]
    pub text: String,
    /// When.
    pub schedule: Schedule,
    /// The IANA zone of the schedule's local times; the user's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"Europe/Berlin")]
    pub time_zone: Option<String>,
    /// Where the reminder or answer goes; cannot be changed. The chat has 1 to 200 characters.
    pub to: Address,
    /// `active` or `paused`; active when absent.
    #[serde(default = "active")]
    pub status: TaskStatus,
    /// Whether the text may be the words of others than the user; of a task that is known it stays when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_outside: Option<bool>,
}

/// How to import tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskImportQuery {
    /// Change nothing, and only say what would be changed.
    #[serde(default)]
    pub dry_run: bool,
}

fn active() -> TaskStatus {
    TaskStatus::Active
}
