//! Scheduled tasks, their leases and their runs.

use chrono::{DateTime, Utc};
use messages::{Address, Channel, TaskAction};
use schedule::Schedule;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::limits;

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Will fire.
    Active,
    /// Held by the user; does not fire until it is made active again.
    Paused,
    /// Has fired for the last time.
    Done,
    /// Called off.
    Cancelled,
}

/// Something that is to happen at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScheduledTask {
    /// The task's id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// What happens.
    pub action: TaskAction,
    /// The text, sent verbatim or given to the assistant.
    #[schemars(example = &"drink water")]
    pub text: String,
    /// When.
    pub schedule: Schedule,
    /// The IANA zone that the schedule's local times are in.
    #[schemars(example = &"Europe/Berlin")]
    pub time_zone: String,
    /// Where it stands.
    pub status: TaskStatus,
    /// When it fires next; `null` unless it is active.
    pub next_run_at: Option<DateTime<Utc>>,
    /// When it fired last.
    pub last_run_at: Option<DateTime<Utc>>,
    /// The schedule in words, in the language of its user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"every weekday at 09:00")]
    pub description: Option<String>,
    /// Its next instants, up to five, the first being `next_run_at`; none unless it is active.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = limits::NEXT_RUNS))]
    pub next_runs: Vec<DateTime<Utc>>,
    /// Where the reminder or answer goes.
    pub to: Address,
    /// Whether the text may be the words of others than the user. A turn that it starts asks before it changes
    /// anything.
    #[serde(default)]
    pub from_outside: bool,
    /// Since when its chat cannot be reached; until it can, the task does not fire, whatever its status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_since: Option<DateTime<Utc>>,
    /// Counts the changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Makes a scheduled task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScheduledTask {
    /// What happens.
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
    /// Where the reminder or answer goes; the chat has 1 to 200 characters.
    pub to: Address,
    /// Whether the text may be the words of others than the user.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_outside: bool,
    /// The same key again answers with the task that it made; 1 to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK))]
    pub idempotency_key: Option<String>,
}

/// Holds the tasks that go to a chat, or lets them go on: somebody blocked the bot, or took it out of the group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldTasks {
    /// Whose tasks; everybody's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Uuid>,
    /// The channel that serves the chat.
    pub channel: Channel,
    /// The chat, whose topics belong to it; 1 to 200 characters.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"42")]
    pub chat: String,
    /// Whether they wait from now on.
    pub held: bool,
}

/// How many tasks wait now, or go on, that did not before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldTasks {
    /// How many.
    pub tasks: u64,
}

/// Gives everything of a chat to another id: a group became a supergroup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveChat {
    /// The channel that serves the chat.
    pub channel: Channel,
    /// The id that it had.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"-42")]
    pub from: String,
    /// The id that it has now.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"-1001234")]
    pub to: String,
}

/// What was moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MovedChat {
    /// How many threads.
    pub threads: u64,
    /// How many tasks.
    pub tasks: u64,
}

/// Changes a scheduled task; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduledTaskPatch {
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::TASK_TEXT), regex(pattern = limits::NOT_BLANK), example = &"drink water")]
    pub text: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// The IANA zone of the schedule's local times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"Europe/Berlin")]
    pub time_zone: Option<String>,
    /// `paused`, `active` (again) or `cancelled`. One that is done is made active with a new schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<TaskStatus>,
    /// Whether the text may be the words of others than the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_outside: Option<bool>,
    /// When it fires next: an instant of its schedule that lies ahead. Those before it are left out; so the next one is
    /// skipped, and so that is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_run_at: Option<DateTime<Utc>>,
}

/// Takes due tasks for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimTasks {
    /// How many at most, 1 to 1,000.
    #[schemars(range(min = 1, max = limits::CLAIM), example = 100)]
    pub limit: u32,
    /// For how long, 1 to 3,600 seconds; then another may take them.
    #[schemars(range(min = 1, max = limits::LEASE_SECONDS), example = 60)]
    pub lease_seconds: u32,
}

/// Due tasks that were taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// Proves the lease when the runs are recorded.
    pub lease_token: Uuid,
    /// When the lease ends.
    pub lease_until: DateTime<Utc>,
    /// The tasks, those due first at the front.
    pub tasks: Vec<ScheduledTask>,
}

/// Records that a task fired, and when it fires next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTaskRun {
    /// The claim that the task was taken with.
    pub lease_token: Uuid,
    /// The instant the task was planned for: its `next_run_at` when it was claimed.
    pub scheduled_for: DateTime<Utc>,
    /// The instant it was found due.
    pub fired_at: DateTime<Utc>,
    /// How many earlier occurrences fell into this one.
    #[serde(default)]
    pub missed: u32,
    /// When it fires next, later than `scheduled_for`; `null` when it is done.
    pub next_run_at: Option<DateTime<Utc>>,
}

/// One firing of a task; there is one for each instant it was planned for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TaskRun {
    /// The run's id.
    pub id: Uuid,
    /// The task.
    pub task_id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// The instant the task was planned for.
    pub scheduled_for: DateTime<Utc>,
    /// The instant it was found due.
    pub fired_at: DateTime<Utc>,
    /// How many earlier occurrences fell into this one.
    pub missed: u32,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
}

/// Records what one claim fired, in one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTaskRuns {
    /// The claim that the tasks were taken with.
    pub lease_token: Uuid,
    /// The runs, each of another task; up to 1,000.
    #[schemars(length(max = limits::CLAIM))]
    pub runs: Vec<NewTaskRunOf>,
}

/// One run of those that one claim has fired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTaskRunOf {
    /// The task.
    pub task_id: Uuid,
    /// The instant the task was planned for: its `next_run_at` when it was claimed.
    pub scheduled_for: DateTime<Utc>,
    /// The instant it was found due.
    pub fired_at: DateTime<Utc>,
    /// How many earlier occurrences fell into this one.
    #[serde(default)]
    pub missed: u32,
    /// When it fires next, later than `scheduled_for`; `null` when it is done.
    pub next_run_at: Option<DateTime<Utc>>,
}

/// What became of each run, in the order in which they were sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedRuns {
    /// One for each run, in the same order.
    pub outcomes: Vec<RunOutcome>,
}

/// What became of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// It is recorded now.
    Recorded,
    /// It was recorded before; nothing changed.
    Known,
    /// The lease has run out, or the task was changed since it was claimed; nothing changed.
    StaleLease,
    /// There is no such task any more.
    NotFound,
}
