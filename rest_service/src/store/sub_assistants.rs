//! Sub-assistants: who may ask whom, without circles, and what a turn needs of them.

use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
    upsert::excluded,
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use rest_client::{
    AssistantKind, LinkedSubAssistant, MAX_SUB_DEPTH, Message, Page, SubAssistant, SubAssistantLink, Thread,
    Tool, limits,
};
use uuid::Uuid;

use super::{
    StoreError,
    assistants::AssistantRow,
    threads::{MessageRow, ThreadRow},
    tools::ToolRow,
};
use crate::db::{
    At, Conn, Db, DbKind, Id,
    schema::{assistant_tools, assistants, messages, sub_assistants, threads, tools},
};

pub(super) mod chain;

use chain::{Links, Refusal};

/// How many sub-assistants a turn is told of.
const MOST: usize = 16;

/// How many messages of each one's thread a turn is told of.
const MESSAGES: i64 = 20;

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = sub_assistants)]
pub(super) struct LinkRow {
    pub(super) assistant_id: Id,
    pub(super) sub_id: Id,
    pub(super) description: String,
    pub(super) created_at: At,
}

fn linked((link, assistant): (LinkRow, AssistantRow)) -> LinkedSubAssistant {
    LinkedSubAssistant {
        assistant: assistant.into(),
        description: link.description,
        created_at: link.created_at.0,
    }
}

/// The sub-assistants that an assistant may ask; few enough for one page.
pub(crate) async fn list(db: &Db, assistant: Uuid) -> Result<Page<LinkedSubAssistant>, StoreError> {
    let rows: Vec<(LinkRow, AssistantRow)> = db
        .read(async |c| {
            assistants::table
                .find(Id(assistant))
                .select(assistants::id)
                .first::<Id>(c)
                .await?;
            sub_assistants::table
                .inner_join(assistants::table)
                .filter(sub_assistants::assistant_id.eq(Id(assistant)))
                .order(sub_assistants::sub_id)
                .select((LinkRow::as_select(), AssistantRow::as_select()))
                .load(c)
                .await
        })
        .await?;
    Ok(Page {
        items: rows.into_iter().map(linked).collect(),
        next_cursor: None,
    })
}

pub(crate) async fn get(db: &Db, assistant: Uuid, sub: Uuid) -> Result<LinkedSubAssistant, StoreError> {
    let row: (LinkRow, AssistantRow) = db
        .read(async |c| {
            sub_assistants::table
                .inner_join(assistants::table)
                .filter(sub_assistants::assistant_id.eq(Id(assistant)))
                .filter(sub_assistants::sub_id.eq(Id(sub)))
                .select((LinkRow::as_select(), AssistantRow::as_select()))
                .first(c)
                .await
        })
        .await?;
    Ok(linked(row))
}

/// Lets an assistant ask another one; gives the description that the link had, if it was there. Two links that would close a circle together are looked at one after the other.
pub(crate) async fn link(
    db: &Db,
    now: DateTime<Utc>,
    assistant: Uuid,
    sub: Uuid,
    description: &str,
) -> Result<Option<String>, StoreError> {
    db.transaction(async |c| {
        lock_links(c).await?;
        let of = |id: Uuid| {
            assistants::table
                .find(Id(id))
                .select((assistants::name, assistants::kind))
        };
        of(assistant).first::<(String, Kind)>(c).await?;
        let (_, kind) = of(sub).first::<(String, Kind)>(c).await?;
        if kind.0 != AssistantKind::Sub {
            return Err(refused("must be an assistant of the kind sub".to_owned()));
        }
        let links: Vec<(Id, Id)> = sub_assistants::table
            .select((sub_assistants::assistant_id, sub_assistants::sub_id))
            .load(c)
            .await?;
        let links: Links = links.into_iter().map(|(from, to)| (from.0, to.0)).collect();
        if links.others(assistant, sub) >= limits::SUB_ASSISTANTS {
            return Err(refused(format!(
                "must not be more than {} for one assistant",
                limits::SUB_ASSISTANTS
            )));
        }
        if let Some(refusal) = links.refusal(assistant, sub) {
            let (Refusal::Circle(way) | Refusal::TooDeep(way)) = &refusal;
            let ids: Vec<Id> = way.iter().copied().map(Id).collect();
            let names: Vec<(Id, String)> = assistants::table
                .filter(assistants::id.eq_any(ids))
                .select((assistants::id, assistants::name))
                .load(c)
                .await?;
            let name = |id: Uuid| {
                let known = names.iter().find(|(known, _)| known.0 == id);
                known.map(|(_, name)| name.clone())
            };
            return Err(refused(refusal.told(name)));
        }
        let before: Option<String> = sub_assistants::table
            .find((Id(assistant), Id(sub)))
            .select(sub_assistants::description)
            .first(c)
            .await
            .optional()?;
        diesel::insert_into(sub_assistants::table)
            .values(&LinkRow {
                assistant_id: Id(assistant),
                sub_id: Id(sub),
                description: description.to_owned(),
                created_at: At(now),
            })
            .on_conflict((sub_assistants::assistant_id, sub_assistants::sub_id))
            .do_update()
            .set(sub_assistants::description.eq(excluded(sub_assistants::description)))
            .execute(c)
            .await?;
        Ok(before)
    })
    .await
}

/// No longer lets an assistant ask another one; again is the same. Gives the description that the link had.
pub(crate) async fn unlink(db: &Db, assistant: Uuid, sub: Uuid) -> Result<Option<String>, StoreError> {
    let before: Option<String> = db
        .write(async |c| {
            assistants::table
                .find(Id(assistant))
                .select(assistants::id)
                .first::<Id>(c)
                .await?;
            diesel::delete(sub_assistants::table.find((Id(assistant), Id(sub))))
                .returning(sub_assistants::description)
                .get_result(c)
                .await
                .optional()
        })
        .await?;
    Ok(before)
}

/// The active sub-assistants below an assistant, the nearest first, with what their turns start from. One small query
/// when there are none.
pub(super) async fn below(
    db: &Db,
    user: Id,
    assistant: Uuid,
    conversation: &str,
) -> Result<Vec<SubAssistant>, StoreError> {
    let (found, links, tool_rows, thread_rows, message_rows) = db
        .read(async |c| {
            let mut found: Vec<AssistantRow> = Vec::new();
            let mut links: Vec<LinkRow> = Vec::new();
            let mut level = vec![Id(assistant)];
            for _ in 0..MAX_SUB_DEPTH {
                if level.is_empty() {
                    break;
                }
                let rows: Vec<(LinkRow, AssistantRow)> = sub_assistants::table
                    .inner_join(assistants::table)
                    .filter(sub_assistants::assistant_id.eq_any(std::mem::take(&mut level)))
                    .filter(assistants::active.eq(true))
                    .order((sub_assistants::assistant_id, sub_assistants::sub_id))
                    .select((LinkRow::as_select(), AssistantRow::as_select()))
                    .load(c)
                    .await?;
                for (link, row) in rows {
                    let is_known = row.id.0 == assistant || found.iter().any(|known| known.id == row.id);
                    if !is_known && found.len() >= MOST {
                        continue;
                    }
                    links.push(link);
                    if !is_known {
                        level.push(row.id);
                        found.push(row);
                    }
                }
            }
            if found.is_empty() {
                return Ok(Default::default());
            }
            let ids: Vec<Id> = found.iter().map(|row| row.id).collect();
            let tool_rows: Vec<(Id, ToolRow)> = assistant_tools::table
                .inner_join(tools::table)
                .filter(assistant_tools::assistant_id.eq_any(ids.clone()))
                .filter(tools::active.eq(true))
                .order(tools::name)
                .select((assistant_tools::assistant_id, ToolRow::as_select()))
                .load(c)
                .await?;
            let thread_rows: Vec<ThreadRow> = threads::table
                .filter(threads::user_id.eq(user))
                .filter(threads::conversation.eq(conversation))
                .filter(threads::assistant_id.eq_any(ids))
                .filter(threads::closed_at.is_null())
                .select(ThreadRow::as_select())
                .load(c)
                .await?;
            let thread_ids: Vec<Id> = thread_rows.iter().map(|thread| thread.id).collect();
            let message_rows: Vec<MessageRow> = messages::table
                .inner_join(threads::table)
                .filter(messages::thread_id.eq_any(thread_ids))
                .filter(messages::user_id.eq(user))
                .filter(
                    messages::seq
                        .gt(threads::last_seq - MESSAGES)
                        .and(messages::seq.gt(threads::summarised_to)),
                )
                .order(messages::seq)
                .select(MessageRow::as_select())
                .load(c)
                .await?;
            Ok::<_, StoreError>((found, links, tool_rows, thread_rows, message_rows))
        })
        .await?;
    let subs = found.into_iter().map(|row| {
        let id = row.id;
        let thread = thread_rows.iter().find(|thread| thread.assistant_id == id);
        SubAssistant {
            links: links
                .iter()
                .filter(|link| link.sub_id == id)
                .map(|link| SubAssistantLink {
                    assistant_id: link.assistant_id.0,
                    description: link.description.clone(),
                })
                .collect(),
            assistant: row.into(),
            tools: tool_rows
                .iter()
                .filter(|(assistant, _)| *assistant == id)
                .map(|(_, tool)| Tool::from(tool.clone()))
                .collect(),
            messages: message_rows
                .iter()
                .filter(|message| thread.is_some_and(|thread| thread.id == message.thread_id))
                .map(|message| Message::from(message.clone()))
                .collect(),
            thread: thread.cloned().map(Thread::from),
        }
    });
    Ok(subs.collect())
}

fn refused(message: String) -> StoreError {
    StoreError::Invalid {
        field: "sub",
        message,
    }
}

type Kind = crate::db::Named<AssistantKind>;

/// Has the links to itself until the end of the transaction.
pub(super) async fn lock_links(c: &mut Conn) -> QueryResult<()> {
    match c.kind() {
        // Readers go on; another link or unlink waits.
        DbKind::Postgres => {
            c.batch_execute("LOCK TABLE sub_assistants IN SHARE ROW EXCLUSIVE MODE")
                .await
        }
        // One writes at a time anyway.
        DbKind::Sqlite => Ok(()),
    }
}
