//! Tells a frame that was sent twice from a text that says something twice. Pure.
//!
//! The same piece of text twice in a row is text: songs and lists have it. A frame is a repetition when it has the id of
//! an earlier one, among ids that differ from frame to frame; and when each and every frame comes twice.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::Value;

use super::frames::Frame;

/// The ids that are remembered.
const REMEMBERED: usize = 20_000;

/// So many ids, each with a frame of its own, name the frames and not the answer.
const SURE: usize = 3;

/// With fewer frames than this, "each came twice" says nothing.
const TELLING: usize = 6;

/// The frames so far.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// What came under each id.
    seen: HashMap<String, u64>,
    /// Whether one id came with different frames.
    names_answer: bool,
    /// What may be a repetition; the next frame decides.
    held: Vec<Frame>,
    count: usize,
    previous: Option<Frame>,
    is_paired: bool,
}

impl Repeats {
    /// Takes a frame; those that count now, in order.
    pub(super) fn pass(&mut self, frame: Frame) -> Vec<Frame> {
        self.note_pair(&frame);
        if self.names_answer {
            return vec![frame];
        }
        let Some(id) = id(&frame) else {
            return self.with_held(frame);
        };
        let mut hasher = DefaultHasher::new();
        frame.data.hash(&mut hasher);
        let content = hasher.finish();
        match self.seen.get(&id) {
            Some(known) if *known == content && self.seen.len() >= SURE => Vec::new(),
            Some(known) if *known == content => {
                self.held.push(frame);
                Vec::new()
            }
            Some(_) => {
                self.names_answer = true;
                self.seen = HashMap::new();
                self.with_held(frame)
            }
            None => {
                // Another id for another frame: what was held came under its own id again.
                if self.seen.len() < REMEMBERED {
                    self.seen.insert(id, content);
                }
                self.held.clear();
                vec![frame]
            }
        }
    }

    /// What is still held when nothing follows.
    pub(super) fn end(&mut self) -> Vec<Frame> {
        std::mem::take(&mut self.held)
    }

    /// Whether every frame so far came twice, one behind the other, or is the first of such two.
    pub(super) fn is_paired(&self) -> bool {
        self.is_paired
    }

    /// Whether every frame came twice.
    pub(super) fn all_came_twice(&self) -> bool {
        self.is_paired && self.is_telling() && self.count.is_multiple_of(2)
    }

    /// Whether there were enough frames to tell.
    pub(super) fn is_telling(&self) -> bool {
        self.count >= TELLING
    }

    /// Whether the newest frame is the first of two.
    pub(super) fn is_first_of_two(&self) -> bool {
        !self.count.is_multiple_of(2)
    }

    fn with_held(&mut self, frame: Frame) -> Vec<Frame> {
        let mut frames = std::mem::take(&mut self.held);
        frames.push(frame);
        frames
    }

    fn note_pair(&mut self, frame: &Frame) {
        self.count += 1;
        if self.count == 1 {
            self.is_paired = true;
        } else if self.is_paired && self.count.is_multiple_of(2) {
            self.is_paired = self.previous.as_ref() == Some(frame);
        }
        self.previous = self.is_paired.then(|| frame.clone());
    }
}

/// The id of a frame: the event's, or the chunk's.
fn id(frame: &Frame) -> Option<String> {
    if let Some(id) = frame.id.as_ref().filter(|id| !id.is_empty()) {
        return Some(format!("event {id}"));
    }
    let value: Value = serde_json::from_str(&frame.data).ok()?;
    let id = value.get("id")?.as_str().filter(|id| !id.is_empty())?;
    Some(format!("chunk {id}"))
}
