//! The cleanup: old dead letters are purged from either bus, young ones and those to be kept are not.

use std::sync::Arc;

use bus::{Bus, BusOptions, ConsumerOptions};
use chrono::{DateTime, Utc};
use cron_service::Cleaner;
use messages::{Address, Channel, Envelope, Event, EventId, Topic, TraceId, UserMessageV1};
use rest_client::Client;
use rest_service::Settings;
use service_kit::{Lifecycle, ManualClock, http, settings};
use test_support::{redis::TestRedis, sqlite::TestFile};
use tokio::net::TcpListener;
use uuid::Uuid;

const KEY: &str = "a-key-of-services-under-test";

/// More than the cleaner looks at in one go.
const MANY: usize = 205;

/// The real rest_service on an empty database; it serves until the test ends.
pub(crate) async fn rest(db: &TestFile, bus_url: &str, clock: &ManualClock) -> Client {
    http::install_tls();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let flags = [
        "rest_service".to_owned(),
        format!("--database-url={}", db.url("db")),
        format!("--bus-url={bus_url}"),
        format!("--service-key={KEY}"),
    ];
    let settings: Settings = settings::parse("rest_service", "", flags).unwrap();
    let (lifecycle, _) = Lifecycle::new(Arc::new(clock.clone()));
    tokio::spawn(rest_service::serve(settings, listener, lifecycle));
    Client::new(format!("http://{address}").parse().unwrap(), KEY.into()).unwrap()
}

async fn old_dead_letters_are_purged(bus_url: &str) {
    let bus = Bus::connect(bus_url, BusOptions::default()).await.unwrap();
    let (topic, group) = (Topic::ASSISTANT_INBOX, "assistant");
    let mut consumer = bus
        .consumer(&topic, group, ConsumerOptions::default())
        .await
        .unwrap();
    for i in 0..MANY {
        let from = Address {
            channel: Channel::Api,
            chat: i.to_string(),
        };
        let envelope = Envelope {
            id: EventId::new(format!("e:{i}")),
            trace_id: TraceId::random(),
            at: DateTime::UNIX_EPOCH,
            event: Event::UserMessageV1(UserMessageV1 {
                user_id: Uuid::nil(),
                from: from.clone(),
                message_ref: None,
                text: "hello".to_owned(),
                sent_at: DateTime::UNIX_EPOCH,
            }),
        };
        bus.publish(&topic, &from.key(), &envelope).await.unwrap();
        consumer.next().await.unwrap().fail("given up").await.unwrap();
    }
    let db = TestFile::create();
    let clock = ManualClock::at(instant("2026-11-20T12:00:00Z"));
    let rest = rest(&db, bus_url, &clock).await;
    let cleaned = async |now: &str, days| {
        let clock = Arc::new(ManualClock::at(instant(now)));
        Cleaner::new(rest.clone(), bus.clone(), clock, days)
            .clean_up()
            .await;
        bus.stats(&topic, group).await.unwrap().dead
    };
    let all = u64::try_from(MANY).unwrap();
    // The store's own clock says when they were given up: long before the one, long after the other.
    assert_eq!(cleaned("2000-01-01T00:00:00Z", 30).await, all, "they are young");
    assert_eq!(cleaned("2999-01-01T00:00:00Z", 0).await, all, "they are kept");
    assert_eq!(cleaned("2999-01-01T00:00:00Z", 30).await, 0);
    assert_eq!(cleaned("2999-01-01T00:00:00Z", 30).await, 0, "again is the same");
}

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let file = TestFile::create();
    old_dead_letters_are_purged(&file.url("bus")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_redis() {
    let redis = TestRedis::start().await;
    old_dead_letters_are_purged(redis.url()).await;
}
