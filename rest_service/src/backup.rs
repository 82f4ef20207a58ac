//! Every row as lines of JSON, and back: what `manage backup` and `manage restore` put into their file.
//!
//! The lines are the same whichever database they come from, so a copy of one restores into the other:
//!
//! ```text
//! {"smart_assistant":1,"schema":["2026-11-20-120000_initial", …],"tables":["assistants", …]}
//! {"table":"assistants","columns":[["id","key"],["kind","text"], …]}
//! ["01980000000070008000000000000001","secretary", …]
//! {"end":"assistants","rows":1}
//! …
//! {"rows":1234}
//! ```
//!
//! A copy is one snapshot of the database, taken while it serves. A restore is one transaction: all of it or nothing,
//! also when the file ends early. It makes the schema that the copy had, and brings that to this version's.

mod read;
mod sql;
mod write;

use std::io;

use diesel::{QueryableByName, sql_types::Text};
use service_kit::OperatorError;

use crate::db::DbError;

/// The version of the lines' form.
const FORM: u32 = 1;

/// How many rows are read or written by one statement.
const BATCH: usize = 500;

/// Why a copy could not be made or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database did not do it.
    #[error("the database failed")]
    Database(#[source] DbError),
    /// The file cannot be read or written.
    #[error("the file cannot be read or written")]
    File(#[source] io::Error),
    /// The file is not a whole copy: cut short, changed, or something else.
    #[error("the file is not a whole backup: {0}")]
    Damaged(String),
    /// The copy was made by a newer version.
    #[error("the backup was made by a newer version (it has the migration {0})")]
    Newer(String),
    /// There is something in the database already.
    #[error("the database is not empty: it has {0} users")]
    NotEmpty(i64),
    /// The schema could not be made.
    #[error("the schema could not be made")]
    Schema(#[source] OperatorError),
}

impl From<diesel::result::Error> for BackupError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<DbError> for BackupError {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

/// One column of text.
#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}
