//! Files that people send: those that are text are read, and what is said in recordings is written down where a server
//! for that is set; in bounds, and never stored here.
//!
//! A file is the word of whoever made it, so the assistant gets it marked as that of others. A voice message is what its
//! sender says.

use std::time::Duration;

use messages::{Attachment, UserMessageV2};
use texts::{Language, Text};
use tokio::time::Instant;

use super::{Incoming, wire::Message};
use crate::{
    hearing::{Hearing, HearingError},
    telegram::TelegramError,
};

/// The largest file that is fetched, in bytes; Telegram itself hands out 20 MB (Bot API, `getFile`).
const LARGEST: usize = 1024 * 1024;

/// How much of a file's text is handed on, in characters.
const MOST_TEXT: usize = 20_000;

/// How many files are in memory at once.
pub(crate) const FILES_AT_ONCE: usize = 8;

/// How long the files of one message may take together; the chat waits behind them.
const LIMIT: Duration = Duration::from_secs(20);

/// The largest recording that is fetched, in bytes: what Telegram hands out.
const LARGEST_RECORDING: usize = 20_000_000;

/// How long what is said in a message may take to be written down; the chat waits behind it, and Telegram does where it
/// sends updates by itself ([`super::webhook`]).
const HEARING_LIMIT: Duration = Duration::from_secs(25);

/// What is said in these by who sends them (Bot API, "Message"), and what kind of file each is.
const SPOKEN: [(&str, &str); 2] = [("voice", "ogg"), ("video_note", "mp4")];

/// A recording, by whomever.
const RECORDING: &str = "audio";

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
    /// Nobody says anything in it.
    Silent,
    /// It could not be written down.
    Unheard,
    /// It is a recording of more bytes than Telegram hands out.
    TooLong,
}

impl Unread {
    /// What its sender is told.
    pub(super) fn answer(self, language: Language) -> String {
        language.say(&match self {
            Self::TooLarge => Text::FileTooLarge { limit: "1 MB" },
            Self::NoText => Text::FileNotText,
            Self::Away => Text::FileAway,
            Self::Silent => Text::VoiceSilent,
            Self::Unheard => Text::VoiceUnheard,
            Self::TooLong => Text::VoiceTooLong { limit: "20 MB" },
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

/// Whether a message is a recording.
pub(super) fn is_recording(message: &Message) -> bool {
    let spoken = SPOKEN.iter().map(|(kind, _)| *kind);
    spoken.chain([RECORDING]).any(|kind| message.has(kind))
}

/// The ending of a recording's name, by which servers tell what kind of file it is; `None` for what is none.
fn recording(file: &Attachment) -> Option<&str> {
    if file.kind == RECORDING {
        let name = file.name.as_deref().and_then(|name| name.rsplit_once('.'));
        let is_plain = |ending: &&str| {
            (1..=5).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        return Some(name.map(|(_, ending)| ending).filter(is_plain).unwrap_or("mp3"));
    }
    SPOKEN
        .iter()
        .find(|(kind, _)| *kind == file.kind)
        .map(|(_, ending)| *ending)
}

impl Incoming {
    /// Whether any file of a message is to be read, or heard.
    pub(super) fn reads(&self, said: &UserMessageV2) -> bool {
        let is_heard = |file: &Attachment| self.hearing.is_some() && recording(file).is_some();
        said.attachments
            .iter()
            .any(|file| is_read(file) || is_heard(file))
    }

    /// Writes down what is said in a message. What its sender says there is what they say; a recording that they send on
    /// is a file with a text.
    async fn hear(&self, hearing: &Hearing, said: &mut UserMessageV2) -> Option<Unread> {
        let until = Instant::now() + HEARING_LIMIT;
        let mut unread = None;
        for mut file in std::mem::take(&mut said.attachments) {
            let Some(ending) = recording(&file) else {
                said.attachments.push(file);
                continue;
            };
            match self.heard(hearing, &file, ending, until).await {
                Ok(text) if file.kind == RECORDING => {
                    file.text = Some(cut(&text));
                    said.attachments.push(file);
                }
                Ok(text) => {
                    if !said.text.is_empty() {
                        said.text.push('\n');
                    }
                    said.text.push_str(&cut(&text));
                }
                Err(reason) => {
                    unread = Some(reason);
                    said.attachments.push(file);
                }
            }
        }
        unread
    }

    async fn heard(
        &self,
        hearing: &Hearing,
        file: &Attachment,
        ending: &str,
        until: Instant,
    ) -> Result<String, Unread> {
        if file.bytes.is_some_and(|bytes| bytes > LARGEST_RECORDING as u64) {
            return Err(Unread::TooLong);
        }
        let hearing = async {
            // It is never closed.
            let _place = hearing.places.acquire().await;
            let recording = self.fetched(&file.file_ref, LARGEST_RECORDING).await;
            let recording = recording.map_err(|unread| match unread {
                Unread::TooLarge => Unread::TooLong,
                other => other,
            })?;
            let name = format!("recording.{ending}");
            let heard = hearing.write_down(&name, recording, until).await;
            heard.map_err(|error| match error {
                HearingError::Silent => Unread::Silent,
                error => {
                    tracing::warn!(%error, "a recording was not transcribed");
                    Unread::Unheard
                }
            })
        };
        let in_time = tokio::time::timeout_at(until, hearing).await;
        let heard = in_time.unwrap_or_else(|_| {
            let seconds = HEARING_LIMIT.as_secs();
            tracing::warn!(seconds, "a recording was not transcribed in time");
            Err(Unread::Unheard)
        });
        let outcome = match &heard {
            Ok(_) => "heard",
            Err(Unread::Silent) => "silent",
            Err(_) => "failed",
        };
        metrics::counter!("telegram_transcriptions_total", "outcome" => outcome).increment(1);
        heard
    }

    /// Reads the files of a message that are text into it, and what is said in it. What was not read is said of the last
    /// that was not.
    pub(super) async fn read_files(&self, said: &mut UserMessageV2) -> Option<Unread> {
        let begun = Instant::now();
        let mut unread = match &self.hearing {
            Some(hearing) => self.hear(hearing, said).await,
            None => None,
        };
        let until = begun + LIMIT;
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
            self.fetched(file_ref, LARGEST).await
        };
        let fetched = tokio::time::timeout_at(until, fetching).await;
        let bytes = fetched.unwrap_or(Err(Unread::Away))?;
        let text = String::from_utf8(bytes).map_err(|_| Unread::NoText)?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() || text.contains('\0') {
            return Err(Unread::NoText);
        }
        Ok(cut(text))
    }

    /// A file's bytes; asked for again while that can help.
    async fn fetched(&self, file_ref: &str, largest: usize) -> Result<Vec<u8>, Unread> {
        loop {
            match self.telegram.file(file_ref, largest).await {
                Ok(bytes) => return Ok(bytes),
                Err(error) if error.is_transient() => {
                    tracing::debug!(%error, "a file is not fetched yet; trying again");
                    tokio::time::sleep(AGAIN).await;
                }
                // The size that was told was not the file's.
                Err(TelegramError::TooLarge) => return Err(Unread::TooLarge),
                Err(error) => {
                    tracing::warn!(%error, "a file was not fetched");
                    return Err(Unread::Away);
                }
            }
        }
    }
}

/// As much of a text as is handed on.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_TEXT) {
        Some((end, _)) => format!("{}\n(cut here: it goes on)", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
