//! Which partitions this consumer holds: taken, renewed and given up fairly among the living.

use std::{
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{Mutex, watch};
use uuid::Uuid;

use super::{GroupKeys, RedisBus, scripts};
use crate::{BusError, ConsumerOptions};

/// The fencing token of a partition: unique to one taking of it.
pub(crate) type Token = Arc<str>;

/// What the consumer holds, as of the last renewal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holding {
    /// How many partitions the consumer should hold at most.
    pub(crate) share: usize,
    /// The token of each partition that it holds.
    pub(crate) tokens: Vec<Option<Token>>,
}

/// What the clock of Redis says, as far as is known here.
#[derive(Debug, Default)]
struct RemoteTime(std::sync::Mutex<Option<(Instant, u64)>>);

impl RemoteTime {
    /// It said so, in milliseconds, in answer to what was sent then: at most the answer's way ahead of itself.
    fn set(&self, sent: Instant, now: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((sent, now));
    }

    fn get(&self) -> Option<u64> {
        let (since, then) = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(then.saturating_add(u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)))
    }
}

/// The leases of one consumer.
pub(crate) struct Leases {
    bus: Arc<RedisBus>,
    keys: Arc<GroupKeys>,
    member: String,
    lease: Duration,
    takings: AtomicU64,
    leaving: AtomicBool,
    time: RemoteTime,
    /// Held while Redis is asked, so that a renewal cannot bring back what was just given up.
    asking: Mutex<()>,
    holding: watch::Sender<Holding>,
}

impl Leases {
    pub(crate) fn new(bus: Arc<RedisBus>, keys: Arc<GroupKeys>, options: &ConsumerOptions) -> Self {
        let holding = Holding {
            share: 0,
            tokens: vec![None; keys.partitions.len()],
        };
        Self {
            bus,
            keys,
            member: Uuid::now_v7().to_string(),
            lease: options.lease,
            takings: AtomicU64::new(0),
            leaving: AtomicBool::new(false),
            time: RemoteTime::default(),
            asking: Mutex::new(()),
            holding: watch::Sender::new(holding),
        }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Holding> {
        self.holding.subscribe()
    }

    /// Renews on its own schedule, whatever the handlers and the engine are doing.
    pub(crate) async fn keep(self: Arc<Self>, every: Duration) {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.renew().await {
                tracing::warn!(%error, "cannot renew the leases; trying again");
            }
        }
    }

    /// Renews what is held and takes what is free and due to this consumer.
    pub(crate) async fn renew(&self) -> Result<(), BusError> {
        let _asking = self.asking.lock().await;
        let before = self.holding.borrow().tokens.clone();
        // Twice at most: the first renewal of all learns what time it is there, and so does one after its clock was set.
        let (share, tokens) = match self.ask(&before).await? {
            Some(answer) => answer,
            None => self.ask(&before).await?.ok_or_else(|| {
                BusError::Unavailable("the renewal arrived after the lease that it asks for".into())
            })?,
        };
        let tokens: Vec<Option<Token>> = before
            .into_iter()
            .zip(tokens)
            .map(|(before, now)| match before {
                _ if now.is_empty() => None,
                Some(before) if *before == *now => Some(before),
                _ => Some(now.into()),
            })
            .collect();
        self.holding.send_if_modified(|holding| {
            let changed = holding.share != share || holding.tokens != tokens;
            *holding = Holding { share, tokens };
            changed
        });
        Ok(())
    }

    /// Asks Redis once. None when the lease that was asked for was over at the arrival, which tells what time it is.
    async fn ask(&self, before: &[Option<Token>]) -> Result<Option<(usize, Vec<String>)>, BusError> {
        let lease = u64::try_from(self.lease.as_millis()).unwrap_or(u64::MAX).max(1);
        let leaving = if self.leaving.load(Ordering::SeqCst) {
            "1"
        } else {
            ""
        };
        let (sent, now, answer) = self
            .bus
            .run(|mut connection| {
                // Each try is a renewal of its own, with the time at which it is sent.
                let sent = Instant::now();
                let until = self.time.get().map_or(0, |now| now.saturating_add(lease));
                let fresh = format!("{}/{}", self.member, self.takings.fetch_add(1, Ordering::SeqCst));
                let mut call = scripts::RENEW.prepare_invoke();
                call.key(&self.keys.members);
                for partition in &self.keys.partitions {
                    call.key(&partition.lease).key(&partition.fence);
                }
                call.arg(&self.member)
                    .arg(lease)
                    .arg(until)
                    .arg(leaving)
                    .arg(fresh);
                for token in before {
                    call.arg(token.as_deref().unwrap_or_default());
                }
                async move {
                    let reply: Vec<redis::Value> = call.invoke_async(&mut connection).await?;
                    let mut reply = reply.into_iter();
                    let now: u64 = redis::from_redis_value(reply.next().unwrap_or(redis::Value::Nil))?;
                    let Some(share) = reply.next() else {
                        return Ok((sent, now, None));
                    };
                    let tokens = reply.map(redis::from_redis_value).collect::<Result<_, _>>()?;
                    Ok((sent, now, Some((redis::from_redis_value(share)?, tokens))))
                }
            })
            .await?;
        self.time.set(sent, now);
        Ok(answer)
    }

    /// Gives a partition up at once.
    pub(crate) async fn release(&self, partition: usize, token: &Token) {
        let _asking = self.asking.lock().await;
        self.holding.send_modify(|holding| {
            if let Some(held) = holding.tokens.get_mut(partition)
                && held.as_ref() == Some(token)
            {
                *held = None;
            }
        });
        let Some(keys) = self.keys.partitions.get(partition) else {
            return;
        };
        let mut call = scripts::RELEASE.prepare_invoke();
        call.key(&keys.lease).arg(&**token);
        let call = &call;
        let released: Result<(), BusError> = self
            .bus
            .run(|mut connection| async move { call.invoke_async(&mut connection).await })
            .await;
        if let Err(error) = released {
            tracing::debug!(%error, partition, "a partition is free only when its lease runs out");
        }
    }

    /// Takes nothing more, and tells the others that this consumer leaves.
    pub(crate) async fn leave(&self) {
        self.leaving.store(true, Ordering::SeqCst);
        if let Err(error) = self.renew().await {
            tracing::debug!(%error, "the others notice that this consumer left when its lease runs out");
        }
    }
}
