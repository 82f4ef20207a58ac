//! Turns that run in this process, so that their users can stop them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use messages::Address;
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

/// For how long a stop holds for what was said before it and has not begun.
const HOLDS: Duration = Duration::from_secs(600);

/// A user in a conversation.
type Who = (String, Uuid);

/// Those of one process.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    turns: HashMap<Who, Turn>,
    /// Behind which message users said stop of late, and when that was heard.
    stops: HashMap<Who, (i64, Instant)>,
    begun: u64,
}

struct Turn {
    id: u64,
    stop: watch::Sender<bool>,
    /// The last message that it answers, by its number in the chat.
    newest: Option<i64>,
}

/// A turn that runs; it is forgotten with this.
pub(crate) struct Stoppable {
    running: Running,
    key: Who,
    id: u64,
    stopped: watch::Receiver<bool>,
}

impl Running {
    /// A turn begins for a message; it is stopped at once where its user has said so behind the message. There is one at
    /// a time of a user's in a conversation.
    pub(crate) fn begin(&self, to: &Address, user: Uuid, message: Option<&str>) -> Stoppable {
        let key = (to.key(), user);
        let newest = message.and_then(number);
        let mut known = self.lock();
        let (stop, stopped) = watch::channel(known.stop_behind(&key, newest).is_some());
        known.begun += 1;
        let id = known.begun;
        known.turns.insert(key.clone(), Turn { id, stop, newest });
        drop(known);
        Stoppable {
            running: self.clone(),
            key,
            id,
            stopped,
        }
    }

    /// Stops what the user said in a conversation before that message: the turn that runs here, and what still waits.
    pub(crate) fn stop(&self, to: &Address, user: Uuid, message: Option<&str>) {
        let key = (to.key(), user);
        let stop = message.and_then(number);
        let mut known = self.lock();
        if let Some(turn) = known.turns.get(&key)
            && stop.zip(turn.newest).is_none_or(|(stop, newest)| newest < stop)
        {
            tracing::info!(user_id = %user, "a turn is stopped by its user");
            turn.stop.send_replace(true);
        }
        known.stops.retain(|_, (_, heard)| heard.elapsed() < HOLDS);
        if let Some(stop) = stop {
            let last = known.stops.entry(key).or_insert((stop, Instant::now()));
            last.0 = last.0.max(stop);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The stop that was said behind a message, by its number.
    fn stop_behind(&self, who: &Who, message: Option<i64>) -> Option<i64> {
        let (stop, heard) = self.stops.get(who)?;
        (heard.elapsed() < HOLDS && message? < *stop).then_some(*stop)
    }
}

/// The number of a message: those of a chat rise.
pub(crate) fn number(message: &str) -> Option<i64> {
    message.parse().ok()
}

impl Stoppable {
    /// Waits until it is to stop.
    pub(crate) async fn stopped(&self) {
        let mut stopped = self.stopped.clone();
        if stopped.wait_for(|is_stopped| *is_stopped).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// The stop behind which nothing belongs to this turn: it was said before the turn answered more than its first
    /// message.
    pub(crate) fn until(&self) -> Option<i64> {
        let known = self.running.lock();
        known.stop_behind(&self.key, known.turns.get(&self.key)?.newest)
    }

    /// It answers everything up to that message: a stop that was said before leaves it running. `false` where one has
    /// come meanwhile, which parts what was gathered.
    pub(crate) fn answers(&self, message: Option<&str>) -> bool {
        let mut known = self.running.lock();
        let newest = message.and_then(number);
        let first = known.turns.get(&self.key).and_then(|turn| turn.newest);
        if let (Some(stop), Some(newest)) = (known.stop_behind(&self.key, first), newest)
            && newest > stop
        {
            return false;
        }
        if let Some(turn) = known.turns.get_mut(&self.key) {
            turn.newest = turn.newest.max(newest);
        }
        true
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        let mut known = self.running.lock();
        // Where the message was handed out again meanwhile, the other one's stays.
        if known.turns.get(&self.key).is_some_and(|turn| turn.id == self.id) {
            known.turns.remove(&self.key);
        }
    }
}
