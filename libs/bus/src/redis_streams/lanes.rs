//! The order of one partition in memory: a lane per key, of which the first message may be handed out.
//!
//! Pure. It holds ids only (16 bytes each), so that a hundred thousand messages behind one slow key cost 2 MB and
//! hold nobody else up; payloads are read when a message is handed out.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, VecDeque},
    sync::Arc,
};

use tokio::time::Instant;

use super::entry_id::EntryId;

/// The lanes of one partition.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    lanes: HashMap<Arc<str>, Lane>,
    ready: VecDeque<Arc<str>>,
    delayed: BinaryHeap<Reverse<(Instant, Arc<str>)>>,
    /// How often a message was handed out, where that is more than never.
    attempts: HashMap<EntryId, u32>,
    waiting: usize,
    in_flight: usize,
}

#[derive(Debug)]
struct Lane {
    ids: VecDeque<EntryId>,
    in_flight: bool,
}

impl Lanes {
    /// Appends a message that is not there yet. `due` is when its retry is due, which only the first of a key can have.
    pub(crate) fn push(&mut self, key: &str, id: EntryId, due: Option<Instant>) {
        if let Some(lane) = self.lanes.get_mut(key) {
            if lane.ids.back().is_none_or(|last| *last < id) {
                self.waiting += 1;
                lane.ids.push_back(id);
            }
            return;
        }
        self.waiting += 1;
        let key: Arc<str> = key.into();
        self.lanes.insert(
            Arc::clone(&key),
            Lane {
                ids: VecDeque::from([id]),
                in_flight: false,
            },
        );
        match due {
            Some(due) => self.delayed.push(Reverse((due, key))),
            None => self.ready.push_back(key),
        }
    }

    /// Forgets all that is not in flight, to be read anew.
    pub(crate) fn forget_waiting(&mut self) {
        self.ready.clear();
        self.delayed.clear();
        self.lanes.retain(|_, lane| {
            lane.ids.truncate(1);
            lane.in_flight
        });
        self.waiting = self.lanes.len();
    }

    /// Whether this very message is in flight.
    pub(crate) fn is_in_flight(&self, key: &str, id: EntryId) -> bool {
        self.lanes
            .get(key)
            .is_some_and(|lane| lane.in_flight && lane.ids.front() == Some(&id))
    }

    /// How often the message was handed out.
    pub(crate) fn attempts(&self, id: EntryId) -> u32 {
        self.attempts.get(&id).copied().unwrap_or_default()
    }

    /// Notes how often the message was handed out.
    pub(crate) fn set_attempts(&mut self, id: EntryId, attempts: u32) {
        if attempts == 0 {
            self.attempts.remove(&id);
        } else {
            self.attempts.insert(id, attempts);
        }
    }

    /// The next message that may be handed out; it is in flight from now on.
    pub(crate) fn pop_ready(&mut self) -> Option<(Arc<str>, EntryId)> {
        while let Some(key) = self.ready.pop_front() {
            if let Some(lane) = self.lanes.get_mut(&key)
                && let Some(id) = lane.ids.front()
            {
                lane.in_flight = true;
                self.in_flight += 1;
                return Some((key, *id));
            }
        }
        None
    }

    /// The message is done; the next one of its key is ready.
    pub(crate) fn settled(&mut self, key: &str) {
        if !self.land(key) {
            return;
        }
        let Some(lane) = self.lanes.get_mut(key) else {
            return;
        };
        if let Some(id) = lane.ids.pop_front() {
            self.attempts.remove(&id);
        }
        self.waiting -= 1;
        if lane.ids.is_empty() {
            self.lanes.remove(key);
        } else {
            self.ready.push_back(key.into());
        }
    }

    /// The message is to be handed out again at the given time.
    pub(crate) fn delayed(&mut self, key: &str, due: Instant) {
        if self.land(key) {
            self.delayed.push(Reverse((due, key.into())));
        }
    }

    /// The message is to be handed out again at once, before those of other keys.
    pub(crate) fn returned(&mut self, key: &str) {
        if self.land(key) {
            self.ready.push_front(key.into());
        }
    }

    fn land(&mut self, key: &str) -> bool {
        let landed = self
            .lanes
            .get_mut(key)
            .is_some_and(|lane| std::mem::take(&mut lane.in_flight));
        if landed {
            self.in_flight -= 1;
        }
        landed
    }

    /// Makes ready what is due.
    pub(crate) fn wake(&mut self, now: Instant) {
        while let Some(Reverse((due, _))) = self.delayed.peek() {
            if *due > now {
                return;
            }
            if let Some(Reverse((_, key))) = self.delayed.pop() {
                self.ready.push_back(key);
            }
        }
    }

    /// When the next one is due.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.delayed.peek().map(|Reverse((due, _))| *due)
    }

    /// How many keys could be handed out now.
    pub(crate) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// How many messages are held, in flight or not.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    /// How many messages are in flight.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight
    }
}
