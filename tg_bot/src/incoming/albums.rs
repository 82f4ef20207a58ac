//! Albums: Telegram sends their pictures as messages of their own, and people mean one.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::{Mutex, PoisonError},
};

use super::wire::{Kind, Message, Update};

/// Of how many albums it is remembered that they were answered.
const REMEMBERED: usize = 1_000;

/// Puts what belongs to one album together, where the first of it stands: the part that has words leads it.
pub(super) fn joined(updates: Vec<Update>) -> Vec<Update> {
    let mut whole: Vec<Update> = Vec::with_capacity(updates.len());
    let mut begun: HashMap<(i64, String), usize> = HashMap::new();
    for Update { id, kind } in updates {
        let Kind::Message(message) = kind else {
            whole.push(Update { id, kind });
            continue;
        };
        let Some(album) = message.media_group_id.clone() else {
            let kind = Kind::Message(message);
            whole.push(Update { id, kind });
            continue;
        };
        let apart = match begun.entry((message.chat.id, album)) {
            Entry::Occupied(place) => match whole.get_mut(*place.get()) {
                Some(begun) => join(begun, id, message),
                None => Some(message),
            },
            Entry::Vacant(place) => {
                place.insert(whole.len());
                Some(message)
            }
        };
        if let Some(message) = apart {
            let kind = Kind::Message(message);
            whole.push(Update { id, kind });
        }
    }
    whole
}

/// How many updates at the end are pictures of albums, which may go on.
pub(super) fn at_the_end(updates: &[Update]) -> usize {
    let is_part =
        |update: &&Update| matches!(&update.kind, Kind::Message(message) if message.media_group_id.is_some());
    updates.iter().rev().take_while(is_part).count()
}

/// Adds a part to an album that was begun; gives back what is somebody else's.
fn join(begun: &mut Update, id: i64, mut part: Box<Message>) -> Option<Box<Message>> {
    let Update {
        id: leads,
        kind: Kind::Message(album),
    } = begun
    else {
        return Some(part);
    };
    let sender = |message: &Message| message.from.as_ref().map(|from| from.id);
    if sender(album) != sender(&part) {
        return Some(part);
    }
    if !has_words(album) && has_words(&part) {
        std::mem::swap(album, &mut part);
        album.album = std::mem::take(&mut part.album);
        *leads = id;
    }
    album.album.push(*part);
    None
}

fn has_words(message: &Message) -> bool {
    message
        .caption
        .as_ref()
        .is_some_and(|caption| !caption.trim().is_empty())
}

/// Albums that were answered, so that a part which comes later by itself is not answered again.
#[derive(Default)]
pub(crate) struct Answered(Mutex<HashSet<(i64, String)>>);

impl Answered {
    /// Whether a message is a part of an album that was answered; if not, it is from now on.
    pub(super) fn knows(&self, message: &Message) -> bool {
        let Some(album) = &message.media_group_id else {
            return false;
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        !known.insert((message.chat.id, album.clone()))
    }
}
