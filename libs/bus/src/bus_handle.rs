//! The bus as its users see it, whichever store carries it.

use std::{fmt, sync::Arc};

use messages::{Envelope, Topic};

use crate::{
    BusError, BusOptions, Consumer, ConsumerOptions, DeadLetter, GroupStats, RedisReport, Subscription,
    names::{self, GroupName},
    redis_streams::{self, RedisBus},
    sqlite::{self, SqliteBus},
    telemetry,
};

/// The bus. Cheap to clone; the last clone closes the connection.
#[derive(Clone)]
pub struct Bus(Store);

#[derive(Clone)]
enum Store {
    Redis(Arc<RedisBus>),
    Sqlite(Arc<SqliteBus>),
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Store::Redis(_) => "Bus(redis)",
            Store::Sqlite(_) => "Bus(sqlite)",
        })
    }
}

impl Bus {
    /// Opens the bus: `sqlite:/path/to/bus.db` (made if missing), `redis://…` or `rediss://…`.
    ///
    /// # Errors
    /// [`BusError::InvalidUrl`]; [`BusError::Unavailable`] or [`BusError::Store`] when the store cannot be used.
    pub async fn connect(url: &str, options: BusOptions) -> Result<Self, BusError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return Ok(Self(Store::Sqlite(SqliteBus::open(path).await?)));
        }
        if url.starts_with("redis://") || url.starts_with("rediss://") {
            return Ok(Self(Store::Redis(RedisBus::connect(url, options).await?)));
        }
        Err(BusError::InvalidUrl)
    }

    /// Puts an envelope on the topic, behind all others of the same key; durable when it returns.
    ///
    /// # Errors
    /// [`BusError::Unavailable`] after 5 s without the store; the message may still have been published, and
    /// publishing it again is harmless because its id is the same.
    pub async fn publish(&self, topic: &Topic, key: &str, envelope: &Envelope) -> Result<(), BusError> {
        let item = (key.to_owned(), envelope.encode().map_err(BusError::Encode)?);
        self.publish_encoded(topic, vec![item]).await
    }

    /// Puts several envelopes on the topic, in order, all or none.
    ///
    /// # Errors
    /// As for [`Self::publish`].
    pub async fn publish_all(&self, topic: &Topic, items: &[(String, Envelope)]) -> Result<(), BusError> {
        let items = items
            .iter()
            .map(|(key, envelope)| Ok((key.clone(), envelope.encode().map_err(BusError::Encode)?)))
            .collect::<Result<Vec<_>, BusError>>()?;
        self.publish_encoded(topic, items).await
    }

    async fn publish_encoded(&self, topic: &Topic, items: Vec<(String, Vec<u8>)>) -> Result<(), BusError> {
        let topic = names::checked(topic.as_str())?;
        let count = items.len();
        if count == 0 {
            return Ok(());
        }
        match &self.0 {
            Store::Redis(bus) => bus.publish(topic, &items).await,
            Store::Sqlite(bus) => bus.publish(topic, items).await,
        }?;
        telemetry::published(topic, count);
        Ok(())
    }

    /// Joins a group of the topic; the group is made if it is new, and then starts at the oldest message that is
    /// still there.
    ///
    /// # Errors
    /// [`BusError::InvalidName`]; [`BusError::Unavailable`] or [`BusError::Store`] when the store cannot be used.
    pub async fn consumer(
        &self,
        topic: &Topic,
        group: &str,
        options: ConsumerOptions,
    ) -> Result<Consumer, BusError> {
        let name = GroupName::new(topic, group)?;
        match &self.0 {
            Store::Redis(bus) => redis_streams::consumer(bus, name, options).await,
            Store::Sqlite(bus) => sqlite::consumer(bus, name, options).await,
        }
    }

    /// Tells everyone who listens now; may be lost.
    ///
    /// On SQLite it reaches every bus of this process that has the same file open: embedded is one process.
    ///
    /// # Errors
    /// [`BusError::Unavailable`] or [`BusError::Store`] when it was certainly lost.
    pub async fn broadcast(&self, envelope: &Envelope) -> Result<(), BusError> {
        match &self.0 {
            Store::Redis(bus) => bus.broadcast(envelope).await,
            Store::Sqlite(bus) => {
                bus.broadcast(envelope);
                Ok(())
            }
        }
    }

    /// Listens to what is broadcast from now on.
    ///
    /// # Errors
    /// [`BusError::Unavailable`] or [`BusError::Store`] when the store cannot be used.
    pub async fn subscribe(&self) -> Result<Subscription, BusError> {
        match &self.0 {
            Store::Redis(bus) => bus.subscribe().await,
            Store::Sqlite(bus) => Ok(bus.subscribe()),
        }
    }

    /// Up to `limit` dead letters of the group, oldest first, behind the one with the id `after`.
    ///
    /// # Errors
    /// [`BusError::Unavailable`] or [`BusError::Store`] when the store cannot be used.
    pub async fn dead_letters(
        &self,
        topic: &Topic,
        group: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, BusError> {
        let name = GroupName::new(topic, group)?;
        match &self.0 {
            Store::Redis(bus) => bus.dead_letters(&name, after, limit).await,
            Store::Sqlite(bus) => bus.dead_letters(name, after, limit).await,
        }
    }

    /// Puts a dead letter back on the topic for this group alone, behind what waits there for its key, with all
    /// its attempts before it again. `false` when there is no such dead letter (any more).
    ///
    /// # Errors
    /// [`BusError::Unavailable`] or [`BusError::Store`] when the store cannot be used.
    pub async fn retry_dead(&self, topic: &Topic, group: &str, id: &str) -> Result<bool, BusError> {
        let name = GroupName::new(topic, group)?;
        match &self.0 {
            Store::Redis(bus) => bus.retry_dead(&name, id).await,
            Store::Sqlite(bus) => bus.retry_dead(name, id).await,
        }
    }

    /// Deletes a dead letter for good. `false` when there is no such dead letter (any more).
    ///
    /// # Errors
    /// [`BusError::Unavailable`] or [`BusError::Store`] when the store cannot be used.
    pub async fn purge_dead(&self, topic: &Topic, group: &str, id: &str) -> Result<bool, BusError> {
        let name = GroupName::new(topic, group)?;
        match &self.0 {
            Store::Redis(bus) => bus.purge_dead(&name, id).await,
            Store::Sqlite(bus) => bus.purge_dead(name, id).await,
        }
    }

    /// The group's figures now; all zero for a group that nobody has joined yet.
    ///
    /// # Errors
    /// [`BusError::Unavailable`] or [`BusError::Store`] when the store cannot be used.
    pub async fn stats(&self, topic: &Topic, group: &str) -> Result<GroupStats, BusError> {
        let name = GroupName::new(topic, group)?;
        match &self.0 {
            Store::Redis(bus) => bus.stats(&name).await,
            Store::Sqlite(bus) => bus.stats(name).await,
        }
    }

    /// What Redis says of itself; `None` on SQLite.
    ///
    /// # Errors
    /// [`BusError::Unavailable`] or [`BusError::Store`] when the store cannot be used.
    pub async fn redis_report(&self) -> Result<Option<RedisReport>, BusError> {
        match &self.0 {
            Store::Redis(bus) => bus.report().await.map(Some),
            Store::Sqlite(_) => Ok(None),
        }
    }

    /// Whether the store answers; for readiness.
    ///
    /// # Errors
    /// [`BusError::Unavailable`] or [`BusError::Store`] when it does not.
    pub async fn ping(&self) -> Result<(), BusError> {
        match &self.0 {
            Store::Redis(bus) => bus.ping().await,
            Store::Sqlite(bus) => bus.ping().await,
        }
    }
}
