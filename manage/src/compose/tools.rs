//! Commands that need the stores, done in a container of their own: PostgreSQL and Redis answer nobody else.

use std::{
    io::{IsTerminal, stdin, stdout},
    path::{Path, PathBuf, absolute},
    process::{Command, ExitCode},
};

use anyhow::{Context, bail};
use service_kit::settings::{SECRETS, came_from_dotenv};

use super::{Compose, Name};
use crate::say;

/// What `.env` has where `manage init` wrote it for containers.
const SIGN: &str = "POSTGRES_PASSWORD";

/// The service of docker-compose.yml that is `manage` itself.
const MANAGE: &str = "manage";

/// Our services, which use the stores while they run.
const SERVICES: [Name; 5] = [
    Name::RestService,
    Name::Assistant,
    Name::CronService,
    Name::CalendarService,
    Name::TgBot,
];

/// The containers of this folder, if the data is with them: they have been made, and `.env` is theirs.
///
/// Without Docker, or without containers, there are none, and the data folder is meant.
pub(crate) fn with_the_data() -> Option<Compose> {
    if !came_from_dotenv(SIGN) {
        return None;
    }
    let compose = Compose::find().ok()?;
    let made = compose
        .containers(std::iter::once(Name::Postgres.service()))
        .ok()?;
    (!made.is_empty()).then_some(compose)
}

impl Compose {
    /// Runs this very command in a container that reaches the stores; gives its exit code. It sees the folder where
    /// the command was typed, and the folders of `files`, under the same paths and as the same user.
    ///
    /// # Errors
    /// The folder of a file is not there, or Docker cannot be run.
    pub(crate) fn run_manage(&self, files: &[&Path]) -> anyhow::Result<ExitCode> {
        let here = std::env::current_dir().context("the current folder cannot be read")?;
        let folders = folders(&here, files)?;
        say::aside("(in a container, on the containers' data; --data-dir FOLDER means a data folder)");
        let mut command = self.command();
        command.args(["--progress", "quiet", "run", "--rm"]);
        if !stdin().is_terminal() || !stdout().is_terminal() {
            command.arg("--no-TTY");
        }
        let user = rustix::process::getuid().as_raw();
        let group = rustix::process::getgid().as_raw();
        command.arg("--user").arg(format!("{user}:{group}"));
        command.arg("--workdir").arg(&here);
        for folder in &folders {
            mount(&mut command, folder);
        }
        // The container is given the secrets themselves, for which files on this machine were read.
        for secret in SECRETS {
            command.args(["--env", &format!("{secret}_FILE=")]);
        }
        let status = command
            .arg(MANAGE)
            .args(std::env::args_os().skip(1))
            .status()
            .context("docker cannot be run")?;
        // A signal ended it when there is no code.
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
    }

    /// Refuses when one of our services runs.
    ///
    /// # Errors
    /// One runs, or Docker does not say.
    pub(crate) fn require_stopped(&self) -> anyhow::Result<()> {
        let containers = self.containers(SERVICES.iter().map(|name| name.service()))?;
        if let Some(running) = containers.iter().find(|container| container.is_running()) {
            bail!(
                "{} runs and would write meanwhile; `manage stop` first, and `manage start` afterwards",
                running.name()
            );
        }
        Ok(())
    }
}

/// The folders that the command works in: where it was typed, and where its files are.
fn folders(here: &Path, files: &[&Path]) -> anyhow::Result<Vec<PathBuf>> {
    let mut folders = vec![here.to_owned()];
    for file in files {
        let path = absolute(file).with_context(|| format!("cannot name {}", file.display()))?;
        let Some(folder) = path.parent() else { continue };
        // Docker would make it, as root.
        if !folder.is_dir() {
            bail!("there is no folder {}", folder.display());
        }
        if !folders.iter().any(|known| folder.starts_with(known)) {
            folders.push(folder.to_owned());
        }
    }
    Ok(folders)
}

fn mount(command: &mut Command, folder: &Path) {
    let mut volume = folder.as_os_str().to_owned();
    volume.push(":");
    volume.push(folder);
    command.arg("--volume").arg(volume);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_sees_the_folders_of_its_files_once() {
        let (here, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (here, elsewhere) = (here.path().to_owned(), elsewhere.path().to_owned());
        let inside = here.join("a.backup");
        let (one, other) = (elsewhere.join("b.backup"), elsewhere.join("passphrase"));
        let seen = folders(&here, &[&inside, &one, &other]).unwrap();
        assert_eq!(seen, [here.clone(), elsewhere]);
        let missing = folders(&here, &[&here.join("none/c.backup")]).unwrap_err();
        assert!(missing.to_string().starts_with("there is no folder"), "{missing}");
    }
}
