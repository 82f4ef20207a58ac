//! Files that people send: those that are text are read, in bounds, and never stored here.
//!
//! A file is the word of whoever made it, so the assistant gets it marked as that of others.

use std::time::Duration;

use messages::{Attachment, UserMessageV2};
use texts::{Language, Text};
use tokio::time::Instant;

use super::{Incoming, wire::Message};
use crate::telegram::TelegramError;

/// The largest file that is fetched, in bytes; Telegram itself hands out 20 MB (Bot API, `getFile`).
const LARGEST: usize = 1024 * 1024;

/// How much of a file's text is handed on, in characters.
const MOST_TEXT: usize = 20_000;

/// How many files are in memory at once.
pub(crate) const FILES_AT_ONCE: usize = 8;

/// How long the files of one message may take together; the chat waits behind them.
const LIMIT: Duration = Duration::from_secs(20);

/// How long after a failure of Telegram's a file is asked for again.
const AGAIN: Duration = Duration::from_millis(500);

/// What a file's name ends in when it is text.
const TEXT_NAMES: [&str; 8] = ["txt", "text", "md", "markdown", "csv", "tsv", "json", "log"];

/// What a media type that is text begins with.
const TEXT_TYPES: [&str; 2] = ["text/", "application/json"];

/// Why a file was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It has too many bytes.
    TooLarge,
    /// It is no text.
    NoText,
    /// Telegram did not hand it out.
    Away,
}

impl Unread {
    /// What its sender is told.
    pub(super) fn answer(self, language: Language) -> String {
        language.say(&match self {
            Self::TooLarge => Text::FileTooLarge { limit: "1 MB" },
            Self::NoText => Text::FileNotText,
            Self::Away => Text::FileAway,
        })
    }
}

/// Whether a message has a file that may be text, by its name or its type.
pub(super) fn is_text(message: &Message) -> bool {
    super::about::attachment(message, "document")
        .is_some_and(|file| looks_like_text(file.name.as_deref(), file.media_type.as_deref()))
}

fn looks_like_text(name: Option<&str>, media_type: Option<&str>) -> bool {
    let ending = name
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, ending)| ending);
    match ending {
        Some(ending) => TEXT_NAMES.iter().any(|known| ending.eq_ignore_ascii_case(known)),
        None => {
            media_type.is_some_and(|media_type| TEXT_TYPES.iter().any(|known| media_type.starts_with(known)))
        }
    }
}

/// Whether a file of a message is to be read.
fn is_read(file: &Attachment) -> bool {
    file.kind == "document" && looks_like_text(file.name.as_deref(), file.media_type.as_deref())
}

/// Whether any file of a message is to be read.
pub(super) fn are_read(said: &UserMessageV2) -> bool {
    said.attachments.iter().any(is_read)
}

impl Incoming {
    /// Reads the files of a message that are text into it. What was not read is said of the last that was not.
    pub(super) async fn read_files(&self, said: &mut UserMessageV2) -> Option<Unread> {
        let until = Instant::now() + LIMIT;
        let mut unread = None;
        for file in said.attachments.iter_mut().filter(|file| is_read(file)) {
            if file.bytes.is_some_and(|bytes| bytes > LARGEST as u64) {
                unread = Some(Unread::TooLarge);
                continue;
            }
            match self.read_file(&file.file_ref, until).await {
                Ok(text) => file.text = Some(text),
                Err(reason) => unread = Some(reason),
            }
        }
        unread
    }

    async fn read_file(&self, file_ref: &str, until: Instant) -> Result<String, Unread> {
        let fetching = async {
            // It is never closed.
            let _place = self.files.acquire().await;
            loop {
                match self.telegram.file(file_ref, LARGEST).await {
                    Err(error) if error.is_transient() => {
                        tracing::debug!(%error, "a file is not fetched yet; trying again");
                        tokio::time::sleep(AGAIN).await;
                    }
                    settled => break settled,
                }
            }
        };
        let fetched = tokio::time::timeout_at(until, fetching).await;
        let bytes = match fetched {
            Ok(Ok(bytes)) => bytes,
            // The size that was told was not the file's.
            Ok(Err(TelegramError::TooLarge)) => return Err(Unread::TooLarge),
            Ok(Err(error)) => {
                tracing::warn!(%error, "a file was not fetched");
                return Err(Unread::Away);
            }
            Err(_) => return Err(Unread::Away),
        };
        let text = String::from_utf8(bytes).map_err(|_| Unread::NoText)?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() || text.contains('\0') {
            return Err(Unread::NoText);
        }
        Ok(match text.char_indices().nth(MOST_TEXT) {
            Some((end, _)) => format!(
                "{}\n(cut here: the file goes on)",
                text.get(..end).unwrap_or_default()
            ),
            None => text.to_owned(),
        })
    }
}
