//! Delivers replies: every part once, in order, with Telegram's message id on record before the next.
//!
//! A part counts as delivered when its record is stored. Killed before Telegram took it: it is sent after the
//! restart. Killed after the record: it is skipped. Killed in between, or when Telegram's answer is lost on the
//! way: it is sent again, and this is the only window in which a message can repeat, because Telegram takes no
//! idempotency key. While we live, the record is tried until it is stored.

use std::{sync::Arc, time::Duration};

use bus::{Bus, BusError, ConsumerOptions, Delivery};
use messages::{Channel, Event, EventId, ReplyKind, ReplyV1, Topic};
use rest_client::{Client, DeliveryStatus, NewDelivery};
use service_kit::{Lifecycle, OperatorError, retry::wait_for};
use teloxide::{
    payloads::{SendMessage, SendMessageSetters},
    types::{MessageId, ReplyParameters},
};
use texts::Language;
use tokio::{sync::Semaphore, task::JoinSet};
use tracing::Instrument;

use super::{
    Pace, Paused, Previews, Rank, compose,
    files::{self, Uploads},
    lateness,
    mention::Mention,
    no_link_preview,
    split::Part,
};
use crate::{
    notices::Notices,
    place::Place,
    presses::Presses,
    reach::Reach,
    telegram::{Sent, Telegram, TelegramError},
    typing::Typing,
};

/// The consumer group on the outbox.
pub const GROUP: &str = "tg_bot";

/// With waits of up to [`LONGEST_WAIT`], Telegram may be away for a day.
const MAX_ATTEMPTS: u32 = 1_500;

/// Enough that an answer is in hand, and goes first, however many notices came before it.
const MAX_IN_HAND: usize = 2_048;

/// How many replies ask at once what is on record of them.
pub(crate) const LOOKUPS_AT_ONCE: usize = 16;

/// 1 s, 2 s, 4 s … between tries, up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How long after a refused token the next try comes; the operator has to act first.
pub(super) const TOKEN_WAIT: Duration = Duration::from_secs(60);

/// 0.2 s, 0.4 s, 0.8 s … up to 10 s between tries to record what was sent.
const FIRST_RECORD_WAIT: Duration = Duration::from_millis(200);
const LONGEST_RECORD_WAIT: Duration = Duration::from_secs(10);

/// What Telegram calls a topic that was deleted, or closed.
const NO_TOPIC: [&str; 2] = ["thread not found", "TOPIC_CLOSED"];

/// The longest reason that rest_service takes, in characters.
const REASON_MAX: usize = 1_000;

/// What delivers replies.
#[derive(Clone)]
pub(crate) struct Outbox {
    /// The Bot API.
    pub(crate) telegram: Telegram,
    /// Where replies come from.
    pub(crate) bus: Bus,
    /// Where deliveries are recorded.
    pub(crate) rest: Client,
    /// How fast messages may go.
    pub(crate) pace: Arc<Pace>,
    /// Who may ask for records.
    pub(crate) lookups: Arc<Semaphore>,
    /// What stops "typing…" when the answer is there.
    pub(crate) typing: Typing,
    /// Presses whose outcome is awaited.
    pub(crate) presses: Presses,
    /// Answers that are shown while they are written.
    pub(crate) previews: Previews,
    /// Which chats can be reached.
    pub(crate) reach: Reach,
    /// The bot's own words.
    pub(crate) notices: Notices,
    /// Who may have a file in memory.
    pub(crate) uploads: Uploads,
    /// The process's life.
    pub(crate) lifecycle: Lifecycle,
}

/// Why a delivery is not done.
pub(super) enum Undone {
    /// Again later.
    Later(Duration, String),
    /// Never.
    Never(String),
    /// The user was erased: nothing of theirs is sent any more, or kept as a dead letter.
    Nobody,
    /// The process stops; whoever takes it over goes on.
    Stopping,
}

impl Undone {
    /// What a failed call means for the delivery.
    fn after(error: &TelegramError, backoff: Duration) -> Self {
        let reason: String = error.to_string().chars().take(REASON_MAX).collect();
        match error {
            TelegramError::TooMany(wait) => Self::Later(*wait, reason),
            TelegramError::Unauthorized => Self::Later(TOKEN_WAIT, reason),
            TelegramError::Forbidden(_) | TelegramError::Refused(_) | TelegramError::TooLarge => {
                Self::Never(reason)
            }
            _ => Self::Later(backoff, reason),
        }
    }
}

impl Outbox {
    /// Delivers replies until the process stops; what is in hand is finished.
    ///
    /// # Errors
    /// The bus was closed under it.
    pub(crate) async fn run(self) -> Result<(), OperatorError> {
        let options = ConsumerOptions {
            max_in_flight: MAX_IN_HAND,
            max_attempts: MAX_ATTEMPTS,
            ..ConsumerOptions::default()
        };
        let topic = Topic::outbox(Channel::Telegram);
        let join = || self.bus.consumer(&topic, GROUP, options.clone());
        let Some(mut consumer) = wait_for(&self.lifecycle, "bus", join).await else {
            return Ok(());
        };
        let mut in_hand = JoinSet::new();
        while let Some(next) = self.lifecycle.until_stopping(consumer.next()).await {
            let delivery = next.map_err(|error| {
                OperatorError::new("the bus closed its consumer", "restart tg_bot").because(error)
            })?;
            let envelope = delivery.envelope();
            let span = tracing::info_span!("deliver", trace_id = %envelope.trace_id, reply_id = %envelope.id);
            in_hand.spawn(self.clone().deliver(delivery).instrument(span));
            while in_hand.try_join_next().is_some() {}
        }
        // Nothing new is taken, and the rest goes to others at once.
        consumer.close().await;
        while in_hand.join_next().await.is_some() {}
        Ok(())
    }

    async fn deliver(self, delivery: Delivery) {
        let attempt = delivery.attempt();
        let outcome = match &delivery.envelope().event {
            Event::ReplyV1(reply) => {
                let envelope = delivery.envelope();
                let rest = self.rest.with_trace(envelope.trace_id);
                match files::reply_of(&envelope.id) {
                    Some(id) => self.deliver_file(&rest, envelope, &id, attempt).await,
                    None => match self.send_reply(&rest, &envelope.id, reply, attempt).await {
                        Ok(messages) => {
                            let key = delivery.key();
                            self.hand_on_file(envelope, key, reply, messages, attempt).await
                        }
                        Err(undone) => Err(undone),
                    },
                }
            }
            other => Err(Undone::Never(format!(
                "{} does not belong here",
                other.type_name()
            ))),
        };
        let (outcome, settled) = match outcome {
            Ok(()) => {
                tracing::info!(attempt, "delivered");
                ("sent", delivery.ack().await)
            }
            Err(Undone::Later(after, reason)) => {
                tracing::warn!(
                    attempt,
                    reason,
                    after_s = after.as_secs_f64(),
                    "not delivered yet; trying again"
                );
                ("retried", delivery.retry(after, reason).await)
            }
            Err(Undone::Never(reason)) => {
                tracing::error!(reason, "cannot be delivered");
                ("failed", delivery.fail(reason).await)
            }
            Err(Undone::Nobody) => {
                tracing::info!("dropped: the user is not known any more");
                ("dropped", delivery.ack().await)
            }
            Err(Undone::Stopping) => return,
        };
        metrics::counter!("telegram_replies_total", "outcome" => outcome).increment(1);
        match settled {
            Ok(()) => {}
            Err(BusError::LeaseLost) => tracing::debug!("somebody else has taken this delivery over"),
            // It comes again, and is found on record.
            Err(error) => tracing::warn!(%error, "the delivery was not settled"),
        }
    }

    /// What is on record of a reply.
    pub(super) async fn on_record(
        &self,
        rest: &Client,
        reply: &ReplyV1,
        id: &EventId,
        attempt: u32,
    ) -> Result<Vec<rest_client::Delivery>, Undone> {
        let found = {
            // It is never closed.
            let _turn = self.lookups.acquire().await;
            rest.deliveries(reply.user_id, id).await
        };
        found.map_err(|error| match error {
            rest_client::Error::NotFound => Undone::Nobody,
            rest_client::Error::Invalid { .. } => Undone::Never(error.to_string()),
            error => Undone::Later(backoff(attempt), error.to_string()),
        })
    }

    /// Sends what is not sent yet of a reply; how many messages it has.
    async fn send_reply(
        &self,
        rest: &Client,
        id: &EventId,
        reply: &ReplyV1,
        attempt: u32,
    ) -> Result<usize, Undone> {
        let Some(place) = Place::of(&reply.to) else {
            return Err(Undone::Never("the address is not a Telegram chat".to_owned()));
        };
        let chat = place.chat;
        let backoff = backoff(attempt);
        let recorded = self.on_record(rest, reply, id, attempt).await?;
        let quoted = reply.in_reply_to.as_ref().and_then(|id| id.parse().ok());
        self.typing.stop(place, &reply.event_id, quoted);
        let mut preview = self.previews.finish(&reply.event_id, &recorded).await;
        let late = lateness::of(reply, self.lifecycle.clock().now());
        let told = match late {
            // Rare enough to ask for their language.
            Some(late) => {
                let user = rest.user(reply.user_id).await;
                let locale = user.map(|user| user.locale).unwrap_or_default();
                Some(lateness::told(reply, late, Language::of(&locale)))
            }
            None => None,
        };
        let reply = told.as_ref().unwrap_or(reply);
        let mention = if reply.kind == ReplyKind::Reminder && chat.0 < 0 {
            match Mention::of(rest, reply.user_id).await {
                Ok(mention) => mention,
                Err(rest_client::Error::NotFound) => return Err(Undone::Nobody),
                Err(error) => return Err(Undone::Later(backoff, error.to_string())),
            }
        } else {
            None
        };
        let for_whom = mention.as_ref().map(|mention| mention.begin(reply));
        let reply = for_whom.as_ref().unwrap_or(reply);
        self.presses.settle(&reply.event_id, reply.toast.as_deref()).await;
        if reply.toast.is_some() && recorded.is_empty() {
            match self.replace(chat, reply).await {
                Ok(true) => {
                    let sent = sent(reply, reply.in_reply_to.clone());
                    self.record(rest, reply, id, 0, &sent).await?;
                    return Ok(1);
                }
                // It is sent as a message of its own.
                Ok(false) => {}
                Err(error) => return Err(self.not_sent(rest, reply, id, 0, &error, attempt).await),
            }
        }
        let parts = compose::messages(reply);
        let last = parts.len() - 1;
        for (number, part) in parts.iter().enumerate() {
            let on_record = u32::try_from(number).unwrap_or(u32::MAX);
            let is_sent = recorded
                .iter()
                .any(|delivery| delivery.part == on_record && delivery.status == DeliveryStatus::Sent);
            if is_sent {
                continue;
            }
            let in_place = match preview.take().filter(|_| number == 0) {
                Some(preview) => self
                    .finish_preview(chat, preview, reply, part, number == last)
                    .await
                    .map(|is_done| is_done.then(|| preview.message.to_string())),
                None => Ok(None),
            };
            let message = match in_place {
                Ok(None) => {
                    let mut message = compose_message(place, reply, part, number == 0, number == last);
                    if let Some(mention) = mention.as_ref().filter(|_| number == 0) {
                        message.entities.get_or_insert_default().push(mention.entity());
                    }
                    let message = self.send(message, Rank::of(reply.kind)).await;
                    message.map(|message| message.message_id.to_string())
                }
                Ok(Some(message)) => Ok(message),
                Err(error) => Err(error),
            };
            match message {
                Ok(message) => {
                    let sent = sent(reply, Some(message));
                    self.record(rest, reply, id, on_record, &sent).await?;
                }
                Err(error) => {
                    return Err(self.not_sent(rest, reply, id, on_record, &error, attempt).await);
                }
            }
        }
        self.previews.forget(&reply.event_id);
        Ok(parts.len())
    }

    /// What a call for a part of a reply that failed comes to: what never succeeds is put on record, and a chat that
    /// does not want the bot has its tasks wait.
    pub(super) async fn not_sent(
        &self,
        rest: &Client,
        reply: &ReplyV1,
        id: &EventId,
        part: u32,
        error: &TelegramError,
        attempt: u32,
    ) -> Undone {
        if let (TelegramError::Forbidden(_), Some(place)) = (error, Place::of(&reply.to))
            && let Err(error) = self.reach.lost(place.chat.0).await
        {
            // Said again at the next message there.
            tracing::warn!(%error, "the tasks of a chat that cannot be reached go on");
        }
        let undone = Undone::after(error, backoff(attempt));
        if let Undone::Never(reason) = &undone
            && let Err(stopping) = self
                .record(rest, reply, id, part, &failed(reply, reason.clone()))
                .await
        {
            return stopping;
        }
        undone
    }

    /// Sends one message; formatting or buttons that Telegram refuses are left off rather than the text.
    async fn send(&self, mut message: SendMessage, rank: Rank) -> Result<Sent, TelegramError> {
        loop {
            let chat = match message.chat_id {
                teloxide::types::Recipient::Id(chat) => chat.0,
                teloxide::types::Recipient::ChannelUsername(_) => 0,
            };
            let slot = match self.pace.wait(chat, rank).await {
                Ok(slot) => slot,
                Err(Paused(wait)) => return Err(TelegramError::TooMany(wait)),
            };
            let called = self.telegram.call(&message).await;
            drop(slot);
            match called {
                Err(TelegramError::TooMany(wait)) => {
                    self.pace.refused(chat, wait);
                    return Err(TelegramError::TooMany(wait));
                }
                Err(TelegramError::Migrated(new)) if message.chat_id != new.into() => {
                    tracing::info!("the group has moved to another chat id");
                    message.chat_id = new.into();
                }
                Err(TelegramError::Refused(reason))
                    if is_no_topic(&reason) && message.message_thread_id.take().is_some() =>
                {
                    tracing::info!(reason, "the topic takes nothing; the message goes to the chat");
                }
                Err(TelegramError::Refused(reason)) if make_plainer(&mut message) => {
                    tracing::warn!(reason, "Telegram refused the message; sending it plainer");
                }
                settled => return settled,
            }
        }
    }

    /// Records a part. It is sent already, and only we know it: the record is tried for as long as we live.
    pub(super) async fn record(
        &self,
        rest: &Client,
        reply: &ReplyV1,
        id: &EventId,
        part: u32,
        record: &NewDelivery,
    ) -> Result<(), Undone> {
        let mut wait = FIRST_RECORD_WAIT;
        loop {
            match rest.record_delivery(reply.user_id, id, part, record).await {
                Ok(_) => return Ok(()),
                Err(error) if error.is_retryable() => {
                    tracing::warn!(%error, part, "a delivery is not recorded yet; trying on");
                }
                Err(error) => {
                    // Sending it again would help nobody.
                    tracing::error!(%error, part, "the delivery cannot be recorded");
                    return Ok(());
                }
            }
            let waited = self.lifecycle.until_stopping(tokio::time::sleep(wait)).await;
            waited.ok_or(Undone::Stopping)?;
            wait = (wait * 2).min(LONGEST_RECORD_WAIT);
        }
    }
}

/// The record of a part that was sent.
pub(super) fn sent(reply: &ReplyV1, message: Option<String>) -> NewDelivery {
    NewDelivery {
        to: reply.to.clone(),
        external_message_id: message,
        status: DeliveryStatus::Sent,
        error: None,
    }
}

/// The record of a part that is not sent.
pub(super) fn failed(reply: &ReplyV1, reason: String) -> NewDelivery {
    NewDelivery {
        to: reply.to.clone(),
        external_message_id: None,
        status: DeliveryStatus::Failed,
        error: Some(reason),
    }
}

/// Whether Telegram refused a message since its topic was deleted, or closed.
pub(super) fn is_no_topic(reason: &str) -> bool {
    NO_TOPIC.iter().any(|words| reason.contains(words))
}

fn compose_message(place: Place, reply: &ReplyV1, part: &Part, is_first: bool, is_last: bool) -> SendMessage {
    let chat = place.chat;
    let mut message = SendMessage::new(chat, &part.text).link_preview_options(no_link_preview());
    message.message_thread_id = place.topic();
    if !part.entities.is_empty() {
        message.entities = Some(part.entities.clone());
    }
    // In a private chat it is plain what is answered. Groups and channels have negative ids (Bot API, "Chat");
    // teloxide's own question panics for the 52 bits that a person's id may have.
    let quoted = reply.in_reply_to.as_ref().filter(|_| is_first && chat.0 < 0);
    if let Some(quoted) = quoted.and_then(|quoted| quoted.parse().ok()) {
        message.reply_parameters =
            Some(ReplyParameters::new(MessageId(quoted)).allow_sending_without_reply());
    }
    if is_last {
        message.reply_markup = compose::markup(reply, chat);
    }
    message
}

/// Takes off what Telegram may have refused: formatting first, then all but the text. `false` when there is
/// nothing left to take off.
fn make_plainer(message: &mut SendMessage) -> bool {
    if message.entities.take().is_some() {
        return true;
    }
    let is_quoting = message.reply_parameters.take().is_some();
    let has_buttons = message.reply_markup.take().is_some();
    is_quoting || has_buttons
}

pub(super) fn backoff(attempt: u32) -> Duration {
    let doubled = 1_u64 << attempt.saturating_sub(1).min(16);
    Duration::from_secs(doubled).min(LONGEST_WAIT)
}
