//! The connections that are open, lent to whoever needs one.

use std::{
    fmt::Display,
    future::Future,
    ops::{Deref, DerefMut},
    time::Duration,
};

use deadpool::managed::{self, Metrics, Object, RecycleError, RecycleResult};
use diesel::ConnectionError;
use service_kit::OperatorError;
use tokio::sync::OwnedMutexGuard;

use super::{Conn, DbError, postgres::PostgresTarget, sqlite::SqliteTarget};

/// How long a request waits for a connection. Over it, the request fails and the client tries again later.
const CONNECTION_LIMIT: Duration = Duration::from_secs(3);

/// Connections of one kind.
pub(super) type Pool = managed::Pool<Maker>;

/// Where the connections of a pool lead.
pub(super) enum Maker {
    /// To PostgreSQL.
    Postgres(Box<PostgresTarget>),
    /// To SQLite, to read.
    Reader(SqliteTarget),
    /// To SQLite, to write.
    Writer(SqliteTarget),
}

impl managed::Manager for Maker {
    type Type = Conn;
    type Error = ConnectionError;

    async fn create(&self) -> Result<Conn, ConnectionError> {
        // Boxed: connecting is rare and large, and whoever asks for a connection would carry it along.
        match self {
            Self::Postgres(target) => Box::pin(target.pooled_connection()).await.map(Conn::of_postgres),
            Self::Reader(target) => Box::pin(target.reading_connection())
                .await
                .map(|connection| Conn::of_sqlite(connection, false)),
            Self::Writer(target) => Box::pin(target.writing_connection())
                .await
                .map(|connection| Conn::of_sqlite(connection, true)),
        }
    }

    /// A connection that is handed out again is looked at (closed? in a transaction?) but not pinged, which would
    /// double the cost of a small query.
    async fn recycle(&self, connection: &mut Conn, _: &Metrics) -> RecycleResult<ConnectionError> {
        if connection.is_broken() {
            return Err(RecycleError::message("broken"));
        }
        Ok(())
    }
}

/// A pool of so many connections at most.
pub(super) fn pool(maker: Maker, connections: usize) -> Result<Pool, OperatorError> {
    Pool::builder(maker)
        .max_size(connections)
        .build()
        .map_err(|error| {
            OperatorError::new(
                "cannot set up the database connections",
                "check DATABASE_CONNECTIONS",
            )
            .because(error)
        })
}

/// A connection for some statements.
pub(super) enum Lease {
    /// Goes back to the pool.
    Pooled(Object<Maker>),
    /// Goes back to the request's transaction.
    Held(OwnedMutexGuard<Object<Maker>>),
}

impl Deref for Lease {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        match self {
            Self::Pooled(object) => object,
            Self::Held(guard) => guard,
        }
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut Conn {
        match self {
            Self::Pooled(object) => object,
            Self::Held(guard) => guard,
        }
    }
}

/// A connection of a pool, or an error in time.
pub(super) async fn lent(pool: &Pool) -> Result<Object<Maker>, DbError> {
    in_time(pool.get()).await
}

async fn in_time<T, E: Display>(get: impl Future<Output = Result<T, E>>) -> Result<T, DbError> {
    match tokio::time::timeout(CONNECTION_LIMIT, get).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(DbError::NoConnection(error.to_string())),
        Err(_) => Err(DbError::NoConnection(format!(
            "none was free within {} s",
            CONNECTION_LIMIT.as_secs()
        ))),
    }
}
