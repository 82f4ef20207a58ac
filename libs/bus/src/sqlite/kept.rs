//! Statements that are prepared once: diesel prepares SQL that is given as text anew each time, unless told otherwise.

use diesel::{
    QueryResult, RunQueryDsl, SqliteConnection,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::Untyped,
    sqlite::Sqlite,
};

/// A statement that the connection keeps prepared.
pub(super) struct Kept<Q>(Q);

/// What makes one.
pub(super) trait Keep: Sized {
    /// The same statement, prepared once. Its text must be one of a few: every text is kept.
    fn kept(self) -> Kept<Self> {
        Kept(self)
    }
}

impl<Q: QueryFragment<Sqlite>> Keep for Q {}

impl<Q: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Kept<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &Sqlite) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q> QueryId for Kept<Q> {
    type QueryId = ();
    /// It is kept by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Kept<Q> {
    type SqlType = Untyped;
}

impl<Q> RunQueryDsl<SqliteConnection> for Kept<Q> {}
