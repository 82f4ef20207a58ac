//! Telegram's flood limits, as an option: per chat, overall and per group.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio::time::Instant;

/// How many messages, edits and chat actions the server takes before it answers 429 ("My bot is hitting limits", Bots FAQ).
#[derive(Clone, Copy, Debug)]
pub struct RateLimits {
    /// Messages a second to one chat, on average.
    pub per_chat_per_second: u32,
    /// How many may come at once to one chat before that average holds.
    pub per_chat_burst: u32,
    /// Messages in any second to all chats together.
    pub overall_per_second: u32,
    /// Messages in any minute to one group, besides the limit of a chat.
    pub per_group_per_minute: u32,
}

impl Default for RateLimits {
    /// Telegram's published figures: 1 a second per chat with short bursts, 30 a second in all, 20 a minute in a group.
    fn default() -> Self {
        Self {
            per_chat_per_second: 1,
            per_chat_burst: 3,
            overall_per_second: 30,
            per_group_per_minute: 20,
        }
    }
}

/// The limits at work.
pub(crate) struct RateLimiter {
    limits: RateLimits,
    overall: Window,
    chats: HashMap<i64, Bucket>,
    groups: HashMap<i64, Window>,
}

impl RateLimiter {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self {
            limits,
            overall: Window::new(limits.overall_per_second, Duration::from_secs(1)),
            chats: HashMap::new(),
            groups: HashMap::new(),
        }
    }

    /// Takes one message to this chat, or says how many whole seconds to wait.
    pub(crate) fn take(&mut self, chat: i64, is_group: bool, now: Instant) -> Result<(), u64> {
        let limits = self.limits;
        let bucket = self.chats.entry(chat).or_insert_with(|| {
            Bucket::new(limits.per_chat_burst, f64::from(limits.per_chat_per_second), now)
        });
        let group = is_group.then(|| {
            let window = || Window::new(limits.per_group_per_minute, Duration::from_secs(60));
            self.groups.entry(chat).or_insert_with(window)
        });
        bucket.refill(now);
        let mut wait = bucket.wait().max(self.overall.wait(now));
        if let Some(group) = &group {
            wait = wait.max(group.wait(now));
        }
        if wait.is_zero() {
            bucket.tokens -= 1.0;
            self.overall.take(now);
            if let Some(group) = group {
                group.take(now);
            }
            return Ok(());
        }
        Err(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }
}

/// At most so many in any span of time, wherever it begins.
struct Window {
    most: usize,
    span: Duration,
    taken: VecDeque<Instant>,
}

impl Window {
    fn new(most: u32, span: Duration) -> Self {
        Self {
            most: usize::try_from(most.max(1)).unwrap_or(usize::MAX),
            span,
            taken: VecDeque::new(),
        }
    }

    fn take(&mut self, now: Instant) {
        self.taken.push_back(now);
        if self.taken.len() > self.most {
            self.taken.pop_front();
        }
    }

    fn wait(&self, now: Instant) -> Duration {
        match self.taken.front() {
            Some(first) if self.taken.len() >= self.most => {
                (*first + self.span).saturating_duration_since(now)
            }
            _ => Duration::ZERO,
        }
    }
}

struct Bucket {
    capacity: f64,
    per_second: f64,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    fn new(capacity: u32, per_second: f64, now: Instant) -> Self {
        let capacity = f64::from(capacity.max(1));
        Self {
            capacity,
            per_second: per_second.max(0.001),
            tokens: capacity,
            filled: now,
        }
    }

    fn refill(&mut self, now: Instant) {
        let gained = now.saturating_duration_since(self.filled).as_secs_f64() * self.per_second;
        self.tokens = (self.tokens + gained).min(self.capacity);
        self.filled = now;
    }

    fn wait(&self) -> Duration {
        // The small slack keeps rounding from asking for a second more than is needed.
        if self.tokens >= 0.999 {
            return Duration::ZERO;
        }
        Duration::from_secs_f64((1.0 - self.tokens) / self.per_second)
    }
}
