//! What comes as a file: a very long answer beside its messages, and everything that is kept of a user.
//!
//! A file can take minutes, or be more than Telegram takes. So it goes by itself: behind the messages of its reply it is
//! published once more, under a key of its own, where no message of the chat waits behind it. It is tried a few times; a
//! file that somebody asked for and that does not come is said.

use std::{sync::Arc, time::Duration};

use messages::{Envelope, Event, EventId, ReplyKind, ReplyV1};
use rest_client::{Client, Delivery, DeliveryStatus};
use texts::{Language, Text};
use tokio::{sync::Semaphore, time::timeout};

use super::{
    Outbox, Paused, Rank, compose,
    delivery::{TOKEN_WAIT, Undone, backoff, failed, is_no_topic, sent},
};
use crate::{
    notices::Notice,
    place::Place,
    telegram::{Sent, TelegramError},
};

/// What the event of a reply ends with behind which everything that is kept of the user comes as a file.
pub(crate) const EXPORT: &str = ":export";

/// What the id of a file ends with, behind that of its reply.
const FILE: &str = ":file";

/// An answer of more messages than this also comes as a file.
const MANY: usize = 10;

/// The largest file that a bot may send, in bytes (Bot API, "Sending files").
const LARGEST: usize = 50_000_000;

/// How often a file is tried, with waits of 1 s, 2 s, 4 s … between.
const MOST_TRIES: u32 = 5;

/// How many files are in memory at once.
const AT_ONCE: usize = 2;

/// How long a file on its way keeps the chat's next message waiting.
const PATIENCE: Duration = Duration::from_secs(1);

/// Who may have a file in memory. Clones share it.
#[derive(Clone)]
pub(crate) struct Uploads(Arc<Semaphore>);

impl Default for Uploads {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// Which file.
enum File {
    /// An answer, in Markdown.
    Answer(String),
    /// Everything that is kept of the user; it is asked for when it is sent.
    Export,
}

/// Why a file was not sent.
enum Unsent {
    /// It may go later.
    Later(Duration, String),
    /// It is more than Telegram takes.
    TooLarge,
    /// Telegram does not take it.
    Refused(TelegramError),
    /// It cannot be had or sent, however often it is tried.
    Failed(String),
    /// The user was erased.
    Nobody,
}

/// The reply that a file belongs to, by the file's id; `None` for what is no file.
pub(super) fn reply_of(id: &EventId) -> Option<EventId> {
    id.as_str().strip_suffix(FILE).map(EventId::new)
}

/// The file that comes behind the messages of a reply.
fn of(reply: &ReplyV1, messages: usize) -> Option<File> {
    if reply.kind == ReplyKind::Notice && reply.event_id.as_str().ends_with(EXPORT) {
        return Some(File::Export);
    }
    (messages > MANY && reply.kind == ReplyKind::Answer).then(|| {
        let receipts = reply.receipts.iter().map(|receipt| receipt.text.as_str());
        let all: Vec<&str> = [reply.text.as_str()].into_iter().chain(receipts).collect();
        File::Answer(all.join("\n\n"))
    })
}

impl Outbox {
    /// Publishes the file of a reply whose messages are sent, where it has one, under a key of its own.
    pub(super) async fn hand_on_file(
        &self,
        envelope: &Envelope,
        key: &str,
        reply: &ReplyV1,
        messages: usize,
        attempt: u32,
    ) -> Result<(), Undone> {
        if of(reply, messages).is_none() {
            return Ok(());
        }
        let file = Envelope {
            id: EventId::new(format!("{}{FILE}", envelope.id)),
            ..envelope.clone()
        };
        let topic = messages::Topic::outbox(reply.to.channel);
        let published = self.bus.publish(&topic, &format!("{key}{FILE}"), &file).await;
        published.map_err(|error| Undone::Later(backoff(attempt), error.to_string()))
    }

    /// Delivers the file of a reply.
    pub(super) async fn deliver_file(
        &self,
        rest: &Client,
        envelope: &Envelope,
        id: &EventId,
        attempt: u32,
    ) -> Result<(), Undone> {
        let Event::ReplyV1(reply) = &envelope.event else {
            return Err(Undone::Never("no reply has this file".to_owned()));
        };
        let messages = compose::messages(reply).len();
        let (Some(place), Some(file)) = (Place::of(&reply.to), of(reply, messages)) else {
            return Err(Undone::Never("the reply has no file".to_owned()));
        };
        let number = u32::try_from(messages).unwrap_or(u32::MAX);
        let recorded = self.on_record(rest, reply, id, attempt).await?;
        let is_sent =
            |delivery: &Delivery| delivery.part == number && delivery.status == DeliveryStatus::Sent;
        if recorded.iter().any(is_sent) {
            return Ok(());
        }
        let is_export = matches!(file, File::Export);
        let unsent = match self.send_file(rest, place, reply, file, attempt).await {
            Ok(message) => {
                let sent = sent(reply, Some(message.message_id.to_string()));
                return self.record(rest, reply, id, number, &sent).await;
            }
            Err(unsent) => unsent,
        };
        let (reason, words) = match unsent {
            Unsent::Later(after, reason) => return Err(Undone::Later(after, reason)),
            Unsent::Nobody => return Err(Undone::Nobody),
            Unsent::Refused(error @ TelegramError::Forbidden(_)) => {
                return Err(self.not_sent(rest, reply, id, number, &error, attempt).await);
            }
            Unsent::TooLarge => ("the file is too large".to_owned(), Text::ExportTooLarge),
            Unsent::Refused(error) => (error.to_string(), Text::ExportRefused),
            Unsent::Failed(reason) => (reason, Text::ExportFailed),
        };
        tracing::warn!(reason, is_export, "the file does not come");
        // An answer has come as messages, and nobody asked for its file.
        if is_export {
            self.say_unsent(rest, envelope, reply, &words, attempt).await?;
        }
        self.record(rest, reply, id, number, &failed(reply, reason)).await
    }

    async fn send_file(
        &self,
        rest: &Client,
        place: Place,
        reply: &ReplyV1,
        file: File,
        attempt: u32,
    ) -> Result<Sent, Unsent> {
        let again = |reason: String| match attempt < MOST_TRIES {
            true => Unsent::Later(backoff(attempt), reason),
            false => Unsent::Failed(reason),
        };
        // It is never closed.
        let _turn = self.uploads.0.acquire().await;
        let (name, content) = match file {
            File::Answer(text) => ("answer.md", text.into_bytes()),
            File::Export => match rest.export_user(reply.user_id).await {
                Ok(archive) => ("export.tar.gz", archive),
                Err(rest_client::Error::NotFound) => return Err(Unsent::Nobody),
                // More than is read of it.
                Err(rest_client::Error::Protocol { status: 200, .. }) => return Err(Unsent::TooLarge),
                Err(error) if error.is_retryable() => return Err(again(error.to_string())),
                Err(error) => return Err(Unsent::Failed(error.to_string())),
            },
        };
        if content.len() > LARGEST {
            return Err(Unsent::TooLarge);
        }
        let mut place = place;
        loop {
            match self.upload(place, name, &content, Rank::of(reply.kind)).await {
                Err(TelegramError::Migrated(new)) if place.chat != new => place.chat = new,
                Err(TelegramError::Refused(reason)) if is_no_topic(&reason) && place.topic().is_some() => {
                    place = place.whole_chat();
                }
                Ok(sent) => return Ok(sent),
                Err(TelegramError::TooMany(wait)) => {
                    return Err(Unsent::Later(
                        wait,
                        "the chat takes nothing for so long".to_owned(),
                    ));
                }
                Err(TelegramError::TooLarge) => return Err(Unsent::TooLarge),
                // Nothing comes through as long as that lasts.
                Err(error @ TelegramError::Unauthorized) => {
                    return Err(Unsent::Later(TOKEN_WAIT, error.to_string()));
                }
                Err(error) if error.is_transient() => return Err(again(error.to_string())),
                Err(error) => return Err(Unsent::Refused(error)),
            }
        }
    }

    /// Sends a file, and keeps the chat's other messages waiting no longer than for one of theirs.
    async fn upload(
        &self,
        place: Place,
        name: &str,
        content: &[u8],
        rank: Rank,
    ) -> Result<Sent, TelegramError> {
        let chat = place.chat.0;
        let slot = self.pace.wait(chat, rank).await;
        let slot = slot.map_err(|Paused(wait)| TelegramError::TooMany(wait))?;
        let upload = self.telegram.send_file(place, name, content);
        tokio::pin!(upload);
        let in_time = timeout(PATIENCE, &mut upload).await;
        drop(slot);
        let sent = match in_time {
            Ok(sent) => sent,
            Err(_) => {
                let sent = upload.await;
                self.pace.arrived(chat);
                sent
            }
        };
        if let Err(TelegramError::TooMany(wait)) = sent {
            self.pace.refused(chat, wait);
        }
        sent
    }

    /// Says in a message of its own that a file does not come, and what to do.
    async fn say_unsent(
        &self,
        rest: &Client,
        envelope: &Envelope,
        reply: &ReplyV1,
        words: &Text<'_>,
        attempt: u32,
    ) -> Result<(), Undone> {
        let user = match rest.user(reply.user_id).await {
            Ok(user) => user,
            Err(rest_client::Error::NotFound) => return Err(Undone::Nobody),
            Err(error) => return Err(Undone::Later(backoff(attempt), error.to_string())),
        };
        let notice = Notice {
            event_id: EventId::new(format!("{}:unsent", reply.event_id)),
            user_id: reply.user_id,
            to: reply.to.clone(),
            text: Language::of(&user.locale).say(words),
            buttons: Vec::new(),
        };
        let said = self.notices.say(envelope.trace_id, notice).await;
        said.map_err(|error| Undone::Later(backoff(attempt), error.to_string()))
    }
}
