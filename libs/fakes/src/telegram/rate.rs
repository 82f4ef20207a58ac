//! Telegram's flood limits, as an option: per chat, overall and per group.

use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// How many messages and edits the server takes before it answers 429 ("My bot is hitting limits", Bots FAQ).
#[derive(Clone, Copy, Debug)]
pub struct RateLimits {
    /// Messages a second to one chat, on average.
    pub per_chat_per_second: u32,
    /// How many may come at once to one chat before that average holds.
    pub per_chat_burst: u32,
    /// Messages a second to all chats together.
    pub overall_per_second: u32,
    /// Messages a minute to one group.
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
    overall: Bucket,
    chats: HashMap<i64, Bucket>,
}

impl RateLimiter {
    pub(crate) fn new(limits: RateLimits, now: Instant) -> Self {
        let overall = Bucket::new(
            limits.overall_per_second,
            f64::from(limits.overall_per_second),
            now,
        );
        Self {
            limits,
            overall,
            chats: HashMap::new(),
        }
    }

    /// Takes one message to this chat, or says how many whole seconds to wait.
    pub(crate) fn take(&mut self, chat: i64, is_group: bool, now: Instant) -> Result<(), u64> {
        let limits = self.limits;
        let chat = self.chats.entry(chat).or_insert_with(|| {
            if is_group {
                Bucket::new(
                    limits.per_group_per_minute,
                    f64::from(limits.per_group_per_minute) / 60.0,
                    now,
                )
            } else {
                Bucket::new(limits.per_chat_burst, f64::from(limits.per_chat_per_second), now)
            }
        });
        chat.refill(now);
        self.overall.refill(now);
        let wait = chat.wait().max(self.overall.wait());
        if wait.is_zero() {
            chat.tokens -= 1.0;
            self.overall.tokens -= 1.0;
            return Ok(());
        }
        Err(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
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
