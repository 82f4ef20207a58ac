//! A connection for some statements: one of the pool, or the one that the request's own transaction holds.
//!
//! A request that must leave several things behind together (its effect, the record of who did it, the answer to
//! give when it is repeated) opens a transaction with [`Db::begin`]. From then on every statement that is run
//! through this `Db` is in it, until [`Db::commit`] or [`Db::rollback`]. Dropped without either (a panic, the end
//! of the process), it is taken back: the pool does not reuse such a connection.

use std::{
    fmt::Display,
    future::Future,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use diesel::connection::AnsiTransactionManager;
use diesel::result::Error as QueryError;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, TransactionManager,
    pooled_connection::deadpool::{Object, Pool},
};
use tokio::sync::{Mutex, OnceCell, OwnedMutexGuard};

use super::{Db, DbError, Pools, SqliteAsync};

/// How long a request waits for a connection. Over it, the request fails and the client tries again later.
const CONNECTION_LIMIT: Duration = Duration::from_secs(3);

/// The transaction of one request, once it is open.
pub(crate) type Transaction = OnceCell<Held>;

/// The connection that the open transaction holds.
pub(crate) enum Held {
    Postgres(Arc<Mutex<Object<AsyncPgConnection>>>),
    Sqlite(Arc<Mutex<Object<SqliteAsync>>>),
}

/// A connection for some statements.
pub(crate) enum Connection<O> {
    /// Goes back to the pool.
    Pooled(O),
    /// Goes back to the request's transaction.
    Held(OwnedMutexGuard<O>),
}

impl<O: Deref> Deref for Connection<O> {
    type Target = O::Target;

    fn deref(&self) -> &O::Target {
        match self {
            Self::Pooled(object) => object,
            Self::Held(guard) => guard,
        }
    }
}

impl<O: DerefMut> DerefMut for Connection<O> {
    fn deref_mut(&mut self) -> &mut O::Target {
        match self {
            Self::Pooled(object) => object,
            Self::Held(guard) => guard,
        }
    }
}

impl Connection<Object<AsyncPgConnection>> {
    /// Opens a transaction; a savepoint inside the request's own.
    pub(crate) async fn begin(&mut self) -> Result<(), QueryError> {
        begin_inside(&mut **self).await
    }
}

impl Connection<Object<SqliteAsync>> {
    /// Opens a transaction; a savepoint inside the request's own.
    pub(crate) async fn begin(&mut self) -> Result<(), QueryError> {
        match self {
            Self::Pooled(object) => begin_immediate(object).await,
            Self::Held(guard) => begin_inside(&mut ***guard).await,
        }
    }
}

/// A connection to PostgreSQL, or an error in time.
pub(crate) async fn postgres_connection(
    db: &Db,
    pool: &Pool<AsyncPgConnection>,
) -> Result<Connection<Object<AsyncPgConnection>>, DbError> {
    match db.held() {
        Some(Held::Postgres(held)) => Ok(Connection::Held(held.clone().lock_owned().await)),
        _ => in_time(pool.get()).await.map(Connection::Pooled),
    }
}

/// A connection to SQLite, or an error in time.
pub(crate) async fn sqlite_connection(
    db: &Db,
    pool: &Pool<SqliteAsync>,
) -> Result<Connection<Object<SqliteAsync>>, DbError> {
    match db.held() {
        Some(Held::Sqlite(held)) => Ok(Connection::Held(held.clone().lock_owned().await)),
        _ => in_time(pool.get()).await.map(Connection::Pooled),
    }
}

/// Commits what went well and takes back the rest.
pub(crate) async fn finish<C, T, E>(connection: &mut C, outcome: Result<T, E>) -> Result<T, E>
where
    C: AsyncConnection,
    E: From<QueryError>,
{
    match outcome {
        Ok(value) => {
            C::TransactionManager::commit_transaction(connection).await?;
            Ok(value)
        }
        Err(error) => match C::TransactionManager::rollback_transaction(connection).await {
            // The first error is the one that tells what happened.
            Ok(()) | Err(QueryError::BrokenTransactionManager) => Err(error),
            Err(rollback) => Err(rollback.into()),
        },
    }
}

impl Db {
    /// The same database for one request, which may open a transaction of its own.
    pub(crate) fn for_request(&self) -> Self {
        Self {
            pools: self.pools.clone(),
            request: Some(Arc::default()),
        }
    }

    /// Opens the request's transaction, unless it is open.
    ///
    /// # Errors
    /// There is no connection, or this is not a request's database.
    pub(crate) async fn begin(&self) -> Result<(), DbError> {
        let transaction = self.request.as_ref().ok_or(QueryError::NotInTransaction)?;
        transaction.get_or_try_init(|| self.open_transaction()).await?;
        Ok(())
    }

    /// Whether the request's transaction is open.
    pub(crate) fn has_begun(&self) -> bool {
        self.held().is_some()
    }

    /// Commits the request's transaction, if it was opened.
    ///
    /// # Errors
    /// It is not known whether it was committed when the connection broke; otherwise it was not.
    pub(crate) async fn commit(&self) -> Result<(), DbError> {
        match self.held() {
            Some(Held::Postgres(held)) => finish(&mut **held.lock().await, Ok(())).await,
            Some(Held::Sqlite(held)) => finish(&mut **held.lock().await, Ok(())).await,
            None => Ok(()),
        }
    }

    /// Takes back the request's transaction, if it was opened.
    ///
    /// # Errors
    /// The connection is broken, and the database takes the transaction back by itself.
    pub(crate) async fn rollback(&self) -> Result<(), DbError> {
        let taken_back = match self.held() {
            Some(Held::Postgres(held)) => rollback(&mut **held.lock().await).await,
            Some(Held::Sqlite(held)) => rollback(&mut **held.lock().await).await,
            None => Ok(()),
        };
        Ok(taken_back?)
    }

    fn held(&self) -> Option<&Held> {
        self.request.as_ref()?.get()
    }

    async fn open_transaction(&self) -> Result<Held, DbError> {
        match &self.pools {
            Pools::Postgres { pool, .. } => {
                let mut object = in_time(pool.get()).await?;
                begin_inside(&mut *object).await?;
                Ok(Held::Postgres(Arc::new(Mutex::new(object))))
            }
            Pools::Sqlite { write, .. } => {
                let mut object = in_time(write.get()).await?;
                begin_immediate(&mut object).await?;
                Ok(Held::Sqlite(Arc::new(Mutex::new(object))))
            }
        }
    }
}

async fn begin_inside<C: AsyncConnection>(connection: &mut C) -> Result<(), QueryError> {
    C::TransactionManager::begin_transaction(connection).await
}

/// Immediate: a transaction that reads first and writes later would fail when another wrote between.
async fn begin_immediate(connection: &mut SqliteAsync) -> Result<(), QueryError> {
    connection
        .spawn_blocking(|connection| {
            AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
        })
        .await
}

async fn rollback<C: AsyncConnection>(connection: &mut C) -> Result<(), QueryError> {
    C::TransactionManager::rollback_transaction(connection).await
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
