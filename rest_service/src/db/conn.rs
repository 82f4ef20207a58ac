//! One connection type for both databases: every query is a query for a [`Conn`].
//!
//! PostgreSQL is asked over its socket. SQLite is asked right where the caller runs: a statement takes some
//! microseconds, and a hop to another thread costs more than that. What may wait for the disk or for another
//! process does hop: the commit, a transaction that finds the file locked, and what runs outside a transaction
//! on a connection that writes.

use diesel::{
    QueryResult, SqliteConnection,
    connection::{LoadConnection, SimpleConnection},
    query_builder::{AsQuery, MoveableBindCollector, QueryFragment, QueryId},
    result::{DatabaseErrorKind, Error as QueryError},
    sqlite::Sqlite,
};
use diesel_async::{
    AsyncConnection, AsyncConnectionCore, AsyncPgConnection, SimpleAsyncConnection, TransactionManager,
    pooled_connection::PoolableConnection,
};
use futures::{
    FutureExt, StreamExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use tokio::sync::oneshot;

use super::{
    DbKind,
    postgres::Answers,
    row::Row,
    sqlite::{IMPATIENT, PATIENT},
    statement::{Collected, SqliteValues, collect, for_postgres, for_sqlite},
};

type PgManager = <AsyncPgConnection as AsyncConnection>::TransactionManager;

/// A connection to either database.
pub(crate) struct Conn(Inner);

enum Inner {
    Postgres(Box<AsyncPgConnection>, Answers),
    Sqlite(Lite),
}

/// A connection to SQLite.
struct Lite {
    /// `None` while another thread works with it; it stays so when nobody waited for the end.
    connection: Option<SqliteConnection>,
    is_writer: bool,
    /// How many transactions are open, one in the other.
    depth: u32,
    /// Whether the outermost of them is a savepoint behind the [`group`](Self::group).
    is_behind_group: bool,
    /// Who waits for the commit of the transaction that is open although `depth` is 0: what they wrote is in it.
    group: Vec<oneshot::Sender<QueryResult<()>>>,
}

/// What [`Conn::leave`] leaves behind.
pub(super) type Committed = oneshot::Receiver<QueryResult<()>>;

impl Conn {
    /// A connection to PostgreSQL.
    pub(super) fn of_postgres((connection, answers): (AsyncPgConnection, Answers)) -> Self {
        Self(Inner::Postgres(Box::new(connection), answers))
    }

    /// A connection to SQLite that only reads, or one that writes.
    pub(super) fn of_sqlite(connection: SqliteConnection, is_writer: bool) -> Self {
        Self(Inner::Sqlite(Lite {
            connection: Some(connection),
            is_writer,
            depth: 0,
            is_behind_group: false,
            group: Vec::new(),
        }))
    }

    /// Which database it leads to.
    pub(crate) fn kind(&self) -> DbKind {
        match self.0 {
            Inner::Postgres(..) => DbKind::Postgres,
            Inner::Sqlite(_) => DbKind::Sqlite,
        }
    }

    /// Runs what needs SQLite's own connection, on a thread that may wait.
    pub(super) async fn sqlite<T: Send + 'static>(
        &mut self,
        statements: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> QueryResult<T> {
        match &mut self.0 {
            Inner::Sqlite(lite) => {
                lite.commit_group().await?;
                lite.elsewhere(|connection| patiently(connection, statements))
                    .await
            }
            Inner::Postgres(..) => Err(lost()),
        }
    }

    /// Whether it cannot be used for anything else: it is closed, lost, or in a transaction that nobody ended.
    pub(super) fn is_broken(&mut self) -> bool {
        match &mut self.0 {
            Inner::Postgres(connection, _) => connection.is_broken(),
            Inner::Sqlite(lite) => lite.connection.is_none() || lite.depth > 0,
        }
    }

    /// Ends the outermost transaction and leaves its commit to whoever has the connection next: what several wrote
    /// one after the other is then committed by one write to the disk. `None` when it is committed already.
    pub(super) async fn leave(&mut self) -> QueryResult<Option<Committed>> {
        match &mut self.0 {
            Inner::Sqlite(lite) if lite.depth == 1 => lite.leave().map(Some),
            _ => self.commit().await.map(|()| None),
        }
    }

    /// Commits what others have left.
    pub(super) async fn commit_group(&mut self) -> QueryResult<()> {
        match &mut self.0 {
            Inner::Postgres(..) => Ok(()),
            Inner::Sqlite(lite) => lite.commit_group().await,
        }
    }

    /// Opens a transaction that writes; a savepoint inside an open one.
    pub(super) async fn begin(&mut self) -> QueryResult<()> {
        match &mut self.0 {
            Inner::Postgres(connection, _) => PgManager::begin_transaction(&mut **connection).await,
            Inner::Sqlite(lite) => lite.begin().await,
        }
    }

    /// Opens a transaction that reads, and sees the database as it is now.
    pub(super) async fn begin_snapshot(&mut self) -> QueryResult<()> {
        match &mut self.0 {
            Inner::Postgres(connection, _) => {
                // Whoever reads the snapshot may be slow between two statements.
                let sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
                           SET LOCAL idle_in_transaction_session_timeout = '10min'";
                PgManager::begin_transaction_sql(&mut **connection, sql).await
            }
            Inner::Sqlite(lite) => {
                lite.here(|connection| connection.batch_execute("BEGIN"))?;
                lite.depth += 1;
                Ok(())
            }
        }
    }

    /// Commits the transaction that was opened last.
    pub(super) async fn commit(&mut self) -> QueryResult<()> {
        match &mut self.0 {
            Inner::Postgres(connection, _) => PgManager::commit_transaction(&mut **connection).await,
            Inner::Sqlite(lite) => lite.commit().await,
        }
    }

    /// Takes back the transaction that was opened last.
    pub(super) async fn roll_back(&mut self) -> QueryResult<()> {
        match &mut self.0 {
            Inner::Postgres(connection, _) => PgManager::rollback_transaction(&mut **connection).await,
            Inner::Sqlite(lite) => lite.roll_back().await,
        }
    }
}

impl Lite {
    /// Immediate: a transaction that reads first and writes later would fail when another wrote between.
    async fn begin(&mut self) -> QueryResult<()> {
        if self.depth > 0 || !self.group.is_empty() {
            let sql = format!("SAVEPOINT s{}", self.depth);
            self.here(|connection| connection.batch_execute(&sql))?;
            self.is_behind_group |= self.depth == 0;
        } else {
            let at_once = self.here(|connection| connection.batch_execute("BEGIN IMMEDIATE"));
            if at_once.is_err() {
                self.elsewhere(|connection| {
                    patiently(connection, |connection| {
                        connection.batch_execute("BEGIN IMMEDIATE")
                    })
                })
                .await?;
            }
        }
        self.depth += 1;
        Ok(())
    }

    fn leave(&mut self) -> QueryResult<Committed> {
        if self.is_behind_group {
            self.here(|connection| connection.batch_execute("RELEASE s0"))?;
            self.is_behind_group = false;
        }
        self.depth = 0;
        let (sender, committed) = oneshot::channel();
        self.group.push(sender);
        Ok(committed)
    }

    async fn commit_group(&mut self) -> QueryResult<()> {
        if self.group.is_empty() {
            return Ok(());
        }
        let outcome = self.elsewhere(|connection| {
            connection
                .batch_execute("COMMIT")
                .inspect(|()| service_kit::commits::committed())
                // It is still open then.
                .inspect_err(|_| drop(connection.batch_execute("ROLLBACK")))
        });
        let outcome = outcome.await.map_err(|error| error.to_string());
        let told = || {
            let failed = |error| QueryError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(error));
            outcome.clone().map_err(failed)
        };
        for waiting in self.group.drain(..) {
            // Who was cancelled no longer listens.
            drop(waiting.send(told()));
        }
        told()
    }

    async fn commit(&mut self) -> QueryResult<()> {
        match self.depth {
            0 => return Err(QueryError::NotInTransaction),
            1 => {
                let committed = self.leave()?;
                self.commit_group().await?;
                return committed.await.map_err(|_| lost())?;
            }
            depth => {
                let sql = format!("RELEASE s{}", depth - 1);
                self.here(|connection| connection.batch_execute(&sql))?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Why it is taken back may be what the group wrote, so that is committed before anybody hears of it.
    async fn roll_back(&mut self) -> QueryResult<()> {
        let sql = match self.depth {
            0 => return Err(QueryError::NotInTransaction),
            1 if !self.is_behind_group => "ROLLBACK".to_owned(),
            depth => format!("ROLLBACK TO s{0}; RELEASE s{0}", depth - 1),
        };
        self.here(|connection| connection.batch_execute(&sql))?;
        self.depth -= 1;
        if self.depth > 0 {
            return Ok(());
        }
        self.is_behind_group = false;
        self.commit_group().await
    }

    /// Runs statements where the caller runs, unless they may wait for the disk.
    async fn run<T: Send + 'static>(
        &mut self,
        statements: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> QueryResult<T> {
        if self.is_writer && self.depth == 0 {
            return self.elsewhere(statements).await;
        }
        // A request of many statements lets others run in between.
        tokio::task::coop::consume_budget().await;
        self.here(statements)
    }

    fn here<T>(
        &mut self,
        statements: impl FnOnce(&mut SqliteConnection) -> QueryResult<T>,
    ) -> QueryResult<T> {
        statements(self.connection.as_mut().ok_or_else(lost)?)
    }

    async fn elsewhere<T: Send + 'static>(
        &mut self,
        statements: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> QueryResult<T> {
        let mut connection = self.connection.take().ok_or_else(lost)?;
        let done = tokio::task::spawn_blocking(move || {
            let outcome = statements(&mut connection);
            (connection, outcome)
        });
        let (connection, outcome) = done.await.map_err(|_| lost())?;
        self.connection = Some(connection);
        outcome
    }
}

/// Runs statements that wait for another process that writes.
fn patiently<T>(
    connection: &mut SqliteConnection,
    statements: impl FnOnce(&mut SqliteConnection) -> QueryResult<T>,
) -> QueryResult<T> {
    connection.batch_execute(PATIENT)?;
    let outcome = statements(connection);
    connection.batch_execute(IMPATIENT)?;
    outcome
}

/// The connection went down with a thread that worked with it.
fn lost() -> QueryError {
    QueryError::DatabaseError(
        DatabaseErrorKind::ClosedConnection,
        Box::new("the connection was lost".to_owned()),
    )
}

impl SimpleAsyncConnection for Conn {
    async fn batch_execute(&mut self, sql: &str) -> QueryResult<()> {
        match &mut self.0 {
            Inner::Postgres(connection, _) => connection.batch_execute(sql).await,
            Inner::Sqlite(lite) => {
                let sql = sql.to_owned();
                lite.run(move |connection| connection.batch_execute(&sql)).await
            }
        }
    }
}

impl AsyncConnectionCore for Conn {
    type ExecuteFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<usize>>;
    type LoadFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<Self::Stream<'conn, 'query>>>;
    type Stream<'conn, 'query> = BoxStream<'static, QueryResult<Row>>;
    type Row<'conn, 'query> = Row;
    type Backend = DbKind;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<DbKind> + QueryId + 'query,
    {
        let query = source.as_query();
        match &mut self.0 {
            Inner::Postgres(connection, answers) => match collect(&query, &DbKind::Postgres, for_postgres) {
                Ok(query) => async move {
                    let rows = connection.load(query.into_query()).await?;
                    let unread = answers.begins();
                    let rows = rows.inspect_ok(move |_| unread.goes_on());
                    Ok(rows.map_ok(Row::of_postgres).boxed())
                }
                .boxed(),
                Err(error) => std::future::ready(Err(error)).boxed(),
            },
            Inner::Sqlite(lite) => match collect(&query, &DbKind::Sqlite, for_sqlite) {
                Ok(query) => async move {
                    let rows = lite.run(move |connection| load(connection, query)).await?;
                    Ok(stream::iter(rows.into_iter().map(Ok)).boxed())
                }
                .boxed(),
                Err(error) => std::future::ready(Err(error)).boxed(),
            },
        }
    }

    fn execute_returning_count<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<DbKind> + QueryId + 'query,
    {
        match &mut self.0 {
            Inner::Postgres(connection, _) => match collect(&source, &DbKind::Postgres, for_postgres) {
                Ok(query) => connection.execute_returning_count(query.into_query()),
                Err(error) => std::future::ready(Err(error)).boxed(),
            },
            Inner::Sqlite(lite) => match collect(&source, &DbKind::Sqlite, for_sqlite) {
                Ok(query) => lite
                    .run(move |connection| {
                        diesel::connection::Connection::execute_returning_count(
                            connection,
                            &query.into_query(),
                        )
                    })
                    .boxed(),
                Err(error) => std::future::ready(Err(error)).boxed(),
            },
        }
    }
}

fn load(
    connection: &mut SqliteConnection,
    query: Collected<<SqliteValues<'_> as MoveableBindCollector<Sqlite>>::BindData>,
) -> QueryResult<Vec<Row>> {
    let mut names = None;
    let mut rows = Vec::new();
    for row in LoadConnection::load(connection, query.into_query())? {
        rows.push(Row::of_sqlite(row?, &mut names)?);
    }
    Ok(rows)
}
