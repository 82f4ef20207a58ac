//! The stores that the contract is tested on, and what tests say and hear.

use std::time::Duration;

use bus::{Bus, BusOptions, Consumer, ConsumerOptions, Delivery};
use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_query,
    sql_types,
};
use messages::{Envelope, Event, EventId, ReplyDeltaV1, Topic, TraceId};
use redis::AsyncCommands;
use test_support::redis::TestPrefix;

/// How long anything may take before a test gives up: generous, because nothing waits for it to pass.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// A store of a test's own.
pub(crate) enum Backend {
    Redis(TestPrefix),
    Sqlite(tempfile::TempDir),
}

impl Backend {
    pub(crate) async fn redis() -> Self {
        Self::Redis(TestPrefix::create().await)
    }

    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Redis(prefix) => prefix.url().to_owned(),
            Self::Sqlite(folder) => format!("sqlite:{}", folder.path().join("bus.db").display()),
        }
    }

    pub(crate) fn key_prefix(&self) -> &str {
        match self {
            Self::Redis(prefix) => prefix.prefix(),
            Self::Sqlite(_) => "unused",
        }
    }

    /// A bus of its own, as another service has it.
    pub(crate) async fn bus(&self) -> Bus {
        connect(&self.url(), self.key_prefix()).await
    }

    /// Puts bytes on a topic that no group has joined yet, as a publisher of another version would.
    pub(crate) async fn publish_bytes(&self, topic: &Topic, key: &str, payload: &[u8]) {
        match self {
            Self::Redis(prefix) => {
                let partition = bus::redis_keys::partition_of(key, BusOptions::default().partitions);
                let stream = bus::redis_keys::stream(prefix.prefix(), topic.as_str(), partition);
                let fields: [(&str, &[u8]); 2] = [("k", key.as_bytes()), ("p", payload)];
                let mut connection = redis_connection(prefix.url()).await;
                let _: String = connection.xadd(stream, "*", &fields).await.unwrap();
            }
            Self::Sqlite(_) => {
                self.bus()
                    .await
                    .publish(topic, key, &said("in its place"))
                    .await
                    .unwrap();
                let changed = sql_query(
                    "UPDATE bus_message SET payload = ? WHERE seq = (SELECT max(seq) FROM bus_message)",
                )
                .bind::<sql_types::Binary, _>(payload)
                .execute(&mut self.file())
                .unwrap();
                assert_eq!(changed, 1);
            }
        }
    }

    /// How many messages of the topic are in the store, whoever is done with them.
    pub(crate) async fn stored(&self, topic: &Topic) -> usize {
        match self {
            Self::Redis(prefix) => {
                let mut connection = redis_connection(prefix.url()).await;
                let mut stored = 0;
                for partition in 0..BusOptions::default().partitions {
                    let stream = bus::redis_keys::stream(prefix.prefix(), topic.as_str(), partition);
                    let length: usize = connection.xlen(stream).await.unwrap();
                    stored += length;
                }
                stored
            }
            Self::Sqlite(_) => {
                let row: Count = sql_query("SELECT count(*) AS count FROM bus_message WHERE topic = ?")
                    .bind::<sql_types::Text, _>(topic.as_str())
                    .get_result(&mut self.file())
                    .unwrap();
                usize::try_from(row.count).unwrap()
            }
        }
    }

    /// Whether a process can write to the store now.
    pub(crate) fn is_writable(&self) -> bool {
        match self {
            Self::Redis(_) => true,
            Self::Sqlite(_) => {
                let mut file = self.file();
                file.batch_execute("PRAGMA busy_timeout = 1000").unwrap();
                file.batch_execute("BEGIN IMMEDIATE; ROLLBACK").is_ok()
            }
        }
    }

    fn file(&self) -> SqliteConnection {
        SqliteConnection::establish(self.url().strip_prefix("sqlite:").unwrap()).unwrap()
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = sql_types::BigInt)]
    count: i64,
}

pub(crate) async fn redis_connection(url: &str) -> redis::aio::MultiplexedConnection {
    redis::Client::open(url)
        .unwrap()
        .get_multiplexed_async_connection()
        .await
        .unwrap()
}

pub(crate) async fn connect(url: &str, key_prefix: &str) -> Bus {
    let options = BusOptions {
        key_prefix: key_prefix.to_owned(),
        ..BusOptions::default()
    };
    Bus::connect(url, options).await.unwrap()
}

/// A topic of a test.
pub(crate) fn inbox() -> Topic {
    Topic::named("inbox")
}

/// An envelope that says something.
pub(crate) fn said(text: impl std::fmt::Display) -> Envelope {
    let text = format!("{text}");
    Envelope {
        id: EventId::new(if text.len() < 100 { text.as_str() } else { "long" }),
        trace_id: TraceId::random(),
        at: chrono::DateTime::UNIX_EPOCH,
        event: Event::ReplyDeltaV1(ReplyDeltaV1 {
            user_id: uuid::Uuid::nil(),
            to: messages::Address {
                channel: messages::Channel::Api,
                chat: "1".into(),
            },
            event_id: EventId::new("test"),
            text,
        }),
    }
}

/// What an envelope says.
pub(crate) fn text(envelope: &Envelope) -> String {
    match &envelope.event {
        Event::ReplyDeltaV1(delta) => delta.text.clone(),
        other => panic!("tests say nothing like {other:?}"),
    }
}

/// Options for tests in which a consumer dies: noticed after a second.
pub(crate) fn short_lease() -> ConsumerOptions {
    ConsumerOptions {
        lease: Duration::from_secs(1),
        trim_interval: Duration::from_millis(50),
        ..ConsumerOptions::default()
    }
}

/// Options for tests in which nobody dies: no lease runs out, however slow the machine is.
pub(crate) fn long_lease() -> ConsumerOptions {
    ConsumerOptions {
        lease: Duration::from_secs(60),
        ..short_lease()
    }
}

/// The next delivery, within the limit.
pub(crate) async fn next(consumer: &mut Consumer) -> Delivery {
    tokio::time::timeout(LIMIT, consumer.next())
        .await
        .expect("a delivery comes")
        .unwrap()
}

/// Takes the next `count` deliveries, acks each, and returns what they said.
pub(crate) async fn take(consumer: &mut Consumer, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    for _ in 0..count {
        let delivery = next(consumer).await;
        texts.push(text(delivery.envelope()));
        delivery.ack().await.unwrap();
    }
    texts
}
