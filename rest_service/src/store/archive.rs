//! A user's archive: everything that is stored of one user, table by table and page by page.
//!
//! A table with a `user_id` is in [`Section`], or a test fails.

use diesel::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use messages::ReplyV1;
use rest_client::{
    AuditEntry, Delivery, Fact, Identity, Message, ScheduledTask, TaskRun, Thread, Turn, Usage, User,
};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    StoreError,
    audit::AuditRow,
    deliveries::DeliveryRow,
    facts::FactRow,
    identities::IdentityRow,
    scheduled_tasks::TaskRow,
    task_runs::RunRow,
    threads::{MessageRow, ThreadRow},
    turns::TurnRow,
    usage::UsageRow,
    users,
};
use crate::db::{
    At, Db, Id, Json,
    schema::{
        audit, budget_holds, calendar_accounts, calendar_links, calendar_writes, deliveries, facts,
        identities, messages as message_table, pending_actions, scheduled_tasks, task_runs, threads, turns,
        usage, user_events,
    },
};

/// How many rows a page has at most; with the longest texts, some tens of megabytes.
const PAGE: i64 = 200;

/// One table's part of the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Identities,
    Facts,
    Threads,
    Turns,
    Messages,
    ScheduledTasks,
    PendingActions,
    TaskRuns,
    Deliveries,
    UserEvents,
    Usage,
    BudgetHolds,
    CalendarAccounts,
    CalendarLinks,
    CalendarWrites,
    Audit,
}

impl Section {
    /// All of them, in the archive's order.
    pub(crate) const ALL: [Self; 16] = [
        Self::Identities,
        Self::Facts,
        Self::Threads,
        Self::Turns,
        Self::Messages,
        Self::ScheduledTasks,
        Self::PendingActions,
        Self::TaskRuns,
        Self::Deliveries,
        Self::UserEvents,
        Self::Usage,
        Self::BudgetHolds,
        Self::CalendarAccounts,
        Self::CalendarLinks,
        Self::CalendarWrites,
        Self::Audit,
    ];

    /// The table's name, which the files have too.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Identities => "identities",
            Self::Facts => "facts",
            Self::Threads => "threads",
            Self::Turns => "turns",
            Self::Messages => "messages",
            Self::ScheduledTasks => "scheduled_tasks",
            Self::PendingActions => "pending_actions",
            Self::TaskRuns => "task_runs",
            Self::Deliveries => "deliveries",
            Self::UserEvents => "user_events",
            Self::Usage => "usage",
            Self::BudgetHolds => "budget_holds",
            Self::CalendarAccounts => "calendar_accounts",
            Self::CalendarLinks => "calendar_links",
            Self::CalendarWrites => "calendar_writes",
            Self::Audit => "audit",
        }
    }

    /// What it holds, for the archive's reader.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::Identities => "the accounts by which you are known",
            Self::Facts => "what the assistant is to know of you",
            Self::Threads => "conversations, with their summaries",
            Self::Turns => "each message that was handled: how it ended, what was answered, what it cost",
            Self::Messages => "what was said, in order",
            Self::ScheduledTasks => "reminders and recurring tasks",
            Self::PendingActions => "what you were asked to confirm, lately",
            Self::TaskRuns => "when they fired",
            Self::Deliveries => "which answers were sent, and where to",
            Self::UserEvents => "what you were told over the API channel",
            Self::Usage => "tokens, model calls and their cost by day and model",
            Self::BudgetHolds => "what is held back of your budget for answers that are being made",
            Self::CalendarAccounts => "the calendar that you have connected; its tokens stay encrypted here",
            Self::CalendarLinks => "links that were made to connect a calendar",
            Self::CalendarWrites => "recent changes in your calendar, until they can no longer be undone",
            Self::Audit => "what admins have changed about you",
        }
    }
}

/// Where a page begins: behind these, as the section's order has it.
#[derive(Clone, Debug)]
pub(crate) enum After {
    Start,
    Id(Uuid),
    Number(i64),
    Day(String, String),
}

/// The user themselves.
pub(crate) async fn user(db: &Db, id: Uuid) -> Result<User, StoreError> {
    users::get(db, id).await
}

/// A page of the section, and where the next one begins; `None` behind the last.
pub(crate) async fn page(
    db: &Db,
    user: Uuid,
    section: Section,
    after: After,
) -> Result<(Vec<Value>, Option<After>), StoreError> {
    macro_rules! by_id {
        ($table:ident, $row:ty, $shown:ty) => {{
            let start = match after {
                After::Id(id) => id,
                _ => Uuid::nil(),
            };
            let rows: Vec<$row> = db
                .read(async |c| {
                    $table::table
                        .filter($table::user_id.eq(Id(user)))
                        .filter($table::id.gt(Id(start)))
                        .order($table::id)
                        .limit(PAGE)
                        .select(<$row>::as_select())
                        .load(c)
                        .await
                })
                .await?;
            let next = rows.last().map(|row| After::Id(row.id.0));
            (
                rows.into_iter().map(|row| shown(<$shown>::from(row))).collect(),
                next,
            )
        }};
    }
    let (items, next): (Vec<Value>, Option<After>) = match section {
        Section::Identities => by_id!(identities, IdentityRow, Identity),
        Section::Facts => by_id!(facts, FactRow, Fact),
        Section::Threads => by_id!(threads, ThreadRow, Thread),
        Section::Turns => by_id!(turns, TurnRow, Turn),
        Section::Messages => by_id!(message_table, MessageRow, Message),
        Section::ScheduledTasks => by_id!(scheduled_tasks, TaskRow, ScheduledTask),
        Section::TaskRuns => by_id!(task_runs, RunRow, TaskRun),
        Section::Deliveries => by_id!(deliveries, DeliveryRow, Delivery),
        Section::UserEvents => {
            let start = match after {
                After::Number(number) => number,
                _ => 0,
            };
            let rows: Vec<(i64, String, Json<ReplyV1>, At)> = db
                .read(async |c| {
                    user_events::table
                        .filter(user_events::user_id.eq(Id(user)))
                        .filter(user_events::id.gt(start))
                        .order(user_events::id)
                        .limit(PAGE)
                        .select((
                            user_events::id,
                            user_events::reply_id,
                            user_events::payload,
                            user_events::created_at,
                        ))
                        .load(c)
                        .await
                })
                .await?;
            let next = rows.last().map(|row| After::Number(row.0));
            let items = rows.into_iter().map(|(id, reply_id, reply, at)| {
                json!({ "id": id, "reply_id": reply_id, "reply": shown(reply.0), "created_at": at.0 })
            });
            (items.collect(), next)
        }
        Section::Audit => {
            let start = match after {
                After::Id(id) => id,
                _ => Uuid::nil(),
            };
            let rows: Vec<AuditRow> = db
                .read(async |c| {
                    audit::table
                        .filter(audit::user_id.eq(Some(Id(user))))
                        .filter(audit::id.gt(Id(start)))
                        .order(audit::id)
                        .limit(PAGE)
                        .select(AuditRow::as_select())
                        .load(c)
                        .await
                })
                .await?;
            let next = rows.last().map(|row| After::Id(row.id.0));
            (
                rows.into_iter().map(|row| shown(AuditEntry::from(row))).collect(),
                next,
            )
        }
        Section::CalendarAccounts => {
            // One at most.
            let rows: Vec<(String, String, String, At, At)> = db
                .read(async |c| {
                    calendar_accounts::table
                        .filter(calendar_accounts::user_id.eq(Id(user)))
                        .select((
                            calendar_accounts::email,
                            calendar_accounts::scopes,
                            calendar_accounts::chat,
                            calendar_accounts::created_at,
                            calendar_accounts::updated_at,
                        ))
                        .load(c)
                        .await
                })
                .await?;
            let items = rows.into_iter().map(|(email, scopes, chat, made, changed)| {
                json!({ "email": email, "scopes": scopes, "chat": chat, "created_at": made.0, "updated_at": changed.0 })
            });
            (items.collect(), None)
        }
        Section::PendingActions => {
            let start = match after {
                After::Id(id) => id,
                _ => Uuid::nil(),
            };
            let rows: Vec<(Id, String, String, Json<Value>, String, At)> = db
                .read(async |c| {
                    pending_actions::table
                        .filter(pending_actions::user_id.eq(Id(user)))
                        .filter(pending_actions::id.gt(Id(start)))
                        .order(pending_actions::id)
                        .limit(PAGE)
                        .select((
                            pending_actions::id,
                            pending_actions::conversation,
                            pending_actions::tool,
                            pending_actions::args,
                            pending_actions::summary,
                            pending_actions::created_at,
                        ))
                        .load(c)
                        .await
                })
                .await?;
            let next = rows.last().map(|row| After::Id(row.0.0));
            let items = rows.into_iter().map(|(id, conversation, tool, args, summary, made)| {
                json!({
                    "id": id.0, "conversation": conversation, "tool": tool, "args": args.0, "summary": summary,
                    "created_at": made.0,
                })
            });
            (items.collect(), next)
        }
        Section::CalendarLinks => {
            let start = match after {
                After::Id(id) => id,
                _ => Uuid::nil(),
            };
            let rows: Vec<(Id, String, At, Option<At>, At)> = db
                .read(async |c| {
                    calendar_links::table
                        .filter(calendar_links::user_id.eq(Id(user)))
                        .filter(calendar_links::id.gt(Id(start)))
                        .order(calendar_links::id)
                        .limit(PAGE)
                        .select((
                            calendar_links::id,
                            calendar_links::chat,
                            calendar_links::expires_at,
                            calendar_links::used_at,
                            calendar_links::created_at,
                        ))
                        .load(c)
                        .await
                })
                .await?;
            let next = rows.last().map(|row| After::Id(row.0.0));
            let items = rows.into_iter().map(|(id, chat, expires, used, made)| {
                json!({
                    "id": id.0, "chat": chat, "expires_at": expires.0, "used_at": used.map(|at| at.0),
                    "created_at": made.0,
                })
            });
            (items.collect(), next)
        }
        Section::CalendarWrites => {
            let start = match after {
                After::Id(id) => id,
                _ => Uuid::nil(),
            };
            let rows: Vec<(Id, At, At)> = db
                .read(async |c| {
                    calendar_writes::table
                        .filter(calendar_writes::user_id.eq(Id(user)))
                        .filter(calendar_writes::id.gt(Id(start)))
                        .order(calendar_writes::id)
                        .limit(PAGE)
                        .select((
                            calendar_writes::id,
                            calendar_writes::created_at,
                            calendar_writes::updated_at,
                        ))
                        .load(c)
                        .await
                })
                .await?;
            let next = rows.last().map(|row| After::Id(row.0.0));
            let items = rows.into_iter().map(
                |(id, made, changed)| json!({ "id": id.0, "created_at": made.0, "updated_at": changed.0 }),
            );
            (items.collect(), next)
        }
        Section::BudgetHolds => {
            // As many as there are calls under way.
            let rows: Vec<(String, i64, i64, At)> = db
                .read(async |c| {
                    budget_holds::table
                        .filter(budget_holds::user_id.eq(Id(user)))
                        .order(budget_holds::id)
                        .limit(PAGE)
                        .select((
                            budget_holds::id,
                            budget_holds::tokens,
                            budget_holds::micros,
                            budget_holds::expires_at,
                        ))
                        .load(c)
                        .await
                })
                .await?;
            let items = rows.into_iter().map(|(id, tokens, micros, expires)| {
                json!({ "id": id, "tokens": tokens, "micros": micros, "expires_at": expires.0 })
            });
            (items.collect(), None)
        }
        Section::Usage => {
            let (day, model) = match after {
                After::Day(day, model) => (day, model),
                _ => Default::default(),
            };
            let rows: Vec<UsageRow> = db
                .read(async |c| {
                    use diesel::BoolExpressionMethods;
                    usage::table
                        .filter(usage::user_id.eq(Id(user)))
                        .filter(usage::day.ge(&day))
                        .filter(usage::day.gt(&day).or(usage::model.gt(&model)))
                        .order((usage::day, usage::model))
                        .limit(PAGE)
                        .select(UsageRow::as_select())
                        .load(c)
                        .await
                })
                .await?;
            let next = rows
                .last()
                .map(|row| After::Day(row.day.clone(), row.model.clone()));
            (
                rows.into_iter().map(|row| shown(Usage::from(row))).collect(),
                next,
            )
        }
    };
    let is_full = i64::try_from(items.len()).is_ok_and(|count| count == PAGE);
    Ok((items, next.filter(|_| is_full)))
}

/// A wire type as JSON; they all have one.
fn shown(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
