//! The database behind one type, PostgreSQL or SQLite by its URL; nothing outside this crate opens it.
//!
//! A query is written once, for a [`Conn`], and run by [`Db::read`], [`Db::write`] or [`Db::transaction`]. A request that
//! has opened its own transaction (`db/connection.rs`) has all its statements in it, wherever they are written; a
//! transaction inside is a savepoint then. What runs in them must run to its end: a dropped future may leave a
//! transaction open (the pool throws such a connection away). That is why every request runs as a task of its own,
//! see `api/guard.rs`.
//!
//! SQLite has one connection that writes, so that writers queue here and not on the file's lock, and a pool
//! that reads.
//!
//! To change the schema: `cargo manage migrate "what it does"`, both dialects, and `db/schema.rs`.

use std::sync::Arc;

use diesel_async::SimpleAsyncConnection;
use service_kit::OperatorError;

mod backend;
pub(crate) mod catalogue;
mod clock;
mod columns;
mod conn;
mod connection;
mod error;
mod migrations;
mod pool;
mod postgres;
mod row;
pub(crate) mod schema;
mod sqlite;
mod statement;

pub(crate) use backend::{locked_rows, skip_locked};
pub(crate) use columns::{At, Id, Json, Named};
pub(crate) use conn::Conn;
pub use error::DbError;
pub use migrations::MigrationStatus;

use connection::Transaction;
use pool::{Maker, Pool, pool};
use postgres::PostgresTarget;
use sqlite::SqliteTarget;

/// The database. Clones share its connections, and the transaction of the request that they serve.
#[derive(Clone)]
pub struct Db {
    pools: Arc<Pools>,
    request: Option<Arc<Transaction>>,
}

/// The connections; on PostgreSQL they are the same.
struct Pools {
    read: Pool,
    write: Pool,
}

/// Which kind of database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DbKind {
    /// A PostgreSQL server.
    Postgres,
    /// An SQLite file.
    Sqlite,
}

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
        Ok(Self {
            pools: Arc::new(pools),
            request: None,
        })
    }

    /// Which kind of database it is.
    pub fn kind(&self) -> DbKind {
        match self.pools.write.manager() {
            Maker::Postgres(_) => DbKind::Postgres,
            Maker::Reader(_) | Maker::Writer(_) => DbKind::Sqlite,
        }
    }

    /// Asks the database for an answer.
    ///
    /// # Errors
    /// It gave none.
    pub async fn check(&self) -> Result<(), DbError> {
        self.read(async |c| Ok(c.batch_execute("SELECT 1").await?)).await
    }

    /// Puts how busy the pools are into the metrics.
    pub(crate) fn measure(&self) {
        let set = |gauge: metrics::Gauge, count: usize| gauge.set(u32::try_from(count).unwrap_or(u32::MAX));
        let named: &[(&'static str, &Pool)] = match self.kind() {
            DbKind::Postgres => &[("all", &self.pools.write)],
            DbKind::Sqlite => &[("read", &self.pools.read), ("write", &self.pools.write)],
        };
        for &(name, pool) in named {
            let status = pool.status();
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

    async fn open_postgres(target: PostgresTarget, connections: usize) -> Result<Pools, OperatorError> {
        // The first connection tells what is wrong in more words than the pool would.
        drop(target.first_connection().await?);
        let pool = pool(Maker::Postgres(Box::new(target)), connections)?;
        Ok(Pools {
            read: pool.clone(),
            write: pool,
        })
    }

    async fn open_sqlite(target: SqliteTarget, connections: usize) -> Result<Pools, OperatorError> {
        target.prepare()?;
        drop(target.first_connection().await?);
        Ok(Pools {
            read: pool(Maker::Reader(target.clone()), connections)?,
            write: pool(Maker::Writer(target), 1)?,
        })
    }
}
