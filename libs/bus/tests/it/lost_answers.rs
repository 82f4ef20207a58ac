//! One story of the bus, told once for every command that it sends to Redis and everything that can go wrong with
//! that command: it always ends as if nothing had happened.
//!
//! The suite steps over the commands, so that it takes seconds; every one of them, with a table of the runs:
//! `TEST_LONG_FORM=1 cargo test --release -p bus --test it -- --nocapture lost_answers`.

use std::{fmt::Write as _, time::Duration};

use fakes::proxy::{Fault, Then};
use futures::StreamExt;

use crate::lost_answers::story::{Told, tell};

mod story;

/// Everything that can go wrong with one command. The first of the late ones arrives when its sender has tried again,
/// the second when its sender has given up.
const FAULTS: [Fault; 8] = [
    Fault::CommandLost(Then::Cut),
    Fault::CommandLost(Then::Silence),
    Fault::AnswerLost(Then::Cut),
    Fault::AnswerLost(Then::Silence),
    Fault::AnswerCut(Then::Cut),
    Fault::AnswerCut(Then::Silence),
    Fault::Late(Duration::from_secs(3)),
    Fault::Late(Duration::from_secs(7)),
];

/// How many stories are told at the same time; most of each is waiting.
const AT_ONCE: usize = 48;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_are_lost_or_unanswered_or_late() {
    let is_long = test_support::is_long_form();
    // Not a divisor of the number of faults, so that the faults go round over the commands.
    let table = sweep(|number, fault| is_long || (number * 8 + fault).is_multiple_of(13)).await;
    println!("{table}");
}

/// Tells the story for the chosen commands and faults, and fails with all that went wrong.
async fn sweep(is_chosen: impl Fn(u64, u64) -> bool) -> String {
    let quiet = tell(None).await;
    assert_eq!(quiet.wrong, Vec::<String>::new());
    let chosen = (1..=quiet.commands)
        .flat_map(|number| {
            (0..)
                .zip(FAULTS)
                .map(move |(index, fault)| (number, index, fault))
        })
        .filter(|(number, index, _)| is_chosen(*number, *index));
    let mut told: Vec<(u64, Fault, Told)> = futures::stream::iter(chosen)
        .map(async |(number, _, fault)| (number, fault, tell(Some((number, fault))).await))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    told.sort_by_key(|(number, ..)| *number);
    let table = table(&quiet, &told);
    let wrong: Vec<String> = told
        .iter()
        .filter(|(_, _, told)| !told.wrong.is_empty())
        .map(|(number, fault, told)| {
            format!("{fault:?} of command {number}, {}: {:#?}", told.hit, told.wrong)
        })
        .collect();
    assert!(wrong.is_empty(), "{table}\n{}", wrong.join("\n"));
    table
}

fn table(quiet: &Told, told: &[(u64, Fault, Told)]) -> String {
    let mut table = format!(
        "The story without a fault: {} commands, {:.1} s.\n\
         | fault | runs | hit | lost | doubled | out of order | otherwise wrong | came again | slowest after the fault |\n\
         |---|---|---|---|---|---|---|---|---|\n",
        quiet.commands,
        quiet.took.as_secs_f64()
    );
    for fault in FAULTS {
        let runs: Vec<&Told> = told
            .iter()
            .filter(|(_, it, _)| *it == fault)
            .map(|(_, _, told)| told)
            .collect();
        let sum = |of: fn(&Told) -> usize| runs.iter().map(|told| of(told)).sum::<usize>();
        let hit = runs.iter().filter(|told| told.recovered.is_some()).count();
        let slowest = runs
            .iter()
            .filter_map(|told| told.recovered)
            .max()
            .unwrap_or_default();
        writeln!(
            table,
            "| {fault:?} | {} | {hit} | {} | {} | {} | {} | {} | {:.1} s |",
            runs.len(),
            sum(|told| told.lost),
            sum(|told| told.doubled),
            sum(|told| told.out_of_order),
            sum(|told| told.wrong.len()),
            sum(|told| told.came_again),
            slowest.as_secs_f64()
        )
        .unwrap();
    }
    table
}
