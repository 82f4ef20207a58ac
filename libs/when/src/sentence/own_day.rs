//! Days that are not known here: those that only their name tells, and "tom".

use super::roles;
use crate::{
    parser::Parser,
    table::{Unit, W},
};

/// A day that is not known here, where no other is said: "the first day of school", "on the 20th call Rosa", German
/// "Veilchendienstag" and "Nationalfeiertag um 10".
pub(super) fn is_own_day(p: &Parser<'_>, place: usize, is_beside: bool) -> bool {
    const WEEKDAYS: [&str; 8] = [
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "sonntag",
        "sonnabend",
    ];
    let Some(token) = p.at(place) else { return false };
    // "the first day of spring", "the 100th day of the year", "в первый день отпуска"
    let is_counted = |place: usize| {
        let is_ordinal =
            |meaning| matches!(meaning, W::Ordinal(_) | W::Rel(crate::table::Rel::Last)).then_some(());
        p.find(place, is_ordinal).is_some()
            || (place > 0
                && p.digits(place - 1).is_some()
                && crate::rules::number::ordinal(p, place - 1).is_some())
    };
    let is_unit = token
        .meanings
        .iter()
        .any(|meaning| matches!(meaning, W::Unit(unit) if *unit >= Unit::Day));
    if is_unit && place > 0 && is_counted(place - 1) {
        return true;
    }
    // "on the 20th call Rosa"; "on the 3rd floor" is a place.
    if p.digits(place)
        .is_some_and(|(day, digits)| (1..=31).contains(&day) && digits <= 2)
        && p.language == crate::Language::English
        && place >= 2
        && p.is(place - 1, W::The)
        && p.is(place - 2, W::On)
        && let Some((_, end)) = crate::rules::number::ordinal(p, place)
    {
        return !p.is(end, W::Counted) && !p.is(end, W::EventNoun);
    }
    if p.language != crate::Language::German || !token.is_capital || !token.meanings.is_empty() {
        return false;
    }
    let word = p.word(place).to_lowercase();
    WEEKDAYS.iter().any(|weekday| word.ends_with(weekday))
        || is_beside && (word.ends_with("tag") || word.ends_with("woche"))
}

/// "remind me tom at 3pm": tomorrow, or somebody?
pub(super) fn is_tomorrow(p: &Parser<'_>, place: usize) -> bool {
    p.language == crate::Language::English && p.word(place) == "tom" && roles::is_front(p, place)
}
