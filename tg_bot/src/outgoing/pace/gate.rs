//! One limit, and who waits for it: an average rate with a burst, at most so many in any span, at most so many at once.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// What somebody waits for.
    Awaited,
    /// What nobody waits for.
    Notice,
    /// A change of what was said.
    Edit,
}

/// An average rate with a burst (the generic cell rate algorithm: one instant of state).
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// The time between two messages, on average.
    pub interval: Duration,
    /// How many may come at once before that holds.
    pub burst: u32,
}

impl Rate {
    /// So many a second, with a burst of as many as given.
    pub fn per_second(messages: u32, burst: u32) -> Self {
        Self {
            interval: Duration::from_secs(1) / messages.max(1),
            burst: burst.max(1),
        }
    }

    /// A little below so many a second, evenly but for a small burst: what stays within the limit in any second is the
    /// window's to see to.
    pub fn below(messages: u32) -> Self {
        Self {
            interval: Duration::from_secs(1).mul_f64(1.0 / 0.96) / messages.max(1),
            burst: (messages / 15).max(1),
        }
    }

    /// When the next message may go, given when the messages so far will have been paid for.
    fn earliest(self, paid_at: Instant, now: Instant) -> Instant {
        let credit = self.interval * (self.burst - 1);
        paid_at.checked_sub(credit).unwrap_or(now).max(now)
    }
}

/// At most so many messages in any span of time.
#[derive(Debug)]
pub(super) struct Window {
    most: usize,
    span: Duration,
    /// When the last ones were answered, the oldest first; none is older than the span when it is asked.
    answered: VecDeque<Instant>,
}

impl Window {
    /// As [`Self::of`].
    pub(super) fn new(most: u32, span: Duration) -> Self {
        Self::of(usize::try_from(most).unwrap_or(usize::MAX), span)
    }

    /// So many in a span, one at least.
    pub(super) fn of(most: usize, span: Duration) -> Self {
        Self {
            most: most.max(1),
            span,
            answered: VecDeque::new(),
        }
    }

    /// When there is room for so many more beside those on the way; `None` when that depends on them.
    fn earliest(&mut self, now: Instant, on_the_way: usize, more: usize) -> Option<Instant> {
        while self
            .answered
            .front()
            .is_some_and(|at| now.saturating_duration_since(*at) > self.span)
        {
            self.answered.pop_front();
        }
        let taken = on_the_way + more;
        if taken > self.most {
            return None;
        }
        let surplus = (self.answered.len() + taken).saturating_sub(self.most);
        match surplus.checked_sub(1) {
            None => Some(now),
            // Right behind the end of the span.
            Some(last) => self
                .answered
                .get(last)
                .map(|at| *at + self.span + Duration::from_millis(1)),
        }
    }
}

/// A limit at work.
#[derive(Debug)]
pub(super) struct Gate {
    rate: Rate,
    window: Option<Window>,
    most_at_once: Option<usize>,
    paid_at: Instant,
    paused_until: Instant,
    on_the_way: usize,
    /// The ticket with which whoever has a chat's slot waits among all chats.
    pub(super) holder: Option<u64>,
    /// Who waits, the next one first, with what wakes them.
    queue: BTreeMap<(Rank, u64), Arc<Notify>>,
}

impl Gate {
    /// Nobody waits, and nothing was sent.
    pub(super) fn new(rate: Rate, window: Option<Window>, most_at_once: Option<usize>, now: Instant) -> Self {
        Self {
            rate,
            window,
            most_at_once,
            paid_at: now,
            paused_until: now,
            on_the_way: 0,
            holder: None,
            queue: BTreeMap::new(),
        }
    }

    /// When the next message may go, with so many behind it at once; `None` when one that is on the way has to be
    /// answered first.
    pub(super) fn earliest(&mut self, now: Instant, spare: u32) -> Option<Instant> {
        // A pause holds whatever is on the way.
        if self.paused_until > now {
            return Some(self.paused_until);
        }
        if self.most_at_once.is_some_and(|most| self.on_the_way >= most) {
            return None;
        }
        let more = 1 + usize::try_from(spare).unwrap_or(usize::MAX);
        let by_rate = self
            .rate
            .earliest(self.paid_at.max(now) + self.rate.interval * spare, now);
        let by_window = match &mut self.window {
            Some(window) => window.earliest(now, self.on_the_way, more)?,
            None => now,
        };
        Some(by_rate.max(by_window))
    }

    /// Whether a courtesy may go now, with so many messages behind it at once.
    pub(super) fn has_room(&mut self, now: Instant, spare: u32) -> bool {
        self.queue.is_empty() && self.earliest(now, spare).is_some_and(|at| at <= now)
    }

    /// A message is on its way.
    pub(super) fn enter(&mut self, now: Instant) {
        self.on_the_way += 1;
        if !self.is_one_by_one() {
            self.pay(now);
        }
    }

    /// It was answered.
    pub(super) fn leave(&mut self, now: Instant) {
        self.on_the_way = self.on_the_way.saturating_sub(1);
        if self.is_one_by_one() {
            self.pay(now);
        }
        if let Some(window) = &mut self.window {
            window.answered.push_back(now);
        }
        self.wake_next();
    }

    /// Where one message follows the other, each counts as sent when it was answered, however long it waited elsewhere
    /// for its place.
    fn is_one_by_one(&self) -> bool {
        self.most_at_once == Some(1)
    }

    fn pay(&mut self, now: Instant) {
        self.paid_at = self.paid_at.max(now) + self.rate.interval;
    }

    /// Nothing goes until then.
    pub(super) fn pause(&mut self, until: Instant) {
        self.paused_until = self.paused_until.max(until);
    }

    /// Somebody waits.
    pub(super) fn queue_up(&mut self, number: (Rank, u64), woken: Arc<Notify>) {
        self.queue.insert(number, woken);
    }

    /// Somebody does not wait any more.
    pub(super) fn forget(&mut self, number: u64) {
        if let Some(place) = self.place(number) {
            self.queue.remove(&place);
        }
        self.wake_next();
    }

    /// Somebody goes no later than others of this rank that came when they did.
    pub(super) fn raise(&mut self, number: u64, rank: Rank) {
        let Some(place) = self.place(number).filter(|(before, _)| *before > rank) else {
            return;
        };
        if let Some(woken) = self.queue.remove(&place) {
            self.queue.insert((rank, number), woken);
            self.wake_next();
        }
    }

    /// The rank of the first who waits.
    pub(super) fn first(&self) -> Option<Rank> {
        self.queue.keys().next().map(|(rank, _)| *rank)
    }

    fn place(&self, number: u64) -> Option<(Rank, u64)> {
        let places = [Rank::Awaited, Rank::Notice, Rank::Edit].map(|rank| (rank, number));
        places.into_iter().find(|place| self.queue.contains_key(place))
    }

    /// Whether it is this one's turn.
    pub(super) fn is_next(&self, number: u64) -> bool {
        self.queue.keys().next().is_some_and(|(_, next)| *next == number)
    }

    /// Whether nothing is known that a new gate would not know.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        let is_in_window = |window: &Window| {
            let last = window.answered.back();
            last.is_some_and(|at| now.saturating_duration_since(*at) <= window.span)
        };
        self.queue.is_empty()
            && self.on_the_way == 0
            && self.paid_at <= now
            && self.paused_until <= now
            && !self.window.as_ref().is_some_and(is_in_window)
    }

    fn wake_next(&self) {
        if let Some(next) = self.queue.values().next() {
            next.notify_one();
        }
    }
}
