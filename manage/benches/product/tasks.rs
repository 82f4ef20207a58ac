//! Many reminders that are due in the same second, with three schedulers of which one is killed meanwhile.

use std::{
    collections::HashMap,
    process::Child,
    time::{Duration, Instant},
};

use bus::{BusOptions, redis_keys};
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};
use messages::{Address, Channel, TaskAction, Topic};
use redis::{AsyncCommands, streams::StreamRangeReply};
use rest_client::{Client, NewScheduledTask};
use schedule::Schedule;
use test_support::wait_until;
use tokio::time::sleep;
use uuid::Uuid;

use crate::{
    report::Report,
    world::{KEY, LIMIT, World},
};

/// How many users there are, and how many reminders each has.
const USERS: usize = 100;
const EACH: usize = 100;
/// How many calls make them at a time.
const AT_ONCE: usize = 16;
/// How many schedulers there are, and how long after the instant one of them is killed.
const SCHEDULERS: usize = 3;
const KILLED_AFTER: Duration = Duration::from_millis(300);

/// From the instant to the last event on the bus, as Redis numbers them.
pub(crate) async fn due_at_once(way: &str, processes: &[&[&str]], manage: &str, report: &mut Report) {
    // In one process there is one scheduler.
    if processes.len() < 2 {
        return;
    }
    let mut world = World::new(way, manage).await;
    world.spawn(&["serve", "rest_service"]);
    let client = Client::new(world.rest_url.parse().unwrap(), KEY.into()).unwrap();
    wait_until("rest_service is ready", LIMIT, async || {
        client.ready().await.is_ok()
    })
    .await;
    let people = world.let_in(&client, USERS).await;
    let mut users = Vec::new();
    let mut page = rest_client::UserListQuery::default();
    loop {
        let found = client.users(&page).await.unwrap();
        users.extend(found.items.iter().map(|user| user.id));
        let Some(cursor) = found.next_cursor else { break };
        page.cursor = Some(cursor);
    }
    assert!(users.len() >= people.len());
    users.truncate(USERS);
    // A hundred reminders a second are made at the least.
    let due: DateTime<Utc> = now() + TimeDelta::seconds(60);
    let made = Instant::now();
    stream::iter((0..USERS * EACH).map(|n| (n, users[n % USERS])))
        .for_each_concurrent(AT_ONCE, |(n, user)| make(&client, user, n, due))
        .await;
    report.row(
        "a reminder made, 16 at a time",
        made.elapsed().as_secs_f64() * 1000.0 / (USERS * EACH) as f64,
        "ms",
    );
    for _ in 0..SCHEDULERS {
        world.spawn(&["serve", "cron_service"]);
    }
    let left = (due - now()).to_std().unwrap_or_default();
    assert!(!left.is_zero(), "the machine is too slow for this");
    sleep(left + KILLED_AFTER).await;
    let killed: &mut Child = world.processes.last_mut().unwrap();
    killed.kill().unwrap();
    let mut events = HashMap::new();
    wait_until("all are published", LIMIT, async || {
        events = published(&world).await;
        events.len() >= USERS * EACH
    })
    .await;
    let last = events.values().map(|(at, _)| *at).max().unwrap();
    let twice = events.values().filter(|(_, times)| *times > 1).count();
    let name = format!("{} reminders due at once → the last is published", USERS * EACH);
    report.row(
        &name,
        last as f64 / 1000.0 - due.timestamp_millis() as f64 / 1000.0,
        "s",
    );
    report.row("of them published twice (under the same id)", twice as f64, "");
    world.processes.last_mut().unwrap().wait().unwrap();
    world.processes.pop();
}

async fn make(client: &Client, user: Uuid, n: usize, due: DateTime<Utc>) {
    let new = NewScheduledTask {
        action: TaskAction::Remind,
        text: "drink water".to_owned(),
        schedule: Schedule::Once { at: due },
        time_zone: None,
        to: Address {
            channel: Channel::Telegram,
            chat: (n % USERS).to_string(),
        },
        from_outside: false,
        idempotency_key: None,
    };
    client.create_task(user, &new).await.unwrap();
}

/// The events on the bus: when each was published last, in Unix milliseconds, and how often.
async fn published(world: &World) -> HashMap<String, (i64, u32)> {
    let client = redis::Client::open(world.environment["BUS_URL"].as_str()).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let options = BusOptions::default();
    let mut events = HashMap::new();
    for partition in 0..options.partitions {
        let stream = redis_keys::stream(&options.key_prefix, Topic::ASSISTANT_INBOX.as_str(), partition);
        let entries: StreamRangeReply = redis.xrange_all(stream).await.unwrap();
        for entry in entries.ids {
            let at: i64 = entry.id.split_once('-').unwrap().0.parse().unwrap();
            let payload: String = entry.get("p").unwrap();
            let envelope: serde_json::Value = serde_json::from_str(&payload).unwrap();
            let seen = events.entry(envelope["id"].to_string()).or_insert((at, 0));
            *seen = (at.max(seen.0), seen.1 + 1);
        }
    }
    events
}

#[expect(
    clippy::disallowed_methods,
    reason = "the product under test is on the system's clock"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}
