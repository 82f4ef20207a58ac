//! The REST resources' types, shared with the server, and the typed client every other service uses.
//!
//! Requests refuse fields they do not know; answers may grow, so readers ignore what they do not know. Every
//! resource has its own module: what is stored, what makes one (`New…`), what changes one (`…Patch`).

mod api_keys;
mod assistants;
mod audit;
mod budgets;
mod calendar_accounts;
mod calendar_writes;
mod channel;
mod client;
mod configuration;
mod context;
mod deliveries;
mod error;
mod events;
mod facts;
pub mod limits;
mod lists;
mod maintenance;
mod page;
mod patch;
mod pending_actions;
mod problem;
mod scheduled_tasks;
mod sub_assistants;
mod task_documents;
mod threads;
mod tools;
mod turns;
mod usage;
mod users;

pub use api_keys::{ApiKey, CreatedApiKey, InvalidScope, KeyRole, NewApiKey, Resource, Scope, Verb};
pub use assistants::{Assistant, AssistantKind, AssistantPatch, NewAssistant, SetSecretary};
pub use audit::{AuditEntry, AuditQuery, AuditedOperation, AuditedResource};
pub use budgets::{
    Budget, BudgetOf, BudgetPeriod, BudgetUnit, Budgeted, EndedCall, Held, NewHold, NewSpending, TurnCost,
    dollars_of, micros_of,
};
pub use calendar_accounts::{
    CalendarAccount, CalendarAccountEntry, CalendarAccountPatch, CalendarAccountState, CalendarChore,
    CalendarChores, CalendarLink, CalendarLinkStart, ChoreDone, NewCalendarAccount, NewCalendarLink,
    RefreshLease, Sealed, TakeRefresh, UseCalendarLink,
};
pub use calendar_writes::{CalendarWrite, CalendarWritePatch, CalendarWriteState, NewCalendarWrite};
pub use channel::{
    AcceptedMessage, EventsQuery, Hello, NewPress, NewUserMessage, StreamEnd, StreamEndReason, UserEvent,
};
pub use client::Client;
pub use configuration::{
    AssistantEntry, Change, ChangeAction, Configuration, ConfigurationFormat, Configured, ExportQuery,
    FieldChange, ImportQuery, ImportReport, SubAssistantEntry, ToolEntry,
};
pub use context::{Context, ContextQuery};
pub use deliveries::{Delivery, DeliveryStatus, NewDelivery};
pub use error::{ConflictKind, Error};
pub use events::Events;
pub use facts::{Fact, FactPatch, FactSource, NewFact};
pub use lists::{
    AllTasksQuery, AssistantListQuery, ListSort, TaskListQuery, TaskSort, ToolListQuery, UserListQuery,
};
pub use maintenance::{CleanUp, CleanedUp, Erasure, Kept};
pub use page::{Page, PageQuery};
pub use pending_actions::{Decision, NewPendingAction, PendingAction, PendingActionQuery, PendingState};
pub use problem::{FieldError, Problem, ProblemKind};
pub use scheduled_tasks::{
    Claim, ClaimTasks, HeldTasks, HoldTasks, MoveChat, MovedChat, NewScheduledTask, NewTaskRun, NewTaskRunOf,
    NewTaskRuns, RecordedRuns, RunOutcome, ScheduledTask, ScheduledTaskPatch, TaskRun, TaskStatus,
};
pub use sub_assistants::{
    LinkedSubAssistant, MAX_SUB_DEPTH, NewSubAssistantLink, NewSubTurn, SubAssistant, SubAssistantLink,
};
pub use task_documents::{TaskDocument, TaskEntry, TaskImportQuery};
pub use threads::{CloseThreads, ClosedThreads, Message, MessageRole, NewMessage, Thread, ThreadPatch};
pub use tools::{NewTool, Tool, ToolPatch};
pub use turns::{NewTurn, Turn, TurnStatus};
pub use usage::{Usage, UsageQuery, UsageReport};
pub use users::{
    ClaimOwnership, Identity, NewIdentity, NewUser, Ownership, ResolveIdentity, Resolved, Role, User,
    UserPatch, UserState,
};

use uuid::Uuid;

/// The assistant that serves users who have no other; seeded by the first migration.
pub const DEFAULT_ASSISTANT: Uuid = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001);
