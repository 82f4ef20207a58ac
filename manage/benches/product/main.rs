//! Measures the whole product from a message in to its reply out, through the fake Telegram and a model that answers
//! at once, on both ways to run: `cargo manage bench`, or `cargo bench -p manage`. docs/performance.md says what the
//! figures mean. The fakes are in this process, and what they cost is told apart.
//!
//! Words choose what is measured (`embedded`, `distributed`; `start`, `idle`, `turns`, `history`, `users`, `tasks`,
//! `endurance`); without any, everything but `endurance` is. With `--syscalls` strace(1) counts the system calls of a
//! turn, which do not depend on how busy the machine is; the other figures of such a run are worth nothing.
//! `--manage=FILE` measures another build, `--json=FILE` keeps the figures, `--compare=FILE` compares with such a file.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and ends when something fails"
)]

mod report;
mod start;
mod tasks;
mod turns;
mod world;

use std::path::Path;

use crate::{report::Report, world::World};

/// How the product runs, with the arguments of its processes.
const WAYS: [(&str, &[&[&str]]); 2] = [
    ("embedded", &[&["run"]]),
    (
        "distributed",
        &[
            &["serve", "rest_service"],
            &["serve", "assistant"],
            &["serve", "cron_service"],
            &["serve", "tg_bot"],
        ],
    ),
];

/// What can be measured. The last is measured only when it is asked for, because it takes minutes.
const PARTS: [&str; 7] = ["start", "idle", "turns", "history", "users", "tasks", "endurance"];

/// What the caller wants.
struct Wanted {
    words: Vec<String>,
    counts_syscalls: bool,
}

impl Wanted {
    fn has(&self, word: &str, among: &[&str]) -> bool {
        let named = |word: &str| self.words.iter().any(|wanted| wanted == word);
        named(word) || word != "endurance" && !among.iter().any(|other| named(other))
    }
}

#[tokio::main]
async fn main() {
    let (flags, words): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.starts_with('-'));
    let value = |name: &str| flags.iter().find_map(|flag| flag.strip_prefix(name));
    let known = |word: &str| PARTS.contains(&word) || WAYS.iter().any(|(way, _)| *way == word);
    if let Some(unknown) = words.iter().find(|word| !known(word)) {
        eprintln!(
            "{unknown:?} is nothing that is measured; embedded, distributed, {}",
            PARTS.join(", ")
        );
        std::process::exit(2);
    }
    let manage = value("--manage=").unwrap_or(env!("CARGO_BIN_EXE_manage"));
    let wanted = Wanted {
        words,
        counts_syscalls: flags.iter().any(|flag| flag == "--syscalls"),
    };
    let mut report = Report::new(value("--compare=").map(Path::new));
    let ways = WAYS.map(|(way, _)| way);
    for (way, processes) in WAYS {
        if wanted.has(way, &ways) {
            measure(way, processes, manage, &wanted, &mut report).await;
        }
    }
    if let Some(path) = value("--json=") {
        report.write(Path::new(path));
    }
}

async fn measure(way: &str, processes: &[&[&str]], manage: &str, wanted: &Wanted, report: &mut Report) {
    report.begin(way);
    let wants = |part: &str| wanted.has(part, &PARTS);
    let mut world = World::new(way, manage).await;
    let client = start::first(&mut world, processes, report).await;
    if wants("start") {
        start::again(&mut world, processes, &client, report).await;
    }
    if wants("idle") {
        start::idle(&world, report).await;
    }
    if wants("turns") {
        turns::one_by_one(&world, report).await;
        turns::bursts(&world, &client, wanted.counts_syscalls, report).await;
        turns::at_a_rate(&world, &client, report).await;
    }
    if wants("history") {
        turns::with_history(&world, &client, report).await;
    }
    if wants("users") {
        turns::with_users(&world, &client, report).await;
    }
    if wants("endurance") {
        turns::endurance(&world, &client, report).await;
    }
    report.row("memory after the load", world.memory("VmRSS:"), "MiB");
    report.row("memory, highest", world.memory("VmHWM:"), "MiB");
    for violation in world
        .telegram
        .violations()
        .iter()
        .chain(&world.openai.violations())
    {
        println!("against the protocol: {violation:?}");
    }
    drop(world);
    if wants("tasks") {
        tasks::due_at_once(way, processes, manage, report).await;
    }
}
