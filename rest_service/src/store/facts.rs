//! Facts about users.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
    prelude::{AsChangeset, Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use rest_client::{Fact, FactPatch, FactSource, NewFact, Page, limits};
use uuid::Uuid;

use super::{
    Changed, IfMatch, Part, StoreError, new_id, page,
    versions::{Changes, Versioned, is_as_wanted, locked_of, versioned},
};
use crate::db::{
    At, Db, Id, Named,
    schema::{facts, users},
};

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = facts)]
pub(super) struct FactRow {
    pub(super) id: Id,
    user_id: Id,
    content: String,
    source: Named<FactSource>,
    from_outside: bool,
    version: i64,
    created_at: At,
    updated_at: At,
}

#[derive(AsChangeset)]
#[diesel(table_name = facts)]
pub(super) struct FactChanges {
    content: Option<String>,
    source: Option<Named<FactSource>>,
}

versioned!(facts, FactRow, FactChanges);
versioned!(facts of a user, FactRow);

impl Changes<FactRow> for FactChanges {
    fn are_in(&self, row: &FactRow) -> bool {
        is_as_wanted(self.content.as_ref(), &row.content)
            && is_as_wanted(self.source.as_ref().map(|source| &source.0), &row.source.0)
    }
}

impl From<FactRow> for Fact {
    fn from(row: FactRow) -> Self {
        Self {
            id: row.id.0,
            user_id: row.user_id.0,
            text: row.content,
            source: row.source.0,
            from_outside: row.from_outside,
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        }
    }
}

/// Adds a fact; the same text again is the same fact. Says whether it was new.
pub(crate) async fn create(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    new: NewFact,
) -> Result<(Fact, bool), StoreError> {
    let row = FactRow {
        id: Id(new_id(now)),
        user_id: Id(user),
        content: new.text,
        source: Named(new.source),
        from_outside: new.from_outside,
        version: 1,
        created_at: At(now),
        updated_at: At(now),
    };
    let (stored, is_new) = db
        .transaction(async |c| {
            // Writing nothing locks the user: two that add at once are counted one after the other.
            let locked = diesel::update(users::table.find(Id(user)))
                .set(users::version.eq(users::version))
                .execute(c)
                .await?;
            if locked == 0 {
                return Err(StoreError::NotFound);
            }
            let known: Option<FactRow> = facts::table
                .filter(facts::user_id.eq(Id(user)))
                .filter(facts::content.eq(&row.content))
                .select(FactRow::as_select())
                .first(c)
                .await
                .optional()?;
            if let Some(known) = known {
                return Ok((known, false));
            }
            let count: i64 = facts::table
                .filter(facts::user_id.eq(Id(user)))
                .count()
                .get_result(c)
                .await?;
            if count >= i64::from(limits::FACTS) {
                return Err(StoreError::Invalid {
                    field: "text",
                    message: format!(
                        "is one too many: there are {most} facts already; delete one first",
                        most = limits::FACTS
                    ),
                });
            }
            let stored = diesel::insert_into(facts::table)
                .values(&row)
                .returning(FactRow::as_returning())
                .get_result(c)
                .await?;
            Ok::<_, StoreError>((stored, true))
        })
        .await?;
    Ok((stored.into(), is_new))
}

pub(crate) async fn get(db: &Db, user: Uuid, fact: Uuid) -> Result<Fact, StoreError> {
    let row = db
        .read(async |c| {
            facts::table
                .find(Id(fact))
                .filter(facts::user_id.eq(Id(user)))
                .select(FactRow::as_select())
                .first(c)
                .await
        })
        .await?;
    Ok(row.into())
}

pub(crate) async fn list(db: &Db, user: Uuid, part: Part) -> Result<Page<Fact>, StoreError> {
    let rows: Vec<FactRow> = db
        .read(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            facts::table
                .filter(facts::user_id.eq(Id(user)))
                .filter(facts::id.gt(Id(part.after)))
                .order(facts::id)
                .limit(part.fetch())
                .select(FactRow::as_select())
                .load(c)
                .await
        })
        .await?;
    Ok(page(rows, part.limit, |fact: &Fact| fact.id.to_string()))
}

/// Changes a fact.
pub(crate) async fn update(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    fact: Uuid,
    if_match: &IfMatch,
    patch: FactPatch,
) -> Result<Changed<Fact>, StoreError> {
    let changes = FactChanges {
        content: patch.text,
        source: patch.source.map(Named),
    };
    let changed = db
        .transaction(async |c| {
            let before: FactRow = locked_of(c, user, fact, if_match).await?;
            if changes.are_in(&before) {
                return Ok(Changed {
                    after: before.clone(),
                    before,
                });
            }
            let after = FactRow::set(c, fact, now, &changes).await?;
            Ok::<_, StoreError>(Changed { before, after })
        })
        .await?;
    Ok(changed.map(Fact::from))
}

/// Forgets a fact; gives what it was.
pub(crate) async fn delete(db: &Db, user: Uuid, fact: Uuid, if_match: &IfMatch) -> Result<Fact, StoreError> {
    let gone: FactRow = db
        .transaction(async |c| {
            let before: FactRow = locked_of(c, user, fact, if_match).await?;
            diesel::delete(facts::table.find(Id(fact))).execute(c).await?;
            Ok::<_, StoreError>(before)
        })
        .await?;
    Ok(gone.into())
}
