//! The bus on Redis Streams: for more than one machine.
//!
//! A topic is cut into partitions, a stream each; a key is always in the same one. Each (group, partition) is leased
//! to one live consumer ([`leases`]), which alone reads it and keeps the order of its keys ([`lanes`]). Every
//! script that changes something checks the fencing token first ([`scripts`]), so a consumer that lost its
//! partition changes nothing. Time is the clock of Redis alone.
//!
//! What Redis has acknowledged is as durable as its configuration: with `appendonly yes` it survives a crash of
//! Redis; `appendfsync always` also a power cut.

mod broadcast;
mod connection;
mod dead;
mod engine;
mod entry_id;
pub mod keys;
mod lanes;
mod leases;
mod report;
mod scripts;
mod ticket;
mod wake;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use messages::Envelope;
use redis::{Client, IntoConnectionInfo, RedisResult, aio::MultiplexedConnection, io::tcp::TcpSettings};
use tokio::sync::OnceCell;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use self::connection::Connection;
pub use self::report::RedisReport;
pub(crate) use self::{engine::consumer, ticket::Ticket};
use crate::{BusError, BusOptions, Subscription, names::GroupName};

/// How many broadcast envelopes a slow subscriber may be behind.
const BROADCAST_BUFFER: usize = 1024;
/// How long a call is remembered that must have its effect once, in milliseconds: longer than it can be asked again, and
/// than a network may hold it back.
const REMEMBERED_MS: u64 = 60_000;

pub(crate) struct RedisBus {
    client: Client,
    connection: Connection,
    options: BusOptions,
    /// Into how many partitions each topic is cut; it never changes.
    partitions: Mutex<HashMap<String, u32>>,
    broadcast: tokio::sync::broadcast::Sender<Envelope>,
    listener: OnceCell<AbortOnDropHandle<()>>,
}

/// The keys of a group of a topic.
pub(crate) struct GroupKeys {
    pub(crate) name: GroupName,
    pub(crate) members: String,
    pub(crate) dead: String,
    pub(crate) partitions: Vec<PartitionKeys>,
}

/// The keys of a partition of a group.
pub(crate) struct PartitionKeys {
    pub(crate) stream: String,
    pub(crate) lease: String,
    pub(crate) fence: String,
    pub(crate) state: String,
}

impl RedisBus {
    pub(crate) async fn connect(url: &str, options: BusOptions) -> Result<Arc<Self>, BusError> {
        let client = client(url).map_err(|_| BusError::InvalidUrl)?;
        let bus = Arc::new(Self {
            connection: Connection::new(client.clone()),
            client,
            options,
            partitions: Mutex::default(),
            broadcast: tokio::sync::broadcast::Sender::new(BROADCAST_BUFFER),
            listener: OnceCell::new(),
        });
        bus.ping().await?;
        Ok(bus)
    }

    async fn run<T, F: Future<Output = RedisResult<T>>>(
        &self,
        operation: impl Fn(MultiplexedConnection) -> F,
    ) -> Result<T, BusError> {
        self.connection.run(operation).await
    }

    fn client(&self) -> &Client {
        &self.client
    }

    fn prefix(&self) -> &str {
        &self.options.key_prefix
    }

    /// Into how many partitions the topic is cut: what the first to ask has stored.
    async fn partitions(&self, topic: &str) -> Result<u32, BusError> {
        let known = self
            .partitions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(topic)
            .copied();
        if let Some(known) = known {
            return Ok(known);
        }
        let key = &keys::partitions(self.prefix(), topic);
        let wanted = self.options.partitions.clamp(1, 1024);
        let (stored,): (u32,) = self
            .run(|mut connection| async move {
                redis::pipe()
                    .set_nx(key, wanted)
                    .ignore()
                    .get(key)
                    .query_async(&mut connection)
                    .await
            })
            .await?;
        let stored = stored.clamp(1, 1024);
        self.partitions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(topic.to_owned(), stored);
        Ok(stored)
    }

    async fn group_keys(&self, name: GroupName) -> Result<GroupKeys, BusError> {
        let count = self.partitions(&name.topic).await?;
        let (prefix, topic, group) = (self.prefix(), &*name.topic, &*name.group);
        Ok(GroupKeys {
            members: keys::members(prefix, topic, group),
            dead: keys::dead(prefix, topic, group),
            partitions: (0..count)
                .map(|partition| PartitionKeys {
                    stream: keys::stream(prefix, topic, partition),
                    lease: keys::lease(prefix, topic, group, partition),
                    fence: keys::fence(prefix, topic, group, partition),
                    state: keys::state(prefix, topic, group, partition),
                })
                .collect(),
            name,
        })
    }

    async fn ensure_group(&self, keys: &GroupKeys) -> Result<(), BusError> {
        let mut call = scripts::ENSURE_GROUP.prepare_invoke();
        for partition in &keys.partitions {
            call.key(&partition.stream);
        }
        call.arg(&*keys.name.group);
        let call = &call;
        self.run(|mut connection| async move { call.invoke_async(&mut connection).await })
            .await
    }

    pub(crate) async fn publish(&self, topic: &str, items: &[(String, Vec<u8>)]) -> Result<(), BusError> {
        let partitions = self.partitions(topic).await?;
        let mut call = scripts::PUBLISH.key(self.once());
        call.arg(REMEMBERED_MS);
        for (key, payload) in items {
            let partition = keys::partition_of(key, partitions);
            call.key(keys::stream(self.prefix(), topic, partition));
            call.arg(key).arg(payload);
        }
        let call = &call;
        self.run(|mut connection| async move { call.invoke_async(&mut connection).await })
            .await
    }

    /// The key of a call that is made now.
    fn once(&self) -> String {
        keys::once(self.prefix(), &Uuid::now_v7().simple().to_string())
    }

    /// How often the shared connection was made.
    fn generation(&self) -> u64 {
        self.connection.generation()
    }

    pub(crate) async fn broadcast(&self, envelope: &Envelope) -> Result<(), BusError> {
        let payload = &envelope.encode().map_err(BusError::Encode)?;
        let channel = &keys::broadcast(self.prefix());
        self.run(|mut connection| async move {
            redis::cmd("PUBLISH")
                .arg(channel)
                .arg(payload)
                .query_async(&mut connection)
                .await
        })
        .await
    }

    pub(crate) async fn subscribe(&self) -> Result<Subscription, BusError> {
        let receiver = self.broadcast.subscribe();
        self.listener
            .get_or_try_init(|| async {
                let channel = keys::broadcast(self.prefix());
                let (client, listening) = (&self.client, &channel);
                let first = self
                    .run(|_| async move { broadcast::listen(client, listening).await })
                    .await?;
                let forward = broadcast::forward(self.client.clone(), channel, first, self.broadcast.clone());
                Ok::<_, BusError>(AbortOnDropHandle::new(tokio::spawn(forward)))
            })
            .await?;
        Ok(Subscription::new(receiver))
    }

    pub(crate) async fn ping(&self) -> Result<(), BusError> {
        self.run(|mut connection| async move { redis::cmd("PING").query_async(&mut connection).await })
            .await
    }
}

/// A client whose connections send at once: many callers share one, and none may wait until Redis has acknowledged
/// what another one sent.
fn client(url: &str) -> RedisResult<Client> {
    let address = url.into_connection_info()?;
    Client::open(address.set_tcp_settings(TcpSettings::default().set_nodelay(true)))
}
