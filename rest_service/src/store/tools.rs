//! Tools, and which assistant has which.

use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, SelectableHelper,
    prelude::{AsChangeset, Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use rest_client::{NewTool, Page, Tool, ToolEntry, ToolPatch};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    Changed, IfMatch, Part, Sorted, StoreError, cursor, new_id, page, sorted,
    versions::{Changes, changed, deleted, is_as_wanted, versioned},
};
use crate::db::{
    At, Db, Id, Json,
    schema::{assistant_tools, assistants, tools},
};

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = tools)]
pub(super) struct ToolRow {
    id: Id,
    kind: String,
    name: String,
    description: String,
    config: Json<Map<String, Value>>,
    active: bool,
    version: i64,
    created_at: At,
    updated_at: At,
}

#[derive(AsChangeset)]
#[diesel(table_name = tools)]
pub(super) struct ToolChanges {
    name: Option<String>,
    description: Option<String>,
    config: Option<Json<Map<String, Value>>>,
    active: Option<bool>,
}

impl Changes<ToolRow> for ToolChanges {
    fn are_in(&self, row: &ToolRow) -> bool {
        is_as_wanted(self.name.as_ref(), &row.name)
            && is_as_wanted(self.description.as_ref(), &row.description)
            && is_as_wanted(self.config.as_ref().map(|config| &config.0), &row.config.0)
            && is_as_wanted(self.active.as_ref(), &row.active)
    }
}

impl ToolRow {
    /// A new one, as a configuration has it.
    pub(super) fn of_entry(now: DateTime<Utc>, id: Uuid, entry: &ToolEntry) -> Self {
        Self {
            id: Id(id),
            kind: entry.kind.clone(),
            name: entry.name.clone(),
            description: entry.description.clone(),
            config: Json(entry.config.clone()),
            active: entry.active,
            version: 1,
            created_at: At(now),
            updated_at: At(now),
        }
    }
}

versioned!(tools, ToolRow, ToolChanges);

impl From<ToolRow> for Tool {
    fn from(row: ToolRow) -> Self {
        Self {
            id: row.id.0,
            kind: row.kind,
            name: row.name,
            description: row.description,
            config: row.config.0,
            active: row.active,
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        }
    }
}

pub(crate) async fn create(db: &Db, now: DateTime<Utc>, new: NewTool) -> Result<Tool, StoreError> {
    let row = ToolRow {
        id: Id(new_id(now)),
        kind: new.kind,
        name: new.name,
        description: new.description,
        config: Json(new.config),
        active: new.active.unwrap_or(true),
        version: 1,
        created_at: At(now),
        updated_at: At(now),
    };
    let stored = db
        .write(async |c| {
            diesel::insert_into(tools::table)
                .values(&row)
                .returning(ToolRow::as_returning())
                .get_result(c)
                .await
        })
        .await?;
    Ok(stored.into())
}

pub(crate) async fn get(db: &Db, id: Uuid) -> Result<Tool, StoreError> {
    let row = db
        .read(async |c| {
            tools::table
                .find(Id(id))
                .select(ToolRow::as_select())
                .first(c)
                .await
        })
        .await?;
    Ok(row.into())
}

/// Which tools a list has.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolFilter {
    pub(crate) kind: Option<String>,
    pub(crate) active: Option<bool>,
}

pub(crate) async fn list(db: &Db, which: &ToolFilter, part: &Sorted) -> Result<Page<Tool>, StoreError> {
    let rows: Vec<ToolRow> = db
        .read(async |c| {
            let mut query = tools::table
                .select(ToolRow::as_select())
                .limit(part.fetch())
                .into_boxed();
            if let Some(kind) = &which.kind {
                query = query.filter(tools::kind.eq(kind));
            }
            if let Some(active) = which.active {
                query = query.filter(tools::active.eq(active));
            }
            sorted!(query, tools, part).load(c).await
        })
        .await?;
    Ok(page(rows, part.limit, |tool: &Tool| {
        cursor::encode(part.sort, &tool.name, tool.id)
    }))
}

pub(crate) async fn update(
    db: &Db,
    now: DateTime<Utc>,
    id: Uuid,
    if_match: &IfMatch,
    patch: ToolPatch,
) -> Result<Changed<Tool>, StoreError> {
    let changes = ToolChanges {
        name: patch.name,
        description: patch.description,
        config: patch.config.map(Json),
        active: patch.active,
    };
    let changed = changed::<ToolRow>(db, id, if_match, now, &changes).await?;
    Ok(changed.map(Tool::from))
}

/// Deletes a tool; assistants lose it.
pub(crate) async fn delete(db: &Db, id: Uuid, if_match: &IfMatch) -> Result<Tool, StoreError> {
    let deleted: ToolRow = deleted(db, id, if_match).await?;
    Ok(deleted.into())
}

pub(crate) async fn of_assistant(db: &Db, assistant: Uuid, part: Part) -> Result<Page<Tool>, StoreError> {
    let rows: Vec<ToolRow> = db
        .read(async |c| {
            assistants::table
                .find(Id(assistant))
                .select(assistants::id)
                .first::<Id>(c)
                .await?;
            assistant_tools::table
                .inner_join(tools::table)
                .filter(assistant_tools::assistant_id.eq(Id(assistant)))
                .filter(tools::id.gt(Id(part.after)))
                .order(tools::id)
                .limit(part.fetch())
                .select(ToolRow::as_select())
                .load(c)
                .await
        })
        .await?;
    Ok(page(rows, part.limit, |tool: &Tool| tool.id.to_string()))
}

/// Gives an assistant a tool; again is the same. Says whether it was new.
pub(crate) async fn link(
    db: &Db,
    now: DateTime<Utc>,
    assistant: Uuid,
    tool: Uuid,
) -> Result<bool, StoreError> {
    db.transaction(async |c| {
        assistants::table
            .find(Id(assistant))
            .select(assistants::id)
            .first::<Id>(c)
            .await?;
        tools::table
            .find(Id(tool))
            .select(tools::id)
            .first::<Id>(c)
            .await?;
        let linked = diesel::insert_into(assistant_tools::table)
            .values((
                assistant_tools::assistant_id.eq(Id(assistant)),
                assistant_tools::tool_id.eq(Id(tool)),
                assistant_tools::created_at.eq(At(now)),
            ))
            .on_conflict((assistant_tools::assistant_id, assistant_tools::tool_id))
            .do_nothing()
            .execute(c)
            .await?;
        Ok(linked > 0)
    })
    .await
}

/// Takes a tool from an assistant; again is the same. Says whether the assistant had it.
pub(crate) async fn unlink(db: &Db, assistant: Uuid, tool: Uuid) -> Result<bool, StoreError> {
    let unlinked = db
        .write(async |c| {
            assistants::table
                .find(Id(assistant))
                .select(assistants::id)
                .first::<Id>(c)
                .await?;
            diesel::delete(assistant_tools::table.find((Id(assistant), Id(tool))))
                .execute(c)
                .await
        })
        .await?;
    Ok(unlinked > 0)
}
