//! Albums: Telegram sends their pictures as messages of their own, and people mean one.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::wire::{Kind, Message, Update};

/// Of how many albums it is remembered that they were answered.
const REMEMBERED: usize = 1_000;

/// Puts what belongs to one album together, where the first of it stands: the part that has words leads it.
pub(super) fn joined(updates: Vec<Update>) -> Vec<Update> {
    let mut whole: Vec<Update> = Vec::with_capacity(updates.len());
    let mut begun: HashMap<(i64, String), usize> = HashMap::new();
    for update in updates {
        let part_of = match &update.kind {
            Kind::Message(message) => album(message),
            _ => None,
        };
        let apart = match part_of.map(|album| begun.entry(album)) {
            None => Some(update),
            Some(Entry::Occupied(place)) => match whole.get_mut(*place.get()) {
                Some(begun) => join(begun, update),
                None => Some(update),
            },
            Some(Entry::Vacant(place)) => {
                place.insert(whole.len());
                Some(update)
            }
        };
        whole.extend(apart);
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
fn join(begun: &mut Update, mut update: Update) -> Option<Update> {
    let (Kind::Message(album), Kind::Message(part)) = (&mut begun.kind, &mut update.kind) else {
        return Some(update);
    };
    let sender = |message: &Message| message.from.as_ref().map(|from| from.id);
    if sender(album) != sender(part) {
        return Some(update);
    }
    if !has_words(album) && has_words(part) {
        std::mem::swap(album, part);
        album.album = std::mem::take(&mut part.album);
        std::mem::swap(&mut begun.id, &mut update.id);
    }
    begun.others.push(update.id);
    if let Kind::Message(part) = update.kind {
        album.album.push(*part);
    }
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
    /// Whether a message is a part of an album that was answered.
    pub(super) fn knows(&self, message: &Message) -> bool {
        album(message).is_some_and(|album| self.lock().contains(&album))
    }

    /// The album that a message is part of was answered: all that follows from it is on the bus.
    pub(super) fn add(&self, message: &Message) {
        let Some(album) = album(message) else { return };
        let mut known = self.lock();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(album);
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<(i64, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn album(message: &Message) -> Option<(i64, String)> {
    Some((message.chat.id, message.media_group_id.clone()?))
}
