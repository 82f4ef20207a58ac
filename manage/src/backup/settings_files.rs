//! The settings that go with the database: `.env`, and the data folder's keys.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::data_folder::SECRETS_FILE;

const ENV_FILE: &str = ".env";

/// The texts of the files that there were, by name.
#[derive(Serialize, Deserialize)]
pub(super) struct SettingsFiles {
    settings: BTreeMap<String, String>,
}

/// The files, and where they are.
fn places(data_dir: &Path) -> [(&'static str, PathBuf); 2] {
    [
        (ENV_FILE, ENV_FILE.into()),
        (SECRETS_FILE, data_dir.join(SECRETS_FILE)),
    ]
}

impl SettingsFiles {
    /// Reads those that are there.
    pub(super) fn read(data_dir: &Path) -> anyhow::Result<Self> {
        let mut settings = BTreeMap::new();
        for (name, path) in places(data_dir) {
            match fs::read_to_string(&path) {
                Ok(text) => drop(settings.insert(name.to_owned(), text)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
            }
        }
        Ok(Self { settings })
    }

    /// How many, for people.
    pub(super) fn described(&self) -> String {
        match self.settings.keys().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => "no settings".to_owned(),
            ref names => names.join(" and "),
        }
    }

    /// Puts each where it was; one that is there already and differs stays, and the backup's is put beside it. Says
    /// what was done.
    pub(super) fn write(&self, data_dir: &Path) -> anyhow::Result<Vec<String>> {
        let mut told = Vec::new();
        for (name, path) in places(data_dir) {
            let Some(text) = self.settings.get(name) else {
                continue;
            };
            match fs::read_to_string(&path) {
                Ok(there) if there == *text => {}
                Ok(_) => {
                    let beside = path.with_file_name(format!("{name}.restored"));
                    write_new(&beside, text)?;
                    told.push(format!(
                        "{} was there already and stays; the backup's is in {}. Calendars stay connected only with \
                         the backup's ENCRYPTION_KEY.",
                        path.display(),
                        beside.display()
                    ));
                }
                Err(_) => {
                    write_new(&path, text)?;
                    told.push(format!("{} restored.", path.display()));
                }
            }
        }
        Ok(told)
    }
}

fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.with_context(cannot)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(cannot)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(cannot)
}
