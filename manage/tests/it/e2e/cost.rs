//! What a plain turn asks of REST and of the database: numbers that no load and no machine changes, so that a change
//! that makes turns dearer is seen where it is made. `cargo manage bench` measures the time.

use std::collections::BTreeMap;

use super::{
    both_ways,
    world::{Model, Way, World},
};

both_ways! {
    a_plain_turn_costs_what_is_written_here;
}

/// How many turns are counted.
const TURNS: u64 = 20;

/// How often each operation is called in a turn.
const CALLS: [(&str, u64); 4] = [
    ("GET /deliveries/{event_id}/{part}", 0),
    ("GET /users/{user_id}/context", 1),
    ("POST /deliveries", 1),
    ("POST /users/{user_id}/turns", 1),
];

/// How many statements those come to.
const STATEMENTS: u64 = 0;

async fn a_plain_turn_costs_what_is_written_here(world: World) {
    // What is looked up once and then known is no turn's.
    for n in 0..3 {
        said_and_answered(&world, &format!("warm up {n}")).await;
    }
    let before = counted(&world).await;
    for n in 0..TURNS {
        said_and_answered(&world, &format!("message {n}")).await;
    }
    let after = counted(&world).await;
    let mut costs = BTreeMap::new();
    for (name, count) in after {
        let count = count - before.get(&name).copied().unwrap_or(0);
        if count > 0 {
            costs.insert(name, count);
        }
    }
    eprintln!("{costs:#?}");
    assert_eq!(world.way, Way::Embedded, "{CALLS:?} {STATEMENTS}");
    panic!("look");
}

async fn said_and_answered(world: &World, text: &str) {
    world.ann.says(text);
    let answer = world.ann.next_message(super::world::LIMIT).await;
    assert!(answer.text.contains(text), "{answer:?}");
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
        let name = if series == "database_statements_total" {
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
