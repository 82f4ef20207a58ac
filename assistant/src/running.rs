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
}

struct Turn {
    stop: watch::Sender<bool>,
    /// The last message that it answers, by its number in the chat.
    newest: Option<i64>,
}

/// A turn that runs; it is forgotten with this.
pub(crate) struct Stoppable {
    running: Running,
    key: Who,
    stopped: watch::Receiver<bool>,
    until: Option<i64>,
}

impl Running {
    /// A turn begins for a message. There is one at a time of a user's in a conversation. One that is new is stopped at
    /// once where its user has said so behind the message; one that is tried again goes on, since it may have changed
    /// something that its user is to be shown.
    pub(crate) fn begin(&self, to: &Address, user: Uuid, message: Option<&str>, is_new: bool) -> Stoppable {
        let key = (to.key(), user);
        let newest = message.and_then(number);
        let mut known = self.lock();
        let until = known
            .stops
            .get(&key)
            .filter(|(_, heard)| is_new && heard.elapsed() < HOLDS)
            .map(|(stop, _)| *stop)
            .filter(|stop| newest.is_some_and(|newest| newest < *stop));
        let (stop, stopped) = watch::channel(until.is_some());
        known.turns.insert(key.clone(), Turn { stop, newest });
        drop(known);
        Stoppable {
            running: self.clone(),
            key,
            stopped,
            until,
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
            known.stops.insert(key, (stop, Instant::now()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Messages of a chat have rising numbers.
fn number(message: &str) -> Option<i64> {
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

    /// The message behind which nothing belongs to this turn: it was stopped before it began.
    pub(crate) fn until(&self) -> Option<i64> {
        self.until
    }

    /// It answers that message, too: a stop that was said before leaves it running.
    pub(crate) fn answers(&self, message: Option<&str>) {
        if let Some(turn) = self.running.lock().turns.get_mut(&self.key) {
            turn.newest = turn.newest.max(message.and_then(number));
        }
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        self.running.lock().turns.remove(&self.key);
    }
}
