//! Turns that run in this process, so that their users can stop them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use messages::Address;
use tokio::sync::watch;
use uuid::Uuid;

type Turns = HashMap<(String, Uuid), watch::Sender<bool>>;

/// Those of one process.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<Mutex<Turns>>);

/// A turn that runs; it is forgotten with this.
pub(crate) struct Stoppable {
    running: Running,
    key: (String, Uuid),
    stopped: watch::Receiver<bool>,
}

impl Running {
    /// A turn begins. There is one at a time of a user's in a conversation.
    pub(crate) fn begin(&self, to: &Address, user: Uuid) -> Stoppable {
        let key = (to.key(), user);
        let (sender, stopped) = watch::channel(false);
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.clone(), sender);
        Stoppable {
            running: self.clone(),
            key,
            stopped,
        }
    }

    /// Stops the user's turn in a conversation, if one runs here.
    pub(crate) fn stop(&self, to: &Address, user: Uuid) {
        let turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(&(to.key(), user)) {
            tracing::info!(user_id = %user, "a turn is stopped by its user");
            turn.send_replace(true);
        }
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
        self.running
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.key);
    }
}
