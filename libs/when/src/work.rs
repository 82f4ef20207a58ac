//! How much work reading a sentence may take.

use std::cell::Cell;

/// How much work was done, and how much may be: whatever a sentence nests, reading it ends.
#[derive(Debug)]
pub(crate) struct Work {
    done: Cell<u32>,
    most: u32,
}

/// So often a rule may be tried for any sentence, and so often more for each of its tokens. Ordinary sentences take a
/// tenth of it, see `tests/it/work.rs`.
const MOST_TRIES: u32 = 20_000;
const MOST_TRIES_A_TOKEN: u32 = 300;

impl Work {
    pub(crate) fn for_tokens(tokens: usize) -> Self {
        let tokens = u32::try_from(tokens).unwrap_or(u32::MAX);
        Self {
            done: Cell::new(0),
            most: MOST_TRIES_A_TOKEN
                .saturating_mul(tokens)
                .saturating_add(MOST_TRIES),
        }
    }

    /// Counts one try; `false` when there were too many.
    pub(crate) fn try_one(&self) -> bool {
        self.done.set(self.done.get().saturating_add(1));
        !self.is_spent()
    }

    pub(crate) fn done(&self) -> u32 {
        self.done.get()
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.done.get() > self.most
    }
}
