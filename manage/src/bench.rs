//! `manage bench`: builds the product as it is released and measures it through the fakes, on this machine.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, bail};
use clap::Args;

use crate::test::{provide_servers, workspace_root};

/// The parts of the product's benchmark (`manage/benches/product`).
const PRODUCT: [&str; 9] = [
    "embedded",
    "distributed",
    "start",
    "idle",
    "turns",
    "history",
    "users",
    "tasks",
    "endurance",
];

/// The benchmarks of parts, by their package.
const PARTS: [(&str, &str); 4] = [
    ("bus", "bus"),
    ("rest", "rest_service"),
    ("calendar", "calendar_service"),
    ("words", "when"),
];

/// What to measure.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage bench\n  manage bench embedded turns\n  manage bench distributed tasks\n  \
    manage bench rest\n  manage bench --json before.json   (change something)   manage bench --compare before.json\n\n\
    The first run builds everything for release, which takes minutes. Compare runs of the same machine within the \
    hour: whatever else runs there shows in every figure. docs/performance.md says what they mean.\n\n\
    Exit codes: 0 measured; 1 it could not be done."
)]
pub(crate) struct BenchArgs {
    /// Ways to run (embedded, distributed) and parts (start, idle, turns, history, users, tasks, endurance); or one of
    /// bus, rest, calendar, words. Without any: the whole product but endurance, which takes minutes more.
    #[arg(value_name = "WHAT", value_parser = names())]
    what: Vec<String>,
    /// Write the figures to a file, for a later run to compare with.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Compare with the figures of such a file: each has its ratio beside it.
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
    /// Measure another build of manage.
    #[arg(long, value_name = "FILE")]
    manage: Option<PathBuf>,
    /// Count the system calls of a turn with strace; the other figures of such a run are worth nothing.
    #[arg(long)]
    syscalls: bool,
}

fn names() -> clap::builder::PossibleValuesParser {
    let names = PRODUCT.into_iter().chain(PARTS.map(|(name, _)| name));
    names.collect::<Vec<_>>().into()
}

/// Builds and measures.
pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<ExitCode> {
    let package = |what: &String| {
        PARTS
            .iter()
            .find(|(name, _)| name == what)
            .map(|(_, package)| *package)
    };
    let parts: Vec<&str> = args.what.iter().filter_map(package).collect();
    let of_product: Vec<&str> = args
        .what
        .iter()
        .map(String::as_str)
        .filter(|what| PRODUCT.contains(what))
        .collect();
    let is_of_product = !of_product.is_empty() || parts.is_empty();
    let has_flags = args.json.is_some() || args.compare.is_some() || args.manage.is_some() || args.syscalls;
    if has_flags && !(is_of_product && parts.is_empty()) {
        bail!(
            "--json, --compare, --manage and --syscalls are for the product; leave bus, rest, calendar and words out"
        );
    }
    for path in [&args.compare, &args.manage].into_iter().flatten() {
        std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    provide_servers()?;
    let mut has_failed = false;
    if is_of_product {
        let mut words: Vec<String> = of_product.into_iter().map(str::to_owned).collect();
        for (flag, path) in [
            ("--json", &args.json),
            ("--compare", &args.compare),
            ("--manage", &args.manage),
        ] {
            if let Some(path) = path {
                words.push(format!("{flag}={}", absolute(path)?.display()));
            }
        }
        words.extend(args.syscalls.then(|| "--syscalls".to_owned()));
        has_failed |= !cargo_bench(&["--package", "manage", "--bench", "product"], &words)?;
    }
    for package in parts {
        has_failed |= !cargo_bench(&["--package", package], &[])?;
    }
    Ok(if has_failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Cargo runs benchmarks in their package's folder.
fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("{} is no path", path.display()))
}

/// Builds and runs a benchmark; whether it succeeded.
fn cargo_bench(which: &[&str], words: &[String]) -> anyhow::Result<bool> {
    let status = Command::new("cargo")
        .arg("bench")
        .args(which)
        .arg("--")
        .args(words)
        .current_dir(workspace_root()?)
        .status()
        .context("cannot run cargo; install Rust from your distribution or rustup.rs")?;
    Ok(status.success())
}
