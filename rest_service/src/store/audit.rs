//! The audit: written in the transaction of each change, read newest first.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, QueryDsl, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use rest_client::{AuditEntry, AuditQuery, AuditedOperation, AuditedResource, Page};
use serde_json::Value;
use uuid::Uuid;

use super::{Part, StoreError, page};
use crate::db::{At, Db, Id, Json, Named, schema::audit};

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = audit, treat_none_as_default_value = false)]
pub(super) struct AuditRow {
    pub(super) id: Id,
    at: At,
    key_id: Option<Id>,
    caller: String,
    role: String,
    remote_address: Option<String>,
    operation: Named<AuditedOperation>,
    resource: Named<AuditedResource>,
    resource_id: Id,
    user_id: Option<Id>,
    before: Option<Json<Value>>,
    after: Option<Json<Value>>,
}

impl From<AuditEntry> for AuditRow {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: Id(entry.id),
            at: At(entry.at),
            key_id: entry.key_id.map(Id),
            caller: entry.caller,
            role: entry.role,
            remote_address: entry.remote_address.map(|address| address.to_string()),
            operation: Named(entry.operation),
            resource: Named(entry.resource),
            resource_id: Id(entry.resource_id),
            user_id: entry.user_id.map(Id),
            before: entry.before.map(Json),
            after: entry.after.map(Json),
        }
    }
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id.0,
            at: row.at.0,
            key_id: row.key_id.map(|id| id.0),
            caller: row.caller,
            role: row.role,
            remote_address: row.remote_address.and_then(|address| address.parse().ok()),
            operation: row.operation.0,
            resource: row.resource.0,
            resource_id: row.resource_id.0,
            user_id: row.user_id.map(|id| id.0),
            before: row.before.map(|document| document.0),
            after: row.after.map(|document| document.0),
        }
    }
}

/// Stores an entry; in the transaction of what it tells of.
pub(crate) async fn append(db: &Db, entry: AuditEntry) -> Result<(), StoreError> {
    let row = AuditRow::from(entry);
    db.write(async |c| diesel::insert_into(audit::table).values(&row).execute(c).await)
        .await?;
    Ok(())
}

/// Entries, the newest first: `part.after` is the id before which the page begins.
pub(crate) async fn list(db: &Db, query: &AuditQuery, part: Part) -> Result<Page<AuditEntry>, StoreError> {
    let rows: Vec<AuditRow> = db
        .read(async |c| {
            let mut wanted = audit::table.filter(audit::id.lt(Id(part.after))).into_boxed();
            if let Some(resource) = query.resource {
                wanted = wanted.filter(audit::resource.eq(Named(resource)));
            }
            if let Some(id) = query.id {
                wanted = wanted.filter(audit::resource_id.eq(Id(id)));
            }
            if let Some(key) = query.key {
                wanted = wanted.filter(audit::key_id.eq(Some(Id(key))));
            }
            if let Some(since) = query.since {
                // The ids begin with the time: an old entry ends the search by the index.
                wanted = wanted
                    .filter(audit::id.ge(Id(first_id(since))))
                    .filter(audit::at.ge(At(since)));
            }
            wanted
                .order(audit::id.desc())
                .limit(part.fetch())
                .select(AuditRow::as_select())
                .load(c)
                .await
        })
        .await?;
    Ok(page(rows, part.limit, |entry: &AuditEntry| entry.id.to_string()))
}

/// The least id of the millisecond (RFC 9562 §5.7).
fn first_id(at: DateTime<Utc>) -> Uuid {
    let millis = u128::try_from(at.timestamp_millis()).unwrap_or(0);
    Uuid::from_u128(millis << 80)
}
