//! Updates in hand: those of a chat one after the other, those of different chats side by side; and which of them may be
//! confirmed.
//!
//! Telegram forgets an update when a poll asks for a higher one, and gives again what it has not forgotten. So a chat
//! whose update takes long keeps nothing from the others: they are asked for again from there on, and what is in hand or
//! done already is known by its id. No more is ever in hand than one poll gives.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use service_kit::Lifecycle;
use tokio::{
    sync::Semaphore,
    task::{JoinError, JoinSet},
    time::{Instant, timeout_at},
};

use super::{
    Incoming,
    updates::{MOST_AT_ONCE, handle_until_done},
    wire::{Kind, Update},
};

/// How many chats are handled side by side.
const CHATS_AT_ONCE: usize = 32;

/// What was taken from Telegram.
pub(super) struct InHand {
    incoming: Arc<Incoming>,
    lifecycle: Lifecycle,
    known: Known,
    /// What waits in each line behind the one that is being handled; a line that has ended is not here.
    waiting: HashMap<Line, VecDeque<Update>>,
    /// What is being handled of which line, by its id.
    busy: HashMap<Line, i64>,
    handled: JoinSet<Handled>,
    places: Arc<Semaphore>,
}

/// What Telegram may still give.
#[derive(Default)]
struct Known {
    of: BTreeMap<i64, State>,
    /// Behind all that were.
    next: Option<i64>,
}

/// How far an update is.
struct State {
    /// The first of those that it was joined with.
    first: i64,
    is_done: bool,
}

/// What is handled one after the other: what is said in a chat, and what is pressed there, which waits behind no message.
/// A message waits for the presses before it: one may answer what the message goes on from.
type Line = (i64, bool);

struct Handled {
    line: Line,
    ids: Vec<i64>,
    /// Or else the process stops.
    is_done: bool,
}

/// The process stops before all that is in hand is handled.
pub(super) struct Stopping;

impl Known {
    /// Takes the ids of an update, and of what was joined to it.
    fn take(&mut self, ids: impl Iterator<Item = i64>) {
        let ids: Vec<i64> = ids.collect();
        let first = ids.iter().copied().min().unwrap_or_default();
        let is_done = false;
        self.of
            .extend(ids.into_iter().map(|id| (id, State { first, is_done })));
    }

    fn is_done(&mut self, ids: &[i64]) {
        for id in ids {
            if let Some(state) = self.of.get_mut(id) {
                state.is_done = true;
            }
        }
    }

    /// See [`InHand::confirmed`].
    fn confirmed(&mut self) -> Option<i64> {
        let undone = self.of.iter().find(|(_, state)| !state.is_done);
        let rest = match undone.map(|(id, _)| *id) {
            Some(mut cut) => {
                // What was joined is confirmed whole, or comes again whole.
                let joined = |cut| {
                    let firsts = self.of.range(cut..).map(|(_, state)| state.first);
                    firsts.filter(|first| *first < cut).min()
                };
                while let Some(first) = joined(cut) {
                    cut = first;
                }
                self.of.split_off(&cut)
            }
            None => BTreeMap::new(),
        };
        let done = std::mem::replace(&mut self.of, rest);
        if let Some((last, _)) = done.last_key_value() {
            self.next = Some(last.saturating_add(1));
        }
        self.of.keys().next().copied().or(self.next)
    }
}

impl InHand {
    /// Nothing yet.
    pub(super) fn new(incoming: Arc<Incoming>, lifecycle: Lifecycle) -> Self {
        Self {
            incoming,
            lifecycle,
            known: Known::default(),
            waiting: HashMap::new(),
            busy: HashMap::new(),
            handled: JoinSet::new(),
            places: Arc::new(Semaphore::new(CHATS_AT_ONCE)),
        }
    }

    /// From where on Telegram is to give updates: all before are done. What is done from there on is known until the next
    /// such question: the answer to this one may have it.
    pub(super) fn confirmed(&mut self) -> Option<i64> {
        self.known.confirmed()
    }

    /// Whether all is done.
    pub(super) fn is_empty(&self) -> bool {
        self.known.of.values().all(|state| state.is_done)
    }

    /// Whether Telegram would give nothing else.
    fn is_full(&self) -> bool {
        self.known.of.len() >= MOST_AT_ONCE
    }

    /// Whether it is in hand, or done behind one that is. What has a lower id is new: after a quiet week, Telegram counts
    /// from anywhere (Bot API, "Update").
    pub(super) fn knows(&self, id: i64) -> bool {
        self.known.of.contains_key(&id)
    }

    /// Takes updates that it does not know, in their order.
    pub(super) fn take(&mut self, updates: Vec<Update>) {
        for update in updates {
            self.known.take(update.ids());
            let line = (update.chat(), matches!(update.kind, Kind::Pressed(_)));
            self.waiting.entry(line).or_default().push_back(update);
            self.go_on(line);
        }
    }

    /// Goes on with what is in hand until something else is there.
    ///
    /// # Errors
    /// The process stops first.
    pub(super) async fn until<T>(&mut self, other: impl Future<Output = T>) -> Result<T, Stopping> {
        tokio::pin!(other);
        loop {
            tokio::select! {
                there = &mut other => return Ok(there),
                Some(handled) = self.handled.join_next() => self.settle(handled)?,
            }
        }
    }

    /// Goes on with it until nothing is left, or for so long; while Telegram would give nothing new, for longer.
    ///
    /// # Errors
    /// The process stops first.
    pub(super) async fn for_at_most(&mut self, time: Duration) -> Result<(), Stopping> {
        let mut until = Instant::now() + time;
        while !self.is_empty() {
            match timeout_at(until, self.handled.join_next()).await {
                Ok(Some(handled)) => self.settle(handled)?,
                Ok(None) => return Ok(()),
                Err(_) => {
                    // What is done before the first that is not makes room.
                    self.known.confirmed();
                    if !self.is_full() {
                        return Ok(());
                    }
                    until = Instant::now() + time;
                }
            }
        }
        Ok(())
    }

    /// Handles the next of a line, when its turn has come.
    fn go_on(&mut self, line: Line) {
        let (chat, is_press) = line;
        let Some(next) = self
            .waiting
            .get(&line)
            .map(|waiting| waiting.front().map(|next| next.id))
        else {
            return;
        };
        let presses = (chat, true);
        let pressed = self.busy.get(&presses).copied().or_else(|| {
            let waiting = self.waiting.get(&presses)?;
            Some(waiting.front()?.id)
        });
        let is_behind_press = !is_press && pressed.zip(next).is_some_and(|(pressed, next)| pressed < next);
        if is_behind_press || self.busy.contains_key(&line) {
            return;
        }
        match self.waiting.get_mut(&line).map(VecDeque::pop_front) {
            Some(Some(next)) => self.handle(line, next),
            Some(None) => drop(self.waiting.remove(&line)),
            None => {}
        }
    }

    fn handle(&mut self, line: Line, update: Update) {
        self.busy.insert(line, update.id);
        let (incoming, lifecycle) = (self.incoming.clone(), self.lifecycle.clone());
        let places = self.places.clone();
        self.handled.spawn(async move {
            // It is never closed.
            let _place = places.acquire().await;
            let is_done = handle_until_done(&incoming, &update, &lifecycle).await;
            Handled {
                line,
                ids: update.ids().collect(),
                is_done,
            }
        });
    }

    fn settle(&mut self, handled: Result<Handled, JoinError>) -> Result<(), Stopping> {
        let handled = match handled {
            Ok(handled) => handled,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => return Err(Stopping),
            },
        };
        if !handled.is_done {
            return Err(Stopping);
        }
        self.known.is_done(&handled.ids);
        self.busy.remove(&handled.line);
        let (chat, _) = handled.line;
        self.go_on((chat, true));
        self.go_on((chat, false));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_joined_is_confirmed_whole() {
        let mut known = Known::default();
        assert_eq!(known.confirmed(), None);
        // Two albums, and what another chat said meanwhile.
        for ids in [vec![8], vec![9, 12], vec![10, 13], vec![11], vec![14]] {
            known.take(ids.into_iter());
        }
        known.is_done(&[8, 9, 12, 10, 13, 14]);
        assert_eq!(
            known.confirmed(),
            Some(9),
            "11 is not done, and stands within both"
        );
        assert!(known.of.contains_key(&14));
        known.is_done(&[11]);
        assert_eq!(known.confirmed(), Some(15));
        assert!(known.of.is_empty());
        // Telegram counts from anywhere after a quiet week.
        known.take([3, 4].into_iter());
        assert_eq!(known.confirmed(), Some(3));
        known.is_done(&[3, 4]);
        assert_eq!(known.confirmed(), Some(5));
    }
}
