//! The connections of a process as its servers share them.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    limits::ConnectionLimits,
    pool::{GRACE, Id, Pool, Reason, Traffic},
};

/// How often the operator is told that connections are closed for want of room.
const TELL: Duration = Duration::from_secs(60);

/// The HTTP connections of a process. Clones share them.
#[derive(Clone)]
pub struct Connections(Arc<Shared>);

struct Shared {
    limits: ConnectionLimits,
    pool: Mutex<Pool>,
    /// Connections whose sockets are open, those included that are being closed.
    sockets: AtomicUsize,
    /// A connection has left, or can be closed now.
    changed: Notify,
    told: Mutex<Option<Instant>>,
}

impl Connections {
    /// None yet, and at most so many.
    pub fn new(limits: ConnectionLimits) -> Self {
        Self(Arc::new(Shared {
            limits,
            pool: Mutex::default(),
            sockets: AtomicUsize::new(0),
            changed: Notify::new(),
            told: Mutex::default(),
        }))
    }

    /// Their limits.
    pub fn limits(&self) -> &ConnectionLimits {
        &self.0.limits
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Pool> {
        self.0.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(
        &self,
        address: IpAddr,
        traffic: Arc<Mutex<Traffic>>,
        closing: CancellationToken,
    ) -> Id {
        self.0.sockets.fetch_add(1, Ordering::AcqRel);
        let (id, closed) = self
            .lock()
            .enter(address, &self.0.limits, Instant::now(), traffic, closing);
        if closed > 0 {
            count(Reason::Room, closed);
            self.tell("HTTP connections are at their limit; those that wait are closed for new ones");
        }
        id
    }

    pub(super) fn look_at(&self, id: Id) {
        self.lock().look_at(id);
        self.0.changed.notify_waiters();
    }

    pub(super) fn end(&self, id: Id) {
        self.lock().end(id, Instant::now());
        self.0.changed.notify_waiters();
    }

    pub(super) fn has_left(&self) {
        self.0.sockets.fetch_sub(1, Ordering::AcqRel);
        self.0.changed.notify_waiters();
    }

    /// Waits until one more can be taken, and the sockets of connections that were closed are closed indeed, but for a few:
    /// to wait for each would make every newcomer wait for the thread that ends an earlier one.
    pub(super) async fn settled(&self) {
        loop {
            let changed = self.0.changed.notified();
            let (takes_one, held) = {
                let pool = self.lock();
                let (strangers, services, _) = pool.counts();
                (
                    pool.takes_one(&self.0.limits, Instant::now()),
                    strangers + services,
                )
            };
            if takes_one && self.0.sockets.load(Ordering::Acquire) <= held + self.0.limits.ending() {
                return;
            }
            // The grace of the first may end with nothing else happening.
            drop(tokio::time::timeout(GRACE, changed).await);
        }
    }

    /// Counts a request that was not served for want of room.
    pub(super) fn refused(&self) {
        metrics::counter!("http_requests_refused_total").increment(1);
        self.tell("too many HTTP requests are in hand at once; more are refused");
    }

    /// Closes the connections whose time is up.
    pub(super) fn reap(&self, is_stopping: bool) {
        let reasons = self.lock().reap(&self.0.limits, is_stopping, Instant::now());
        for reason in reasons {
            count(reason, 1);
        }
    }

    /// Closes what waits, as many as an eighth of it: the process is out of files.
    pub(super) fn shed(&self) {
        let closed = self.lock().shed();
        count(Reason::Room, closed);
    }

    /// Puts how many there are into the metrics.
    pub fn measure(&self) {
        let (strangers, services, in_hand) = self.lock().counts();
        for (of, count) in [("others", strangers), ("services", services)] {
            metrics::gauge!("http_connections", "of" => of).set(u32::try_from(count).unwrap_or(u32::MAX));
        }
        metrics::gauge!("http_requests_in_hand").set(u32::try_from(in_hand).unwrap_or(u32::MAX));
    }

    /// Tells the operator once in a while.
    fn tell(&self, what: &str) {
        let now = Instant::now();
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|at| now.duration_since(at) >= TELL) {
            *told = Some(now);
            tracing::warn!(
                limit = self.0.limits.in_all,
                per_address = self.0.limits.per_address,
                "{what}; HTTP_CONNECTIONS and HTTP_CONNECTIONS_PER_ADDRESS set the limits"
            );
        }
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self::new(ConnectionLimits::default())
    }
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections")
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}

fn count(reason: Reason, closed: usize) {
    metrics::counter!("http_connections_closed_total", "reason" => reason.name())
        .increment(u64::try_from(closed).unwrap_or(u64::MAX));
}
