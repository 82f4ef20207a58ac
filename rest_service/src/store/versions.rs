//! Changes of rows that count their versions: users, facts, assistants, tools, tasks.
//!
//! Whoever changes a row locks it first, in the transaction of the change: what is compared (`If-Match`), what the
//! audit calls "before" and what is changed are the same row.

use super::StoreError;

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

/// Locks a row until the transaction ends, and gives it as it is; writing nothing does so on both databases.
macro_rules! locked {
    ($c:ident, $table:ident, $row:ty, $id:expr, $if_match:expr) => {{
        let row: $row = diesel::update($table::table.find(Id($id)))
            .set($table::version.eq($table::version))
            .returning(<$row>::as_returning())
            .get_result($c)
            .await?;
        $if_match.check(row.version)?;
        row
    }};
}

/// [`locked`] for a row of one user.
macro_rules! of_user_locked {
    ($c:ident, $table:ident, $row:ty, $user:expr, $id:expr, $if_match:expr) => {{
        let row: $row = diesel::update($table::table.find(Id($id)))
            .filter($table::user_id.eq(Id($user)))
            .set($table::version.eq($table::version))
            .returning(<$row>::as_returning())
            .get_result($c)
            .await?;
        $if_match.check(row.version)?;
        row
    }};
}

/// Sets what a changeset holds in a locked row, and counts its version; gives the row that it becomes.
macro_rules! set {
    ($c:ident, $table:ident, $row:ty, $id:expr, $now:expr, $changes:expr) => {{
        let row: $row = diesel::update($table::table.find(Id($id)))
            .set((
                $changes,
                $table::version.eq($table::version + 1),
                $table::updated_at.eq(At($now)),
            ))
            .returning(<$row>::as_returning())
            .get_result($c)
            .await?;
        row
    }};
}

/// Changes a row in a transaction.
macro_rules! changed {
    ($db:expr, $table:ident, $row:ty, $id:expr, $if_match:expr, $now:expr, $changes:expr) => {
        $db.transaction(async |c| {
            let before = crate::store::versions::locked!(c, $table, $row, $id, $if_match);
            let after = crate::store::versions::set!(c, $table, $row, $id, $now, $changes);
            Ok::<_, StoreError>(crate::store::versions::Changed { before, after })
        })
        .await
    };
}

/// Deletes a row that nothing refers to, in a transaction; gives what it was.
macro_rules! deleted {
    ($db:expr, $table:ident, $row:ty, $id:expr, $if_match:expr) => {
        $db.transaction(async |c| {
            let before = crate::store::versions::locked!(c, $table, $row, $id, $if_match);
            match diesel::delete($table::table.find(Id($id))).execute(c).await {
                Ok(_) => Ok(before),
                Err(error) => Err(match crate::db::DbError::from(error) {
                    crate::db::DbError::Reference(_) => StoreError::InUse,
                    error => StoreError::Db(error),
                }),
            }
        })
        .await
    };
}

pub(crate) use {changed, deleted, locked, of_user_locked, set};
