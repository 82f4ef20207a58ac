//! The bus in an SQLite file: for one machine, usually one process.
//!
//! All buses of a process that open the same file share one writer thread, so a message that one part of the
//! process publishes wakes the others at once; other processes look every 250 ms.

mod dead;
mod engine;
mod kept;
mod schema;
mod store;
mod writer;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex, PoisonError, Weak},
};

use diesel::SqliteConnection;
// Brings the bundled SQLite that diesel links against.
use libsqlite3_sys as _;
use messages::Envelope;
use tokio::sync::{broadcast, watch};

pub(crate) use self::engine::{Ticket, consumer};
use self::writer::{Outlives, Writer};
use crate::{BusError, DeadLetter, GroupStats, Subscription, names::GroupName};

/// How many broadcast envelopes a slow subscriber may be behind.
const BROADCAST_BUFFER: usize = 1024;

/// The files that this process has open: two connections to one file would not wake each other.
static OPEN: LazyLock<Mutex<HashMap<PathBuf, Weak<SqliteBus>>>> = LazyLock::new(Mutex::default);

#[derive(Debug)]
pub(crate) struct SqliteBus {
    writer: Writer,
    /// By topic: what wakes its consumers.
    changes: Mutex<HashMap<Box<str>, watch::Sender<()>>>,
    broadcast: broadcast::Sender<Envelope>,
}

impl SqliteBus {
    pub(crate) async fn open(path: &str) -> Result<Arc<Self>, BusError> {
        let path = path.to_owned();
        tokio::task::spawn_blocking(move || Self::open_blocking(&path))
            .await
            .map_err(|_| BusError::Closed)?
    }

    fn open_blocking(path: &str) -> Result<Arc<Self>, BusError> {
        let file = std::path::absolute(Path::new(path)).map_err(|error| BusError::Store(Box::new(error)))?;
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, bus| bus.strong_count() > 0);
        if let Some(bus) = open.get(&file).and_then(Weak::upgrade) {
            return Ok(bus);
        }
        let bus = Arc::new(Self {
            writer: Writer::start(path)?,
            changes: Mutex::default(),
            broadcast: broadcast::Sender::new(BROADCAST_BUFFER),
        });
        open.insert(file, Arc::downgrade(&bus));
        Ok(bus)
    }

    async fn run<R: Send + 'static>(
        &self,
        job: impl FnOnce(&mut SqliteConnection) -> Result<R, BusError> + Send + 'static,
    ) -> Result<R, BusError> {
        self.writer.run(Outlives::PowerCut, job).await
    }

    /// [`run`](Self::run) for what only says what this process has in hand: the commit does not wait for the disk.
    async fn run_lazily<R: Send + 'static>(
        &self,
        job: impl FnOnce(&mut SqliteConnection) -> Result<R, BusError> + Send + 'static,
    ) -> Result<R, BusError> {
        self.writer.run(Outlives::Process, job).await
    }

    /// Wakes the topic's consumers in this process.
    fn notify(&self, topic: &str) {
        let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(changed) = changes.get(topic) {
            changed.send_replace(());
        }
    }

    fn changes(&self, topic: &str) -> watch::Receiver<()> {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.entry(topic.into()).or_default().subscribe()
    }

    pub(crate) async fn publish(&self, topic: &str, items: Vec<(String, Vec<u8>)>) -> Result<(), BusError> {
        let to = topic.to_owned();
        self.run(move |db| store::publish(db, &to, &items)).await?;
        self.notify(topic);
        Ok(())
    }

    pub(crate) fn broadcast(&self, envelope: &Envelope) {
        // Nobody listening is no error: what is broadcast may be lost.
        let _ = self.broadcast.send(envelope.clone());
    }

    pub(crate) fn subscribe(&self) -> Subscription {
        Subscription::new(self.broadcast.subscribe())
    }

    pub(crate) async fn dead_letters(
        &self,
        name: GroupName,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, BusError> {
        let after = after.and_then(|id| id.parse().ok()).unwrap_or(0);
        self.run(move |db| dead::list(db, &name, after, limit)).await
    }

    pub(crate) async fn retry_dead(&self, name: GroupName, id: &str) -> Result<bool, BusError> {
        let Ok(id) = id.parse() else { return Ok(false) };
        let topic = name.topic.clone();
        let retried = self.run(move |db| dead::retry(db, &name, id)).await?;
        self.notify(&topic);
        Ok(retried)
    }

    pub(crate) async fn purge_dead(&self, name: GroupName, id: &str) -> Result<bool, BusError> {
        let Ok(id) = id.parse() else { return Ok(false) };
        self.run(move |db| dead::purge(db, &name, id)).await
    }

    pub(crate) async fn stats(&self, name: GroupName) -> Result<GroupStats, BusError> {
        self.run(move |db| dead::stats(db, &name)).await
    }

    pub(crate) async fn ping(&self) -> Result<(), BusError> {
        self.run(|_| Ok(())).await
    }
}
