//! `.env` as a text that is added to: what is there stays as it was typed.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use service_kit::settings::read_dotenv;

/// It holds passwords.
const MODE: u32 = 0o600;

/// The file, read and perhaps changed, but not written yet.
pub(super) struct EnvFile {
    path: PathBuf,
    /// As it is on the disk; `None` when it is not there.
    before: Option<String>,
    text: String,
    settings: Vec<(String, String)>,
}

impl EnvFile {
    /// Reads it; empty when it is not there.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        // Behind a symbolic link, the file itself is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let before = on_disk(&path)?;
        Ok(Self {
            settings: read_dotenv(&path)?,
            text: before.clone().unwrap_or_default(),
            before,
            path,
        })
    }

    /// The value of a setting that is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.settings.iter().find(|(there, _)| there == name)?;
        (!value.is_empty()).then_some(value)
    }

    /// Whether there is such a file.
    pub(super) fn exists(&self) -> bool {
        self.before.is_some()
    }

    /// Sets `name`: in its line where it has one, else at the end behind a line that says what it is for.
    pub(super) fn set(&mut self, name: &str, value: &str, what_for: &str) -> anyhow::Result<()> {
        let line = format!("{name}={}", quoted(name, value)?);
        let lines: Vec<&str> = self.text.lines().collect();
        let place = lines.iter().position(|line| name_in(line) == Some(name));
        self.text = match place {
            Some(place) => {
                let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
                if self.get(name).is_some_and(|value| value.contains('\n')) {
                    bail!(
                        "{name} spans several lines in {}; change it by hand",
                        self.path.display()
                    );
                }
                lines[place] = line;
                lines.join("\n") + "\n"
            }
            None => {
                let mut text = self.text.clone();
                if !text.is_empty() && !text.ends_with('\n') {
                    text.push('\n');
                }
                text + &format!("# {what_for}\n{line}\n")
            }
        };
        self.settings.retain(|(there, _)| there != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    /// Writes it whole or not at all, for its owner's eyes alone; `false` when there is nothing to change.
    pub(super) fn write(&self) -> anyhow::Result<bool> {
        let cannot = || format!("cannot write {}", self.path.display());
        if self.before.as_ref() == Some(&self.text) {
            return Ok(false);
        }
        if on_disk(&self.path)? != self.before {
            bail!("{} was changed meanwhile; run this again", self.path.display());
        }
        let mut draft = self.path.clone().into_os_string();
        draft.push(".new");
        let draft = PathBuf::from(draft);
        let written = self.write_as(&draft);
        if written.is_err() {
            // It may hold some of the secrets, and helps nobody.
            drop(fs::remove_file(&draft));
        }
        written.with_context(cannot)?;
        Ok(true)
    }

    fn write_as(&self, draft: &Path) -> io::Result<()> {
        // One that a killed process left may be open to others.
        match fs::remove_file(draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(MODE)
            .open(draft)?;
        file.write_all(self.text.as_bytes())?;
        file.sync_all()?;
        fs::rename(draft, &self.path)?;
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        File::open(folder)?.sync_all()
    }
}

fn on_disk(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// The setting that a line sets.
fn name_in(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim();
    Some(name.strip_prefix("export ").unwrap_or(name).trim())
}

/// As our services and Docker Compose both read it: quoted where a character might mean something else.
fn quoted(name: &str, value: &str) -> anyhow::Result<String> {
    let is_plain = value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.,:;/@%+=~?&".contains(&byte));
    if is_plain {
        return Ok(value.to_owned());
    }
    if value.contains(['\'', '\n', '\r']) {
        bail!("{name} has a line break or an apostrophe in it; is it copied whole?");
    }
    Ok(format!("'{value}'"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::EnvFile;

    #[test]
    fn what_is_there_stays_as_it_was_typed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        let typed = "# mine\n\nA = \"one # two\"\nexport B=\nC='three'";
        std::fs::write(&path, typed).unwrap();
        let mut file = EnvFile::read(&path).unwrap();
        assert_eq!(file.get("A"), Some("one # two"));
        assert_eq!(file.get("B"), None, "empty is not set");
        file.set("B", "new", "for B").unwrap();
        file.set("D", "it's", "").unwrap_err();
        file.set("D", "a $b #c", "for D").unwrap();
        assert!(file.write().unwrap());
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            "# mine\n\nA = \"one # two\"\nB=new\nC='three'\n# for D\nD='a $b #c'\n"
        );
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let again = EnvFile::read(&path).unwrap();
        assert_eq!((again.get("B"), again.get("D")), (Some("new"), Some("a $b #c")));
        assert!(!again.write().unwrap(), "nothing to change");
    }

    #[test]
    fn a_change_by_somebody_else_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        let mut file = EnvFile::read(&path).unwrap();
        file.set("A", "1", "for A").unwrap();
        std::fs::write(&path, "A=2\n").unwrap();
        assert!(
            file.write()
                .unwrap_err()
                .to_string()
                .contains("changed meanwhile")
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "A=2\n");
    }
}
