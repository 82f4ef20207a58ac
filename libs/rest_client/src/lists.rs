//! How lists are filtered and sorted. A cursor belongs to the order that it was made in: asking for its next page
//! in another order is refused.

use chrono::{DateTime, Utc};
use messages::TaskAction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AssistantKind, Role, TaskStatus, UserState, limits};

/// The order of users, assistants and tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ListSort {
    /// The oldest first: by id, which is made of the time of creation, to the millisecond.
    #[default]
    #[serde(rename = "created_at")]
    CreatedAt,
    /// The newest first.
    #[serde(rename = "-created_at")]
    NewestFirst,
    /// By name, in the order of Unicode's code points: `Z` stands before `a`.
    #[serde(rename = "name")]
    Name,
    /// By name, backwards.
    #[serde(rename = "-name")]
    NameBackwards,
}

/// The order of scheduled tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum TaskSort {
    /// The oldest first: by id, which is made of the time of creation, to the millisecond.
    #[serde(rename = "created_at")]
    CreatedAt,
    /// The newest first.
    #[serde(rename = "-created_at")]
    NewestFirst,
    /// Those that fire first at the front; only active tasks have a next time, and only they are listed.
    #[serde(rename = "next_run_at")]
    NextRunAt,
    /// Those that fire last at the front; only active tasks are listed.
    #[serde(rename = "-next_run_at")]
    LastRunAt,
}

/// Which users, and which page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserListQuery {
    /// Only those in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<UserState>,
    /// Only those with this role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Only those whose name begins so, case included; up to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK))]
    pub name: Option<String>,
    /// The order; `created_at` when absent, or `name` where `name` is asked for, which allows no other than the
    /// orders by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListSort>,
    /// The `next_cursor` of the page before, in the same order; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many items at most: 1 to 200, 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = limits::LONGEST_PAGE))]
    pub limit: Option<u32>,
}

/// Which assistants, and which page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssistantListQuery {
    /// Only those of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<AssistantKind>,
    /// Only those that serve, or only those that don't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The order; `created_at` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListSort>,
    /// The `next_cursor` of the page before, in the same order; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many items at most: 1 to 200, 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = limits::LONGEST_PAGE))]
    pub limit: Option<u32>,
}

/// Which tools, and which page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolListQuery {
    /// Only those of this kind, up to 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64), regex(pattern = limits::NOT_BLANK))]
    pub kind: Option<String>,
    /// Only those that can be used, or only those that can't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The order; `created_at` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<ListSort>,
    /// The `next_cursor` of the page before, in the same order; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many items at most: 1 to 200, 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = limits::LONGEST_PAGE))]
    pub limit: Option<u32>,
}

/// Which of a user's tasks, and which page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskListQuery {
    /// Only those with this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<TaskStatus>,
    /// Only those that do this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<TaskAction>,
    /// Only active ones that fire before this instant; they are listed by `next_run_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_before: Option<DateTime<Utc>>,
    /// The order; `created_at` when absent, or `next_run_at` with `due_before`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<TaskSort>,
    /// The `next_cursor` of the page before, in the same order; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many items at most: 1 to 200, 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = limits::LONGEST_PAGE))]
    pub limit: Option<u32>,
}

/// Which tasks of all users, and which page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AllTasksQuery {
    /// Only this user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Uuid>,
    /// Only those with this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<TaskStatus>,
    /// Only active ones that fire before this instant; they are listed by `next_run_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_before: Option<DateTime<Utc>>,
    /// The order; `created_at` when absent, or `next_run_at` with `due_before`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<TaskSort>,
    /// The `next_cursor` of the page before, in the same order; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many items at most: 1 to 200, 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = limits::LONGEST_PAGE))]
    pub limit: Option<u32>,
}
