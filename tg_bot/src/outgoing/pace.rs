//! Pacing: no faster than Telegram takes messages, per chat and overall; it delays, and never drops.
//!
//! Whoever sends holds a [`Slot`] until Telegram has answered, and a message counts from then on: when it arrived is not
//! known, only that it was no later. So no delay on the way can push two messages closer together than Telegram allows.
//! A chat has one slot, which is held while the message waits for a place among all chats, too. Meanwhile it goes by the
//! rank of the first who waits for the slot: a notice lets an answer to the same chat wait behind no other notices.
//!
//! In both queues answers and reminders go before notices, and those before edits. What is only a courtesy ("typing…")
//! goes when there is room, and never makes a message wait.

mod gate;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use messages::ReplyKind;
use tokio::{sync::Notify, time::Instant};

use gate::{Gate, Window};
pub use gate::{Rank, Rate};

/// Messages a minute that Telegram takes to one group ("My bot is hitting limits", Bots FAQ).
const GROUP_PER_MINUTE: usize = 20;

/// How many messages may come to a chat at once before its average rate holds.
const CHAT_BURST: u32 = 3;

/// How many chats are remembered before those that have recovered are forgotten.
const REMEMBERED: usize = 10_000;

/// Whoever would wait for a chat longer than this is sent away, and makes room for others.
const PATIENCE: Duration = Duration::from_secs(10);

/// Two chats that are refused within this time are no chats' own limits.
const TOGETHER: Duration = Duration::from_secs(5);

/// No refusal stops all chats for longer; one more after that stops them again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Hands out places in time.
#[derive(Debug)]
pub struct Pace {
    private: Rate,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    overall: Gate,
    chats: HashMap<i64, Gate>,
    next_ticket: u64,
    /// The chat that Telegram refused last, and when.
    refused: Option<(i64, Instant)>,
}

/// Which gate.
#[derive(Clone, Copy, Debug)]
enum Which {
    Overall,
    Chat(i64),
}

impl State {
    fn gate(&mut self, which: Which) -> Option<&mut Gate> {
        match which {
            Which::Overall => Some(&mut self.overall),
            Which::Chat(chat) => self.chats.get_mut(&chat),
        }
    }
}

/// The chat takes nothing for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paused(pub Duration);

/// The right to send one message, held until Telegram has answered.
#[derive(Debug)]
pub struct Slot<'p> {
    pace: &'p Pace,
    chat: i64,
    is_overall: bool,
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut state = self.pace.lock();
        if self.is_overall {
            state.overall.leave(now);
        }
        if let Some(gate) = state.chats.get_mut(&self.chat) {
            gate.leave(now);
        }
    }
}

/// A place in a queue; given up when whoever waits is dropped.
struct Ticket<'p> {
    pace: &'p Pace,
    which: Which,
    number: u64,
    woken: Arc<Notify>,
    /// The chat whose slot is held meanwhile.
    holds: Option<i64>,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut state = self.pace.lock();
        if let Some(gate) = self.holds.and_then(|chat| state.chats.get_mut(&chat)) {
            gate.holder = None;
        }
        if let Some(gate) = state.gate(self.which) {
            gate.forget(self.number);
        }
    }
}

impl Pace {
    /// So many messages a second overall, and to one chat on average; groups have Telegram's own limit on top.
    pub fn new(per_second: u32, chat_per_second: u32) -> Self {
        let window = Window::new(per_second, Duration::from_secs(1));
        Self {
            private: Rate::per_second(chat_per_second, CHAT_BURST),
            state: Mutex::new(State {
                overall: Gate::new(Rate::below(per_second), Some(window), None, Instant::now()),
                chats: HashMap::new(),
                next_ticket: 0,
                refused: None,
            }),
        }
    }

    /// Waits for a place for one message to the chat.
    ///
    /// # Errors
    /// The chat takes nothing for so long that others had better have the time.
    pub async fn wait(&self, chat: i64, rank: Rank) -> Result<Slot<'_>, Paused> {
        self.pass(Which::Chat(chat), rank, None).await?;
        let mut slot = Slot {
            pace: self,
            chat,
            is_overall: false,
        };
        self.pass(Which::Overall, rank, Some(chat)).await?;
        slot.is_overall = true;
        Ok(slot)
    }

    /// Waits in a gate's queue, and enters.
    async fn pass(&self, which: Which, rank: Rank, holds: Option<i64>) -> Result<(), Paused> {
        let ticket = self.queue_up(which, rank, holds);
        loop {
            let now = Instant::now();
            let at = {
                let mut state = self.lock();
                let Some(gate) = state.gate(which) else {
                    return Err(Paused(PATIENCE));
                };
                let free = gate.earliest(now, 0);
                if let (Some(at), Which::Chat(_)) = (free, which)
                    && at > now + PATIENCE
                {
                    return Err(Paused(at - now));
                }
                match free {
                    _ if !gate.is_next(ticket.number) => None,
                    Some(at) if at <= now => {
                        gate.enter(now);
                        return Ok(());
                    }
                    later => later,
                }
            };
            match at {
                // Somebody who goes first may come meanwhile.
                Some(at) => tokio::time::sleep_until(at).await,
                None => ticket.woken.notified().await,
            }
        }
    }

    /// A place for a courtesy to the chat, if there is one now and so many messages would still have theirs at once
    /// behind it.
    pub fn room(&self, chat: i64, spare: u32) -> Option<Slot<'_>> {
        let now = Instant::now();
        let mut state = self.lock();
        self.remember(&mut state, chat, now);
        let State { overall, chats, .. } = &mut *state;
        let gate = chats.get_mut(&chat)?;
        if !(gate.has_room(now, spare) && overall.has_room(now, spare)) {
            return None;
        }
        gate.enter(now);
        overall.enter(now);
        Some(Slot {
            pace: self,
            chat,
            is_overall: true,
        })
    }

    /// A message that had given its slot up, since it was long on its way, has arrived.
    pub(super) fn arrived(&self, chat: i64) {
        let now = Instant::now();
        let mut state = self.lock();
        self.remember(&mut state, chat, now);
        let State { overall, chats, .. } = &mut *state;
        for gate in std::iter::once(overall).chain(chats.get_mut(&chat)) {
            gate.enter(now);
            gate.leave(now);
        }
    }

    /// Telegram refused a message to the chat, and asks to wait. Nothing goes to this chat for so long. Where another
    /// chat was refused just before, all chats together are meant, and all of them wait.
    pub fn refused(&self, chat: i64, wait: Duration) {
        let now = Instant::now();
        let mut state = self.lock();
        self.remember(&mut state, chat, now);
        if let Some(gate) = state.chats.get_mut(&chat) {
            gate.pause(now + wait);
        }
        let before = state.refused.replace((chat, now));
        if let Some((other, at)) = before
            && other != chat
            && now.duration_since(at) <= TOGETHER
        {
            state.overall.pause(now + wait.min(LONGEST_PAUSE));
        }
    }

    fn queue_up(&self, which: Which, mut rank: Rank, holds: Option<i64>) -> Ticket<'_> {
        let woken = Arc::new(Notify::new());
        let mut state = self.lock();
        let number = state.next_ticket;
        state.next_ticket += 1;
        if let Which::Chat(chat) = which {
            self.remember(&mut state, chat, Instant::now());
            // Whoever has the slot is in this one's way.
            if let Some(holder) = state.chats.get(&chat).and_then(|gate| gate.holder) {
                state.overall.raise(holder, rank);
            }
        }
        if let Some(gate) = holds.and_then(|chat| state.chats.get_mut(&chat)) {
            gate.holder = Some(number);
            rank = gate.first().map_or(rank, |first| first.min(rank));
        }
        if let Some(gate) = state.gate(which) {
            gate.queue_up((rank, number), woken.clone());
        }
        Ticket {
            pace: self,
            which,
            number,
            woken,
            holds,
        }
    }

    /// Makes sure that the chat has a gate. Telegram's ids of groups are negative ("Chat").
    fn remember(&self, state: &mut State, chat: i64, now: Instant) {
        if state.chats.len() >= REMEMBERED && !state.chats.contains_key(&chat) {
            state.chats.retain(|_, gate| !gate.is_idle(now));
        }
        state.chats.entry(chat).or_insert_with(|| {
            let window = (chat < 0).then(|| Window::of(GROUP_PER_MINUTE, Duration::from_secs(60)));
            Gate::new(self.private, window, Some(1), now)
        });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
