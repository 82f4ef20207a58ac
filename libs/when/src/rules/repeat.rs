//! What repeats: "every 2 hours", "daily", "every other friday", "twice a day", "mondays", "every morning".

use super::{clock, clock::Bare, date, number, repeat_days};
use crate::{
    Frequency,
    parser::{Leads, Parser},
    phrase::{Phrase, Piece, Repeat},
    table::{Unit, W},
};

pub(crate) fn read(
    p: &Parser<'_>,
    place: usize,
    leads: Leads,
    phrase: &Phrase,
    depth: usize,
    found: &mut Vec<(usize, Piece)>,
) {
    // A beginning or an end has no rule of its own.
    if depth > 2 {
        return;
    }
    repeat_days::read(p, place, leads, phrase, found);
    if p.is(place, W::Every) {
        every(p, place + 1, found);
        return;
    }
    // Spanish "un domingo sí y otro no"
    if p.is(place, W::One) && p.language == crate::Language::Spanish && p.is(place + 2, W::Other) {
        let repeat = match (super::weekday::weekday(p, place + 1), number::unit(p, place + 1)) {
            (Some(weekday), _) => Some(Repeat {
                interval: 2,
                ..repeat_days::weekly(&[weekday])
            }),
            (None, Some(unit)) => of_unit(2, unit),
            (None, None) => None,
        };
        found.push((place + 3, repeat.map_or(Piece::Vague, Piece::Repeat)));
        return;
    }
    if let Some(found_here) = german_adverb(p, place) {
        found.push(found_here);
        return;
    }
    if let Some(unit) = p.find(place, |meaning| match meaning {
        W::Adverb(unit) => Some(unit),
        _ => None,
    }) {
        if let Some(repeat) = of_unit(1, unit) {
            found.push((place + 1, Piece::Repeat(repeat)));
        }
        return;
    }
    per(p, place, found);
}

/// German "14-tägig", "2-wöchentlich".
fn german_adverb(p: &Parser<'_>, place: usize) -> Option<(usize, Piece)> {
    if p.language != crate::Language::German {
        return None;
    }
    let (count, _) = p.digits(place)?;
    let at = place + 1 + usize::from(p.is_mark(place + 1, '-') && p.is_glued(place + 1));
    if !p.is_glued(at) {
        return None;
    }
    let word = p.word(at).to_lowercase();
    let stems = [
        ("tägig", Unit::Day),
        ("täglich", Unit::Day),
        ("wöch", Unit::Week),
        ("monatlich", Unit::Month),
        ("stündlich", Unit::Hour),
        ("minütlich", Unit::Minute),
    ];
    let (_, unit) = stems.into_iter().find(|(stem, _)| word.starts_with(stem))?;
    // Whole weeks are counted from Monday: "14-tägig montags".
    let (count, unit) = match unit {
        Unit::Day if count.is_multiple_of(7) => (count / 7, Unit::Week),
        unit => (count, unit),
    };
    Some((at + 1, of_unit(count, unit).map_or(Piece::Vague, Piece::Repeat)))
}

/// Every so many of a unit; `None` for seconds, which is too often, and for what no rule can hold.
fn of_unit(interval: u32, unit: Unit) -> Option<Repeat> {
    let (factor, frequency) = match unit {
        Unit::Second => return None,
        Unit::Minute => (1, Frequency::Minutely),
        Unit::Hour => (1, Frequency::Hourly),
        Unit::Day => (1, Frequency::Daily),
        Unit::Workday if interval == 1 => return Some(repeat_days::workdays()),
        // "every 15 workdays" is no rule of the calendar.
        Unit::Workday => {
            return Some(Repeat {
                is_unclear: true,
                ..Repeat::every(1, Frequency::Daily)
            });
        }
        Unit::Week => (1, Frequency::Weekly),
        Unit::Fortnight => (2, Frequency::Weekly),
        Unit::Month => (1, Frequency::Monthly),
        Unit::Quarter => (3, Frequency::Monthly),
        Unit::Year => (1, Frequency::Yearly),
    };
    let interval = interval
        .checked_mul(factor)
        .filter(|interval| (1..=1000).contains(interval))?;
    Some(Repeat::every(interval, frequency))
}

/// What stands behind "every".
fn every(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    let is_after_done = p.is_mark(place, '!') && p.is_glued(place);
    let place = place + usize::from(is_after_done);
    let place = if p.is(place, W::Filler) { place + 1 } else { place };
    let mut pieces = Vec::new();
    counted(p, place, &mut pieces);
    repeat_days::after_every(p, place, &mut pieces);
    if pieces.is_empty() {
        times(p, place, &mut pieces);
    }
    if is_after_done {
        for (_, piece) in &mut pieces {
            if let Piece::Repeat(repeat) | Piece::RepeatAt(repeat, _) | Piece::RepeatPart(repeat, _) = piece {
                repeat.from_completion = true;
            }
        }
    }
    if pieces.is_empty() {
        // "every now and then", "every once in a while", "every single time": asked about where it leads nowhere.
        return;
    }
    found.append(&mut pieces);
}

/// "every 2 hours", "every hour and a half", "every other day", "every third month", "every half hour".
fn counted(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    // "every quarter of an hour", "every half hour"; "every second day"
    let is_fraction =
        number::quantity(p, place).is_some_and(|(quantity, _)| quantity.thousandths % 1000 != 0);
    let is_ordinal = number::ordinal(p, place).is_some_and(|(_, next)| number::unit(p, next).is_some());
    if is_fraction {
        by_length(p, place, found);
        return;
    }
    // "every hour and a half", "every 1 hour and 30 minutes", "every half hour", "every 90 minutes"
    if let Some(unit) = number::unit(p, place).filter(|_| !is_ordinal) {
        let half = p.past(p.past(place + 1, W::And), W::One);
        let is_half = p.is(place + 1, W::AndHalf) || (p.is(place + 1, W::And) && p.is(half, W::Half));
        if is_half && unit == Unit::Hour {
            let end = if p.is(place + 1, W::AndHalf) {
                place + 2
            } else {
                half + 1
            };
            found.push((end, Piece::Repeat(Repeat::every(90, Frequency::Minutely))));
        } else if let Some(repeat) = of_unit(1, unit) {
            found.push((place + 1, Piece::Repeat(repeat)));
        } else {
            found.push((place + 1, Piece::Vague));
        }
        return;
    }
    let (interval, next) = if p.is(place, W::Other) {
        (2, place + 1)
    } else if let Some((n, next)) = number::ordinal(p, place) {
        (n, next)
    } else {
        by_length(p, place, found);
        return;
    };
    if let Some(unit) = number::unit(p, next) {
        // "every 2nd day of the month" is a day of the month.
        let is_of_month = unit == Unit::Day && p.is(next + 1, W::Of);
        if !is_of_month && unit != Unit::Workday {
            let piece = of_unit(interval, unit).map_or(Piece::Vague, Piece::Repeat);
            found.push((next + 1, piece));
        }
    }
}

fn by_length(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    // One unit is counted in itself: 2 weeks are not 14 days.
    if let Some((quantity, next)) = number::quantity(p, place)
        && let Some(unit) = number::unit(p, next)
        && quantity.thousandths % 1000 == 0
        && !quantity.is_vague
        && super::length::length(p, place).is_none_or(|(_, end)| end == next + 1)
    {
        let interval = u32::try_from(quantity.thousandths / 1000).unwrap_or(0);
        let piece = of_unit(interval, unit).map_or(Piece::Vague, Piece::Repeat);
        found.push((next + 1, piece));
        return;
    }
    if let Some((length, end)) = super::length::length(p, place) {
        let minutes = u32::try_from(length.seconds / 60).unwrap_or(0);
        let is_minutes = length.seconds % 60 == 0
            && length.grain() == crate::Grain::Minute
            && length.days == 0
            && length.months == 0;
        let piece = if is_minutes && !length.is_vague && (1..=100_000).contains(&minutes) {
            let repeat = if minutes.is_multiple_of(60) {
                Repeat::every(minutes / 60, Frequency::Hourly)
            } else {
                Repeat::every(minutes, Frequency::Minutely)
            };
            Piece::Repeat(repeat)
        } else {
            Piece::Vague
        };
        found.push((end, piece));
    }
}

/// "every morning", "every 9am", "every noon": daily at that time.
fn times(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    let daily = Repeat::every(1, Frequency::Daily);
    if let Some(part) = p.part_at(place) {
        // "every morning and evening" has two.
        if p.is(place + 1, W::And) && p.part_at(place + 2).is_some() {
            found.push((place + 3, Piece::Repeat(Repeat { per: 2, ..daily })));
        } else {
            found.push((place + 1, Piece::RepeatPart(daily, part)));
        }
        return;
    }
    if p.is(place, W::Month(0)) {
        return;
    }
    // "every 27 jan" is a date.
    if date::month(p, place + 1).is_none()
        && let Some((clock, end)) = clock::clock(p, place, Bare::No, false)
        && (p.digits(place).is_some()
            || p.find(place, |meaning| matches!(meaning, W::Clock(..)).then_some(()))
                .is_some()
            || !clock.is_open)
    {
        found.push((end, Piece::RepeatAt(daily, clock)));
    }
}

/// "twice a day", "3 times a week", "once a month", "once every 2 days".
fn per(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    let (count, next) = if p.is(place, W::Once) {
        (1, place + 1)
    } else if p.is(place, W::Twice) {
        (2, place + 1)
    } else if let Some((count, next)) = number::whole(p, place)
        && p.is(next, W::Times)
    {
        (count, next + 1)
    } else {
        return;
    };
    let mut pieces = Vec::new();
    // Russian "раз в две недели"
    if p.language == crate::Language::Russian
        && count == 1
        && matches!(p.word(next).to_lowercase().as_str(), "в" | "во")
        && number::whole(p, next + 1).is_some()
    {
        by_length(p, next + 1, &mut pieces);
        pieces.retain(|(_, piece)| matches!(piece, Piece::Repeat(_)));
    }
    if p.is(next, W::Every) {
        counted(p, next + 1, &mut pieces);
    } else if p.is(next, W::Adverb(Unit::Day)) {
        pieces.push((next + 1, Piece::Repeat(Repeat::every(1, Frequency::Daily))));
    } else if (p.is(next, W::One) || p.is(next, W::In) || p.is(next, W::The) || p.is(next, W::On))
        && let Some(unit) = number::unit(p, next + 1)
        && !(p.is(next, W::In) && count == 1)
        && let Some(repeat) = of_unit(1, unit)
    {
        pieces.push((next + 2, Piece::Repeat(repeat)));
    }
    for (end, piece) in pieces {
        if let Piece::Repeat(repeat) = piece {
            found.push((end, Piece::Repeat(Repeat { per: count, ..repeat })));
        }
    }
}
