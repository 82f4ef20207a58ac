//! A scheduled task whose time has come.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Address;

/// What happens when a task fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskAction {
    /// The text is sent verbatim; no model is in the way.
    Remind,
    /// The text is given to the assistant as if the user had said it.
    Prompt,
}

/// A task is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDueV1 {
    /// The task.
    pub task_id: Uuid,
    /// Whose task it is.
    pub user_id: Uuid,
    /// Where the reminder or answer goes.
    pub to: Address,
    /// What to do.
    pub action: TaskAction,
    /// The text as it was frozen when the task was made.
    pub text: String,
    /// The instant the task was planned for; with the task's id it identifies the run.
    pub scheduled_for: DateTime<Utc>,
    /// The instant it was found due. Later than `scheduled_for` by more than a minute when the system was down.
    pub fired_at: DateTime<Utc>,
    /// How many earlier occurrences fell into this one while the system was down.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub missed: u32,
    /// Whether the text was written, or may have been, by others than the user: a turn that it starts asks before it
    /// changes anything.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_outside: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's skip_serializing_if passes a reference"
)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}
