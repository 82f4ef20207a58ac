//! What works behind a consumer on SQLite: fetches ahead, and says that the consumer is alive.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{
    SqliteBus,
    store::{self, Hold},
};
use crate::{
    BusError, Consumer, ConsumerOptions,
    consumer::Outlet,
    delivery::{self, Candidate, Settlement},
    names::GroupName,
};

/// How long a message of another process may go unnoticed.
const POLL: Duration = Duration::from_millis(250);

/// The right to settle one delivery.
#[derive(Debug)]
pub(crate) struct Ticket {
    bus: Arc<SqliteBus>,
    name: GroupName,
    hold: Hold,
    handed_over: bool,
    /// Gone when the ticket was used.
    returns: Option<mpsc::UnboundedSender<Return>>,
}

/// What a ticket tells its engine when it is gone.
#[derive(Debug)]
enum Return {
    Settled,
    Unsettled { hold: Hold, uncounted: bool },
}

impl Ticket {
    pub(crate) fn name(&self) -> &GroupName {
        &self.name
    }

    pub(crate) fn mark_handed_over(&mut self) {
        self.handed_over = true;
    }

    /// The payloads that wait behind it for the same key.
    pub(crate) async fn behind(&self, limit: usize) -> Result<Vec<Vec<u8>>, BusError> {
        let hold = self.hold.clone();
        self.bus
            .run_lazily(move |db| store::behind(db, &hold, limit))
            .await
    }

    pub(crate) async fn settle(mut self, settlement: Settlement) -> Result<(), BusError> {
        let hold = self.hold.clone();
        let result = self
            .bus
            .run(move |db| store::settle(db, &hold, &settlement))
            .await;
        if matches!(result, Ok(()) | Err(BusError::LeaseLost))
            && let Some(returns) = self.returns.take()
        {
            // The engine is gone when the runtime shuts down. While it runs, it looks for the key's next message
            // itself; another consumer of the group must not wait for one that has ended.
            if returns.send(Return::Settled).is_err() {
                self.bus.notify(&self.name.topic);
            }
        }
        result
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(returns) = self.returns.take() {
            let _ = returns.send(Return::Unsettled {
                hold: self.hold.clone(),
                uncounted: !self.handed_over,
            });
        }
    }
}

/// Joins the group and starts the engine.
pub(crate) async fn consumer(
    bus: &Arc<SqliteBus>,
    name: GroupName,
    options: ConsumerOptions,
) -> Result<Consumer, BusError> {
    let changes = bus.changes(&name.topic);
    let group = name.clone();
    let group_id = bus.run(move |db| store::ensure_group(db, &group)).await?;
    let (consumer, outlet) = Consumer::new(options.buffer());
    let (returns_sender, returns) = mpsc::unbounded_channel();
    let engine = Engine {
        bus: Arc::clone(bus),
        name,
        group_id,
        options,
        holder: Arc::new(AtomicI64::new(0)),
        stop: outlet.stop.clone(),
        outlet,
        returns_sender,
        returns,
        changes,
        in_flight: 0,
    };
    tokio::spawn(engine.run());
    Ok(consumer)
}

struct Engine {
    bus: Arc<SqliteBus>,
    name: GroupName,
    group_id: i64,
    options: ConsumerOptions,
    /// The consumer's id in `bus_consumer`; 0 until the first fetch.
    holder: Arc<AtomicI64>,
    stop: CancellationToken,
    outlet: Outlet,
    returns_sender: mpsc::UnboundedSender<Return>,
    returns: mpsc::UnboundedReceiver<Return>,
    changes: watch::Receiver<()>,
    in_flight: usize,
}

impl Engine {
    async fn run(mut self) {
        let heartbeat = AbortOnDropHandle::new(tokio::spawn(heartbeat(
            Arc::clone(&self.bus),
            Arc::clone(&self.holder),
            self.options.clone(),
        )));
        let stop = self.stop.clone();
        while !stop.is_cancelled() {
            while let Ok(returned) = self.returns.try_recv() {
                self.take_back(returned).await;
            }
            self.changes.mark_unchanged();
            let wake_at = match self.fetch().await {
                Ok(wake_at) => wake_at,
                Err(error) => {
                    tracing::warn!(%error, topic = %self.name.topic, group = %self.name.group, "cannot fetch; trying again");
                    Instant::now() + POLL
                }
            };
            let full = self.in_flight >= self.options.max_in_flight;
            let buffer_full = self.outlet.deliveries.capacity() == 0;
            let mut returned = None;
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                ticket = self.returns.recv() => returned = ticket,
                _ = self.changes.changed(), if !full && !buffer_full => {}
                _ = self.outlet.deliveries.reserve(), if !full && buffer_full => {}
                () = tokio::time::sleep_until(wake_at), if !full && !buffer_full => {}
            }
            if let Some(returned) = returned {
                self.take_back(returned).await;
            }
        }
        self.close().await;
        drop(heartbeat);
    }

    /// Hands out what is due, as far as there is room; returns when to look again.
    async fn fetch(&mut self) -> Result<Instant, BusError> {
        let room = self.room();
        if room == 0 {
            return Ok(Instant::now() + POLL);
        }
        let (group_id, lease) = (self.group_id, self.options.lease);
        let holder = self.holder.load(Ordering::SeqCst);
        let handed_out = self
            .bus
            .run_lazily(move |db| store::hand_out(db, group_id, holder, lease, room))
            .await?;
        self.holder.store(handed_out.holder, Ordering::SeqCst);
        let more = handed_out.heads.len() == room;
        for head in handed_out.heads {
            self.in_flight += 1;
            let hold = Hold {
                group_id,
                key: head.key.clone(),
                seq: head.seq,
                holder: handed_out.holder,
                attempts: head.attempts,
            };
            let candidate = Candidate {
                key: head.key,
                payload: head.payload,
                attempt: u32::try_from(head.attempts).unwrap_or(u32::MAX),
                last_reason: head.last_reason,
                ticket: delivery::Ticket::Sqlite(Ticket {
                    bus: Arc::clone(&self.bus),
                    name: self.name.clone(),
                    hold,
                    handed_over: false,
                    returns: Some(self.returns_sender.clone()),
                }),
            };
            match candidate.into_delivery(self.options.max_attempts).await {
                // A consumer that was just closed drops it: then the ticket comes back.
                Ok(Some(delivery)) => drop(self.outlet.deliveries.try_send(delivery)),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, topic = %self.name.topic, group = %self.name.group, "cannot store a dead letter; trying again");
                }
            }
        }
        let now = Instant::now();
        if more {
            return Ok(now);
        }
        let until_due = handed_out.next_due_at.map_or(POLL, |due_at| {
            Duration::from_millis(u64::try_from(due_at.saturating_sub(store::now_ms())).unwrap_or_default())
        });
        Ok(now + until_due.min(POLL))
    }

    async fn take_back(&mut self, returned: Return) {
        if let Return::Unsettled { hold, uncounted } = returned {
            // Until it works: a message that nobody gives back would hold its key up while this consumer lives.
            loop {
                let hold = hold.clone();
                match self
                    .bus
                    .run_lazily(move |db| store::give_back(db, &hold, uncounted))
                    .await
                {
                    Ok(()) | Err(BusError::Closed) => break,
                    Err(error) => {
                        tracing::warn!(%error, topic = %self.name.topic, group = %self.name.group, "cannot give a message back; trying again");
                        tokio::time::sleep(POLL).await;
                    }
                }
            }
            self.bus.notify(&self.name.topic);
        }
        self.in_flight = self.in_flight.saturating_sub(1);
        // The key's next message is for another consumer of the group to fetch then.
        if self.stop.is_cancelled() || self.room() == 0 {
            self.bus.notify(&self.name.topic);
        }
    }

    fn room(&self) -> usize {
        (self.options.max_in_flight.saturating_sub(self.in_flight)).min(self.outlet.deliveries.capacity())
    }

    /// Gives back what was fetched ahead, then stays alive until the handlers have settled the rest.
    async fn close(&mut self) {
        while let Ok(returned) = self.returns.try_recv() {
            self.take_back(returned).await;
        }
        self.outlet.report_given_up();
        while self.in_flight > 0 {
            let Some(returned) = self.returns.recv().await else {
                break;
            };
            self.take_back(returned).await;
        }
        let holder = self.holder.load(Ordering::SeqCst);
        if let Err(error) = self.bus.run(move |db| store::retire(db, holder)).await {
            tracing::debug!(%error, "a closed consumer stays on the list until its lease runs out");
        }
    }
}

/// Says that the consumer is alive, on its own schedule, whatever the handlers are doing.
async fn heartbeat(bus: Arc<SqliteBus>, holder: Arc<AtomicI64>, options: ConsumerOptions) {
    let mut ticks = tokio::time::interval(options.renew_every());
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let (id, lease) = (holder.load(Ordering::SeqCst), options.lease);
        if let Err(error) = bus.run_lazily(move |db| store::heartbeat(db, id, lease)).await {
            tracing::warn!(%error, "cannot renew the lease; trying again");
        }
    }
}
