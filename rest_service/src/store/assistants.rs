//! Assistants.

use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, SelectableHelper,
    prelude::{AsChangeset, Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use rest_client::{
    Assistant, AssistantEntry, AssistantKind, AssistantPatch, DEFAULT_ASSISTANT, NewAssistant, Page,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    Changed, IfMatch, Sorted, StoreError, cursor, new_id, page, sorted,
    versions::{Changes, changed, deleted, is_as_wanted, versioned},
};
use crate::db::{At, Db, Id, Json, Named, schema::assistants};

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = assistants, treat_none_as_default_value = false)]
pub(super) struct AssistantRow {
    pub(super) id: Id,
    kind: Named<AssistantKind>,
    name: String,
    instructions: String,
    model: Option<String>,
    parameters: Json<Map<String, Value>>,
    pub(super) active: bool,
    version: i64,
    created_at: At,
    updated_at: At,
}

#[derive(AsChangeset)]
#[diesel(table_name = assistants)]
pub(super) struct AssistantChanges {
    name: Option<String>,
    instructions: Option<String>,
    model: Option<Option<String>>,
    parameters: Option<Json<Map<String, Value>>>,
    active: Option<bool>,
}

impl Changes<AssistantRow> for AssistantChanges {
    fn are_in(&self, row: &AssistantRow) -> bool {
        let parameters = self.parameters.as_ref().map(|parameters| &parameters.0);
        is_as_wanted(self.name.as_ref(), &row.name)
            && is_as_wanted(self.instructions.as_ref(), &row.instructions)
            && is_as_wanted(self.model.as_ref(), &row.model)
            && is_as_wanted(parameters, &row.parameters.0)
            && is_as_wanted(self.active.as_ref(), &row.active)
    }
}

impl AssistantRow {
    /// A new one, as a configuration has it.
    pub(super) fn of_entry(now: DateTime<Utc>, id: Uuid, entry: &AssistantEntry) -> Self {
        Self {
            id: Id(id),
            kind: Named(entry.kind),
            name: entry.name.clone(),
            instructions: entry.instructions.clone(),
            model: entry.model.clone(),
            parameters: Json(entry.parameters.clone()),
            active: entry.active,
            version: 1,
            created_at: At(now),
            updated_at: At(now),
        }
    }
}

versioned!(assistants, AssistantRow, AssistantChanges);

impl From<AssistantRow> for Assistant {
    fn from(row: AssistantRow) -> Self {
        Self {
            id: row.id.0,
            kind: row.kind.0,
            name: row.name,
            instructions: row.instructions,
            model: row.model,
            parameters: row.parameters.0,
            active: row.active,
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        }
    }
}

pub(crate) async fn create(db: &Db, now: DateTime<Utc>, new: NewAssistant) -> Result<Assistant, StoreError> {
    let row = AssistantRow {
        id: Id(new_id(now)),
        kind: Named(new.kind),
        name: new.name,
        instructions: new.instructions,
        model: new.model,
        parameters: Json(new.parameters),
        active: new.active.unwrap_or(true),
        version: 1,
        created_at: At(now),
        updated_at: At(now),
    };
    let stored = db
        .write(async |c| {
            diesel::insert_into(assistants::table)
                .values(&row)
                .returning(AssistantRow::as_returning())
                .get_result(c)
                .await
        })
        .await?;
    Ok(stored.into())
}

pub(crate) async fn get(db: &Db, id: Uuid) -> Result<Assistant, StoreError> {
    let row = db
        .read(async |c| {
            assistants::table
                .find(Id(id))
                .select(AssistantRow::as_select())
                .first(c)
                .await
        })
        .await?;
    Ok(row.into())
}

/// Which assistants a list has.
#[derive(Clone, Debug, Default)]
pub(crate) struct AssistantFilter {
    pub(crate) kind: Option<AssistantKind>,
    pub(crate) active: Option<bool>,
}

pub(crate) async fn list(
    db: &Db,
    which: &AssistantFilter,
    part: &Sorted,
) -> Result<Page<Assistant>, StoreError> {
    let rows: Vec<AssistantRow> = db
        .read(async |c| {
            let mut query = assistants::table
                .select(AssistantRow::as_select())
                .limit(part.fetch())
                .into_boxed();
            if let Some(kind) = which.kind {
                query = query.filter(assistants::kind.eq(Named(kind)));
            }
            if let Some(active) = which.active {
                query = query.filter(assistants::active.eq(active));
            }
            sorted!(query, assistants, part).load(c).await
        })
        .await?;
    Ok(page(rows, part.limit, |assistant: &Assistant| {
        cursor::encode(part.sort, &assistant.name, assistant.id)
    }))
}

pub(crate) async fn update(
    db: &Db,
    now: DateTime<Utc>,
    id: Uuid,
    if_match: &IfMatch,
    patch: AssistantPatch,
) -> Result<Changed<Assistant>, StoreError> {
    if id == DEFAULT_ASSISTANT && patch.active == Some(false) {
        return Err(StoreError::InUse);
    }
    let changes = AssistantChanges {
        name: patch.name,
        instructions: patch.instructions,
        model: patch.model,
        parameters: patch.parameters.map(Json),
        active: patch.active,
    };
    let changed = changed::<AssistantRow>(db, id, if_match, now, &changes).await?;
    Ok(changed.map(Assistant::from))
}

/// Deletes an assistant that nothing refers to; the default one is always in use.
pub(crate) async fn delete(db: &Db, id: Uuid, if_match: &IfMatch) -> Result<Assistant, StoreError> {
    if id == DEFAULT_ASSISTANT {
        return Err(StoreError::InUse);
    }
    let deleted: AssistantRow = deleted(db, id, if_match).await?;
    Ok(deleted.into())
}
