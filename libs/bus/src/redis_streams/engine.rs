//! What works behind a consumer on Redis: one task that owns what is known about the partitions it holds.
//!
//! Only the scripts change anything, and they check the fence; so whatever this task believes, an order is never
//! broken by it.

mod reading;

use std::{collections::BTreeMap, pin::Pin, sync::Arc, time::Duration};

use futures::future::join_all;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{
    GroupKeys, RedisBus,
    connection::is_group_missing,
    entry_id::EntryId,
    lanes::Lanes,
    leases::{Holding, Leases, Token},
    scripts,
    ticket::{Hold, Outcome, Return},
    wake::{self, Woken},
};
use crate::{BusError, Consumer, ConsumerOptions, consumer::Outlet, names::GroupName};

/// How many unsettled entries of a partition are kept track of; beyond, the partition is not read further.
const WAITING_MAX: usize = 250_000;
/// How long to wait when Redis refuses or is away, on top of the connection's own backoff.
const PAUSE: Duration = Duration::from_millis(200);
/// After how many leases a partition beyond the fair share stops handing out, so that it becomes idle and moves.
const PATIENCE: u32 = 5;

/// Joins the group and starts the engine.
pub(crate) async fn consumer(
    bus: &Arc<RedisBus>,
    name: GroupName,
    options: ConsumerOptions,
) -> Result<Consumer, BusError> {
    let keys = Arc::new(bus.group_keys(name).await?);
    bus.ensure_group(&keys).await?;
    let leases = Arc::new(Leases::new(Arc::clone(bus), Arc::clone(&keys), &options));
    let (consumer, outlet) = Consumer::new(options.buffer());
    let (returns_sender, returns) = mpsc::unbounded_channel();
    let engine = Engine {
        bus: Arc::clone(bus),
        keys,
        holding: leases.watch(),
        leases,
        options,
        stop: outlet.stop.clone(),
        outlet,
        returns_sender,
        returns,
        partitions: BTreeMap::new(),
        in_flight: 0,
        uncounted: Vec::new(),
        handed: 0,
        generation: bus.generation(),
        wake: None,
        idle_reader: None,
        closing: false,
        excess_since: None,
        trim_at: None,
        turn: 0,
    };
    tokio::spawn(engine.run());
    Ok(consumer)
}

struct Engine {
    bus: Arc<RedisBus>,
    keys: Arc<GroupKeys>,
    leases: Arc<Leases>,
    holding: watch::Receiver<Holding>,
    options: ConsumerOptions,
    stop: CancellationToken,
    outlet: Outlet,
    returns_sender: mpsc::UnboundedSender<Return>,
    returns: mpsc::UnboundedReceiver<Return>,
    partitions: BTreeMap<usize, Partition>,
    /// Tickets that exist, of partitions that were lost too.
    in_flight: usize,
    /// Attempts to take back, because no handler saw them.
    uncounted: Vec<Hold>,
    /// The number of the last handing-out.
    handed: u64,
    /// The connection on which what is known was read.
    generation: u64,
    /// Waits for new entries in the partitions that were read to their end.
    wake: Option<Pin<Box<dyn Future<Output = Woken> + Send>>>,
    /// The blocking connection, between two waits.
    idle_reader: Option<redis::aio::MultiplexedConnection>,
    closing: bool,
    excess_since: Option<Instant>,
    trim_at: Option<Instant>,
    turn: usize,
}

/// What is known about a partition that this consumer holds.
struct Partition {
    token: Token,
    lanes: Lanes,
    /// Up to where the pending entries were read; `None` when all were.
    adopting: Option<String>,
    /// The last entry that was read.
    last: EntryId,
    /// There may be more to read.
    unread: bool,
    /// Hands nothing out, to be given up when it is idle.
    draining: bool,
    /// The fence has another token; the next renewal says so too.
    lost: bool,
}

impl Partition {
    fn new(token: Token) -> Self {
        Self {
            token,
            lanes: Lanes::default(),
            adopting: Some("0".into()),
            last: EntryId::default(),
            unread: true,
            draining: false,
            lost: false,
        }
    }

    fn is_readable(&self) -> bool {
        !self.lost && !self.draining && self.adopting.is_none() && self.lanes.waiting() < WAITING_MAX
    }

    fn ready(&self) -> usize {
        if self.lost || self.draining || self.adopting.is_some() {
            0
        } else {
            self.lanes.ready()
        }
    }
}

impl Engine {
    async fn run(mut self) {
        let _keeper = AbortOnDropHandle::new(tokio::spawn(
            Arc::clone(&self.leases).keep(self.options.renew_every()),
        ));
        let stop = self.stop.clone();
        loop {
            // Asked first: what a closed consumer returns is there before it says that it is closed.
            let stopping = stop.is_cancelled();
            while let Ok(returned) = self.returns.try_recv() {
                self.take_back(returned);
            }
            if stopping && !self.closing {
                self.closing = true;
                self.wake = None;
                self.leases.leave().await;
            }
            self.uncount().await;
            self.follow_leases().await;
            if self.closing {
                self.outlet.report_given_up();
                if self.partitions.is_empty() {
                    return;
                }
            } else if let Err(error) = self.work().await {
                self.recover(&error).await;
                continue;
            }
            if !self.closing && self.has_more_to_do() {
                tokio::task::yield_now().await;
                continue;
            }
            self.wait(&stop).await;
        }
    }

    async fn wait(&mut self, stop: &CancellationToken) {
        if !self.closing {
            self.listen();
        }
        let wake_at = self.wake_at();
        let buffer_full = self.outlet.deliveries.capacity() == 0
            && self.in_flight < self.options.max_in_flight
            && self.ready() > 0;
        let wake = async {
            match &mut self.wake {
                Some(wake) => wake.await,
                None => std::future::pending().await,
            }
        };
        let (mut woken, mut returned) = (None, None);
        tokio::select! {
            biased;
            () = stop.cancelled(), if !self.closing => {}
            ticket = self.returns.recv() => returned = ticket,
            _ = self.holding.changed() => {}
            reply = wake => woken = Some(reply),
            _ = self.outlet.deliveries.reserve(), if buffer_full && !self.closing => {}
            () = tokio::time::sleep_until(wake_at) => {}
        }
        if let Some(returned) = returned {
            self.take_back(returned);
        }
        if let Some(woken) = woken {
            self.wake = None;
            self.idle_reader = woken.connection;
            for partition in woken.news {
                if let Some(partition) = self.partitions.get_mut(&partition) {
                    partition.unread = true;
                }
            }
        }
    }

    /// When to look again without being told: a retry is due, or it is time to trim or to balance.
    fn wake_at(&self) -> Instant {
        let far = Instant::now() + self.options.lease;
        let due = self
            .partitions
            .values()
            .filter_map(|partition| partition.lanes.next_due())
            .min();
        [due, self.trim_at].into_iter().flatten().fold(far, Instant::min)
    }

    fn ready(&self) -> usize {
        self.partitions.values().map(Partition::ready).sum()
    }

    fn room(&self) -> usize {
        self.options
            .max_in_flight
            .saturating_sub(self.in_flight)
            .min(self.outlet.deliveries.capacity())
    }

    fn wants_more(&self) -> bool {
        self.ready() < self.options.max_in_flight
    }

    fn has_more_to_do(&self) -> bool {
        let adopting = self
            .partitions
            .values()
            .any(|partition| partition.adopting.is_some() && !partition.lost);
        let unread = self
            .partitions
            .values()
            .any(|partition| partition.unread && partition.is_readable());
        adopting || (unread && self.wants_more()) || (self.ready() > 0 && self.room() > 0)
    }

    fn take_back(&mut self, Return { hold, outcome }: Return) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let Some(partition) = self.partitions.get_mut(&hold.partition) else {
            return;
        };
        if partition.token != hold.token {
            return;
        }
        match outcome {
            Outcome::Settled => {
                partition.lanes.settled(&hold.key);
                self.trim_at
                    .get_or_insert_with(|| Instant::now() + self.options.trim_interval);
            }
            Outcome::Delayed(due) => partition.lanes.delayed(&hold.key, due),
            Outcome::Unsettled { uncounted } => {
                partition.lanes.returned(&hold.key);
                if uncounted {
                    partition
                        .lanes
                        .set_attempts(hold.id, hold.attempt.saturating_sub(1));
                    self.uncounted.push(hold);
                }
            }
        }
    }

    /// Takes attempts back that no handler saw; those that Redis does not confirm, the next time.
    async fn uncount(&mut self) {
        let holds = std::mem::take(&mut self.uncounted);
        let calls = holds.into_iter().filter_map(|hold| {
            let keys = self.keys.partitions.get(hold.partition)?;
            let (bus, group) = (&self.bus, &self.keys.name.group);
            Some(async move {
                let mut call = scripts::UNCOUNT.key(&keys.fence);
                call.key(&keys.stream).key(&keys.state);
                call.arg(&*hold.token)
                    .arg(&**group)
                    .arg(hold.id.to_string())
                    .arg(hold.number);
                let call = &call;
                let uncounted = bus
                    .run(|mut connection| async move { call.invoke_async::<()>(&mut connection).await })
                    .await;
                uncounted.map_err(|error| (error, hold))
            })
        });
        for (error, hold) in join_all(calls).await.into_iter().filter_map(Result::err) {
            if matches!(error, BusError::Unavailable(_)) && self.holds(&hold) {
                self.uncounted.push(hold);
            } else {
                tracing::debug!(%error, "an attempt that no handler saw stays counted");
            }
        }
    }

    /// Whether the partition is still held as it was then.
    fn holds(&self, hold: &Hold) -> bool {
        self.partitions
            .get(&hold.partition)
            .is_some_and(|partition| partition.token == hold.token)
    }

    /// Brings the partitions in line with the leases, and gives idle ones up that others should have.
    async fn follow_leases(&mut self) {
        let holding = self.holding.borrow_and_update().clone();
        let before = self.partitions.len();
        let mut changed = false;
        self.partitions.retain(|index, partition| {
            holding.tokens.get(*index).and_then(Option::as_ref) == Some(&partition.token)
        });
        changed |= self.partitions.len() != before;
        for (index, token) in holding.tokens.iter().enumerate() {
            if let Some(token) = token
                && !self.partitions.contains_key(&index)
            {
                self.partitions.insert(index, Partition::new(Arc::clone(token)));
                changed = true;
            }
        }
        let mut excess = if self.closing {
            self.partitions.len()
        } else {
            self.partitions.len().saturating_sub(holding.share)
        };
        let idle: Vec<usize> = self
            .partitions
            .iter()
            .rev()
            .filter(|(_, partition)| partition.lanes.in_flight() == 0)
            .map(|(index, _)| *index)
            .take(excess)
            .collect();
        for index in idle {
            if let Some(partition) = self.partitions.remove(&index) {
                self.leases.release(index, &partition.token).await;
                excess -= 1;
                changed = true;
            }
        }
        self.drain(excess);
        if changed {
            // Its connection goes with it: the blocking read on it is of the old set.
            self.wake = None;
        }
    }

    /// Stops handing out in as many partitions as are too many, once they did not become idle by themselves.
    fn drain(&mut self, excess: usize) {
        if excess == 0 {
            self.excess_since = None;
            for partition in self.partitions.values_mut() {
                partition.draining = false;
            }
            return;
        }
        let since = *self.excess_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= self.options.lease * PATIENCE {
            for partition in self.partitions.values_mut().rev().take(excess) {
                partition.draining = true;
            }
        }
    }

    /// One round: adopt, read, hand out, trim.
    async fn work(&mut self) -> Result<(), BusError> {
        self.doubt_what_is_known();
        self.adopt().await?;
        let now = Instant::now();
        for partition in self.partitions.values_mut() {
            partition.lanes.wake(now);
        }
        if self.wants_more() {
            self.fetch().await?;
        }
        self.hand_out().await?;
        self.trim(now).await
    }

    /// After a new connection, what is unsettled is read anew before anything newer: answers were lost, and a Redis
    /// that came back may have forgotten what it had confirmed.
    fn doubt_what_is_known(&mut self) {
        let generation = self.bus.generation();
        if self.generation == generation {
            return;
        }
        self.generation = generation;
        for partition in self.partitions.values_mut() {
            partition.lanes.forget_waiting();
            partition.adopting = Some("0".into());
            partition.unread = true;
        }
    }

    async fn recover(&mut self, error: &BusError) {
        let name = &self.keys.name;
        tracing::warn!(%error, topic = %name.topic, group = %name.group, "cannot read the bus; trying again");
        if is_group_missing(error)
            && let Err(error) = self.bus.ensure_group(&self.keys).await
        {
            tracing::warn!(%error, topic = %name.topic, group = %name.group, "cannot make the group");
        }
        tokio::time::sleep(PAUSE).await;
    }

    /// Starts to wait for new entries, when everything is read and there is room for more.
    fn listen(&mut self) {
        if self.wake.is_some() || !self.wants_more() {
            return;
        }
        let streams: Vec<(usize, String, EntryId)> = self
            .partitions
            .iter()
            .filter(|(_, partition)| partition.is_readable() && !partition.unread)
            .filter_map(|(index, partition)| {
                Some((
                    *index,
                    self.keys.partitions.get(*index)?.stream.clone(),
                    partition.last,
                ))
            })
            .collect();
        if !streams.is_empty() {
            let wake = wake::wait_for_entries(self.bus.client().clone(), self.idle_reader.take(), streams);
            self.wake = Some(Box::pin(wake));
        }
    }
}
