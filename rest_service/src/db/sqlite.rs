//! Where an SQLite database is, and how its connections are set up.

use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use diesel::{Connection, ConnectionError, ConnectionResult, SqliteConnection, connection::SimpleConnection};
use service_kit::OperatorError;

/// Full synchronisation: an acknowledged write survives the machine losing power. Waiting for another process comes
/// first, as even the change to WAL may have to.
const SETUP: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON;";

/// Waits for another process that writes.
pub(super) const PATIENT: &str = "PRAGMA busy_timeout = 5000;";

/// Does not: for a thread that others wait for.
pub(super) const IMPATIENT: &str = "PRAGMA busy_timeout = 0;";

/// What a connection that reads has besides.
const READ_ONLY: &str = "PRAGMA query_only = ON;";

/// The file.
#[derive(Clone, Debug)]
pub(crate) struct SqliteTarget {
    path: PathBuf,
}

impl SqliteTarget {
    /// Reads `sqlite:FILE`; `sqlite:///FILE` means the same absolute path.
    pub(crate) fn parse(url: &str) -> Result<Self, OperatorError> {
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.starts_with(':') || path.contains('\0') {
            return Err(OperatorError::new(
                "DATABASE_URL names no file",
                "set it to sqlite:FILE, for example sqlite:/var/lib/smart-assistant/data.sqlite",
            ));
        }
        Ok(Self { path: path.into() })
    }

    /// Makes sure that the file is there and can be written; a new one is for its owner's eyes alone.
    pub(crate) fn prepare(&self) -> Result<(), OperatorError> {
        let folder = match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            return Err(OperatorError::new(
                format!("there is no folder {} for the database", folder.display()),
                "create it, or correct DATABASE_URL",
            ));
        }
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&self.path)
            .map(drop)
            .map_err(|error| {
                OperatorError::new(
                    format!("cannot open the database file {}", self.path.display()),
                    "make it a file that this user can write, or correct DATABASE_URL",
                )
                .because(error)
            })
    }

    /// A connection that finds out whether the file is a database.
    pub(crate) async fn first_connection(&self) -> Result<SqliteConnection, OperatorError> {
        self.connection(&[SETUP]).await.map_err(|error| {
            OperatorError::new(
                format!("cannot use {} as an SQLite database", self.path.display()),
                "correct DATABASE_URL, or restore the file from a backup",
            )
            .because(error)
        })
    }

    pub(crate) async fn writing_connection(&self) -> ConnectionResult<SqliteConnection> {
        self.connection(&[SETUP, IMPATIENT]).await
    }

    pub(crate) async fn reading_connection(&self) -> ConnectionResult<SqliteConnection> {
        self.connection(&[SETUP, READ_ONLY]).await
    }

    /// Opening a file may wait for the disk, or for another process.
    async fn connection(&self, setup: &'static [&'static str]) -> ConnectionResult<SqliteConnection> {
        let path = self
            .path
            .to_str()
            .ok_or_else(|| ConnectionError::InvalidConnectionUrl("the path is not UTF-8".into()))?
            .to_owned();
        let opened = tokio::task::spawn_blocking(move || {
            let mut connection = SqliteConnection::establish(&path)?;
            for sql in setup {
                connection
                    .batch_execute(sql)
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
            }
            Ok(connection)
        });
        opened
            .await
            .map_err(|error| ConnectionError::BadConnection(error.to_string()))?
    }
}
