//! Reads an answer from its bytes, whatever shape its server gives it. Pure.
//!
//! ```text
//! bytes ─▶ frames (events, lines, a body) ─▶ repeats ─▶ chunk ─┬─▶ prose (thoughts, calls in text)
//!                                                             ├─▶ calls (told apart) ─▶ arguments (by the schema)
//!                                                             └─▶ end, usage, what the provider wants back
//! ```
//!
//! Rules that hold throughout: what is not known is left out and never fatal; a finish reason or `[DONE]` ends an
//! answer, and only an end of the bytes without either is a cut.

use super::{
    super::{ModelAnswer, ToolSpec, Usage},
    assembly::Assembly,
    frames::{Frame, Frames},
    prose::Shown,
    repeats::Repeats,
    trouble::Trouble,
};

#[cfg(test)]
mod shapes;
#[cfg(test)]
mod tests;

/// So many bytes that bring an answer on by nothing are none: comments, empty chunks, a line that does not end.
const IDLE: usize = 1024 * 1024;

/// An answer under way.
#[derive(Debug)]
pub(super) struct Reading<'t> {
    frames: Frames,
    repeats: Repeats,
    all: Assembly<'t>,
    /// Every other frame alone, for as long as each comes twice.
    half: Option<Assembly<'t>>,
    shows_half: bool,
    /// So many bytes came since something brought the answer on.
    idle: usize,
}

/// What some bytes did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    /// Whether they brought the answer on.
    pub(super) is_progress: bool,
    /// What may be shown of it.
    pub(super) shown: Vec<Shown>,
}

impl<'t> Reading<'t> {
    /// Of an answer to a request that offers these tools.
    pub(super) fn new(tools: &'t [ToolSpec]) -> Self {
        Self {
            frames: Frames::default(),
            repeats: Repeats::default(),
            all: Assembly::new(tools),
            half: Some(Assembly::new(tools)),
            shows_half: false,
            idle: 0,
        }
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Step, Trouble> {
        let frames = self.frames.push(bytes).map_err(|_| Trouble::endless())?;
        let mut step = self.take(frames)?;
        step.is_progress |= self.frames.is_json();
        self.idle = match step.is_progress {
            true => 0,
            false => self.idle + bytes.len(),
        };
        match self.idle > IDLE {
            true => Err(Trouble::endless()),
            false => Ok(step),
        }
    }

    /// Whether nothing follows.
    pub(super) fn is_done(&self) -> bool {
        self.all.is_done()
    }

    /// Whether the answer came to its end, though something may follow.
    pub(super) fn has_ended(&self) -> bool {
        self.all.has_ended()
    }

    /// What it cost so far.
    pub(super) fn usage(&self) -> Usage {
        self.all.usage()
    }

    /// The whole answer, once nothing follows; `server` is whom its provider's fields are sent back to.
    pub(super) fn finish(mut self, server: &str) -> Result<ModelAnswer, Trouble> {
        if !self.is_done() {
            let frames = self.frames.end();
            self.take(frames)?;
        }
        for frame in self.repeats.end() {
            self.all.add(&frame)?;
        }
        match self.half {
            Some(half) if self.repeats.all_came_twice() => half.finish(server),
            _ => self.all.finish(server),
        }
    }

    fn take(&mut self, frames: Vec<Frame>) -> Result<Step, Trouble> {
        let mut step = Step::default();
        for frame in frames {
            if self.all.is_done() {
                break;
            }
            let is_last = frame.data.trim() == "[DONE]";
            let again = self.half.is_some().then(|| frame.clone());
            let passed = match is_last {
                true => {
                    let mut passed = self.repeats.end();
                    passed.push(frame);
                    passed
                }
                false => self.repeats.pass(frame),
            };
            let mut shown = Vec::new();
            for frame in passed {
                let taken = self.all.add(&frame)?;
                step.is_progress |= taken.is_progress;
                shown.push(taken.shown);
            }
            match self.half.as_mut().zip(again) {
                Some((half, frame)) if self.repeats.is_paired() => {
                    // Nothing is shown before it is known whether each comes twice.
                    shown.clear();
                    if is_last || self.repeats.is_first_of_two() {
                        let more = half.add(&frame)?.shown;
                        let is_shown = std::mem::replace(&mut self.shows_half, self.repeats.is_telling());
                        shown.extend(match (is_shown, self.shows_half) {
                            (true, _) => Some(more),
                            (false, true) => Some(Shown::Instead(half.shown().to_owned())),
                            (false, false) => None,
                        });
                    }
                }
                Some(_) => {
                    self.half = None;
                    shown = vec![Shown::Instead(self.all.shown().to_owned())];
                }
                None => {}
            }
            step.shown
                .extend(shown.into_iter().filter(|shown| *shown != Shown::Nothing));
        }
        Ok(step)
    }
}
