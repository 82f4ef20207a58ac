//! Publish and consume rates and the latency of both stores: `cargo bench -p bus`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and fails by panicking"
)]

use std::time::{Duration, Instant};

use bus::{Bus, BusOptions, Consumer, ConsumerOptions};
use messages::{Address, Channel, Envelope, Event, EventId, ReplyDeltaV1, Topic, TraceId};
use test_support::redis::TestRedis;
use tokio::task::JoinSet;

const MESSAGES: usize = 20_000;
const PUBLISHERS: usize = 64;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("bus.db").display());
    measure("sqlite (synchronous=FULL)", &url).await;
    let server = TestRedis::start().await;
    measure("redis (appendfsync always)", server.url()).await;
    let memory = test_support::redis::TestPrefix::create().await;
    measure("redis (no AOF)", memory.url()).await;
}

async fn measure(name: &str, url: &str) {
    let bus = Bus::connect(url, BusOptions::default()).await.unwrap();
    let topic = Topic::named("bench");
    // The group exists, so that publishing pays for it.
    bus.consumer(&topic, "bench", ConsumerOptions::default())
        .await
        .unwrap()
        .close()
        .await;

    let start = Instant::now();
    let mut publishers = JoinSet::new();
    for publisher in 0..PUBLISHERS {
        let (bus, topic) = (bus.clone(), topic.clone());
        publishers.spawn(async move {
            for number in 0..MESSAGES / PUBLISHERS {
                bus.publish(&topic, &format!("{publisher}-{}", number % 50), &envelope())
                    .await
                    .unwrap();
            }
        });
    }
    publishers.join_all().await;
    let count = MESSAGES / PUBLISHERS * PUBLISHERS;
    println!(
        "{name}: publish {:.0}/s ({PUBLISHERS} at a time)",
        rate(count, start)
    );

    let start = Instant::now();
    let mut consumer = bus
        .consumer(&topic, "bench", ConsumerOptions::default())
        .await
        .unwrap();
    consume(&mut consumer, count).await;
    println!("{name}: consume and ack {:.0}/s", rate(count, start));

    let start = Instant::now();
    let items: Vec<_> = (0..count)
        .map(|number| (format!("all-{number}"), envelope()))
        .collect();
    for chunk in items.chunks(1000) {
        bus.publish_all(&topic, chunk).await.unwrap();
    }
    println!(
        "{name}: publish_all {:.0}/s (1,000 at a time)",
        rate(count, start)
    );
    consume(&mut consumer, count).await;

    println!(
        "{name}: publish to delivery p50 {:?}",
        latency(&bus, &topic, &mut consumer).await
    );
}

async fn consume(consumer: &mut Consumer, count: usize) {
    let mut handlers = JoinSet::new();
    for _ in 0..count {
        let delivery = consumer.next().await.unwrap();
        handlers.spawn(async move { delivery.ack().await.unwrap() });
    }
    handlers.join_all().await;
}

async fn latency(bus: &Bus, topic: &Topic, consumer: &mut Consumer) -> Duration {
    let mut times = Vec::new();
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let published = Instant::now();
        bus.publish(topic, "latency", &envelope()).await.unwrap();
        let delivery = consumer.next().await.unwrap();
        times.push(published.elapsed());
        delivery.ack().await.unwrap();
    }
    times.sort();
    times[times.len() / 2]
}

fn rate(count: usize, start: Instant) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / start.elapsed().as_secs_f64()
}

fn envelope() -> Envelope {
    Envelope {
        id: EventId::new("bench"),
        trace_id: TraceId::random(),
        at: chrono::DateTime::UNIX_EPOCH,
        event: Event::ReplyDeltaV1(ReplyDeltaV1 {
            event_id: EventId::new("bench"),
            user_id: uuid::Uuid::nil(),
            to: Address {
                channel: Channel::Api,
                chat: "1".into(),
            },
            text: "seven words are enough for a message".into(),
        }),
    }
}
