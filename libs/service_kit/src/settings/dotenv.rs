//! `.env`: settings in a file of the working folder.

use std::{collections::BTreeSet, ffi::OsString, path::Path, sync::OnceLock};

use super::secret_files;
use crate::OperatorError;

/// The names that were taken from `.env`.
static TAKEN: OnceLock<BTreeSet<String>> = OnceLock::new();

/// Reads `.env` in the working folder into the environment, where it is one; variables that are set already
/// win. Then each of [`super::SECRETS`] that has its value in a file, which `NAME_FILE` names. Call it before any
/// thread starts.
///
/// # Errors
/// There is a `.env`, but it cannot be read, with the line at fault; a secret's file cannot be read or is empty, or
/// the secret is set besides.
pub fn load_dotenv() -> Result<(), OperatorError> {
    load_dotenv_from(Path::new(".env"))?;
    secret_files::load()
}

/// The first half of [`load_dotenv`], for a file of another name.
///
/// # Errors
/// As for [`load_dotenv`].
pub fn load_dotenv_from(path: &Path) -> Result<(), OperatorError> {
    let names = read_dotenv(path)?.into_iter().map(|(name, _)| name);
    let taken: BTreeSet<String> = names.filter(|name| variable(name).is_none()).collect();
    if taken.is_empty() {
        return Ok(());
    }
    // What an earlier call took is set by now, and stays on its list.
    drop(TAKEN.set(taken));
    dotenvy::from_path(path).map_err(|error| unreadable(path, error))
}

/// Whether a variable of the environment was put there from `.env`.
pub fn came_from_dotenv(name: &str) -> bool {
    TAKEN.get().is_some_and(|taken| taken.contains(name))
}

/// Whether a secret has its value from the file that `NAME_FILE` names.
pub fn came_from_file(name: &str) -> bool {
    secret_files::SECRETS.contains(&name)
        && variable(&format!("{name}_FILE")).is_some_and(|path| !path.is_empty())
}

/// The settings in a file such as `.env`, in its order; none when there is no such file.
///
/// # Errors
/// As for [`load_dotenv`].
pub fn read_dotenv(path: &Path) -> Result<Vec<(String, String)>, OperatorError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(path, dotenvy::Error::Io(error))),
    };
    // Some editors put a byte order mark in front.
    dotenvy::from_read_iter(text.trim_start_matches('\u{feff}').as_bytes())
        .map(|item| item.map_err(|error| unreadable(path, error)))
        .collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "which of the file's settings take effect depends on what is set"
)]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

fn unreadable(path: &Path, error: dotenvy::Error) -> OperatorError {
    let shown = path.display();
    match error {
        dotenvy::Error::Io(error) => OperatorError::new(
            format!("cannot read {shown}"),
            format!("make {shown} a readable text file, or remove it"),
        )
        .because(error),
        // The line may hold a secret, so its text is not repeated: the number is enough to find it.
        dotenvy::Error::LineParse(text, _) => {
            let line = line_number(path, &text).map_or_else(String::new, |n| format!(" at line {n}"));
            OperatorError::new(
                format!("cannot read {shown}{line}"),
                "write each setting as NAME=value, with quotes around a value that has spaces or #",
            )
        }
        error => OperatorError::new(format!("cannot read {shown}"), "correct or remove it").because(error),
    }
}

fn line_number(path: &Path, text: &str) -> Option<usize> {
    let whole = std::fs::read_to_string(path).ok()?;
    let first = text.lines().next()?;
    whole.lines().position(|line| line == first).map(|i| i + 1)
}
