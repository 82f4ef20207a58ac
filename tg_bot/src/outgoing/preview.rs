//! Live answers: what the model has written so far, shown in the message that becomes the answer.
//!
//! A courtesy, like "typing…": it goes only where the limits leave room for a message behind it, its failures are
//! ignored, and it ends the moment the answer is there. The process that took the question shows it; the message's id
//! stands in the delivery record of the answer's first part, which counts as not delivered until the answer itself is
//! in that message. So whoever delivers the answer, after a crash or in another process, finds the message.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use messages::{EventId, ReplyDeltaV1};
use rest_client::{Client, Delivery, DeliveryStatus, NewDelivery};
use teloxide::{
    payloads::{DeleteMessage, EditMessageText, SendMessage, SendMessageSetters},
    types::{ChatId, MessageId},
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, timeout},
};

use super::{
    Pace, no_link_preview,
    render::render,
    split::{MAX_UNITS, Part, split, units},
};
use crate::telegram::{Sent, Telegram, TelegramError};

/// An answer that is there sooner is shown at once and whole.
const PATIENCE: Duration = Duration::from_secs(1);

/// The time between two changes; behind [`MANY`] changes, twice as much.
const EVERY: Duration = Duration::from_secs(1);

/// How many changes come at the full speed.
const MANY: u32 = 20;

/// How soon another try comes when there was no room.
const AGAIN: Duration = Duration::from_millis(250);

/// How long Telegram may take for one change. The answer waits for it, so that the two cannot change places.
const CALL_LIMIT: Duration = Duration::from_secs(5);

/// Text without a line break that is shorter than this may be what a model says before it calls a tool ("Let me look
/// that up."), and not an answer.
const FIRST_WORDS: usize = 64;

/// What stands in the message while a tool runs and nothing is written.
const WORKING: &str = "⏳";

/// What an unfinished text ends with.
const UNFINISHED: &str = " …";

/// After so long without a word, it is looked up whether the answer has gone another way.
const SILENCE: Duration = Duration::from_secs(60);

/// Nothing is remembered of a question for longer.
const KEPT: Duration = Duration::from_secs(2 * 3_600);

/// How long it is remembered that somebody else shows an answer.
const ELSEWHERE: Duration = Duration::from_secs(120);

/// How often what is remembered is looked through.
const SWEEP: Duration = Duration::from_secs(60);

/// What the delivery record says while only a preview was sent.
const NOT_YET: &str = "only a preview of it was sent so far";

/// The live answers of this process. Clones share them.
#[derive(Clone)]
pub(crate) struct Previews {
    telegram: Telegram,
    pace: Arc<Pace>,
    rest: Client,
    known: Arc<Mutex<Known>>,
}

struct Known {
    ours: HashMap<EventId, Arc<Preview>>,
    /// Answers that another process may be showing, with when a word of them was heard last.
    others: HashMap<EventId, Instant>,
    swept: Instant,
}

/// One answer that is awaited, or shown while it is written.
struct Preview {
    chat: ChatId,
    since: Instant,
    text: watch::Sender<Option<ReplyDeltaV1>>,
    is_begun: AtomicBool,
    is_over: AtomicBool,
    over: Notify,
    /// Held while a call is on its way.
    message: tokio::sync::Mutex<Shown>,
}

/// What Telegram shows of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Shown {
    message: Option<MessageId>,
    /// The last call got no answer: it may take effect later.
    is_in_doubt: bool,
}

/// The message that an answer takes the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Its id.
    pub(super) message: MessageId,
    /// Whether a change of the preview may still come after a change of ours: then the message goes, and the answer is
    /// a new one.
    pub(super) is_unsteady: bool,
}

impl Previews {
    /// None yet.
    pub(crate) fn new(telegram: Telegram, pace: Arc<Pace>, rest: Client) -> Self {
        Self {
            telegram,
            pace,
            rest,
            known: Arc::new(Mutex::new(Known {
                ours: HashMap::new(),
                others: HashMap::new(),
                swept: Instant::now(),
            })),
        }
    }

    /// An answer to this question is awaited here. In groups (their ids are negative) none is shown: twenty messages a
    /// minute are soon spent, and an answer quotes its question there, which a changed message cannot.
    pub(crate) fn expect(&self, chat: i64, event: &EventId) {
        if chat < 0 {
            return;
        }
        let preview = Preview {
            chat: ChatId(chat),
            since: Instant::now(),
            text: watch::channel(None).0,
            is_begun: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            over: Notify::new(),
            message: tokio::sync::Mutex::default(),
        };
        let mut known = self.lock();
        known.sweep();
        known.ours.insert(event.clone(), Arc::new(preview));
    }

    /// The model has written more.
    pub(crate) fn heard(&self, delta: ReplyDeltaV1) {
        let preview = {
            let mut known = self.lock();
            match known.ours.get(&delta.event_id).cloned() {
                Some(preview) => preview,
                None => {
                    known.others.insert(delta.event_id, Instant::now());
                    known.sweep();
                    return;
                }
            }
        };
        if preview.is_over() {
            return;
        }
        preview.text.send_replace(Some(delta));
        if !preview.is_begun.swap(true, Ordering::Relaxed) {
            tokio::spawn(self.clone().show(preview));
        }
    }

    /// The answer is there: nothing more of it is shown. The message that it takes the place of: the one that this
    /// process has shown, or the one on record.
    pub(super) async fn finish(&self, event: &EventId, recorded: &[Delivery]) -> Option<Standing> {
        let (ours, is_shown_elsewhere) = {
            let known = self.lock();
            (known.ours.get(event).cloned(), known.others.contains_key(event))
        };
        if let Some(preview) = ours {
            preview.is_over.store(true, Ordering::Relaxed);
            preview.over.notify_waiters();
            let shown = *preview.message.lock().await;
            if let Some(message) = shown.message {
                return Some(Standing {
                    message,
                    is_unsteady: shown.is_in_doubt,
                });
            }
        }
        let first = recorded.iter().find(|delivery| delivery.part == 0)?;
        let id = first.external_message_id.as_ref()?.parse().ok()?;
        (first.status == DeliveryStatus::Failed).then_some(Standing {
            message: MessageId(id),
            is_unsteady: is_shown_elsewhere,
        })
    }

    /// The answer is delivered.
    pub(super) fn forget(&self, event: &EventId) {
        self.lock().ours.remove(event);
    }

    /// Takes a preview away, as well as that can be done.
    pub(super) async fn delete(&self, chat: ChatId, message: MessageId) -> bool {
        let delete = DeleteMessage::new(chat, message);
        match self.telegram.call::<_, bool>(&delete).await {
            Ok(_) => true,
            // It is gone already.
            Err(TelegramError::Refused(reason)) if reason.contains("not found") => true,
            Err(error) => {
                tracing::debug!(%error, "a preview could not be deleted");
                false
            }
        }
    }

    /// Shows the text as it grows, until the answer is there.
    async fn show(self, preview: Arc<Preview>) {
        let mut text = preview.text.subscribe();
        let mut changes = 0;
        let mut next = preview.since + PATIENCE;
        let mut shown = String::new();
        loop {
            if preview.is_over_by(next).await {
                return;
            }
            let delta = text.borrow_and_update().clone();
            let part = delta
                .as_ref()
                .and_then(|delta| draft(&delta.text, !shown.is_empty()))
                .filter(|part| part.text != shown);
            if let (Some(part), Some(delta)) = (part, delta) {
                match self.change(&preview, &delta, &part).await {
                    Ok(true) => {
                        shown = part.text;
                        changes += 1;
                        next = Instant::now() + if changes < MANY { EVERY } else { EVERY * 2 };
                    }
                    // No room: by then there may be more to show.
                    Ok(false) => {
                        next = Instant::now() + AGAIN;
                        continue;
                    }
                    Err(error) => {
                        tracing::debug!(%error, "the answer is not shown while it is written");
                        return;
                    }
                }
            }
            tokio::select! {
                () = preview.ends() => return,
                grown = timeout(SILENCE, text.changed()) => {
                    if grown.is_err() && self.is_delivered(&preview).await {
                        return;
                    }
                }
            }
        }
    }

    /// Puts a text into the message, or makes it; `false` where there is no room for that now.
    async fn change(
        &self,
        preview: &Preview,
        delta: &ReplyDeltaV1,
        part: &Part,
    ) -> Result<bool, TelegramError> {
        let mut message = preview.message.lock().await;
        if preview.is_over() {
            return Ok(false);
        }
        let Some(slot) = self.pace.room(preview.chat.0, 1) else {
            return Ok(false);
        };
        let entities = (!part.entities.is_empty()).then(|| part.entities.clone());
        let called = match message.message {
            None => {
                let mut send =
                    SendMessage::new(preview.chat, &part.text).link_preview_options(no_link_preview());
                send.entities = entities;
                timeout(CALL_LIMIT, self.telegram.call::<_, Sent>(&send)).await
            }
            Some(id) => {
                let mut edit = EditMessageText::new(preview.chat, id, &part.text);
                edit.entities = entities;
                edit.link_preview_options = Some(no_link_preview());
                timeout(CALL_LIMIT, self.telegram.call::<_, Sent>(&edit)).await
            }
        };
        drop(slot);
        let error = match called {
            Ok(Ok(sent)) => {
                if message.message.is_none() {
                    message.message = i32::try_from(sent.message_id).ok().map(MessageId);
                    drop(message);
                    self.record(preview, delta, sent.message_id).await;
                }
                return Ok(true);
            }
            Ok(Err(error)) => error,
            Err(_) => {
                message.is_in_doubt = true;
                return Err(TelegramError::Late);
            }
        };
        match error {
            TelegramError::TooMany(wait) => {
                self.pace.refused(preview.chat.0, wait);
                Ok(false)
            }
            TelegramError::Refused(reason) if reason.contains("message is not modified") => Ok(true),
            // Nothing was done, and the next change may fare better.
            TelegramError::Server(_) | TelegramError::Foreign(_) => Ok(false),
            error => {
                // Whether it was done, nobody has said.
                message.is_in_doubt = !matches!(
                    error,
                    TelegramError::Refused(_) | TelegramError::Forbidden(_) | TelegramError::Migrated(_)
                );
                Err(error)
            }
        }
    }

    /// Puts down which message shows the answer. Where the answer is on record already, it went another way, and the
    /// message goes.
    async fn record(&self, preview: &Preview, delta: &ReplyDeltaV1, message: i64) {
        let record = NewDelivery {
            to: delta.to.clone(),
            external_message_id: Some(message.to_string()),
            status: DeliveryStatus::Failed,
            error: Some(NOT_YET.to_owned()),
        };
        let reply = delta.event_id.child(0);
        let recorded = self.rest.record_delivery(delta.user_id, &reply, 0, &record);
        let recorded = tokio::select! {
            // The answer's own record takes its place.
            () = preview.ends() => return,
            recorded = recorded => recorded,
        };
        match recorded {
            Ok(recorded) => self.clear(preview, &recorded, message).await,
            Err(error) => tracing::debug!(%error, "the preview is not on record"),
        }
    }

    /// Deletes the preview of an answer that another process has sent.
    async fn clear(&self, preview: &Preview, recorded: &Delivery, message: i64) {
        let is_another = recorded.external_message_id != Some(message.to_string());
        if recorded.status != DeliveryStatus::Sent || preview.is_over() {
            return;
        }
        preview.is_over.store(true, Ordering::Relaxed);
        if let (true, Ok(message)) = (is_another, i32::try_from(message)) {
            self.delete(preview.chat, MessageId(message)).await;
        }
    }

    /// Whether another process has delivered the answer; then its preview goes.
    async fn is_delivered(&self, preview: &Preview) -> bool {
        let delta = preview.text.borrow().clone();
        let (Some(delta), Some(message)) = (delta, preview.message.lock().await.message) else {
            return false;
        };
        let recorded = self
            .rest
            .deliveries(delta.user_id, &delta.event_id.child(0))
            .await;
        if let Some(first) = recorded.unwrap_or_default().first() {
            self.clear(preview, first, message.0.into()).await;
        }
        preview.is_over()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Forgets what is old.
    fn sweep(&mut self) {
        if self.swept.elapsed() < SWEEP {
            return;
        }
        self.swept = Instant::now();
        self.ours.retain(|_, preview| preview.since.elapsed() < KEPT);
        self.others.retain(|_, heard| heard.elapsed() < ELSEWHERE);
    }
}

impl Preview {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Until the answer is there.
    async fn ends(&self) {
        let over = self.over.notified();
        if !self.is_over() {
            over.await;
        }
    }

    async fn is_over_by(&self, at: Instant) -> bool {
        tokio::select! {
            () = self.ends() => true,
            () = tokio::time::sleep_until(at) => self.is_over(),
        }
    }
}

/// The text so far as one message; `None` while it may be no answer.
fn draft(markdown: &str, is_shown: bool) -> Option<Part> {
    let text = markdown.trim();
    if text.is_empty() {
        return is_shown.then(|| Part {
            text: WORKING.to_owned(),
            entities: Vec::new(),
        });
    }
    if !is_shown && text.chars().count() < FIRST_WORDS && !text.contains('\n') {
        return None;
    }
    // Of a long one the first message: the others come with the answer.
    let mut part = split(&render(text)).into_iter().next()?;
    if units(&part.text) + units(UNFINISHED) <= MAX_UNITS {
        part.text.push_str(UNFINISHED);
    }
    Some(part)
}
