//! Pacing: no faster than Telegram takes messages, per chat and overall; it delays, and never drops.
//!
//! Where all chats together are at the limit, answers and reminders go before notices. What is only a courtesy
//! ("typing…", taking used-up buttons away) goes when there is room, and never makes a message wait.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use messages::ReplyKind;
use tokio::{sync::Notify, time::Instant};

/// Messages a minute that Telegram takes to one group ("My bot is hitting limits", Bots FAQ).
const GROUP_PER_MINUTE: u32 = 20;

/// How many chats are remembered before those that have recovered are forgotten.
const REMEMBERED: usize = 10_000;

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

    /// A rate that stays below so many in any second, however late single messages arrive at the other end: nine
    /// tenths and a bit of it, and a burst of what is left.
    pub fn below(messages: u32) -> Self {
        Self {
            interval: Duration::from_secs(1).mul_f64(1.0 / 0.93) / messages.max(1),
            burst: (messages / 15).max(1),
        }
    }

    /// When the next message may go, given when the messages so far will have been paid for.
    fn earliest(self, paid_at: Instant, now: Instant) -> Instant {
        let credit = self.interval * (self.burst - 1);
        paid_at.checked_sub(credit).unwrap_or(now).max(now)
    }
}

/// Who goes first when all chats together are at the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// What somebody waits for.
    Awaited,
    /// What nobody waits for.
    Notice,
}

impl Rank {
    /// That of a reply.
    pub fn of(kind: ReplyKind) -> Self {
        match kind {
            ReplyKind::Answer | ReplyKind::Reminder => Self::Awaited,
            ReplyKind::Notice => Self::Notice,
        }
    }
}

/// Hands out places in time.
#[derive(Debug)]
pub struct Pace {
    overall: Rate,
    private: Rate,
    group: Rate,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    overall_paid_at: Instant,
    chats_paid_at: HashMap<i64, Instant>,
    /// Who waits for a place among all chats, the next one first, with what wakes them.
    queue: BTreeMap<(Rank, u64), Arc<Notify>>,
    next_ticket: u64,
}

impl State {
    /// Wakes the next of the queue.
    fn wake_next(&self) {
        if let Some(next) = self.queue.values().next() {
            next.notify_one();
        }
    }
}

/// A place in the queue; given up when whoever waits is dropped.
struct Ticket<'p> {
    pace: &'p Pace,
    number: (Rank, u64),
    woken: Arc<Notify>,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut state = self.pace.lock();
        state.queue.remove(&self.number);
        state.wake_next();
    }
}

impl Pace {
    /// A pace overall and one per private chat; groups have Telegram's own limit on top.
    pub fn new(overall: Rate, private: Rate) -> Self {
        let group = Rate {
            interval: Duration::from_secs(60) / GROUP_PER_MINUTE,
            burst: private.burst,
        };
        Self {
            overall,
            private,
            group: Rate {
                interval: group.interval.max(private.interval),
                ..group
            },
            state: Mutex::new(State {
                overall_paid_at: Instant::now(),
                chats_paid_at: HashMap::new(),
                queue: BTreeMap::new(),
                next_ticket: 0,
            }),
        }
    }

    /// Waits for a place for one message to the chat.
    pub async fn wait(&self, chat: i64, rank: Rank) {
        let now = Instant::now();
        let at = self.reserve_in_chat(chat, now);
        // A timer ticks in milliseconds: even one that is due takes one or two.
        if at > now {
            tokio::time::sleep_until(at).await;
        }
        let ticket = self.queue_up(rank);
        loop {
            let now = Instant::now();
            let at = {
                let mut state = self.lock();
                if state.queue.keys().next() == Some(&ticket.number) {
                    let at = self.overall.earliest(state.overall_paid_at, now);
                    if at <= now {
                        state.overall_paid_at = state.overall_paid_at.max(now) + self.overall.interval;
                        return;
                    }
                    Some(at)
                } else {
                    None
                }
            };
            match at {
                // Somebody who goes first may come meanwhile.
                Some(at) => tokio::time::sleep_until(at).await,
                None => ticket.woken.notified().await,
            }
        }
    }

    /// Takes a place for a courtesy to the chat, if there is one now and so many messages would still have theirs at
    /// once behind it.
    pub fn has_room(&self, chat: i64, spare: u32) -> bool {
        let now = Instant::now();
        let mut state = self.lock();
        let rate = self.rate(chat);
        let chat_paid_at = state.chats_paid_at.get(&chat).copied().unwrap_or(now).max(now) + rate.interval;
        let overall_paid_at = state.overall_paid_at.max(now) + self.overall.interval;
        let behind = |rate: Rate, paid_at: Instant| paid_at + rate.interval * spare - rate.interval;
        let is_free = state.queue.is_empty()
            && rate.earliest(behind(rate, chat_paid_at), now) <= now
            && self.overall.earliest(behind(self.overall, overall_paid_at), now) <= now;
        if is_free {
            state.chats_paid_at.insert(chat, chat_paid_at);
            state.overall_paid_at = overall_paid_at;
        }
        is_free
    }

    /// Nothing goes to the chat for as long as Telegram asks; other chats are not affected.
    pub fn pause(&self, chat: i64, wait: Duration) {
        let rate = self.rate(chat);
        // Paid for so far ahead that the whole burst is used up until then.
        let until = Instant::now() + wait + rate.interval * (rate.burst - 1);
        let mut state = self.lock();
        let paid_at = state.chats_paid_at.entry(chat).or_insert(until);
        *paid_at = (*paid_at).max(until);
    }

    /// Takes the next place for one message to the chat, at `now` or later.
    pub fn reserve(&self, chat: i64, now: Instant) -> Instant {
        let rate = self.rate(chat);
        let mut state = self.lock();
        let chat_paid_at = state.chat_paid_at(chat, now);
        let at = rate
            .earliest(chat_paid_at, now)
            .max(self.overall.earliest(state.overall_paid_at, now));
        state
            .chats_paid_at
            .insert(chat, chat_paid_at.max(at) + rate.interval);
        state.overall_paid_at = state.overall_paid_at.max(at) + self.overall.interval;
        at
    }

    fn reserve_in_chat(&self, chat: i64, now: Instant) -> Instant {
        let rate = self.rate(chat);
        let mut state = self.lock();
        let chat_paid_at = state.chat_paid_at(chat, now);
        let at = rate.earliest(chat_paid_at, now);
        state
            .chats_paid_at
            .insert(chat, chat_paid_at.max(at) + rate.interval);
        at
    }

    fn queue_up(&self, rank: Rank) -> Ticket<'_> {
        let woken = Arc::new(Notify::new());
        let mut state = self.lock();
        let number = (rank, state.next_ticket);
        state.next_ticket += 1;
        state.queue.insert(number, woken.clone());
        Ticket {
            pace: self,
            number,
            woken,
        }
    }

    /// Telegram's ids of groups are negative ("Chat").
    fn rate(&self, chat: i64) -> Rate {
        if chat < 0 { self.group } else { self.private }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn chat_paid_at(&mut self, chat: i64, now: Instant) -> Instant {
        if self.chats_paid_at.len() >= REMEMBERED {
            self.chats_paid_at.retain(|_, paid_at| *paid_at > now);
        }
        self.chats_paid_at.get(&chat).copied().unwrap_or(now)
    }
}
