//! What a plain turn asks of REST and of the database: numbers that no load and no machine changes, so that a change
//! that makes turns dearer is seen where it is made. `cargo manage bench` measures the time.

use std::collections::BTreeMap;

use test_support::wait_until;

use super::{
    both_ways,
    world::{LIMIT, Model, Way, World},
};

both_ways! {
    a_plain_turn_costs_what_is_written_here;
}

/// How many turns are counted.
const TURNS: u64 = 20;

/// The operations that a turn calls, each once.
const CALLS: [&str; 4] = [
    "GET /users/{user}/context",
    "GET /users/{user}/deliveries/{reply}",
    "POST /users/{user}/turns",
    "PUT /users/{user}/deliveries/{reply}/{part}",
];

/// How many statements those come to.
const STATEMENTS: u64 = 14;

const STATEMENT: &str = "database_statements_total";

/// What goes on by itself meanwhile: each look for due tasks is a statement.
const LOOK: &str = "POST /scheduled_tasks/claim";

async fn a_plain_turn_costs_what_is_written_here(world: World) {
    // What is looked up once and then known is no turn's.
    for n in 0..3 {
        said_and_answered(&world, &format!("warm up {n}")).await;
    }
    let before = settled(&world).await;
    for n in 0..TURNS {
        said_and_answered(&world, &format!("message {n}")).await;
    }
    let mut costs = settled(&world).await;
    for (name, count) in before {
        *costs.entry(name).or_default() -= count;
    }
    costs.retain(|name, count| *count > 0 && name != "GET /metrics");
    let looks = costs.remove(LOOK).unwrap_or_default();
    let statements = costs.remove(STATEMENT).unwrap() - looks;
    let calls: Vec<(&str, u64)> = costs
        .iter()
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    assert_eq!(calls, CALLS.map(|call| (call, TURNS)));
    // Fewer than one in two turns are the work that is done now and then; and a look for due tasks may have had its
    // statement before we counted, and have ended behind it.
    assert_eq!(
        (statements + TURNS / 2) / TURNS,
        STATEMENTS,
        "{statements} statements in {TURNS} turns"
    );
}

async fn said_and_answered(world: &World, text: &str) {
    world.ann.says(text);
    let answer = world.ann.next_message(LIMIT).await;
    assert!(answer.text.contains(text), "{answer:?}");
}

/// What was counted once every answer that was seen is recorded, too.
async fn settled(world: &World) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    wait_until("every delivery is recorded", LIMIT, async || {
        counts = counted(world).await;
        counts.get(CALLS[1]) == counts.get(CALLS[3])
    })
    .await;
    counts
}

/// How often each operation of REST was called so far, and how many statements went to its database.
async fn counted(world: &World) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for line in world.metrics().await.lines() {
        let Some((series, value)) = line.rsplit_once(' ') else {
            continue;
        };
        let label = |name: &str| {
            let (_, rest) = series.split_once(&format!("{name}=\""))?;
            rest.split('"').next()
        };
        let name = if series == STATEMENT {
            series.to_owned()
        } else if series.starts_with("http_request_seconds_count{") {
            format!("{} {}", label("method").unwrap(), label("route").unwrap())
        } else {
            continue;
        };
        *counts.entry(name).or_default() += value.parse::<u64>().unwrap();
    }
    counts
}
