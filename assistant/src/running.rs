//! Turns that run in this process, so that their users can stop them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use messages::Address;
use tokio::sync::watch;
use uuid::Uuid;

/// For how long a stop holds for what was said before it and has not begun.
const HOLDS: TimeDelta = TimeDelta::minutes(10);

/// A user in a conversation.
type Who = (String, Uuid);

/// Those of one process.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    turns: HashMap<Who, watch::Sender<bool>>,
    /// When users said stop, of late.
    stops: HashMap<Who, DateTime<Utc>>,
}

/// A turn that runs; it is forgotten with this.
pub(crate) struct Stoppable {
    running: Running,
    key: Who,
    stopped: watch::Receiver<bool>,
}

impl Running {
    /// A turn begins for what was said then; it is stopped at once where its user has said so since. There is one at a
    /// time of a user's in a conversation.
    pub(crate) fn begin(&self, to: &Address, user: Uuid, said_at: DateTime<Utc>) -> Stoppable {
        let key = (to.key(), user);
        let mut known = self.lock();
        let is_stopped = known.stops.get(&key).is_some_and(|stop| *stop > said_at);
        let (sender, stopped) = watch::channel(is_stopped);
        known.turns.insert(key.clone(), sender);
        Stoppable {
            running: self.clone(),
            key,
            stopped,
        }
    }

    /// Stops what the user said in a conversation before that instant: the turn that runs here, and what still waits.
    pub(crate) fn stop(&self, to: &Address, user: Uuid, at: DateTime<Utc>) {
        let key = (to.key(), user);
        let mut known = self.lock();
        if let Some(turn) = known.turns.get(&key) {
            tracing::info!(user_id = %user, "a turn is stopped by its user");
            turn.send_replace(true);
        }
        known
            .stops
            .retain(|_, stop| at.signed_duration_since(*stop) < HOLDS);
        known.stops.insert(key, at);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stoppable {
    /// Waits until it is to stop.
    pub(crate) async fn stopped(&self) {
        let mut stopped = self.stopped.clone();
        if stopped.wait_for(|is_stopped| *is_stopped).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        self.running.lock().turns.remove(&self.key);
    }
}
