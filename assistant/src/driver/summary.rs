//! Older messages are summed up in the background, once a thread is long: nothing falls out of the conversation unsaid.
//!
//! It costs the turn nothing, and nothing waits for it: killed or failed, the next turn of the thread begins it again.
//! Two processes that do it at once store the same notes twice.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use messages::EventId;
use rest_client::{Budgeted, Context, PageQuery, ThreadPatch, User};
use tokio::{sync::watch, time::Instant};
use uuid::Uuid;

use super::Driver;
use crate::{
    context::summary,
    model::{Message, ModelRequest, Purse},
    tools,
};

/// How long a thread is left alone once its summary failed: each try is paid for.
const PAUSE: Duration = Duration::from_secs(600);

/// How many messages are read for one summary.
const READ: u32 = 100;

/// How long a model may take for one.
const PATIENCE: Duration = Duration::from_secs(120);

/// A thread that is to be summed up.
#[derive(Debug)]
pub struct Due {
    thread_id: Uuid,
    notes: String,
    /// What the notes cover.
    from: i64,
    /// Up to which message it is wanted.
    to: i64,
    model: Option<String>,
    user: User,
    limited: Option<Budgeted>,
}

/// The threads that are not to be begun now, with the instant from which they may be.
#[derive(Debug, Default)]
pub(super) struct Resting(Mutex<HashMap<Uuid, Instant>>);

impl Resting {
    /// Whether a thread may be begun; it then rests.
    fn begins(&self, thread: Uuid) -> bool {
        let mut resting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        resting.retain(|_, until| *until > now);
        if resting.contains_key(&thread) {
            return false;
        }
        resting.insert(thread, now + PAUSE);
        true
    }

    fn is_done(&self, thread: Uuid) {
        let mut resting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        resting.remove(&thread);
    }
}

impl Driver {
    /// What is to be summed up after a turn that began with this context.
    pub(super) fn is_long(&self, context: &Context) -> Option<Due> {
        if !self.model.is_language_model() {
            return None;
        }
        let thread = context.thread.as_ref()?;
        Some(Due {
            thread_id: thread.id,
            notes: thread.summary.clone(),
            from: thread.summarised_to,
            to: summary::due(context, self.settings.context_tokens)?,
            model: context.assistant.model.clone(),
            user: context.user.clone(),
            limited: context.budget,
        })
    }

    /// Sums a thread up; what fails is tried again after a later turn.
    pub async fn sum_up(&self, due: Due) {
        if !self.resting.begins(due.thread_id) {
            return;
        }
        match self.try_sum_up(&due).await {
            Ok(()) => {
                tracing::info!(thread_id = %due.thread_id, "older messages are summed up");
                self.resting.is_done(due.thread_id);
            }
            Err(reason) => {
                tracing::warn!(thread_id = %due.thread_id, reason, "older messages are not summed up yet");
            }
        }
    }

    async fn try_sum_up(&self, due: &Due) -> Result<(), String> {
        let page = PageQuery {
            cursor: Some(due.from.to_string()),
            limit: Some(READ),
        };
        let found = self.rest.messages(due.user.id, due.thread_id, &page).await;
        let mut messages = found.map_err(|error| error.to_string())?.items;
        let is_all = messages.last().is_none_or(|last| last.seq >= due.to);
        messages.retain(|message| message.seq <= due.to);
        let tokens = self.settings.context_tokens;
        let Some(material) = summary::material(&due.notes, &messages, !is_all, tokens) else {
            return Ok(());
        };
        let now = self.clock.now();
        // The same words again are the same event: what was held back for them is found.
        let event_id = EventId::new(format!("summary:{}:{}", due.thread_id, material.to));
        let wallet = self.wallet(&due.user, event_id, due.limited, &self.rest);
        let purse = wallet.purse();
        let request = ModelRequest {
            model: due.model.clone(),
            instructions: summary::INSTRUCTIONS.to_owned(),
            messages: vec![Message::User(material.text)],
            tools: [].into(),
            parameters: serde_json::Map::new(),
            max_output_tokens: self.settings.answer_tokens,
            time: tools::when::context(now, chrono_tz::Tz::UTC, ""),
            now,
            deadline: Instant::now() + PATIENCE,
            purse: Some(Arc::clone(&purse) as Arc<dyn Purse>),
        };
        let (live, _) = watch::channel(String::new());
        let answer = self.model.answer(&request, &live).await;
        drop((request, purse));
        let model = due.model.as_deref().unwrap_or(self.model.name());
        let model = answer
            .as_ref()
            .map_or(model, |answer| match answer.model.as_str() {
                "" => model,
                answered => answered,
            });
        wallet.count(model).await;
        let answer = answer.map_err(|error| error.to_string())?;
        let Some(notes) = summary::written(&answer.text) else {
            return Err("the model wrote nothing".to_owned());
        };
        let patch = ThreadPatch {
            summary: notes,
            summarised_to: material.to,
        };
        let stored = self.rest.update_thread(due.user.id, due.thread_id, &patch).await;
        stored.map(drop).map_err(|error| error.to_string())
    }
}
