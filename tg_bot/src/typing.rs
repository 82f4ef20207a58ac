//! "typing…" while an answer is being made: a courtesy, so nothing waits for it and its failures are ignored.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use messages::EventId;
use teloxide::{payloads::SendChatAction, types::ChatAction, types::ChatId};
use tokio::{sync::oneshot, time::Instant};

use crate::{
    outgoing::{Pace, Previews},
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
    shown: Arc<Mutex<HashMap<i64, Shown>>>,
}

/// A chat where answers are being made.
struct Shown {
    /// The messages that wait for one.
    waiting: HashSet<EventId>,
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

    /// Shows it in the chat very soon, until every message there has its answer; and the answer while it is written.
    pub(crate) fn start(&self, chat: i64, event: &EventId) {
        self.previews.expect(chat, event);
        let mut all = self.lock();
        all.retain(|_, shown| !shown.stop.is_closed());
        let shown = all.entry(chat).or_insert_with(|| {
            let (stop, stopped) = oneshot::channel();
            tokio::spawn(show(self.telegram.clone(), self.pace.clone(), chat, stopped));
            Shown {
                waiting: HashSet::new(),
                stop,
            }
        });
        shown.waiting.insert(event.clone());
    }

    /// The answer to a message is there.
    pub(crate) fn stop(&self, chat: i64, event: &EventId) {
        let mut all = self.lock();
        if let Some(shown) = all.get_mut(&chat) {
            shown.waiting.remove(event);
            if shown.waiting.is_empty() {
                all.remove(&chat);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Shown>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends when the other end of `stopped` is dropped, but for a call that is on its way: what Telegram may still get has to
/// be counted.
async fn show(telegram: Telegram, pace: Arc<Pace>, chat: i64, mut stopped: oneshot::Receiver<()>) {
    let started = Instant::now();
    let mut wait = PATIENCE;
    while started.elapsed() < LIMIT {
        if tokio::time::timeout(wait, &mut stopped).await.is_ok() {
            return;
        }
        // Telegram counts it like a message, and a message is worth more.
        let Some(_slot) = pace.room(chat, 1) else {
            wait = AGAIN;
            continue;
        };
        wait = REPEAT;
        let action = SendChatAction::new(ChatId(chat), ChatAction::Typing);
        match telegram.call::<_, bool>(&action).await {
            Ok(_) => {}
            Err(TelegramError::TooMany(wait)) => pace.refused(chat, wait),
            Err(error) => {
                tracing::debug!(%error, "the typing notice was not shown");
                return;
            }
        }
    }
}
