//! Configuration as a document: read whole, compared, and applied in one transaction.

mod plan;

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, QueryDsl, QueryResult, SelectableHelper};
use diesel_async::RunQueryDsl;
use rest_client::{Assistant, Change, Configuration, DEFAULT_ASSISTANT, Tool, limits};

use super::{
    StoreError,
    assistants::AssistantRow,
    document::ImportError,
    new_id,
    sub_assistants::{LinkRow, lock_links},
    tools::ToolRow,
};
use crate::db::{
    At, Conn, Db, Id, Json,
    schema::{assistant_tools, assistants, sub_assistants, threads, tools, users},
};
use plan::{Current, Step};

/// Reads all assistants, tools, and the links between them.
async fn current(c: &mut Conn, most: i64) -> QueryResult<Current> {
    let tools: Vec<ToolRow> = tools::table
        .order((tools::name, tools::id))
        .limit(most)
        .select(ToolRow::as_select())
        .load(c)
        .await?;
    let assistants: Vec<AssistantRow> = assistants::table
        .order((assistants::name, assistants::id))
        .limit(most)
        .select(AssistantRow::as_select())
        .load(c)
        .await?;
    let links: Vec<(Id, Id)> = assistant_tools::table
        .select((assistant_tools::assistant_id, assistant_tools::tool_id))
        .load(c)
        .await?;
    let subs: Vec<(Id, Id, String)> = sub_assistants::table
        .select((
            sub_assistants::assistant_id,
            sub_assistants::sub_id,
            sub_assistants::description,
        ))
        .load(c)
        .await?;
    let subs = subs
        .into_iter()
        .map(|(asking, sub, text)| ((asking.0, sub.0), text));
    Ok(Current {
        tools: tools.into_iter().map(Tool::from).collect(),
        assistants: assistants.into_iter().map(Assistant::from).collect(),
        links: links.into_iter().map(|(one, other)| (one.0, other.0)).collect(),
        subs: subs.collect::<BTreeMap<_, _>>(),
        in_use: HashSet::from([DEFAULT_ASSISTANT]),
    })
}

/// One more than a document may have of each.
fn one_too_many() -> i64 {
    i64::try_from(limits::CONFIGURED)
        .unwrap_or(i64::MAX)
        .saturating_add(1)
}

/// The configuration as it is.
pub(crate) async fn export(db: &Db) -> Result<Configuration, StoreError> {
    let current = db.read(async |c| current(c, one_too_many()).await).await?;
    if current.tools.len() > limits::CONFIGURED || current.assistants.len() > limits::CONFIGURED {
        return Err(StoreError::Invalid {
            field: "format",
            message: format!(
                "cannot hold more than {} tools or assistants; read the lists instead",
                limits::CONFIGURED
            ),
        });
    }
    Ok(current.into_document())
}

/// What the document changes; it is changed unless it is a dry run.
pub(crate) async fn import(
    db: &Db,
    now: DateTime<Utc>,
    wanted: &Configuration,
    prune: bool,
    dry_run: bool,
) -> Result<Vec<Change>, ImportError> {
    db.transaction(async |c| {
        // Writing nothing locks the default assistant, which is always there: imports are done one after the other.
        diesel::update(assistants::table.find(Id(DEFAULT_ASSISTANT)))
            .set(assistants::version.eq(assistants::version))
            .execute(c)
            .await?;
        lock_links(c).await?;
        let mut current = current(c, i64::MAX).await?;
        if prune {
            for assistant in &current.assistants {
                let talks: Vec<Id> = threads::table
                    .filter(threads::assistant_id.eq(Id(assistant.id)))
                    .limit(1)
                    .select(threads::id)
                    .load(c)
                    .await?;
                let serves: Vec<Id> = users::table
                    .filter(users::secretary_id.eq(Some(Id(assistant.id))))
                    .limit(1)
                    .select(users::id)
                    .load(c)
                    .await?;
                if !talks.is_empty() || !serves.is_empty() {
                    current.in_use.insert(assistant.id);
                }
            }
        }
        let plan = plan::plan(&current, wanted, prune, || new_id(now)).map_err(ImportError::Refused)?;
        if dry_run {
            return Ok(plan.changes);
        }
        for step in &plan.steps {
            match step {
                Step::CreateTool(id, entry) => {
                    diesel::insert_into(tools::table)
                        .values(&ToolRow::of_entry(now, *id, entry))
                        .execute(c)
                        .await?;
                }
                Step::ChangeTool(id, entry) => {
                    diesel::update(tools::table.find(Id(*id)))
                        .set((
                            tools::name.eq(&entry.name),
                            tools::description.eq(&entry.description),
                            tools::config.eq(Json(entry.config.clone())),
                            tools::active.eq(entry.active),
                            tools::version.eq(tools::version + 1),
                            tools::updated_at.eq(At(now)),
                        ))
                        .execute(c)
                        .await?;
                }
                Step::CreateAssistant(id, entry) => {
                    diesel::insert_into(assistants::table)
                        .values(&AssistantRow::of_entry(now, *id, entry))
                        .execute(c)
                        .await?;
                }
                Step::ChangeAssistant(id, entry) => {
                    diesel::update(assistants::table.find(Id(*id)))
                        .set((
                            assistants::name.eq(&entry.name),
                            assistants::instructions.eq(&entry.instructions),
                            assistants::model.eq(&entry.model),
                            assistants::parameters.eq(Json(entry.parameters.clone())),
                            assistants::active.eq(entry.active),
                            assistants::version.eq(assistants::version + 1),
                            assistants::updated_at.eq(At(now)),
                        ))
                        .execute(c)
                        .await?;
                }
                Step::Link(assistant, tool) => {
                    diesel::insert_into(assistant_tools::table)
                        .values((
                            assistant_tools::assistant_id.eq(Id(*assistant)),
                            assistant_tools::tool_id.eq(Id(*tool)),
                            assistant_tools::created_at.eq(At(now)),
                        ))
                        .execute(c)
                        .await?;
                }
                Step::Unlink(assistant, tool) => {
                    diesel::delete(assistant_tools::table.find((Id(*assistant), Id(*tool))))
                        .execute(c)
                        .await?;
                }
                Step::StopAsking(assistant, sub) => {
                    diesel::delete(sub_assistants::table.find((Id(*assistant), Id(*sub))))
                        .execute(c)
                        .await?;
                }
                Step::Ask(assistant, sub, description) => {
                    diesel::insert_into(sub_assistants::table)
                        .values(&LinkRow {
                            assistant_id: Id(*assistant),
                            sub_id: Id(*sub),
                            description: description.clone(),
                            created_at: At(now),
                        })
                        .on_conflict((sub_assistants::assistant_id, sub_assistants::sub_id))
                        .do_update()
                        .set(sub_assistants::description.eq(description))
                        .execute(c)
                        .await?;
                }
                Step::DeleteTool(id) => {
                    diesel::delete(tools::table.find(Id(*id))).execute(c).await?;
                }
                Step::DeleteAssistant(id) => {
                    diesel::delete(assistants::table.find(Id(*id))).execute(c).await?;
                }
            }
        }
        Ok(plan.changes)
    })
    .await
}
