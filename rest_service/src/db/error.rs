//! Why the database did not do what it was asked, sorted by what can be done about it.

use diesel::result::{DatabaseErrorKind, Error as QueryError};

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No connection could be had in time.
    #[error("no database connection could be had: {0}")]
    NoConnection(String),
    /// The statement could not be carried out now: the connection broke, the server is going down, a lock or
    /// a limit was hit. Trying again can help.
    #[error("the database could not serve a statement")]
    Unavailable(#[source] QueryError),
    /// Something with this key exists already.
    #[error("a unique key exists already")]
    Exists(#[source] QueryError),
    /// Something refers to it, or what it refers to does not exist.
    #[error("a reference does not hold")]
    Reference(#[source] QueryError),
    /// A statement or a stored value is wrong: a fault of ours.
    #[error("a statement failed")]
    Statement(#[source] QueryError),
}

impl From<QueryError> for DbError {
    fn from(error: QueryError) -> Self {
        match &error {
            QueryError::DatabaseError(kind, told) => match kind {
                DatabaseErrorKind::UnableToSendCommand => Self::NoConnection(told.message().to_owned()),
                DatabaseErrorKind::UniqueViolation => Self::Exists(error),
                DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => {
                    Self::Reference(error)
                }
                DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation
                | DatabaseErrorKind::ExclusionViolation => Self::Statement(error),
                // The drivers give no code for the rest. The statements are fixed and tested, so what is left
                // is the server's state: shutting down, out of space or connections, deadlock, busy, I/O.
                _ => Self::Unavailable(error),
            },
            QueryError::BrokenTransactionManager | QueryError::RollbackErrorOnCommit { .. } => {
                Self::Unavailable(error)
            }
            _ => Self::Statement(error),
        }
    }
}

/// So that the statements for a connection may fail as they do, whether or not there is a connection.
impl From<DbError> for QueryError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::NoConnection(why) => {
                Self::DatabaseError(DatabaseErrorKind::UnableToSendCommand, Box::new(why))
            }
            DbError::Unavailable(error)
            | DbError::Exists(error)
            | DbError::Reference(error)
            | DbError::Statement(error) => error,
        }
    }
}

impl DbError {
    /// Whether trying again can help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::NoConnection(_) | Self::Unavailable(_))
    }
}
