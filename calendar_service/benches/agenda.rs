//! What an agenda of a day costs over Google's own time: `cargo bench -p calendar_service`.
//!
//! The fake Google answers after a fixed delay. What is measured is the whole way of a caller: the typed client,
//! calendar_service, rest_service (the user's zone and tokens), and back.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark says what it measured, and fails by panicking"
)]

#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "the stories use more of it")]
mod support;

use std::time::Duration;

use calendar_client::AgendaQuery;
use fakes::google::Fault;
use serde_json::json;
use support::World;
use tokio::time::Instant;

/// Google's own time: what its API takes on a good day.
const DELAY: Duration = Duration::from_millis(100);

/// How many agendas are read.
const ROUNDS: usize = 100;

#[tokio::main]
async fn main() {
    let world = World::start().await;
    for hour in 8..16 {
        world.ann.calendar().adds(json!({
            "summary": format!("Meeting at {hour}"),
            "start": {"dateTime": format!("2026-11-24T{hour:02}:00:00+01:00")},
            "end": {"dateTime": format!("2026-11-24T{hour:02}:45:00+01:00")},
        }));
    }
    let query = AgendaQuery {
        from: Some("2026-11-24".parse().unwrap()),
        ..AgendaQuery::default()
    };
    let agenda = async || {
        let started = Instant::now();
        let agenda = world.client.agenda(world.user, &query).await.unwrap();
        assert_eq!(agenda.events.len(), 8);
        started.elapsed()
    };
    // Connections are made, and the list of calendars is read.
    agenda().await;
    for delay in [Duration::ZERO, DELAY] {
        world
            .google
            .fails_next("events.list", &Fault::Slow(delay), ROUNDS);
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            times.push(agenda().await);
        }
        times.sort_unstable();
        let over = |time: Duration| (time.saturating_sub(delay)).as_secs_f64() * 1_000.0;
        println!(
            "Google answers after {} ms: an agenda of a day takes {:.1} ms more (median), {:.1} ms (p95)",
            delay.as_millis(),
            over(times[ROUNDS / 2]),
            over(times[ROUNDS * 95 / 100]),
        );
    }
}
