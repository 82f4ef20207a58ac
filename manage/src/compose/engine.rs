//! Docker Compose as a command, in the folder of docker-compose.yml.

use std::{
    io::{BufRead, BufReader, ErrorKind},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

use super::containers::Container;
use crate::say;

const FILE: &str = "docker-compose.yml";

/// Compose for the project in one folder.
pub(super) struct Compose {
    folder: PathBuf,
}

impl Compose {
    /// The nearest docker-compose.yml upwards from here, if an engine answers.
    ///
    /// # Errors
    /// There is no such file, no Docker, or no engine; each says what to do.
    pub(super) fn find() -> anyhow::Result<Self> {
        let here = std::env::current_dir().context("the current folder cannot be read")?;
        let Some(folder) = here.ancestors().find(|folder| folder.join(FILE).is_file()) else {
            bail!("there is no {FILE} here or above; go to the folder of Smart Assistant's source");
        };
        let answer = Command::new("docker")
            .args(["compose", "version", "--short"])
            .output();
        match answer {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                bail!(
                    "Docker is not installed; install it (https://docs.docker.com/engine/install/), or use `manage run`"
                )
            }
            Err(error) => return Err(error).context("docker cannot be run"),
            Ok(output) if !output.status.success() => {
                bail!("Docker has no Compose v2; install the package docker-compose-plugin")
            }
            Ok(_) => {}
        }
        let engine = Command::new("docker")
            .args(["version", "--format", "{{.Server.Version}}"])
            .output()
            .context("docker cannot be run")?;
        if !engine.status.success() {
            let why = String::from_utf8_lossy(&engine.stderr);
            bail!(
                "no Docker engine answers ({}); start it, or check that this user may use it",
                why.lines().next().unwrap_or_default().trim()
            );
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Runs `docker compose ARGS SERVICES`, whose output the operator sees.
    ///
    /// # Errors
    /// It failed; it has said why.
    pub(super) fn watch<'a>(
        &self,
        args: impl IntoIterator<Item = &'a str>,
        services: impl Iterator<Item = &'static str>,
    ) -> anyhow::Result<()> {
        let status = self
            .command()
            .args(args)
            .args(services)
            .status()
            .context("docker cannot be run")?;
        if !status.success() {
            bail!("Docker Compose could not do it; its own lines above say why, `manage logs` says more");
        }
        Ok(())
    }

    /// All containers, stopped ones too.
    ///
    /// # Errors
    /// Compose failed, or answers in a way that is not understood.
    pub(super) fn containers(
        &self,
        services: impl Iterator<Item = &'static str>,
    ) -> anyhow::Result<Vec<Container>> {
        let output = self
            .command()
            .args(["ps", "--all", "--format", "json"])
            .args(services)
            .output()
            .context("docker cannot be run")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Container::read_all(&String::from_utf8_lossy(&output.stdout))
    }

    /// Prints every kept log line that has `id` in it, and says how many there were.
    ///
    /// # Errors
    /// Compose failed.
    pub(super) fn lines_with(
        &self,
        id: &str,
        services: impl Iterator<Item = &'static str>,
    ) -> anyhow::Result<usize> {
        let mut child = self
            .command()
            .args(["logs", "--no-color", "--timestamps"])
            .args(services)
            .stdout(Stdio::piped())
            .spawn()
            .context("docker cannot be run")?;
        let mut found = 0;
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).lines() {
                let line = line.context("the log lines cannot be read")?;
                if line.contains(id) {
                    found += 1;
                    say::line(&line);
                }
            }
        }
        if !child.wait()?.success() {
            bail!("Docker Compose could not read the logs");
        }
        Ok(found)
    }

    fn command(&self) -> Command {
        let mut command = Command::new("docker");
        command.arg("compose").current_dir(Path::new(&self.folder));
        command
    }
}
