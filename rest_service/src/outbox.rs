//! The API channel's end of the bus: keeps what users are to be told, so that their event streams can read it.
//!
//! A crash before a reply is stored, or before it is acked: it comes again, and storing it again changes nothing.
//! The streams are woken by a broadcast, which may be lost; they look at the table by themselves too.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use bus::{Bus, BusError, Consumer, ConsumerOptions, Delivery};
use messages::{Channel, Event, ReplyV1, Topic};
use service_kit::{Lifecycle, OperatorError, retry::wait_for, settings::BusSettings};
use tokio::task::JoinSet;

use crate::{
    db::{Db, DbError},
    store::user_events,
};

/// The group that reads the outbox, of which every replica is a member.
const GROUP: &str = "rest_service";

/// How many replies are stored side by side; each holds a database connection for a moment.
const IN_FLIGHT: usize = 8;

/// How long to wait before a reply is tried again after a fault that waiting hardly mends.
const FAULT_PAUSE: Duration = Duration::from_secs(5);

/// The first and the longest wait for a database that does not answer.
const OUTAGE_PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// The bus, once it has been reached.
#[derive(Clone, Debug, Default)]
pub(crate) struct BusSlot(Arc<OnceLock<Bus>>);

impl BusSlot {
    /// The bus; `None` while it has never been reached.
    pub(crate) fn get(&self) -> Option<&Bus> {
        self.0.get()
    }
}

/// Reaches the bus, puts it into the slot, and stores replies until the process stops.
///
/// # Errors
/// The settings name no bus, or the bus was closed under it.
pub(crate) async fn run(
    settings: &BusSettings,
    slot: &BusSlot,
    db: &Db,
    lifecycle: &Lifecycle,
) -> Result<(), OperatorError> {
    let Some(bus) = bus::open(settings, lifecycle).await? else {
        return Ok(());
    };
    let bus = slot.0.get_or_init(|| bus);
    let options = ConsumerOptions {
        max_in_flight: IN_FLIGHT,
        ..ConsumerOptions::default()
    };
    let topic = Topic::outbox(Channel::Api);
    let joined = wait_for(lifecycle, "outbox", || {
        bus.consumer(&topic, GROUP, options.clone())
    });
    let Some(consumer) = joined.await else {
        return Ok(());
    };
    lifecycle.health().started("rest_service");
    consume(consumer, bus, db, lifecycle)
        .await
        .map_err(|error| OperatorError::new("cannot read the outbox", "restart the service").because(error))
}

async fn consume(mut consumer: Consumer, bus: &Bus, db: &Db, lifecycle: &Lifecycle) -> Result<(), BusError> {
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = lifecycle.stopping() => break,
            Some(_) = tasks.join_next(), if tasks.len() >= IN_FLIGHT => {}
            delivery = consumer.next(), if tasks.len() < IN_FLIGHT => {
                tasks.spawn(keep(delivery?, bus.clone(), db.clone(), lifecycle.clone()));
            }
        }
    }
    while tasks.join_next().await.is_some() {}
    consumer.close().await;
    Ok(())
}

/// Stores one reply, wakes the streams, and settles the delivery.
async fn keep(delivery: Delivery, bus: Bus, db: Db, lifecycle: Lifecycle) {
    let envelope = delivery.envelope().clone();
    let (id, trace_id) = (&envelope.id, envelope.trace_id);
    let settled = match &envelope.event {
        Event::ReplyV1(reply) => match store(&envelope.id, reply, &db, &lifecycle).await {
            // Stopping: dropped unsettled, it comes again after the next start.
            None => return,
            Some(Ok(())) => {
                if let Err(error) = bus.broadcast(&envelope).await {
                    tracing::debug!(%id, %trace_id, %error, "no stream was woken; each looks by itself");
                }
                tracing::info!(%id, %trace_id, user_id = %reply.user_id, "reply stored");
                delivery.ack().await
            }
            Some(Err(DbError::Reference(_))) => {
                // Erased: nothing of theirs is kept, not as a dead letter either.
                tracing::info!(%id, %trace_id, "dropped: the user is not known any more");
                delivery.ack().await
            }
            Some(Err(error)) => {
                tracing::error!(%id, %trace_id, %error, source = ?std::error::Error::source(&error), "cannot store a reply");
                delivery.retry(FAULT_PAUSE, error.to_string()).await
            }
        },
        other => {
            tracing::error!(%id, %trace_id, kind = other.type_name(), "not a reply in the outbox");
            delivery.fail("not a reply").await
        }
    };
    if let Err(error) = settled {
        tracing::warn!(%id, %trace_id, %error, "a reply could not be settled; it will come again");
    }
}

/// Stores a reply, waiting for a database that does not answer: an outage must use up no attempts. `None` when
/// the process stops first.
async fn store(
    id: &messages::EventId,
    reply: &ReplyV1,
    db: &Db,
    lifecycle: &Lifecycle,
) -> Option<Result<(), DbError>> {
    let (mut pause, longest) = OUTAGE_PAUSE;
    loop {
        let stored = user_events::append(db, lifecycle.clock().now(), id, storable(reply.clone())).await;
        match stored {
            Err(error) if error.is_transient() => {
                tracing::debug!(%id, %error, "the database is away; waiting");
            }
            settled => return Some(settled),
        }
        lifecycle.until_stopping(tokio::time::sleep(pause)).await?;
        pause = (pause * 2).min(longest);
    }
}

/// The reply without the character U+0000, which a model may write and PostgreSQL cannot hold.
fn storable(mut reply: ReplyV1) -> ReplyV1 {
    let texts =
        std::iter::once(&mut reply.text).chain(reply.receipts.iter_mut().map(|receipt| &mut receipt.text));
    for text in texts.filter(|text| text.contains('\0')) {
        *text = text.replace('\0', "\u{fffd}");
    }
    reply
}
