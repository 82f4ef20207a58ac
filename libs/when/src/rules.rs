//! The families of rules. Each reads what begins at one place and hands back the pieces that it found.

use crate::{
    parser::{Leads, Parser},
    phrase::{Phrase, Piece},
};

pub(crate) mod ahead;
pub(crate) mod bound;
pub(crate) mod clock;
pub(crate) mod clock_order;
pub(crate) mod date;
pub(crate) mod figures;
pub(crate) mod length;
pub(crate) mod named;
pub(crate) mod number;
pub(crate) mod of_month;
pub(crate) mod offset;
pub(crate) mod part;
pub(crate) mod period;
pub(crate) mod range;
pub(crate) mod repeat;
pub(crate) mod repeat_days;
pub(crate) mod season;
pub(crate) mod weekday;
pub(crate) mod zone;

/// A family: the parser, the place behind the prepositions, these, what was read so far, how deep phrases are nested,
/// and where the pieces go, each with the place behind it.
pub(crate) type Rule = fn(&Parser<'_>, usize, Leads, &Phrase, usize, &mut Vec<(usize, Piece)>);

/// All families. The longest piece wins; of two equally long ones, the first in this list.
pub(crate) const ALL: &[Rule] = &[
    offset::read,
    figures::read,
    date::read,
    named::read,
    weekday::read,
    period::read,
    season::read,
    ahead::read,
    clock::read,
    part::read,
    length::read,
    repeat::read,
    zone::read,
    range::read,
    bound::read,
];

/// Families that are tried before the prepositions as well, because these belong to them.
pub(crate) const FROM_PREPOSITION: &[Rule] = &[range::read, bound::read, repeat::read, part::read];
