//! Words of time to instants and rules: what a sentence says, what is left of it, and what must be asked.
//!
//! [`parse`] reads a sentence against a [`Context`] (now, zone, locale) and hands back a [`Reading`]: either a value
//! (a moment or a rule that repeats), or the one thing that must be asked next, with what was understood so far.
//! [`answer`] joins the answer with all that was said before, in any number of steps. It performs no IO and asks no
//! clock. docs/time.md has the hours and days that words stand for.
//!
//! The invariant: **nothing is ever set from a part.** Each word of time in the sentence is consumed, belongs to a
//! name ("the friday meeting"), or leads to a question.
//!
//! # How it works
//! 1. `token` cuts the text; `table` looks the words up: a word's meanings (`table::W`) are all that rules see.
//! 2. `parser` reads an expression piece by piece: each family in `rules` offers what it reads at a place, the longest
//!    offer that fits what was read so far is taken (`phrase`).
//! 3. `sentence` finds all expressions, tells times from names, joins what fits, and lists what nobody understood.
//! 4. `resolve` works the joined expression out: to a value or a question.
//!
//! # To add a rule
//! 1. A new file in `rules/` (or a branch in the family that it belongs to): a `fn read(…)` that looks at the tokens
//!    from a place on and pushes `(end, Piece)`; a line in `rules::ALL`.
//! 2. New words: a meaning in `table::W`, and a line in each file of `lang/`.
//! 3. Sentences with their values in `tests/data`.
//!
//! # To add a language
//! 1. `lang/NAME.rs`: a function that fills the table, after `lang/en.rs`; a line in `lang::ALL`, a variant of
//!    [`Language`] and its tag in [`Locale::of`].
//! 2. `tests/data/NAME.tsv`: its sentences with their values.

mod answer;
mod context;
mod holiday;
mod lang;
mod length;
mod parser;
mod phrase;
mod reading;
mod recurrence;
mod resolve;
mod rules;
mod sentence;
mod table;
mod text;
mod token;
mod work;
mod zone;

pub use context::{Context, DateOrder, Language, Lean, Locale};
pub use length::Length;
pub use reading::{Choice, Confidence, Grain, Moment, Need, Reading, Understood, Value};
pub use recurrence::{Frequency, NthDay, Recurrence, Window};

/// Reads a sentence. Linear in its length; never panics.
///
/// ```
/// # use when::{Context, Locale, parse};
/// let now = "2026-11-26T14:00:00Z".parse().unwrap();
/// let context = Context::new(now, chrono_tz::Europe::Berlin, Locale::of("en-GB"));
/// let reading = parse("remind me tomorrow at half past six pm to call mom", &context);
/// assert_eq!(reading.value.unwrap().to_string(), "2026-11-27T18:30");
/// assert_eq!(reading.kept, "remind me to call mom");
/// ```
pub fn parse(text: &str, context: &Context) -> Reading {
    sentence::parse(text, context)
}

/// Reads the answer to what a reading asked ([`Reading::need`]), in the light of all that was said before; `None`
/// when the answer says nothing of time. What is asked next, if anything, is the new reading's need. The kept text is
/// the first sentence's.
///
/// ```
/// # use when::{Context, Locale, Need, answer, parse};
/// let now = "2026-11-26T14:00:00Z".parse().unwrap();
/// let context = Context::new(now, chrono_tz::Europe::Berlin, Locale::of("en-GB"));
/// let asked = parse("remind me on 18 july to call mom", &context);
/// assert_eq!(asked.need, Some(Need::TimeOfDay));
/// let answered = answer(&asked, "at 9:30", &context).unwrap();
/// assert_eq!(answered.value.unwrap().to_string(), "2027-07-18T09:30");
/// ```
pub fn answer(reading: &Reading, text: &str, context: &Context) -> Option<Reading> {
    answer::answer(reading, text, context)
}
