//! Presses whose outcome is awaited: the words over the chat say what was done, not that something was pressed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use messages::EventId;
use teloxide::{
    payloads::{AnswerCallbackQuery, AnswerCallbackQuerySetters},
    types::CallbackQueryId,
};

use crate::{
    telegram::{Telegram, TelegramError},
    words,
};

/// After this the button stops spinning, and the outcome is seen in the message alone.
const PATIENCE: Duration = Duration::from_secs(5);

/// Those of this process. What another one or an earlier life took is answered there, or not: the outcome is in the
/// message all the same. Clones share them.
#[derive(Clone)]
pub(crate) struct Presses {
    telegram: Telegram,
    waiting: Arc<Mutex<HashMap<EventId, String>>>,
}

impl Presses {
    /// None yet.
    pub(crate) fn new(telegram: Telegram) -> Self {
        Self {
            telegram,
            waiting: Arc::default(),
        }
    }

    /// The press with this query is answered with the outcome of the event, if that comes soon.
    pub(crate) fn wait(&self, event: EventId, query: String) {
        self.lock().insert(event.clone(), query);
        let presses = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            presses.settle(&event, None).await;
        });
    }

    /// The event came to this.
    pub(crate) async fn settle(&self, event: &EventId, outcome: Option<&str>) {
        let Some(query) = self.lock().remove(event) else {
            return;
        };
        let answer = AnswerCallbackQuery::new(CallbackQueryId(query));
        let answer = match outcome {
            Some(outcome) => answer.text(words::toast(outcome)),
            None => answer,
        };
        self.answer(&answer).await;
    }

    /// Answers a press; only a courtesy.
    pub(crate) async fn answer(&self, answer: &AnswerCallbackQuery) {
        match self.telegram.call::<_, bool>(answer).await {
            Ok(_) => {}
            // Pressed long ago, or answered before a restart.
            Err(TelegramError::Refused(reason)) => {
                tracing::debug!(reason, "the press is not waiting any more");
            }
            Err(error) => tracing::warn!(%error, "the press was not answered"),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<EventId, String>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
