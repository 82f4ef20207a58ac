//! Changes of rows that count their versions: users, facts, assistants, tools, tasks.
//!
//! Whoever changes a row locks it first, in the transaction of the change: what is compared (`If-Match`), what the
//! audit calls "before" and what is changed are the same row.

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use uuid::Uuid;

use super::StoreError;
use crate::db::{Conn, Db, DbError};

/// Which versions of a row may be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// Whatever it is: the last write wins.
    #[default]
    Any,
    /// One of these.
    OneOf(Vec<i64>),
}

impl IfMatch {
    /// Fails with the row's version when it is none of those that were asked for.
    pub(crate) fn check(&self, current: i64) -> Result<(), StoreError> {
        match self {
            Self::OneOf(versions) if !versions.contains(&current) => Err(StoreError::Stale { current }),
            Self::Any | Self::OneOf(_) => Ok(()),
        }
    }
}

/// A row before a change and after it.
#[derive(Clone, Debug)]
pub(crate) struct Changed<T> {
    pub(crate) before: T,
    pub(crate) after: T,
}

impl<T> Changed<T> {
    /// The same change of the rows that `f` makes of these.
    pub(crate) fn map<U>(self, f: impl Fn(T) -> U) -> Changed<U> {
        Changed {
            before: f(self.before),
            after: f(self.after),
        }
    }
}

/// What a patch sets in a row.
pub(crate) trait Changes<Row> {
    /// Whether the row has all of it already: then it keeps its version, and nothing is written or audited.
    fn are_in(&self, row: &Row) -> bool;
}

/// Whether a field is as it is wanted, if it is.
pub(crate) fn is_as_wanted<T: PartialEq>(wanted: Option<&T>, is: &T) -> bool {
    wanted.is_none_or(|wanted| wanted == is)
}

/// A row that counts its versions.
pub(crate) trait Versioned: Clone + Sized {
    /// What may be changed of it.
    type Changes: Changes<Self>;

    /// Locks a row until the transaction ends, and gives it as it is; writing nothing does so on both databases.
    async fn lock(c: &mut Conn, id: Uuid) -> QueryResult<Self>;

    /// Sets what the changes hold in a locked row, and counts its version; gives the row that it becomes.
    async fn set(c: &mut Conn, id: Uuid, now: DateTime<Utc>, changes: &Self::Changes) -> QueryResult<Self>;

    /// Deletes a row.
    async fn remove(c: &mut Conn, id: Uuid) -> QueryResult<()>;

    /// Which version it is.
    fn version(&self) -> i64;
}

/// A row of one user's that counts its versions.
pub(crate) trait Owned: Sized {
    /// [`Versioned::lock`] for a row of this user.
    async fn lock_of(c: &mut Conn, user: Uuid, id: Uuid) -> QueryResult<Self>;

    /// Which version it is.
    fn version(&self) -> i64;
}

/// Says that a table's rows count their versions, or that they do and each is one user's.
macro_rules! versioned {
    ($table:ident, $row:ty, $changes:ty) => {
        impl $crate::store::versions::Versioned for $row {
            type Changes = $changes;

            async fn lock(c: &mut $crate::db::Conn, id: Uuid) -> diesel::QueryResult<Self> {
                diesel::update($table::table.find(Id(id)))
                    .set($table::version.eq($table::version))
                    .returning(<$row>::as_returning())
                    .get_result(c)
                    .await
            }

            async fn set(
                c: &mut $crate::db::Conn,
                id: Uuid,
                now: DateTime<Utc>,
                changes: &$changes,
            ) -> diesel::QueryResult<Self> {
                diesel::update($table::table.find(Id(id)))
                    .set((
                        changes,
                        $table::version.eq($table::version + 1),
                        $table::updated_at.eq(At(now)),
                    ))
                    .returning(<$row>::as_returning())
                    .get_result(c)
                    .await
            }

            async fn remove(c: &mut $crate::db::Conn, id: Uuid) -> diesel::QueryResult<()> {
                diesel::delete($table::table.find(Id(id)))
                    .execute(c)
                    .await
                    .map(drop)
            }

            fn version(&self) -> i64 {
                self.version
            }
        }
    };
    ($table:ident of a user, $row:ty) => {
        impl $crate::store::versions::Owned for $row {
            async fn lock_of(c: &mut $crate::db::Conn, user: Uuid, id: Uuid) -> diesel::QueryResult<Self> {
                diesel::update($table::table.find(Id(id)))
                    .filter($table::user_id.eq(Id(user)))
                    .set($table::version.eq($table::version))
                    .returning(<$row>::as_returning())
                    .get_result(c)
                    .await
            }

            fn version(&self) -> i64 {
                self.version
            }
        }
    };
}

pub(crate) use versioned;

/// A row that may be changed until the transaction ends.
pub(crate) async fn locked<R: Versioned>(
    c: &mut Conn,
    id: Uuid,
    if_match: &IfMatch,
) -> Result<R, StoreError> {
    let row = R::lock(c, id).await?;
    if_match.check(row.version())?;
    Ok(row)
}

/// [`locked`] for a row of one user.
pub(crate) async fn locked_of<R: Owned>(
    c: &mut Conn,
    user: Uuid,
    id: Uuid,
    if_match: &IfMatch,
) -> Result<R, StoreError> {
    let row = R::lock_of(c, user, id).await?;
    if_match.check(row.version())?;
    Ok(row)
}

/// Changes a row in a transaction.
pub(crate) async fn changed<R: Versioned>(
    db: &Db,
    id: Uuid,
    if_match: &IfMatch,
    now: DateTime<Utc>,
    changes: &R::Changes,
) -> Result<Changed<R>, StoreError> {
    db.transaction(async |c| {
        let before: R = locked(c, id, if_match).await?;
        let after = if changes.are_in(&before) {
            before.clone()
        } else {
            R::set(c, id, now, changes).await?
        };
        Ok(Changed { before, after })
    })
    .await
}

/// Deletes a row that nothing refers to, in a transaction; gives what it was.
pub(crate) async fn deleted<R: Versioned>(db: &Db, id: Uuid, if_match: &IfMatch) -> Result<R, StoreError> {
    db.transaction(async |c| {
        let before = locked(c, id, if_match).await?;
        match R::remove(c, id).await.map_err(DbError::from) {
            Ok(()) => Ok(before),
            Err(DbError::Reference(_)) => Err(StoreError::InUse),
            Err(error) => Err(error.into()),
        }
    })
    .await
}
