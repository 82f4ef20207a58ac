//! The end of a range behind its beginning: "9 - 11", "from 9 to 11", "between 3 and 4", "10 August - 12 September".

use crate::{
    parser::{Answering, Leads, Parser},
    phrase::{Phrase, Piece},
    table::W,
};

use super::{clock, clock::Bare};

pub(crate) fn read(
    p: &Parser<'_>,
    place: usize,
    _leads: Leads,
    phrase: &Phrase,
    depth: usize,
    found: &mut Vec<(usize, Piece)>,
) {
    if phrase.end.is_some() || depth > 2 || p.answering == Answering::Length {
        // "9 to 11 in the morning" goes on with the part of the day.
        return;
    }
    let has_beginning = !phrase.clocks.is_empty() || phrase.day.is_some() || phrase.is_now;
    // "3-4:30pm", "9 - 11am": the beginning is a bare number.
    if phrase.clocks.is_empty()
        && let Some((beginning, end)) = bare_range(p, place, phrase)
    {
        found.push((end, beginning));
    }
    if !has_beginning {
        return;
    }
    let is_dash = p.is_mark(place, '-');
    let is_joint = is_dash
        || p.is(place, W::To)
        || p.is(place, W::Through)
        || p.is(place, W::Until)
        || (p.is(place, W::And) && phrase.is_between);
    if !is_joint {
        return;
    }
    // A day alone does not last until an hour.
    let is_day_alone = phrase.clocks.is_empty();
    // "until next friday", "to the 5th", "- 11"
    if let Some((clock, end)) = clock::clock(p, p.past(p.past(place + 1, W::At), W::The), Bare::Lenient, true)
        && !phrase.clocks.is_empty()
    {
        let mut inner = Phrase {
            clocks: vec![clock],
            ..Phrase::default()
        };
        inner.is_led = true;
        // A day or a part behind it belongs to both ends: "9 to 11 tomorrow", "10 - 11 at night".
        found.push((end, Piece::End(Box::new(inner))));
    }
    let is_to_verb = p.is(place, W::To) && !phrase.is_from;
    if let Some((end_phrase, end)) = p.phrase(place + 1, 3)
        && end_phrase.repeat.is_none()
        && !end_phrase.is_vague
        && (end_phrase.has_day() || (end_phrase.has_time() && !is_day_alone))
        && !(is_to_verb
            && end_phrase.day.is_none()
            && !phrase.clocks.is_empty()
            && end_phrase.clocks.is_empty())
    {
        // "from monday to wednesday at 5pm": each day, or when it begins?
        let is_open = is_day_alone && end_phrase.has_time();
        found.push((
            end,
            if is_open {
                Piece::Vague
            } else {
                Piece::End(Box::new(end_phrase))
            },
        ));
    }
}

/// "8 - 11pm", "3:30-4:30pm" with a bare first number: the first and its end, which tells the half of the day.
fn bare_range(p: &Parser<'_>, place: usize, phrase: &Phrase) -> Option<(Piece, usize)> {
    if p.language != crate::Language::English && !phrase.is_empty() {
        return None;
    }
    let (hour, digits) = p.digits(place)?;
    if digits > 2
        || hour > 24
        || !(p.is_mark(place + 1, '-')
            || p.is(place + 1, W::To)
            || (p.is(place + 1, W::Until) && !phrase.is_empty()))
    {
        return None;
    }
    // The end is read again behind the beginning; this only proves that it is one.
    let is_range = clock::clock(p, place + 2, Bare::No, true).is_some() || {
        // "10 - 11 at night", "8 - 10 in the morning", "9-5 tomorrow"
        let (_, end) = clock::clock(p, place + 2, Bare::Lenient, true)?;
        let is_part = p
            .find(end, |meaning| {
                matches!(meaning, W::InPart(_) | W::TodayPart(_) | W::Day(_)).then_some(())
            })
            .is_some();
        // "read pages 12-15 tonight at 8"
        let is_page = p.is(end + 1, W::At);
        (is_part && !is_page) || !phrase.is_empty()
    };
    let is_open = (1..=12).contains(&hour);
    let beginning = crate::phrase::Clock {
        is_open,
        ..crate::phrase::Clock::known(hour, 0)
    };
    is_range.then_some((Piece::Clock(beginning), place + 1))
}
