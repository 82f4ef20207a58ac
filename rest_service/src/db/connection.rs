//! Statements on a connection: one of the pool, or the one that the request's own transaction holds.
//!
//! A request that must leave several things behind together (its effect, the record of who did it, the answer to
//! give when it is repeated) opens a transaction with [`Db::begin`]. From then on every statement that is run
//! through this `Db` is in it, until [`Db::commit`] or [`Db::rollback`]. Dropped without either (a panic, the end
//! of the process), it is taken back: the pool does not reuse such a connection.

use std::sync::Arc;

use deadpool::managed::Object;
use diesel::{QueryResult, result::Error as QueryError};
use tokio::sync::{Mutex, OnceCell, oneshot};

use super::{
    Conn, Db, DbError, DbKind,
    conn::Committed,
    pool::{Lease, Maker, Pool, lent},
};

/// The transaction of one request, once it is open: the connection that it holds.
pub(crate) type Transaction = OnceCell<Arc<Mutex<Object<Maker>>>>;

impl Db {
    /// Runs statements that read.
    pub(crate) async fn read<T, E>(
        &self,
        statements: impl AsyncFnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<DbError>,
    {
        let mut connection = self.connection(&self.pools.read).await?;
        statements(&mut connection).await
    }

    /// Runs one statement that writes.
    pub(crate) async fn write<T, E>(
        &self,
        statements: impl AsyncFnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<DbError>,
    {
        match self.kind() {
            DbKind::Postgres => {
                let mut connection = self.connection(&self.pools.write).await?;
                statements(&mut connection).await
            }
            // Only the commit waits for the disk then, and that is done elsewhere.
            DbKind::Sqlite => self.transaction(statements).await,
        }
    }

    /// Runs statements in a transaction that writes, a savepoint inside the request's own; an `Err` takes
    /// everything back.
    pub(crate) async fn transaction<T, E>(
        &self,
        statements: impl AsyncFnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<DbError>,
    {
        let mut connection = self.connection(&self.pools.write).await?;
        connection.begin().await.map_err(DbError::from)?;
        let outcome = statements(&mut connection).await;
        if self.has_begun() {
            return end(&mut connection, outcome).await;
        }
        match outcome {
            Ok(value) => {
                let committed = connection.leave().await.map_err(DbError::from)?;
                drop(connection);
                if let Some(committed) = committed {
                    self.committed(committed).await?;
                }
                Ok(value)
            }
            Err(error) => end(&mut connection, Err(error)).await,
        }
    }

    /// Waits until what was left is committed: by somebody else, or here, when the connection is free again. All who
    /// waited for it before have written by then, and one commit is for all.
    async fn committed(&self, mut committed: Committed) -> Result<(), DbError> {
        loop {
            tokio::select! {
                biased;
                outcome = &mut committed => return settled(outcome),
                connection = lent(&self.pools.write) => match connection {
                    // All who wait hear how it went, and this is one of them.
                    Ok(mut connection) => drop(connection.commit_group().await),
                    // Somebody holds it for long; whoever has it next commits this too.
                    Err(error) => tracing::debug!(%error, "a commit waits"),
                },
            }
        }
    }

    /// Runs statements that read; all of them see the database as it is at one moment.
    pub(crate) async fn snapshot<T, E>(
        &self,
        statements: impl AsyncFnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<DbError>,
    {
        let mut connection = lent(&self.pools.read).await?;
        connection.begin_snapshot().await.map_err(DbError::from)?;
        let outcome = statements(&mut connection).await;
        end(&mut connection, outcome).await
    }

    /// The same database for one request, which may open a transaction of its own.
    pub(crate) fn for_request(&self) -> Self {
        Self {
            pools: Arc::clone(&self.pools),
            request: Some(Arc::default()),
        }
    }

    /// Opens the request's transaction, unless it is open.
    ///
    /// # Errors
    /// There is no connection, or this is not a request's database.
    pub(crate) async fn begin(&self) -> Result<(), DbError> {
        let transaction = self.request.as_ref().ok_or(QueryError::NotInTransaction)?;
        let open = async || {
            let mut connection = lent(&self.pools.write).await?;
            connection.begin().await?;
            Ok::<_, DbError>(Arc::new(Mutex::new(connection)))
        };
        transaction.get_or_try_init(open).await?;
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
            Some(held) => Ok(held.lock().await.commit().await?),
            None => Ok(()),
        }
    }

    /// Takes back the request's transaction, if it was opened.
    ///
    /// # Errors
    /// The connection is broken, and the database takes the transaction back by itself.
    pub(crate) async fn rollback(&self) -> Result<(), DbError> {
        match self.held() {
            Some(held) => Ok(held.lock().await.roll_back().await?),
            None => Ok(()),
        }
    }

    fn held(&self) -> Option<&Arc<Mutex<Object<Maker>>>> {
        self.request.as_ref()?.get()
    }

    pub(super) async fn connection(&self, pool: &Pool) -> Result<Lease, DbError> {
        match self.held() {
            Some(held) => Ok(Lease::Held(Arc::clone(held).lock_owned().await)),
            None => lent(pool).await.map(Lease::Pooled),
        }
    }
}

/// Commits what went well and takes back the rest.
async fn end<T, E: From<DbError>>(connection: &mut Conn, outcome: Result<T, E>) -> Result<T, E> {
    match outcome {
        Ok(value) => {
            connection.commit().await.map_err(DbError::from)?;
            Ok(value)
        }
        // The first error is the one that tells what happened.
        Err(error) => match connection.roll_back().await {
            Ok(()) | Err(QueryError::BrokenTransactionManager) => Err(error),
            Err(roll_back) => Err(DbError::from(roll_back).into()),
        },
    }
}

/// Who was to commit it may have gone down with the connection, and then the database has taken it back.
fn settled(outcome: Result<QueryResult<()>, oneshot::error::RecvError>) -> Result<(), DbError> {
    match outcome {
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err(DbError::NoConnection("it was lost before the commit".to_owned())),
    }
}
