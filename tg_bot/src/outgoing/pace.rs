//! Pacing: no faster than Telegram takes messages, per chat and overall; it delays, and never drops.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

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

    /// When the next message may go, given when the messages so far will have been paid for.
    fn earliest(self, paid_at: Instant, now: Instant) -> Instant {
        let credit = self.interval * (self.burst - 1);
        paid_at.checked_sub(credit).unwrap_or(now).max(now)
    }
}

/// Hands out places in time.
#[derive(Debug)]
pub struct Pace {
    overall: Rate,
    private: Rate,
    group: Rate,
    paid_at: Mutex<PaidAt>,
}

#[derive(Debug)]
struct PaidAt {
    overall: Instant,
    chats: HashMap<i64, Instant>,
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
            paid_at: Mutex::new(PaidAt {
                overall: Instant::now(),
                chats: HashMap::new(),
            }),
        }
    }

    /// Waits for a place for one message to the chat.
    pub async fn wait(&self, chat: i64) {
        let now = Instant::now();
        let at = self.reserve(chat, now);
        // A timer ticks in milliseconds: even one that is due takes one or two.
        if at > now {
            tokio::time::sleep_until(at).await;
        }
    }

    /// Takes the next place for one message to the chat, at `now` or later.
    pub fn reserve(&self, chat: i64, now: Instant) -> Instant {
        // Telegram's ids of groups are negative ("Chat").
        let rate = if chat < 0 { self.group } else { self.private };
        let mut paid_at = self.paid_at.lock().unwrap_or_else(PoisonError::into_inner);
        if paid_at.chats.len() >= REMEMBERED {
            paid_at.chats.retain(|_, paid_at| *paid_at > now);
        }
        let chat_paid_at = paid_at.chats.get(&chat).copied().unwrap_or(now);
        let at = rate
            .earliest(chat_paid_at, now)
            .max(self.overall.earliest(paid_at.overall, now));
        paid_at.chats.insert(chat, chat_paid_at.max(at) + rate.interval);
        paid_at.overall = paid_at.overall.max(at) + self.overall.interval;
        at
    }
}
