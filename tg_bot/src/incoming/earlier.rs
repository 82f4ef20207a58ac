//! What messages said and came to, for when their senders change them.
//!
//! Telegram tells of a change whenever anything about a message is another, such as the preview of a link in it. Only what
//! says something else is one for us; and what has not reached the assistant is not corrected there, but said now.
//! What this process has not seen itself may have reached it.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};

use messages::Attachment;

use super::{about, addressed::Said, wire::Message};

/// Of how many messages it is remembered at least; of up to twice as many at most.
const REMEMBERED: usize = 5_000;

/// What a message came to.
#[derive(Clone, Debug)]
pub(super) enum Came {
    /// The assistant has it.
    Heard,
    /// It was not for us, or nobody could read it.
    Unheard,
    /// What it asked for was done here, or refused.
    Settled,
}

/// A message as it was.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) came: Came,
    /// What it said, as a number.
    said: u64,
    /// The other files of the album that it leads.
    pub(super) album: Vec<Attachment>,
    /// What stands below them.
    pub(super) captions: Vec<String>,
}

impl Version {
    /// Of a message that this process has not seen.
    pub(super) const UNKNOWN: Self = Self {
        came: Came::Heard,
        said: 0,
        album: Vec::new(),
        captions: Vec::new(),
    };

    /// Whether it said the same.
    pub(super) fn is_same(&self, message: &Message, said: Option<&Said>) -> bool {
        self.said == number(message, said)
    }
}

/// The messages that this process has seen.
#[derive(Default)]
pub(crate) struct Earlier(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<(i64, i64), Version>,
    old: HashMap<(i64, i64), Version>,
}

impl Earlier {
    /// What a message came to, before it was changed; `None` where this process does not know.
    pub(super) fn version(&self, message: &Message) -> Option<Version> {
        let key = (message.chat.id, message.message_id?);
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.young.get(&key).or_else(|| all.old.get(&key)).cloned()
    }

    /// What a message came to; a part of its album that has words, to the same, and another one to nothing by itself.
    pub(super) fn add(&self, message: &Message, said: Option<&Said>, came: Came) {
        let album = message.album.iter();
        for part in album.clone() {
            self.put(
                part,
                Version {
                    came: match own_words(part) {
                        Some(_) => came.clone(),
                        None => Came::Unheard,
                    },
                    said: number(part, None),
                    album: Vec::new(),
                    captions: Vec::new(),
                },
            );
        }
        self.put(
            message,
            Version {
                came,
                said: number(message, said),
                album: album.clone().flat_map(about::files).collect(),
                captions: album.filter_map(own_words).map(str::to_owned).collect(),
            },
        );
    }

    /// What a message that was changed came to.
    pub(super) fn change(&self, message: &Message, said: Option<&Said>, came: Came, before: Version) {
        self.put(
            message,
            Version {
                came,
                said: number(message, said),
                ..before
            },
        );
    }

    fn put(&self, message: &Message, version: Version) {
        let Some(id) = message.message_id else { return };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.young.len() >= REMEMBERED {
            all.old = std::mem::take(&mut all.young);
        }
        all.young.insert((message.chat.id, id), version);
    }
}

/// What was written in a message, or below its picture; not what stands below others of its album.
fn own_words(message: &Message) -> Option<&str> {
    let words = message.text.as_deref().or(message.caption.as_deref());
    words.filter(|words| !words.trim().is_empty())
}

/// What a message says as a number: its words, what its links open, and its files by what stays the same of them.
fn number(message: &Message, said: Option<&Said>) -> u64 {
    let mut hasher = DefaultHasher::new();
    match (own_words(message), said) {
        (Some(words), _) => words.hash(&mut hasher),
        (None, Some(Said::Text(text))) => text.hash(&mut hasher),
        _ => {}
    }
    message.links().hash(&mut hasher);
    for file in about::files(message) {
        about::unique_id(message, &file.kind).hash(&mut hasher);
        (file.kind, file.name, file.bytes).hash(&mut hasher);
    }
    hasher.finish()
}
