//! Throw-away SQLite databases.

use std::path::Path;

use tempfile::TempDir;

/// A folder for SQLite files, removed on drop.
pub struct TestFile {
    folder: TempDir,
}

impl TestFile {
    /// Makes an empty folder.
    pub fn create() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("smart-assistant-sqlite-")
            .tempdir();
        Self {
            folder: folder.expect("the temporary folder is writable"),
        }
    }

    /// The URL of the database `name` in the folder: `sqlite:/…/name.sqlite`. The file need not exist.
    pub fn url(&self, name: &str) -> String {
        format!(
            "sqlite:{}",
            self.folder.path().join(name).with_extension("sqlite").display()
        )
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}
