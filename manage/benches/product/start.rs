//! How long the product takes to start, and what it costs while nobody wants anything.

use std::time::{Duration, Instant};

use rest_client::Client;
use test_support::wait_until;
use tokio::net::TcpListener;

use crate::{
    report::Report,
    world::{KEY, LIMIT, World},
};

/// How long the idle product is watched.
const IDLE: Duration = Duration::from_secs(5);

/// How often the product is started on data that is there already.
const STARTS: usize = 5;

/// Starts the product on nothing, and measures that.
pub(crate) async fn first(world: &mut World, processes: &[&[&str]], report: &mut Report) -> Client {
    // It waits at Telegram while the product starts.
    world.owner.says("/start");
    let started = Instant::now();
    let client = run(world, processes).await;
    report.row("first start → REST ready", millis(started.elapsed()), "ms");
    world.answered(&world.owner, "Welcome Ann!").await;
    report.row("first start → first reply", millis(started.elapsed()), "ms");
    client
}

/// Starts the processes and waits for REST.
async fn run(world: &mut World, processes: &[&[&str]]) -> Client {
    for args in processes {
        world.spawn(args);
    }
    let client = Client::new(world.rest_url.parse().unwrap(), KEY.into()).unwrap();
    wait_until("rest_service is ready", LIMIT, async || {
        client.ready().await.is_ok()
    })
    .await;
    client
}

/// Stops it and starts it on the data that is there: the median time to its first call to Telegram. Goes on with the
/// world's own Telegram.
pub(crate) async fn again(world: &mut World, processes: &[&[&str]], client: &Client, report: &mut Report) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = format!("http://{}", listener.local_addr().unwrap());
    let own = world.environment.insert("TELEGRAM_API_URL", other).unwrap();
    let mut taken = Vec::new();
    for _ in 0..STARTS {
        world.stop();
        let started = Instant::now();
        for args in processes {
            world.spawn(args);
        }
        tokio::time::timeout(LIMIT, listener.accept())
            .await
            .unwrap()
            .unwrap();
        taken.push(started.elapsed());
    }
    taken.sort();
    report.row("start → first call to Telegram", millis(taken[STARTS / 2]), "ms");
    world.environment.insert("TELEGRAM_API_URL", own);
    world.stop();
    for args in processes {
        world.spawn(args);
    }
    wait_until("rest_service is ready", LIMIT, async || {
        client.ready().await.is_ok()
    })
    .await;
}

/// What it costs when nothing happens.
pub(crate) async fn idle(world: &World, report: &mut Report) {
    // What the start left to do is not the idle product's.
    tokio::time::sleep(Duration::from_secs(2)).await;
    report.row("memory, idle", world.memory("VmRSS:"), "MiB");
    let before = world.cpu();
    tokio::time::sleep(IDLE).await;
    let used = (world.cpu() - before) / IDLE.as_secs_f64() / 10.0;
    report.row("CPU, idle", used, "% of a core");
}

pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
