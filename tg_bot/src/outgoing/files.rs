//! What comes as a file: a very long answer beside its messages, and everything that is kept of a user.

use messages::{ReplyKind, ReplyV1};
use rest_client::Client;
use teloxide::payloads::SendMessage;
use texts::{Language, Text};

use super::{Outbox, Paused, Rank, render};
use crate::{
    place::Place,
    telegram::{Sent, TelegramError},
};

/// What the event of a reply ends with behind which everything that is kept of the user comes as a file.
pub(crate) const EXPORT: &str = ":export";

/// An answer of more messages than this also comes as a file.
const MANY: usize = 10;

/// The largest file that a bot may send, in bytes (Bot API, "Sending files").
const LARGEST: usize = 50_000_000;

/// Which file.
pub(super) enum File {
    /// An answer, in Markdown.
    Answer(String),
    /// Everything that is kept of the user; it is asked for when it is sent.
    Export,
}

/// Why a file was not sent.
pub(super) enum FileError {
    /// What is to be in it could not be had.
    Rest(rest_client::Error),
    /// Telegram did not take it.
    Telegram(TelegramError),
}

/// The file that comes behind the messages of a reply.
pub(super) fn of(reply: &ReplyV1, messages: usize) -> Option<File> {
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
    /// Sends a file; `None` where the chat takes none of an answer, all of which has come as messages. That an export is
    /// not to be had is said in its place.
    pub(super) async fn send_file(
        &self,
        rest: &Client,
        place: Place,
        reply: &ReplyV1,
        file: File,
    ) -> Result<Option<Sent>, FileError> {
        let chat = place.chat;
        let is_export = matches!(file, File::Export);
        let (name, content) = match file {
            File::Answer(text) => ("answer.md", text.into_bytes()),
            File::Export => {
                let archive = rest.export_user(reply.user_id).await;
                ("export.tar.gz", archive.map_err(FileError::Rest)?)
            }
        };
        let slot = self.pace.wait(chat.0, Rank::of(reply.kind)).await;
        let slot = slot.map_err(|Paused(wait)| FileError::Telegram(TelegramError::TooMany(wait)))?;
        let sent = if content.len() <= LARGEST {
            self.telegram.send_file(place, name, &content).await
        } else {
            self.say_instead(rest, place, reply, &Text::ExportTooLarge)
                .await?
        };
        let sent = match sent {
            Err(error)
                if is_export && !error.is_transient() && !matches!(error, TelegramError::TooMany(_)) =>
            {
                tracing::warn!(%error, "the chat takes no file");
                self.say_instead(rest, place, reply, &Text::ExportRefused).await?
            }
            sent => sent,
        };
        drop(slot);
        match sent {
            Ok(sent) => Ok(Some(sent)),
            Err(TelegramError::TooMany(wait)) => {
                self.pace.refused(chat.0, wait);
                Err(FileError::Telegram(TelegramError::TooMany(wait)))
            }
            Err(error) if error.is_transient() => Err(FileError::Telegram(error)),
            Err(error) => {
                tracing::warn!(%error, "the chat takes no file");
                Ok(None)
            }
        }
    }

    /// A sentence where a file was to be.
    async fn say_instead(
        &self,
        rest: &Client,
        place: Place,
        reply: &ReplyV1,
        text: &Text<'_>,
    ) -> Result<Result<Sent, TelegramError>, FileError> {
        let user = rest.user(reply.user_id).await.map_err(FileError::Rest)?;
        let words = Language::of(&user.locale).say(text);
        let mut message = SendMessage::new(place.chat, render::render(&words).text());
        message.message_thread_id = place.topic();
        Ok(self.telegram.call(&message).await)
    }
}
