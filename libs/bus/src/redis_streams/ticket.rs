//! The right to settle one delivery, on Redis.

use std::sync::Arc;

use redis::ScriptInvocation;
use tokio::{sync::mpsc, time::Instant};

use super::{GroupKeys, RedisBus, entry_id::EntryId, leases::Token, scripts};
use crate::{BusError, delivery::Settlement, names::GroupName};

/// The right to settle one delivery.
pub(crate) struct Ticket {
    pub(crate) bus: Arc<RedisBus>,
    pub(crate) keys: Arc<GroupKeys>,
    pub(crate) hold: Hold,
    pub(crate) handed_over: bool,
    /// Gone when the ticket was used.
    pub(crate) returns: Option<mpsc::UnboundedSender<Return>>,
}

/// What was handed out, under which taking of its partition.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub(crate) partition: usize,
    pub(crate) token: Token,
    pub(crate) key: Arc<str>,
    pub(crate) id: EntryId,
    /// The number of this handing-out; each has a number of its own while the partition is held.
    pub(crate) number: u64,
    /// The how-manieth time it is.
    pub(crate) attempt: u32,
}

impl Hold {
    /// Whether both are of the same message in the same holding of its partition.
    pub(crate) fn is_of_the_same(&self, other: &Self) -> bool {
        self.partition == other.partition && self.id == other.id && self.token == other.token
    }
}

/// How many messages of a partition are looked through for those behind one of them.
const LOOKED_THROUGH: usize = 200;

/// What a ticket tells its engine when it is gone.
#[derive(Debug)]
pub(crate) struct Return {
    pub(crate) hold: Hold,
    pub(crate) outcome: Outcome,
}

/// How a ticket ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    Settled,
    Delayed(Instant),
    Unsettled { uncounted: bool },
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ticket")
            .field("hold", &self.hold)
            .finish_non_exhaustive()
    }
}

impl Ticket {
    pub(crate) fn name(&self) -> &GroupName {
        &self.keys.name
    }

    pub(crate) fn mark_handed_over(&mut self) {
        self.handed_over = true;
    }

    /// The payloads that lie behind it in the stream under the same key.
    pub(crate) async fn behind(&self, key: &str, limit: usize) -> Result<Vec<Vec<u8>>, BusError> {
        let Some(keys) = self.keys.partitions.get(self.hold.partition) else {
            return Err(BusError::Closed);
        };
        let mut call = scripts::BEHIND.key(&keys.stream);
        call.arg(self.hold.id.to_string())
            .arg(key)
            .arg(limit)
            .arg(LOOKED_THROUGH);
        let call = &call;
        self.bus
            .run(|mut connection| async move { call.invoke_async(&mut connection).await })
            .await
    }

    pub(crate) async fn settle(mut self, settlement: Settlement) -> Result<(), BusError> {
        let Some(keys) = self.keys.partitions.get(self.hold.partition) else {
            return Err(BusError::Closed);
        };
        let (token, id, group) = (
            &*self.hold.token,
            self.hold.id.to_string(),
            &*self.keys.name.group,
        );
        let number = self.hold.number;
        let (mut call, outcome): (ScriptInvocation<'_>, _) = match settlement {
            Settlement::Ack => {
                let mut call = scripts::ACK.key(&keys.fence);
                call.key(&keys.stream)
                    .key(&keys.state)
                    .arg(token)
                    .arg(group)
                    .arg(id);
                (call, Outcome::Settled)
            }
            Settlement::Retry { after, reason } => {
                let mut call = scripts::RETRY.key(&keys.fence);
                let after_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX / 4);
                call.key(&keys.state).arg(token).arg(id).arg(number);
                call.arg(after_ms).arg(reason);
                let far = std::time::Duration::from_secs(365 * 24 * 3600);
                (call, Outcome::Delayed(Instant::now() + after.min(far)))
            }
            Settlement::Fail { reason, attempts } => {
                let mut call = scripts::FAIL.key(&keys.fence);
                call.key(&keys.stream).key(&keys.state).key(&self.keys.dead);
                call.arg(token).arg(group).arg(id).arg(number);
                call.arg(reason).arg(attempts);
                (call, Outcome::Settled)
            }
        };
        let call = &mut call;
        let call = &*call;
        let held: bool = self
            .bus
            .run(|mut connection| async move { call.invoke_async(&mut connection).await })
            .await?;
        if let Some(returns) = self.returns.take() {
            // The engine is gone when the runtime shuts down.
            let _ = returns.send(Return {
                hold: self.hold.clone(),
                outcome,
            });
        }
        if held { Ok(()) } else { Err(BusError::LeaseLost) }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(returns) = self.returns.take() {
            let outcome = Outcome::Unsettled {
                uncounted: !self.handed_over,
            };
            let _ = returns.send(Return {
                hold: self.hold.clone(),
                outcome,
            });
        }
    }
}
