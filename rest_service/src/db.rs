//! The database behind one type, PostgreSQL or SQLite by its URL; nothing outside this crate opens it.
//!
//! A query is written once, inside [`reading`], [`writing`] or [`in_transaction`], and compiled once for each
//! kind of connection. A request that has opened its own transaction (`db/connection.rs`) has all its statements
//! in it, wherever they are written; a transaction inside is a savepoint then. What runs in them must run to its end: a dropped future may leave a transaction open
//! (the pool throws such a connection away) or block on SQLite. That is why every request runs as a task of
//! its own, see `api/guard.rs`.
//!
//! SQLite has one connection that writes, so that writers queue here and not on the file's lock, and a pool
//! that reads.
//!
//! To change the schema: `cargo manage migrate "what it does"`, both dialects, and `db/schema.rs`.

use std::{future::Future, sync::Arc};

use diesel::{ConnectionError, SqliteConnection};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, SimpleAsyncConnection,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool::Pool},
    sync_connection_wrapper::SyncConnectionWrapper,
};
use service_kit::OperatorError;

pub(crate) mod catalogue;
mod clock;
mod columns;
mod connection;
mod error;
mod migrations;
mod postgres;
pub(crate) mod schema;
mod sqlite;

pub(crate) use columns::{At, Id, Json, Named};
pub(crate) use connection::{finish, postgres_connection, sqlite_connection};
pub use error::DbError;
pub use migrations::MigrationStatus;

use connection::Transaction;
use postgres::PostgresTarget;
use sqlite::SqliteTarget;

/// An SQLite connection whose work is done on blocking threads.
pub(crate) type SqliteAsync = SyncConnectionWrapper<SqliteConnection>;

/// The database. Clones share its connections, and the transaction of the request that they serve.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    request: Option<Arc<Transaction>>,
}

/// The connections of either kind of database.
#[derive(Clone)]
pub(crate) enum Pools {
    Postgres {
        target: Box<PostgresTarget>,
        pool: Pool<AsyncPgConnection>,
    },
    Sqlite {
        read: Pool<SqliteAsync>,
        write: Pool<SqliteAsync>,
    },
}

/// Which kind of database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DbKind {
    /// A PostgreSQL server.
    Postgres,
    /// An SQLite file.
    Sqlite,
}

/// Runs statements that read, on a connection of either kind.
macro_rules! reading {
    ($db:expr, |$connection:ident| $body:expr) => {
        match $db.pools() {
            $crate::db::Pools::Postgres { pool, .. } => {
                let mut object = $crate::db::postgres_connection($db, pool).await?;
                let $connection = &mut *object;
                $body
            }
            $crate::db::Pools::Sqlite { read, .. } => {
                let mut object = $crate::db::sqlite_connection($db, read).await?;
                let $connection = &mut *object;
                $body
            }
        }
    };
}

/// Runs one statement that writes, on a connection of either kind.
macro_rules! writing {
    ($db:expr, |$connection:ident| $body:expr) => {
        match $db.pools() {
            $crate::db::Pools::Postgres { pool, .. } => {
                let mut object = $crate::db::postgres_connection($db, pool).await?;
                let $connection = &mut *object;
                $body
            }
            $crate::db::Pools::Sqlite { write, .. } => {
                let mut object = $crate::db::sqlite_connection($db, write).await?;
                let $connection = &mut *object;
                $body
            }
        }
    };
}

/// Runs a block in a transaction that writes; an `Err` of the block takes everything back. `$error` is the
/// block's error type.
macro_rules! in_transaction {
    ($db:expr, $error:ty, |$connection:ident| $body:expr) => {
        match $db.pools() {
            $crate::db::Pools::Postgres { pool, .. } => {
                let mut object = $crate::db::postgres_connection($db, pool).await?;
                object.begin().await?;
                let $connection = &mut *object;
                let outcome: Result<_, $error> = async { $body }.await;
                $crate::db::finish(&mut *object, outcome).await
            }
            $crate::db::Pools::Sqlite { write, .. } => {
                let mut object = $crate::db::sqlite_connection($db, write).await?;
                object.begin().await?;
                let $connection = &mut *object;
                let outcome: Result<_, $error> = async { $body }.await;
                $crate::db::finish(&mut *object, outcome).await
            }
        }
    };
}

pub(crate) use {in_transaction, reading, writing};

impl Db {
    /// Opens the database at `url`, `sqlite:FILE` or `postgres://…`, with at most `connections` at a time
    /// (on SQLite: that many that read, and one that writes). It is tried at once, so that a wrong URL is
    /// found at the start.
    ///
    /// # Errors
    /// One line for the operator: the URL is wrong, the server or the file cannot be used.
    pub async fn open(url: &str, connections: usize) -> Result<Self, OperatorError> {
        let connections = connections.max(1);
        let scheme = url.split(':').next().unwrap_or_default();
        let pools = match scheme {
            "postgres" | "postgresql" => {
                Self::open_postgres(PostgresTarget::parse(url)?, connections).await?
            }
            "sqlite" => Self::open_sqlite(SqliteTarget::parse(url)?, connections).await?,
            _ => {
                return Err(OperatorError::new(
                    "DATABASE_URL is not the URL of a database",
                    "set it to sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE",
                ));
            }
        };
        Ok(Self { pools, request: None })
    }

    /// Which kind of database it is.
    pub fn kind(&self) -> DbKind {
        match self.pools {
            Pools::Postgres { .. } => DbKind::Postgres,
            Pools::Sqlite { .. } => DbKind::Sqlite,
        }
    }

    /// Asks the database for an answer.
    ///
    /// # Errors
    /// It gave none.
    pub async fn check(&self) -> Result<(), DbError> {
        reading!(self, |connection| connection.batch_execute("SELECT 1").await?);
        Ok(())
    }

    /// Puts how busy the pools are into the metrics.
    pub(crate) fn measure(&self) {
        let pools = match &self.pools {
            Pools::Postgres { pool, .. } => vec![("all", pool.status())],
            Pools::Sqlite { read, write } => vec![("read", read.status()), ("write", write.status())],
        };
        let set = |gauge: metrics::Gauge, count: usize| gauge.set(u32::try_from(count).unwrap_or(u32::MAX));
        for (name, status) in pools {
            let taken = status.size.saturating_sub(status.available);
            set(
                metrics::gauge!("database_connections", "pool" => name, "state" => "taken"),
                taken,
            );
            set(
                metrics::gauge!("database_connections", "pool" => name, "state" => "idle"),
                status.available,
            );
            set(
                metrics::gauge!("database_connections_limit", "pool" => name),
                status.max_size,
            );
            set(
                metrics::gauge!("database_waiting", "pool" => name),
                status.waiting,
            );
        }
    }

    pub(crate) fn pools(&self) -> &Pools {
        &self.pools
    }

    async fn open_postgres(target: PostgresTarget, connections: usize) -> Result<Pools, OperatorError> {
        // The first connection tells what is wrong in more words than the pool would.
        drop(target.first_connection().await?);
        let to = target.clone();
        let pool = Pool::builder(manager(move || {
            let to = to.clone();
            async move { to.pooled_connection().await }
        }))
        .max_size(connections)
        .build()
        .map_err(no_pool)?;
        Ok(Pools::Postgres {
            target: Box::new(target),
            pool,
        })
    }

    async fn open_sqlite(target: SqliteTarget, connections: usize) -> Result<Pools, OperatorError> {
        target.prepare()?;
        drop(target.first_connection().await?);
        let (reader, writer) = (target.clone(), target);
        let read = Pool::builder(manager(move || {
            let reader = reader.clone();
            async move { reader.reading_connection().await }
        }))
        .max_size(connections)
        .build()
        .map_err(no_pool)?;
        let write = Pool::builder(manager(move || {
            let writer = writer.clone();
            async move { writer.writing_connection().await }
        }))
        .max_size(1)
        .build()
        .map_err(no_pool)?;
        Ok(Pools::Sqlite { read, write })
    }
}

/// A pool's manager. A connection that is handed out again is looked at (closed? in a transaction?) but not
/// pinged, which would double the cost of a small query.
fn manager<C, F>(connect: impl Fn() -> F + Send + Sync + 'static) -> AsyncDieselConnectionManager<C>
where
    C: AsyncConnection + 'static,
    F: Future<Output = Result<C, ConnectionError>> + Send + 'static,
{
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |_| Box::pin(connect()));
    AsyncDieselConnectionManager::new_with_config("", config)
}

fn no_pool(error: impl std::error::Error + Send + Sync + 'static) -> OperatorError {
    OperatorError::new(
        "cannot set up the database connections",
        "check DATABASE_CONNECTIONS",
    )
    .because(error)
}
