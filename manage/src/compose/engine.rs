//! Docker Compose as a command, in the folder of docker-compose.yml.

use std::{
    collections::BTreeSet,
    io::{ErrorKind, IsTerminal},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use anyhow::{Context, bail};

use super::containers::Container;
use crate::say;

const FILE: &str = "docker-compose.yml";
const TEST_FILE: &str = "docker-compose.test.yml";

/// The service of [`TEST_FILE`] that runs the tests.
const TESTS: &str = "tests";

/// Compose for the project in one folder.
pub(crate) struct Compose {
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
        let engine = engine_version().context("docker cannot be run")?;
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
        if self.succeeds(args, services)? {
            return Ok(());
        }
        self.needs_settings()?;
        bail!("Docker Compose could not do it; its own lines above say why")
    }

    /// Runs `docker compose up ARGS SERVICES` and waits until all are healthy; the operator sees its progress.
    ///
    /// # Errors
    /// It failed, or somebody is not well: then it is said who.
    pub(super) fn up<'a>(
        &self,
        args: impl IntoIterator<Item = &'a str>,
        services: impl Iterator<Item = &'static str>,
    ) -> anyhow::Result<()> {
        let args = ["up", "--detach", "--wait"].into_iter().chain(args);
        if self.succeeds(args, services)? {
            return Ok(());
        }
        self.needs_settings()?;
        let all = self.containers(std::iter::empty())?;
        let unwell: Vec<String> = all
            .iter()
            .filter(|container| container.is_running() && !container.is_well())
            .map(Container::name)
            .collect();
        if !unwell.is_empty() {
            bail!(
                "not well: {}; `manage doctor` and `manage logs` say why, and `manage status` whether it has passed",
                unwell.join(", ")
            );
        }
        bail!(
            "Docker Compose could not do it; its own lines above say why, `manage logs` says more (a port that is taken \
             is changed in .env: REST_PORT, CALENDAR_PORT)"
        )
    }

    fn succeeds<'a>(
        &self,
        args: impl IntoIterator<Item = &'a str>,
        services: impl Iterator<Item = &'static str>,
    ) -> anyhow::Result<bool> {
        let status = self.command().args(args).args(services).status();
        Ok(status.context("docker cannot be run")?.success())
    }

    /// Runs the tests in containers; whether they passed. The stores are taken away again.
    ///
    /// # Errors
    /// Docker cannot be run.
    pub(super) fn test(&self, args: &[String]) -> anyhow::Result<bool> {
        let compose = || {
            let mut command = self.command();
            command.args(["--file", TEST_FILE]);
            command
        };
        let mut run = compose();
        run.args(["run", "--rm", "--build"]);
        if !std::io::stdout().is_terminal() {
            run.arg("--no-TTY");
        }
        let passed = run
            .arg(TESTS)
            .args(args)
            .status()
            .context("docker cannot be run")?;
        let down = compose()
            .args(["down"])
            .status()
            .context("docker cannot be run")?;
        if !down.success() {
            say::line(
                "The tests' containers could not be taken away; `docker compose ls` shows what is left.",
            );
        }
        Ok(passed.success())
    }

    /// Compose needs settings that only a `.env` brings; without one, that is the reason.
    fn needs_settings(&self) -> anyhow::Result<()> {
        if !self.folder.join(".env").is_file() {
            bail!(
                "Docker Compose could not do it, for want of settings: there is no .env in {}; `manage init` writes it",
                self.folder.display()
            );
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
            self.needs_settings()?;
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Container::read_all(&String::from_utf8_lossy(&output.stdout))
    }

    /// Every kept log line about `id`, oldest first: those that have it in them, and those of the traces that these
    /// belong to.
    ///
    /// # Errors
    /// Compose failed.
    pub(super) fn lines_about(
        &self,
        id: &str,
        services: impl Iterator<Item = &'static str>,
    ) -> anyhow::Result<Vec<String>> {
        let output = self
            .command()
            .args(["logs", "--no-color", "--timestamps"])
            .args(services)
            .stderr(Stdio::inherit())
            .output()
            .context("docker cannot be run")?;
        if !output.status.success() {
            self.needs_settings()?;
            bail!("Docker Compose could not read the logs");
        }
        Ok(about(id, &String::from_utf8_lossy(&output.stdout)))
    }

    /// `docker compose`, for the folder.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new("docker");
        command.arg("compose").current_dir(Path::new(&self.folder));
        command
    }
}

/// Whether there is an engine that this user may use.
pub(super) fn answers() -> bool {
    engine_version().is_ok_and(|version| version.status.success())
}

fn engine_version() -> std::io::Result<Output> {
    Command::new("docker")
        .args(["version", "--format", "{{.Server.Version}}"])
        .output()
}

/// The lines about `id` and its traces, in order of time.
fn about(id: &str, log: &str) -> Vec<String> {
    let named = log.lines().filter(|line| names(line, id));
    let traces: BTreeSet<&str> = named.filter_map(trace_of).collect();
    let mut lines: Vec<&str> = log
        .lines()
        .filter(|line| names(line, id) || trace_of(line).is_some_and(|trace| traces.contains(trace)))
        .collect();
    // `SERVICE-1  | TIME LINE`; Compose prints one container after the other.
    lines.sort_by_key(|line| line.split_once("| ").map(|(_, timed)| timed));
    lines.into_iter().map(str::to_owned).collect()
}

/// Whether the line has the whole id in it, and not only a longer one that begins or ends with it.
fn names(line: &str, id: &str) -> bool {
    line.match_indices(id).any(|(at, _)| {
        let is_more = |char: char| char.is_ascii_alphanumeric();
        !line[..at].ends_with(is_more) && !line[at + id.len()..].starts_with(is_more)
    })
}

/// The trace id of a log line, in either form of the log.
fn trace_of(line: &str) -> Option<&str> {
    const DIGITS: usize = 32;
    let (_, after) = line.split_once("trace_id")?;
    let start = after.find(|char: char| char.is_ascii_alphanumeric())?;
    let id = after.get(start..start + DIGITS)?;
    id.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = concat!(
        "tg_bot-1  | 2026-11-21T10:00:03Z {\"message\":\"delivered\",\"span\":{\"trace_id\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}}\n",
        "tg_bot-1  | 2026-11-21T10:00:02Z {\"message\":\"delivered\",\"span\":{\"trace_id\":\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"}}\n",
        "assistant-1  | 2026-11-21T10:00:01Z INFO event{event_id=tg:1:2 trace_id=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}: done\n",
        "assistant-1  | 2026-11-21T10:00:00Z INFO serving\n",
    );

    #[test]
    fn the_lines_of_a_turn_are_those_of_its_trace_in_order_of_time() {
        let times = |id: &str| -> Vec<String> {
            let lines = about(id, LOG);
            lines
                .iter()
                .map(|line| line.split_once("10:00:").unwrap_or_default().1[..2].to_owned())
                .collect()
        };
        assert_eq!(times("tg:1:2"), ["01", "03"]);
        assert_eq!(times("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"), ["02"]);
        assert!(times("tg:1:3").is_empty() && times("g:1:2").is_empty());
    }
}
