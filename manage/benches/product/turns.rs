//! Messages and their answers: one at a time, at a rate, all at once; with history, with many users, for long.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use fakes::telegram::User;
use futures::{StreamExt, stream};
use rest_client::Client;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    report::Report,
    start::millis,
    world::{World, cpu_of},
};

/// Messages that are written one a second.
const ONE_BY_ONE: usize = 40;
/// How many chats write how many messages each, all at once.
const BURSTS: [(usize, usize); 2] = [(100, 4), (200, 10)];
/// What is compared with other loads: the larger of the bursts.
const BURST: &str = "2000 messages of 200 chats at once";
/// How long messages are written at a fixed rate.
const RATE_FOR: Duration = Duration::from_secs(15);
/// How many turns a chat with a history has had: two messages each.
const HISTORY: usize = 50;
/// How many turns are measured with it and without: in as many, the older half of a conversation is summed up once.
const OF_EACH: usize = 20;
/// How many users there are when there are many.
const USERS: usize = 10_000;
/// How many turns a long run has, and after how many memory is looked at.
const ENDURANCE: usize = 50_000;
const LOOK_AFTER: usize = 10_000;

/// A message a second, and nothing else.
pub(crate) async fn one_by_one(world: &World, report: &mut Report) {
    let mut taken = Vec::new();
    let mut ticks = interval(Duration::from_secs(1));
    let before = world.cpu();
    for n in 0..ONE_BY_ONE {
        ticks.tick().await;
        let text = format!("message {n}");
        let said = Instant::now();
        world.owner.says(&text);
        world.answered(&world.owner, &text).await;
        taken.push(said.elapsed());
    }
    let used = (world.cpu() - before) / ONE_BY_ONE as f64;
    taken.sort();
    report.row(
        "message in → reply out, median",
        millis(percentile(&taken, 50)),
        "ms",
    );
    report.row(
        "message in → reply out, p99",
        millis(percentile(&taken, 99)),
        "ms",
    );
    report.row("CPU of a message, and of a second", used, "ms");
}

/// Many chats at once, each with some messages.
pub(crate) async fn bursts(world: &World, client: &Client, counts_syscalls: bool, report: &mut Report) {
    for (chats, each) in BURSTS {
        let people = world.let_in(client, chats).await;
        let counter = counts_syscalls.then(|| world.count_syscalls());
        let name = format!("{} messages of {chats} chats at once", chats * each);
        burst(world, &people, each, &name, report).await;
        if let Some(counter) = counter {
            report.note("system calls of a turn", &counter.per_turn((chats * each) as f64));
        }
    }
}

/// Everybody says so many things, each behind the answer to the one before: what is said meanwhile would be the same turn.
async fn one_after_the_other(world: &World, people: &[User], each: usize) {
    let talks = people.iter().map(async |person| {
        for n in 0..each {
            let text = format!("message {n}");
            person.says(&text);
            world.answered(person, &text).await;
        }
    });
    futures::future::join_all(talks).await;
}

/// Everybody writes at once; how many turns a second that were, and what each cost.
async fn burst(world: &World, people: &[User], each: usize, name: &str, report: &mut Report) -> f64 {
    let (before, fakes) = (world.cpu(), cpu_of(std::process::id()));
    let began = Instant::now();
    one_after_the_other(world, people, each).await;
    let (turns, took) = ((people.len() * each) as f64, began.elapsed());
    let per_second = turns / took.as_secs_f64();
    report.row(name, per_second, "turns/s");
    report.row(
        &format!("{name}: CPU of a turn"),
        (world.cpu() - before) / turns,
        "ms",
    );
    let fakes = (cpu_of(std::process::id()) - fakes) / turns;
    report.row(&format!("{name}: the fakes' CPU beside it"), fakes, "ms");
    per_second
}

/// Half as many messages a second as it can do at most: what each waits.
pub(crate) async fn at_a_rate(world: &World, client: &Client, report: &mut Report) {
    let most = report.value(BURST).unwrap();
    let people = world.let_in(client, 100).await;
    let between = Duration::from_secs_f64(2.0 / most);
    let mut ticks = interval(between);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (until, mut waiting) = (Instant::now() + RATE_FOR, stream::FuturesUnordered::new());
    let (mut taken, mut number) = (Vec::new(), 0);
    let mut free: VecDeque<usize> = (0..people.len()).collect();
    while Instant::now() < until {
        tokio::select! {
            _ = ticks.tick() => {
                // One of each chat at a time: what waits in a chat is answered together.
                let Some(who) = free.pop_front() else { continue };
                let person = &people[who];
                let text = format!("message {number}");
                let said = Instant::now();
                person.says(&text);
                waiting.push(async move {
                    world.answered(person, "message ").await;
                    (who, said.elapsed())
                });
                number += 1;
            }
            Some((who, took)) = waiting.next() => {
                taken.push(took);
                free.push_back(who);
            }
        }
    }
    taken.extend(waiting.map(|(_, took)| took).collect::<Vec<_>>().await);
    taken.sort();
    report.row("at half of the most: rate", most / 2.0, "turns/s");
    report.row(
        "at half of the most: median",
        millis(percentile(&taken, 50)),
        "ms",
    );
    report.row("at half of the most: p99", millis(percentile(&taken, 99)), "ms");
}

/// The same chats without and with a history of 100 messages each.
pub(crate) async fn with_history(world: &World, client: &Client, report: &mut Report) {
    let people = world.let_in(client, 100).await;
    let without = burst(
        world,
        &people,
        OF_EACH,
        "2000 messages of 100 chats that begin",
        report,
    )
    .await;
    for _ in 0..HISTORY / 10 {
        one_after_the_other(world, &people, 10).await;
    }
    let with = burst(
        world,
        &people,
        OF_EACH,
        "the same, each with over 100 messages of history",
        report,
    )
    .await;
    report.row("with history : without", with / without, "x");
}

/// The same with a few users, and with many.
pub(crate) async fn with_users(world: &World, client: &Client, report: &mut Report) {
    let people = world.let_in(client, 200).await;
    let few = burst(
        world,
        &people,
        10,
        "2000 messages of 200 chats, few users",
        report,
    )
    .await;
    stream::iter(0..USERS / 100)
        .map(|_| world.let_in(client, 100))
        .buffer_unordered(4)
        .for_each(async |_| {})
        .await;
    let people = world.let_in(client, 200).await;
    let many = burst(world, &people, 10, "the same among 10,000 more users", report).await;
    report.row("many users : few", many / few, "x");
}

/// Turn after turn: memory must not grow.
pub(crate) async fn endurance(world: &World, client: &Client, report: &mut Report) {
    let people = world.let_in(client, 200).await;
    let mut first = None;
    for looks in 1..=ENDURANCE / LOOK_AFTER {
        for _ in 0..LOOK_AFTER / people.len() / 10 {
            one_after_the_other(world, &people, 10).await;
        }
        let memory = world.memory("VmRSS:");
        report.row(
            &format!("memory after {} turns", looks * LOOK_AFTER),
            memory,
            "MiB",
        );
        let first = *first.get_or_insert(memory);
        if looks == ENDURANCE / LOOK_AFTER {
            report.row(
                "memory after all of them : after the first 10,000",
                memory / first,
                "x",
            );
        }
    }
}

/// The value that `percent` of the sorted ones are at or below (nearest rank).
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1]
}
