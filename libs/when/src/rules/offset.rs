//! So long before or after something: "3 days after tomorrow", "an hour before noon", "the day before christmas",
//! "two weeks from monday", "the friday after easter", "an hour before my flight at 15:00".

use chrono::{Datelike, Days};

use super::{length, weekday};
use crate::{
    Length,
    parser::{Leads, Parser},
    phrase::{Day, Phrase, Piece},
    table::W,
};

/// Expressions are not nested deeper.
const DEEPEST: usize = 2;

/// What a time hangs on has at most so many words ("my flight to New York").
const LONGEST_EVENT: usize = 6;

pub(crate) fn read(
    p: &Parser<'_>,
    place: usize,
    leads: Leads,
    phrase: &Phrase,
    depth: usize,
    found: &mut Vec<(usize, Piece)>,
) {
    if depth >= DEEPEST || !phrase.is_empty() {
        return;
    }
    beside_day(p, place, found);
    let Some((length, next)) = length_or_one(p, place) else {
        return;
    };
    // "an hour past midnight"
    let is_past =
        p.language == crate::Language::English && p.is(next, W::Past) && length.grain() != crate::Grain::Day;
    let is_after = p.is(next, W::After)
        || is_past
        || is_from(p, next)
        || (p.is(next, W::On)
            && length.grain() == crate::Grain::Day
            && !leads.has(Leads::IN | Leads::WITHIN));
    // Russian "за час до полуночи"
    let is_led_before = place > 0 && p.word(place - 1).to_lowercase() == "за";
    let is_before = p.is(next, W::Before) && (!p.is(next, W::To) || is_led_before);
    if !(is_after || is_before) || p.is(next, W::FromNow) {
        return;
    }
    // "quarter after eight" is a time of the clock, as is "ten minutes to nine".
    let is_quarter = length.months == 3 && p.is(next.saturating_sub(1), W::Quarter);
    if is_quarter && super::clock::hour_of(p, next + 1).is_some() {
        return;
    }
    let signed = if is_before { length.negated() } else { length };
    let mut at = next + 1;
    // "a week from on monday" is no expression; "3 days from the 5th" is.
    at = p.past(at, W::The).max(at);
    // "a week on monday"; "неделю в 8:00" is no such thing.
    let is_on = p.is(next, W::On) && !is_before && !p.is(next, W::After);
    let anchor = p.phrase(next + 1, depth + 1).filter(|(anchor, _)| {
        (!is_on || anchor.has_day())
            && (anchor.has_day() || anchor.has_time() || anchor.is_now)
            && anchor.repeat.is_none()
            && !anchor.is_vague
            && !anchor.is_past
    });
    if let Some((anchor, end)) = anchor {
        // "two weeks from monday": from the first one ahead.
        found.push((end, Piece::Shifted(signed, Box::new(anchor))));
        return;
    }
    if leads.has(Leads::IN | Leads::WITHIN) {
        return;
    }
    // "20 minutes from my house at 8", "час с Аней в 8" count nothing.
    if !is_before && !p.is(next, W::After) {
        return;
    }
    // "an hour before my flight at 15:00"
    for end in at..(at + LONGEST_EVENT).min(p.tokens.len()) {
        let is_name = p.at(end).is_some_and(|token| {
            token.kind == crate::token::Kind::Word
                && token.meanings.iter().all(|meaning| {
                    matches!(
                        meaning,
                        W::EventNoun | W::Counted | W::Alarm | W::Determiner | W::The | W::Filler | W::Closed
                    )
                })
        });
        let (leads, _) = p.leads(end);
        if end > at
            && leads.has(Leads::AT | Leads::ON | Leads::BY)
            && let Some((mut anchor, behind)) = p.phrase(end, depth + 1)
            && anchor.has_time()
            && anchor.repeat.is_none()
        {
            anchor.event = Some((next + 1, end));
            found.push((behind, Piece::Shifted(signed, Box::new(anchor))));
            return;
        }
        if p.is(end, W::Closed) && end > at && !p.is(end, W::Of) && !p.is(end, W::And) {
            break;
        }
        if !is_name {
            break;
        }
    }
    // "an hour before the meeting": and when is that? "15 minutes before" alone looks back.
    let is_alone = p.at(next + 1).is_none() || p.is(next + 1, W::To) || p.is(next + 1, W::Closed);
    if is_before && is_alone {
        found.push((next + 1, Piece::Past));
    } else if is_before || p.is(next, W::After) {
        found.push((next + 1, Piece::LacksAnchor(signed)));
    }
}

/// Whether what stands there counts from a day: "two weeks from monday". Spanish "una hora de yoga" does not.
fn is_from(p: &Parser<'_>, place: usize) -> bool {
    p.is(place, W::From) && !(p.language == crate::Language::Spanish && p.is(place, W::Of))
}

/// A length, or "the day", "the week" for one of it.
fn length_or_one(p: &Parser<'_>, place: usize) -> Option<(Length, usize)> {
    if let Some(found) = length::length(p, place) {
        return Some(found);
    }
    let unit = super::number::unit(p, place)?;
    let one = super::number::Quantity {
        thousandths: 1000,
        is_vague: false,
    };
    (p.word(place).chars().count() > 2).then(|| length::of(one, unit).map(|length| (length, place + 1)))?
}

/// "the friday before christmas", "monday after the 5th".
fn beside_day(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    counted(p, place, found);
    // "the third tuesday after christmas"
    let (nth, place) = match super::number::ordinal(p, place) {
        Some((nth @ 1..=10, next)) => (nth, next),
        _ => (1, place),
    };
    let Some(weekday) = weekday::weekday(p, place) else {
        return;
    };
    let is_after = p.is(place + 1, W::After);
    if !(is_after || p.is(place + 1, W::Before)) {
        return;
    }
    let Some((day, end)) = super::period::day_at(p, place + 2) else {
        return;
    };
    let Some(day) = crate::resolve::only_date(&day, p.today()) else {
        return;
    };
    let mut date = Some(day);
    let mut left = nth;
    for _ in 0..70 {
        date = date.and_then(|date| {
            if is_after {
                date.checked_add_days(Days::new(1))
            } else {
                date.checked_sub_days(Days::new(1))
            }
        });
        if date.is_some_and(|date| date.weekday() == weekday) {
            left -= 1;
            if left == 0 {
                break;
            }
        }
    }
    if let Some(date) = date {
        found.push((end, Piece::Day(Day::Date(date))));
    }
}

/// "3 fridays from now", "two mondays ago".
fn counted(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    let Some((n @ 1..=52, next)) = super::number::whole(p, place) else {
        return;
    };
    let weekday = p.find(next, |meaning| match meaning {
        W::Weekday(weekday) | W::Weekdays(weekday) => Some(weekday),
        _ => None,
    });
    let Some(weekday) = weekday else { return };
    if p.is(next + 1, W::Ago) {
        found.push((next + 2, Piece::Past));
    } else if p.is(next + 1, W::FromNow)
        && let Some(first) = weekday::after(p.today(), weekday)
        && let Some(date) = first.checked_add_days(Days::new(7 * u64::from(n - 1)))
    {
        found.push((next + 2, Piece::Day(Day::Date(date))));
    } else if p.is(next + 1, W::From) || p.is(next + 1, W::Later) || p.is(next + 1, W::After) {
        found.push((next + 2, Piece::Vague));
    }
}
