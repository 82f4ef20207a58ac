//! "typing…" while an answer is being made: a courtesy, so nothing waits for it and its failures are ignored.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use messages::EventId;
use teloxide::{payloads::SendChatAction, types::ChatAction};
use tokio::{sync::oneshot, time::Instant};

use crate::{
    outgoing::{Pace, Previews},
    place::Place,
    telegram::{Telegram, TelegramError},
};

/// An answer that is there sooner needs none.
const PATIENCE: Duration = Duration::from_millis(150);

/// Telegram shows it for five seconds (Bot API `sendChatAction`).
const REPEAT: Duration = Duration::from_millis(4_500);

/// How soon another try comes when there was no room.
const AGAIN: Duration = Duration::from_millis(1_000);

/// Answers that take longer than this, all of a chat's together, are not announced any more.
const LIMIT: Duration = Duration::from_secs(180);

/// Who is shown "typing…". Clones share it.
#[derive(Clone)]
pub(crate) struct Typing {
    telegram: Telegram,
    pace: Arc<Pace>,
    previews: Previews,
    shown: Arc<Mutex<HashMap<Place, Shown>>>,
}

/// A chat, or a topic of one, where answers are being made.
struct Shown {
    /// The messages that wait for one, with their ids in the chat.
    waiting: HashMap<EventId, Option<i64>>,
    /// What ends it, when it is dropped.
    stop: oneshot::Sender<()>,
}

impl Typing {
    /// Nobody yet.
    pub(crate) fn new(telegram: Telegram, pace: Arc<Pace>, previews: Previews) -> Self {
        Self {
            telegram,
            pace,
            previews,
            shown: Arc::default(),
        }
    }

    /// Shows it in the chat very soon, until every message there has its answer; and the answer while it is written, but
    /// for a topic's.
    pub(crate) fn start(&self, place: Place, event: &EventId, message: Option<i64>) {
        if place.topic().is_none() {
            self.previews.expect(place.chat.0, event);
        }
        let mut all = self.lock();
        all.retain(|_, shown| !shown.stop.is_closed());
        let shown = all.entry(place).or_insert_with(|| {
            let (stop, stopped) = oneshot::channel();
            tokio::spawn(show(self.telegram.clone(), self.pace.clone(), place, stopped));
            Shown {
                waiting: HashMap::new(),
                stop,
            }
        });
        shown.waiting.insert(event.clone(), message);
    }

    /// The answer to a message is there; one that answers several quotes the last of them.
    pub(crate) fn stop(&self, place: Place, event: &EventId, quoted: Option<i64>) {
        let mut all = self.lock();
        if let Some(shown) = all.get_mut(&place) {
            if shown.waiting.remove(event).is_some() {
                shown.waiting.retain(|_, message| *message > quoted);
            }
            if shown.waiting.is_empty() {
                all.remove(&place);
            }
        }
    }

    /// Whether an answer is awaited there.
    pub(crate) fn is_shown(&self, place: Place) -> bool {
        self.lock().contains_key(&place)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Place, Shown>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends when the other end of `stopped` is dropped, but for a call that is on its way: what Telegram may still get has to
/// be counted.
async fn show(telegram: Telegram, pace: Arc<Pace>, place: Place, mut stopped: oneshot::Receiver<()>) {
    let started = Instant::now();
    let mut wait = PATIENCE;
    while started.elapsed() < LIMIT {
        if tokio::time::timeout(wait, &mut stopped).await.is_ok() {
            return;
        }
        // Telegram counts it like a message, and a message is worth more.
        let Some(_slot) = pace.room(place.chat.0, 1) else {
            wait = AGAIN;
            continue;
        };
        wait = REPEAT;
        let mut action = SendChatAction::new(place.chat, ChatAction::Typing);
        action.message_thread_id = place.topic();
        match telegram.call::<_, bool>(&action).await {
            Ok(_) => {}
            Err(TelegramError::TooMany(wait)) => pace.refused(place.chat.0, wait),
            Err(error) => {
                tracing::debug!(%error, "the typing notice was not shown");
                return;
            }
        }
    }
}
