//! "typing…" while an answer is being made: a courtesy, so nothing waits for it and its failures are ignored.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use teloxide::{payloads::SendChatAction, types::ChatAction, types::ChatId};
use tokio::{task::AbortHandle, time::Instant};

use crate::{outgoing::Pace, telegram::Telegram};

/// An answer that is there sooner needs none.
const PATIENCE: Duration = Duration::from_millis(500);

/// Telegram shows it for five seconds (Bot API `sendChatAction`).
const REPEAT: Duration = Duration::from_millis(4_500);

/// An answer that takes longer is not announced any more.
const LIMIT: Duration = Duration::from_secs(60);

/// Who is shown "typing…". Clones share it.
#[derive(Clone)]
pub(crate) struct Typing {
    telegram: Telegram,
    pace: Arc<Pace>,
    shown: Arc<Mutex<HashMap<i64, AbortHandle>>>,
}

impl Typing {
    /// Nobody yet.
    pub(crate) fn new(telegram: Telegram, pace: Arc<Pace>) -> Self {
        Self {
            telegram,
            pace,
            shown: Arc::default(),
        }
    }

    /// Shows it in the chat from half a second on, until [`Self::stop`] or for a minute.
    pub(crate) fn start(&self, chat: i64) {
        let (telegram, pace) = (self.telegram.clone(), self.pace.clone());
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.retain(|_, task| !task.is_finished());
        shown.entry(chat).or_insert_with(|| {
            let task = tokio::spawn(async move {
                let started = Instant::now();
                tokio::time::sleep(PATIENCE).await;
                while started.elapsed() < LIMIT {
                    // Telegram counts it like a message, and a message is worth more.
                    if !pace.has_room(chat, 1) {
                        tokio::time::sleep(REPEAT).await;
                        continue;
                    }
                    let action = SendChatAction::new(ChatId(chat), ChatAction::Typing);
                    if let Err(error) = telegram.call::<_, bool>(&action).await {
                        tracing::debug!(%error, "the typing notice was not shown");
                        return;
                    }
                    tokio::time::sleep(REPEAT).await;
                }
            });
            task.abort_handle()
        });
    }

    /// The answer is there.
    pub(crate) fn stop(&self, chat: i64) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = shown.remove(&chat) {
            task.abort();
        }
    }
}
