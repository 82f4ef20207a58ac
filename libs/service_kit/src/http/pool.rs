//! The HTTP connections of a process: who has them, and which goes when there are too many. Pure bookkeeping.
//!
//! A connection that has shown the service key is never counted and never closed to make room. Of the others, those
//! that wait for a caller (for the head or the body of a request, or between two requests) can be closed: first those
//! that have never sent a whole request, the oldest first. Whoever has just come is not closed before what it has sent
//! was looked at: in a crowd, a caller who is quick would pay for our own delay. Requests of strangers that are being served are not
//! interrupted, and are fewer than all connections, so that there always is room for a newcomer: it may be a service.

use std::{
    collections::{BTreeSet, HashMap},
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::limits::ConnectionLimits;

/// How long a newcomer has for its first request before it can be closed for another: in a crowd that comes at once, a
/// caller who is no slower than its machine is served. It bounds what a crowd can cost, too.
pub(super) const GRACE: Duration = Duration::from_millis(10);

/// A connection's number.
pub(super) type Id = u64;

/// Why a connection was closed by us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// To make room in all, or among those of its address.
    Room,
    /// The head of a request took too long.
    Header,
    /// Nothing came for too long.
    Idle,
    /// A request and its answer took too long.
    Total,
    /// The peer takes nothing of what it is sent.
    Stalled,
}

impl Reason {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Header => "header",
            Self::Idle => "idle",
            Self::Total => "total",
            Self::Stalled => "stalled",
        }
    }
}

/// The order in which connections are closed to make room: newcomers, then those that were served before; the ones
/// that have waited for longest first.
type Place = (bool, u64, Id);

#[derive(Default)]
pub(super) struct Pool {
    next: u64,
    open: HashMap<Id, Entry>,
    /// Connections of strangers that wait for their callers.
    waiting: BTreeSet<Place>,
    addresses: HashMap<IpAddr, Address>,
    /// Requests of strangers in hand.
    in_hand: usize,
    /// Connections of strangers.
    strangers: usize,
}

#[derive(Default)]
struct Address {
    open: usize,
    in_hand: usize,
    waiting: BTreeSet<Place>,
}

struct Entry {
    address: IpAddr,
    is_service: bool,
    /// It has had an answer.
    was_served: bool,
    /// Its place among those that wait for their callers.
    place: Option<Place>,
    /// When the request in hand began.
    request: Option<Instant>,
    is_stream: bool,
    /// Since when it waits for a request.
    since: Instant,
    traffic: Arc<Mutex<Traffic>>,
    closing: CancellationToken,
}

/// What a connection's own traffic says of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Traffic {
    /// When the first byte of the request that is awaited came.
    pub(super) head_since: Option<Instant>,
    /// Since when the peer takes nothing.
    pub(super) stalled_since: Option<Instant>,
}

impl Pool {
    /// Takes a newcomer in, and closes whoever must make room for it.
    pub(super) fn enter(
        &mut self,
        address: IpAddr,
        limits: &ConnectionLimits,
        now: Instant,
        traffic: Arc<Mutex<Traffic>>,
        closing: CancellationToken,
    ) -> (Id, usize) {
        let address = network(address);
        let mut closed = 0;
        while let Some(of_address) = self.addresses.get(&address)
            && of_address.open >= limits.per_address
            && let Some(weakest) = self.closable(&of_address.waiting, now)
        {
            self.close(weakest);
            closed += 1;
        }
        while self.strangers >= limits.in_all
            && let Some(weakest) = self.closable(&self.waiting, now)
        {
            self.close(weakest);
            closed += 1;
        }
        let id = self.next;
        self.next += 1;
        self.strangers += 1;
        self.addresses.entry(address).or_default().open += 1;
        self.open.insert(
            id,
            Entry {
                address,
                is_service: false,
                was_served: false,
                place: None,
                request: None,
                is_stream: false,
                since: now,
                traffic,
                closing,
            },
        );
        (id, closed)
    }

    /// What a newcomer has sent was read, and it is not a whole request.
    pub(super) fn look_at(&mut self, id: Id) {
        if let Some(entry) = self.open.get(&id)
            && entry.place.is_none()
            && entry.request.is_none()
            && !entry.is_service
        {
            self.wait(id);
        }
    }

    /// Whether one more can be taken: there is room, or somebody who makes some.
    pub(super) fn takes_one(&self, limits: &ConnectionLimits, now: Instant) -> bool {
        self.strangers < limits.in_all || self.closable(&self.waiting, now).is_some()
    }

    /// The one that goes first, if it has had its grace.
    fn closable(&self, waiting: &BTreeSet<Place>, now: Instant) -> Option<Id> {
        let (was_served, _, id) = *waiting.first()?;
        let since = self.open.get(&id)?.since;
        (was_served || now.saturating_duration_since(since) >= GRACE).then_some(id)
    }

    /// A request's head has come. `false` when too many of strangers are in hand, and this is one more.
    pub(super) fn begin(
        &mut self,
        id: Id,
        is_service: bool,
        is_whole: bool,
        limits: &ConnectionLimits,
        now: Instant,
    ) -> bool {
        let Some(entry) = self.open.get_mut(&id) else {
            return true;
        };
        entry.request = Some(now);
        if entry.is_service {
            return true;
        }
        if is_service {
            entry.is_service = true;
            let address = entry.address;
            self.occupy(id);
            self.leave_strangers(address);
            return true;
        }
        let of_address = self.addresses.entry(entry.address).or_default();
        let has_room = self.in_hand < limits.at_a_time() && of_address.in_hand < limits.per_address;
        of_address.in_hand += 1;
        self.in_hand += 1;
        match (is_whole, entry.place) {
            (true, _) => self.occupy(id),
            (false, None) => self.wait(id),
            (false, Some(_)) => {}
        }
        has_room
    }

    /// The request's body is here: it is not interrupted any more.
    pub(super) fn occupy(&mut self, id: Id) {
        if let Some(entry) = self.open.get_mut(&id)
            && let Some(place) = entry.place.take()
        {
            self.waiting.remove(&place);
            if let Some(address) = self.addresses.get_mut(&entry.address) {
                address.waiting.remove(&place);
            }
        }
    }

    /// The answer is a stream of events, which may take any time.
    pub(super) fn stream(&mut self, id: Id) {
        if let Some(entry) = self.open.get_mut(&id) {
            entry.is_stream = true;
        }
    }

    /// The answer is out.
    pub(super) fn end(&mut self, id: Id, now: Instant) {
        let Some(entry) = self.open.get_mut(&id) else {
            return;
        };
        entry.was_served = true;
        entry.is_stream = false;
        entry.since = now;
        let had_request = entry.request.take().is_some();
        if entry.is_service {
            return;
        }
        let address = entry.address;
        if had_request {
            self.put_down(address);
        }
        self.occupy(id);
        self.wait(id);
    }

    /// The connection is gone.
    pub(super) fn leave(&mut self, id: Id) {
        self.occupy(id);
        let Some(entry) = self.open.remove(&id) else {
            return;
        };
        if !entry.is_service {
            if entry.request.is_some() {
                self.put_down(entry.address);
            }
            self.leave_strangers(entry.address);
        }
    }

    /// The connections whose time is up; while the process stops, callers who have not said what they want get less.
    fn overdue(&self, limits: &ConnectionLimits, is_stopping: bool, now: Instant) -> Vec<(Id, Reason)> {
        let is_over = |since: Instant, limit: Duration| now.saturating_duration_since(since) >= limit;
        let header = if is_stopping {
            limits.header.min(Duration::from_secs(1))
        } else {
            limits.header
        };
        let judge = |(&id, entry): (&Id, &Entry)| {
            let Traffic {
                head_since,
                stalled_since,
            } = *entry.traffic.lock().unwrap_or_else(PoisonError::into_inner);
            if stalled_since.is_some_and(|since| is_over(since, limits.stalled)) {
                return Some((id, Reason::Stalled));
            }
            let reason = match (entry.request, head_since) {
                (Some(_), _) if entry.is_stream => None,
                (Some(began), _) => is_over(began, limits.total).then_some(Reason::Total),
                (None, Some(since)) => is_over(since, header).then_some(Reason::Header),
                (None, None) if entry.was_served => is_over(entry.since, limits.idle).then_some(Reason::Idle),
                (None, None) => is_over(entry.since, header).then_some(Reason::Header),
            };
            reason.map(|reason| (id, reason))
        };
        self.open.iter().filter_map(judge).collect()
    }

    /// Closes the connections whose time is up; why each.
    pub(super) fn reap(&mut self, limits: &ConnectionLimits, is_stopping: bool, now: Instant) -> Vec<Reason> {
        let mut overdue = self.overdue(limits, is_stopping, now);
        // Newcomers in their grace may have taken an address above its share.
        for address in self.addresses.values() {
            let above = address.open.saturating_sub(limits.per_address);
            let first = address.waiting.iter().take(above);
            overdue.extend(first.map(|place| (place.2, Reason::Room)));
        }
        let close = |(id, reason)| {
            self.close(id);
            reason
        };
        overdue.into_iter().map(close).collect()
    }

    /// Closes an eighth of those that wait, at least one where there is one.
    pub(super) fn shed(&mut self) -> usize {
        let most = self.waiting.len().div_ceil(8);
        let weakest: Vec<Id> = self.waiting.iter().take(most).map(|place| place.2).collect();
        for &id in &weakest {
            self.close(id);
        }
        weakest.len()
    }

    /// Ends a connection, whose task drops it.
    fn close(&mut self, id: Id) {
        self.occupy(id);
        if let Some(entry) = self.open.get(&id) {
            entry.closing.cancel();
        }
        self.leave(id);
    }

    /// How many connections there are of strangers, of services, and how many requests of strangers are in hand.
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        (self.strangers, self.open.len() - self.strangers, self.in_hand)
    }

    fn wait(&mut self, id: Id) {
        let turn = self.next;
        self.next += 1;
        if let Some(entry) = self.open.get_mut(&id) {
            let place = (entry.was_served, turn, id);
            entry.place = Some(place);
            self.waiting.insert(place);
            self.addresses
                .entry(entry.address)
                .or_default()
                .waiting
                .insert(place);
        }
    }

    fn put_down(&mut self, address: IpAddr) {
        self.in_hand = self.in_hand.saturating_sub(1);
        if let Some(address) = self.addresses.get_mut(&address) {
            address.in_hand = address.in_hand.saturating_sub(1);
        }
    }

    fn leave_strangers(&mut self, address: IpAddr) {
        self.strangers = self.strangers.saturating_sub(1);
        if let Some(of_address) = self.addresses.get_mut(&address) {
            of_address.open = of_address.open.saturating_sub(1);
            if of_address.open == 0 {
                self.addresses.remove(&address);
            }
        }
    }
}

/// What counts as one address: whoever has one of IPv6 has the 2^64 of its network.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}
