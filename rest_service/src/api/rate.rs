//! How many calls a key may make per minute, and how many wrong keys an address may show.
//!
//! Both are counted in this process: with n replicas behind one address, a key may make up to n times as many
//! calls. What is protected is each replica and the database behind it, not a price list.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use service_kit::http::network;
use uuid::Uuid;

/// The window in which calls and wrong keys are counted, in seconds.
pub(super) const WINDOW_SECONDS: u32 = 60;

/// How many addresses are remembered at most; more only means that the first ones get another try.
const MOST_ADDRESSES: usize = 10_000;

/// The calls of each key. Clones share them.
#[derive(Clone)]
pub(crate) struct Rates {
    per_window: u32,
    windows: Arc<Mutex<HashMap<Uuid, Window>>>,
}

/// The wrong keys of each address. Clones share them.
#[derive(Clone)]
pub(crate) struct Lockout {
    after: u32,
    windows: Arc<Mutex<HashMap<IpAddr, Window>>>,
}

struct Window {
    began: DateTime<Utc>,
    count: u32,
}

/// What a key may still do.
pub(super) struct Allowance {
    /// Calls per window.
    pub(super) per_window: u32,
    /// Calls that are left in this one.
    pub(super) left: u32,
    /// When the next window begins, in seconds.
    pub(super) resets_in: u32,
    /// Whether this call is one of them.
    pub(super) is_granted: bool,
}

impl Window {
    /// The seconds until it ends; 0 when it is over. One that begins in the future is of a clock that was set
    /// back, and over.
    fn left(&self, now: DateTime<Utc>) -> u32 {
        let age = now - self.began;
        let length = TimeDelta::seconds(WINDOW_SECONDS.into());
        if age < TimeDelta::zero() || age >= length {
            return 0;
        }
        u32::try_from((length - age).num_seconds()).unwrap_or(0).max(1)
    }
}

/// The window that counts now; those that are over are cleared away when there are many.
fn current<K: Eq + Hash + Copy>(
    windows: &mut HashMap<K, Window>,
    of: K,
    now: DateTime<Utc>,
    most: usize,
) -> &mut Window {
    if windows.len() >= most && !windows.contains_key(&of) {
        windows.retain(|_, window| window.left(now) > 0);
        if windows.len() >= most
            && let Some(any) = windows.keys().next().copied()
        {
            windows.remove(&any);
        }
    }
    let window = windows.entry(of).or_insert(Window { began: now, count: 0 });
    if window.left(now) == 0 {
        *window = Window { began: now, count: 0 };
    }
    window
}

impl Rates {
    pub(crate) fn new(per_window: u32) -> Self {
        Self {
            per_window,
            windows: Arc::default(),
        }
    }

    /// Counts a call of a key.
    pub(super) fn take(&self, key: Uuid, now: DateTime<Utc>) -> Allowance {
        let mut windows = lock(&self.windows);
        let window = current(&mut windows, key, now, MOST_ADDRESSES);
        let is_granted = window.count < self.per_window;
        if is_granted {
            window.count += 1;
        }
        Allowance {
            per_window: self.per_window,
            left: self.per_window - window.count,
            resets_in: window.left(now),
            is_granted,
        }
    }
}

impl Lockout {
    pub(crate) fn new(after: u32) -> Self {
        Self {
            after,
            windows: Arc::default(),
        }
    }

    /// For how many seconds an address is locked out; `None` when it is not.
    pub(super) fn lasts(&self, address: IpAddr, now: DateTime<Utc>) -> Option<u32> {
        let windows = lock(&self.windows);
        let window = windows.get(&network(address))?;
        let left = window.left(now);
        (window.count >= self.after && left > 0).then_some(left)
    }

    /// Counts a wrong key. The one that locks the address out begins its time anew.
    pub(super) fn count(&self, address: IpAddr, now: DateTime<Utc>) {
        let mut windows = lock(&self.windows);
        let window = current(&mut windows, network(address), now, MOST_ADDRESSES);
        window.count = window.count.saturating_add(1);
        if window.count == self.after {
            window.began = now;
            metrics::counter!("rest_lockouts_total").increment(1);
            tracing::warn!(%address, "too many wrong keys; the address is locked out");
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
