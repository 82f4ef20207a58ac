//! API keys.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use rest_client::{ApiKey, KeyRole, NewApiKey, Page, Scope};
use uuid::Uuid;

use super::{Part, StoreError, new_id, page};
use crate::db::{At, Db, DbError, Id, Json, Named, schema::api_keys};

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
struct KeyRow {
    id: Id,
    name: String,
    prefix: String,
    secret_hash: String,
    role: Named<KeyRole>,
    scopes: Option<Json<Vec<Scope>>>,
    expires_at: Option<At>,
    last_used_at: Option<At>,
    revoked_at: Option<At>,
    created_at: At,
}

impl From<KeyRow> for ApiKey {
    fn from(row: KeyRow) -> Self {
        Self {
            id: row.id.0,
            name: row.name,
            prefix: row.prefix,
            role: row.role.0,
            scopes: row.scopes.map(|scopes| scopes.0),
            expires_at: row.expires_at.map(|at| at.0),
            last_used_at: row.last_used_at.map(|at| at.0),
            revoked_at: row.revoked_at.map(|at| at.0),
            created_at: row.created_at.0,
        }
    }
}

/// Makes a key. `secret_hash` is the SHA-256 of its secret, in hexadecimal.
pub(crate) async fn create(
    db: &Db,
    now: DateTime<Utc>,
    new: NewApiKey,
    prefix: String,
    secret_hash: String,
) -> Result<ApiKey, StoreError> {
    let row = KeyRow {
        id: Id(new_id(now)),
        name: new.name,
        prefix,
        secret_hash,
        role: Named(new.role),
        scopes: new.scopes.map(Json),
        expires_at: new.expires_at.map(At),
        last_used_at: None,
        revoked_at: None,
        created_at: At(now),
    };
    let row = db
        .write(async |c| {
            diesel::insert_into(api_keys::table)
                .values(&row)
                .returning(KeyRow::as_returning())
                .get_result(c)
                .await
        })
        .await?;
    Ok(row.into())
}

/// The key.
pub(crate) async fn get(db: &Db, id: Uuid) -> Result<ApiKey, StoreError> {
    let row = db
        .read(async |c| {
            api_keys::table
                .find(Id(id))
                .select(KeyRow::as_select())
                .first(c)
                .await
        })
        .await?;
    Ok(row.into())
}

/// The key that a token begins with, and the hash of its secret.
pub(crate) async fn by_prefix(db: &Db, prefix: &str) -> Result<Option<(ApiKey, String)>, DbError> {
    let row = db
        .read(async |c| {
            api_keys::table
                .filter(api_keys::prefix.eq(prefix))
                .select(KeyRow::as_select())
                .first(c)
                .await
                .optional()
        })
        .await?;
    Ok(row.map(|row| {
        let hash = row.secret_hash.clone();
        (row.into(), hash)
    }))
}

/// Those of these keys that there are.
pub(crate) async fn by_ids(db: &Db, ids: &[Uuid]) -> Result<Vec<ApiKey>, DbError> {
    let rows: Vec<KeyRow> = db
        .read(async |c| {
            api_keys::table
                .filter(api_keys::id.eq_any(ids.iter().copied().map(Id)))
                .select(KeyRow::as_select())
                .load(c)
                .await
        })
        .await?;
    Ok(rows.into_iter().map(ApiKey::from).collect())
}

/// What the tokens of keys that are not revoked begin with.
pub(crate) async fn prefixes(db: &Db) -> Result<Vec<String>, DbError> {
    db.read(async |c| {
        let prefixes = api_keys::table
            .filter(api_keys::revoked_at.is_null())
            .select(api_keys::prefix)
            .load(c)
            .await?;
        Ok(prefixes)
    })
    .await
}

/// All keys, revoked ones too, the oldest first.
pub(crate) async fn list(db: &Db, part: Part) -> Result<Page<ApiKey>, StoreError> {
    let rows: Vec<KeyRow> = db
        .read(async |c| {
            api_keys::table
                .filter(api_keys::id.gt(Id(part.after)))
                .order(api_keys::id)
                .limit(part.fetch())
                .select(KeyRow::as_select())
                .load(c)
                .await
        })
        .await?;
    Ok(page(rows, part.limit, |key: &ApiKey| key.id.to_string()))
}

/// Ends a key; one that was revoked stays as it is.
pub(crate) async fn revoke(db: &Db, now: DateTime<Utc>, id: Uuid) -> Result<ApiKey, StoreError> {
    db.write(async |c| {
        diesel::update(api_keys::table.filter(api_keys::id.eq(Id(id)).and(api_keys::revoked_at.is_null())))
            .set(api_keys::revoked_at.eq(Some(At(now))))
            .execute(c)
            .await
    })
    .await?;
    get(db, id).await
}

/// Notes that a key is in use, unless that was noted within `pause`.
pub(crate) async fn note_use(db: &Db, now: DateTime<Utc>, id: Uuid, pause: TimeDelta) -> Result<(), DbError> {
    let noted_before = Some(At(now - pause));
    db.write(async |c| {
        diesel::update(
            api_keys::table.filter(
                api_keys::id.eq(Id(id)).and(
                    api_keys::last_used_at
                        .is_null()
                        .or(api_keys::last_used_at.le(noted_before)),
                ),
            ),
        )
        .set(api_keys::last_used_at.eq(Some(At(now))))
        .execute(c)
        .await
    })
    .await?;
    Ok(())
}
