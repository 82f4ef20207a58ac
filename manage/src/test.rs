//! `manage test`: the test suites, with the servers they need, and a count of what ran on which store.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context, bail};
use clap::Args;
use test_support::binaries;

use crate::{compose, say};

/// The services whose tests can be run alone, and the stores that each must have been tested on.
const SERVICES: [(&str, &[Store]); 6] = [
    ("assistant", &Store::ALL),
    ("rest_service", &[Store::PostgreSql, Store::Sqlite]),
    ("calendar_service", &[]),
    ("cron_service", &[]),
    ("tg_bot", &[]),
    ("manage", &[]),
];

/// Which tests to run.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage test\n  manage test --service rest_service\n  manage test --docker\n  \
    manage test -- users::\n\n\
    Without --local or --docker, the tests run on this machine when it has what they need, in containers when it has \
    not and a Docker engine answers; with neither, what is missing is installed, where that is possible without a \
    question.\n\n\
    Exit codes: 0 all tests passed; 1 some did not, or they could not be run."
)]
pub(crate) struct TestArgs {
    /// On this machine, which needs PostgreSQL, Redis and Python; what is missing is installed as root on Debian.
    #[arg(long, conflicts_with = "docker")]
    local: bool,
    /// In containers (docker-compose.test.yml), which need nothing but Docker.
    #[arg(long)]
    docker: bool,
    /// Only this service's tests; all tests otherwise.
    #[arg(long, value_name = "NAME", value_parser = service_names())]
    service: Option<String>,
    /// Only tests whose name contains this.
    #[arg(last = true, value_name = "FILTER")]
    filter: Vec<String>,
}

fn service_names() -> clap::builder::PossibleValuesParser {
    SERVICES.iter().map(|(name, _)| *name).collect::<Vec<_>>().into()
}

/// A store that the product runs on; a test that runs on one has it in its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Store {
    PostgreSql,
    Sqlite,
    Redis,
}

impl Store {
    const ALL: [Self; 3] = [Self::PostgreSql, Self::Sqlite, Self::Redis];

    fn name(self) -> &'static str {
        match self {
            Self::PostgreSql => "PostgreSQL",
            Self::Sqlite => "SQLite",
            Self::Redis => "Redis",
        }
    }

    /// The path segment that says so in a test's name.
    fn segment(self) -> &'static str {
        match self {
            Self::PostgreSql => "postgres",
            Self::Sqlite => "sqlite",
            Self::Redis => "redis",
        }
    }
}

/// How the harness reports half of a test: the part that another test starts as a process of its own, to kill it.
const CHILD: &str = "ignored, runs in a child process of other tests";

/// What ran, as read from the test harness's own lines.
#[derive(Default, Debug, PartialEq, Eq)]
struct Tally {
    passed: usize,
    failed: Vec<String>,
    ignored: Vec<String>,
    stores: BTreeMap<Store, usize>,
}

impl Tally {
    /// Counts a line such as `test users::crud::postgres ... ok`.
    fn read(&mut self, line: &str) {
        let Some((name, outcome)) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.rsplit_once(" ... "))
        else {
            return;
        };
        // `should panic` stands between the name and the outcome.
        let name = name.split(" - ").next().unwrap_or(name);
        match outcome.trim() {
            "ok" => self.passed += 1,
            CHILD => return,
            ignored if ignored.starts_with("ignored") => return self.ignored.push(name.to_owned()),
            _ => return self.failed.push(name.to_owned()),
        }
        for store in Store::ALL {
            if name.split([':', '_']).any(|segment| segment == store.segment()) {
                *self.stores.entry(store).or_default() += 1;
            }
        }
    }
}

/// Makes sure the servers are there, runs the suites, and says what ran on what.
pub(crate) fn run(args: &TestArgs) -> anyhow::Result<ExitCode> {
    if args.docker || !args.local && !binaries::missing().is_empty() && compose::engine_answers() {
        return in_containers(args);
    }
    provide_servers()?;
    let (scope, must) = match &args.service {
        Some(name) => {
            let stores = SERVICES
                .iter()
                .find(|(service, _)| service == name)
                .map_or(&[][..], |(_, stores)| stores);
            (vec!["--package", name.as_str()], stores)
        }
        None => (vec!["--workspace"], &Store::ALL[..]),
    };
    let mut tally = Tally::default();
    let succeeded = cargo_test(&scope, &args.filter, &mut tally)?;

    say::line("");
    say::heading(&format!("{} passed, {} failed", tally.passed, tally.failed.len()));
    for store in Store::ALL {
        if let Some(count) = tally.stores.get(&store) {
            say::entry(store.name(), &format!("{count} tests"));
        }
    }
    for name in &tally.failed {
        say::entry("failed", name);
    }
    for name in &tally.ignored {
        say::entry("did not run", name);
    }
    if !succeeded || !tally.failed.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    // What did not run is a failure: silence is how untested code passes.
    if !tally.ignored.is_empty() {
        bail!(
            "{} tests are marked #[ignore]; run them or delete them",
            tally.ignored.len()
        );
    }
    if tally.passed == 0 {
        bail!("no test ran; check the filter");
    }
    if args.filter.is_empty()
        && let Some(store) = must.iter().find(|store| !tally.stores.contains_key(store))
    {
        bail!("no test ran on {}; its suite must not be skipped", store.name());
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the same in a container, which prints what ran on what.
fn in_containers(args: &TestArgs) -> anyhow::Result<ExitCode> {
    let mut passed_on = Vec::new();
    if let Some(service) = &args.service {
        passed_on.extend(["--service".to_owned(), service.clone()]);
    }
    if !args.filter.is_empty() {
        passed_on.push("--".to_owned());
        passed_on.extend(args.filter.iter().cloned());
    }
    Ok(if compose::test(&passed_on)? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Installs PostgreSQL and Redis where that is possible, and says how where it is not.
pub(crate) fn provide_servers() -> anyhow::Result<()> {
    let missing = binaries::missing();
    if missing.is_empty() {
        return Ok(());
    }
    let mut packages: Vec<_> = missing.iter().map(|server| server.package).collect();
    packages.dedup();
    let packages = packages.join(" and ");
    let install = binaries::install_command(&missing);
    if !install.is_ours_to_run {
        bail!(
            "this needs {packages}, which this machine does not have; install with: {}",
            install.line
        );
    }
    say::line(&format!(
        "This needs {packages}, which this machine does not have yet; installing:"
    ));
    say::line(&format!("  {}", install.line));
    install
        .run()
        .with_context(|| format!("could not install {packages}"))?;
    Ok(())
}

/// Runs cargo and passes its output through while counting it; whether it succeeded.
fn cargo_test(scope: &[&str], filter: &[String], tally: &mut Tally) -> anyhow::Result<bool> {
    let mut child = Command::new("cargo")
        .arg("test")
        .args(scope)
        .args(["--no-fail-fast", "--"])
        .args(filter)
        .current_dir(workspace_root()?)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cargo; install Rust from your distribution or rustup.rs")?;
    let stdout = child.stdout.take().context("cargo's output is not readable")?;
    let mut terminal = std::io::stdout().lock();
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.context("cannot read cargo's output")?;
        tally.read(&String::from_utf8_lossy(&line));
        terminal
            .write_all(&line)
            .and_then(|()| terminal.write_all(b"\n"))
            .context("cannot print")?;
    }
    Ok(child.wait().context("cannot wait for cargo")?.success())
}

/// The folder of the workspace: where the source is, found upwards from the working folder.
pub(crate) fn workspace_root() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir().context("the working folder is gone")?;
    here.ancestors()
        .find(|folder| folder.join("rest_service/migrations").is_dir() && folder.join("Cargo.toml").is_file())
        .map(PathBuf::from)
        .context("this command works on the source: run it inside a clone of the project")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_harness_are_counted_by_store() {
        let mut tally = Tally::default();
        for line in [
            "running 5 tests",
            "test users::crud::postgres ... ok",
            "test users::crud::sqlite ... ok",
            "test contract_redis::order ... FAILED",
            "test broken - should panic ... ok",
            "test slow ... ignored, needs a week",
            "test victim ... ignored, runs in a child process of other tests",
            "test result: FAILED. 3 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s",
        ] {
            tally.read(line);
        }
        assert_eq!(tally.passed, 3);
        assert_eq!(tally.failed, ["contract_redis::order"]);
        assert_eq!(tally.ignored, ["slow"]);
        assert_eq!(
            tally.stores,
            BTreeMap::from([(Store::PostgreSql, 1), (Store::Sqlite, 1)])
        );
    }
}
