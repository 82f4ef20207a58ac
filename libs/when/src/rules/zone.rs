//! Zones behind a time: "PST", "GMT+2", "+02:00", "Z", "London time", "Eastern".

use chrono_tz::Tz;

use crate::{
    parser::{Leads, Parser},
    phrase::{Phrase, Piece},
    table::W,
    zone,
};

pub(crate) fn read(
    p: &Parser<'_>,
    place: usize,
    _leads: Leads,
    phrase: &Phrase,
    _depth: usize,
    found: &mut Vec<(usize, Piece)>,
) {
    if phrase.clocks.is_empty() {
        return;
    }
    // "(GMT)"
    let at = if p.is_mark(place, '(') { place + 1 } else { place };
    let closed = |end: usize| {
        if at > place && p.is_mark(end, ')') {
            end + 1
        } else {
            end
        }
    };
    if let Some(named) = p.find(at, |meaning| match meaning {
        W::Zone(zone) => Some(zone),
        _ => None,
    }) {
        let end = p.past(at + 1, W::TimeWord);
        // GMT+2, МСК+3
        if let Some((hours, minutes, end)) = signed(p, end, true)
            // "10:00 МСК-11:00 МСК" is a range, "UTC-05:00" is none.
            && (fixed_hours(named) == Some(0) || !p.is_mark(end.saturating_sub(2), ':'))
            && p.find(end, |meaning| matches!(meaning, W::Zone(_)).then_some(())).is_none()
        {
            let piece = match fixed_hours(named) {
                Some(from) => offset(hours.saturating_add(from), minutes),
                None => Piece::Vague,
            };
            found.push((closed(end), piece));
            return;
        }
        found.push((closed(end), Piece::Zone(named)));
        return;
    }
    // "8:00-10:00" is a range, "T08:00-05:00" has an offset.
    let is_range = p.is_mark(at, '-')
        && p.is_mark(at + 2, ':')
        && at >= 3
        && !p.is_glued(at - 3)
        && !(at >= 5 && p.is_mark(at - 4, ':') && p.is_glued(at - 4));
    if p.is_glued(at)
        && !is_range
        && let Some((hours, minutes, end)) = signed(p, at, false)
    {
        found.push((end, offset(hours, minutes)));
        return;
    }
    if p.is_glued(at) && matches!(p.word(at), "Z" | "z") {
        found.push((at + 1, Piece::Zone(Tz::UTC)));
        return;
    }
    place_time(p, at, found);
    of_language(p, at, phrase, found);
}

/// How far from UTC the zones are that others are counted from.
fn fixed_hours(zone: Tz) -> Option<i32> {
    match zone {
        Tz::UTC | Tz::GMT | Tz::Etc__UTC | Tz::Etc__GMT => Some(0),
        Tz::Europe__Moscow => Some(3),
        _ => None,
    }
}

/// "+2", "+02:00", "-0530".
fn signed(p: &Parser<'_>, place: usize, may_be_short: bool) -> Option<(i32, u32, usize)> {
    let sign = if p.is_mark(place, '+') {
        1
    } else if p.is_mark(place, '-') {
        -1
    } else {
        return None;
    };
    if !p.is_glued(place) || !p.is_glued(place + 1) {
        return None;
    }
    let (value, digits) = p.digits(place + 1)?;
    if digits == 4 {
        return Some((sign * i32::try_from(value / 100).ok()?, value % 100, place + 2));
    }
    if digits <= 2
        && p.is_mark(place + 2, ':')
        && p.is_glued(place + 2)
        && let Some((minutes, 2)) = p.digits(place + 3)
    {
        return Some((sign * i32::try_from(value).ok()?, minutes, place + 4));
    }
    (may_be_short && digits <= 2).then(|| {
        i32::try_from(value)
            .ok()
            .map(|hours| (sign * hours, 0, place + 2))
    })?
}

/// A zone of a fixed offset; half hours have none among the zones, and are asked about.
fn offset(hours: i32, minutes: u32) -> Piece {
    zone::fixed(hours, minutes).map_or(Piece::Vague, Piece::Zone)
}

/// "London time", "in New York time"; a place that is unknown must be asked about.
fn place_time(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    for words in 1..=3 {
        let end = place + words;
        let is_words = (place..end).all(|at| {
            p.at(at)
                .is_some_and(|token| token.kind == crate::token::Kind::Word)
        });
        if !is_words {
            return;
        }
        if p.is(end, W::TimeWord) {
            let (Some(first), Some(last)) = (p.at(place), p.at(end.saturating_sub(1))) else {
                return;
            };
            let name = p.text.get(first.start..last.end).unwrap_or_default();
            let piece = zone::of_place(name)
                .or_else(|| zone::of_german(name).filter(|_| p.language == crate::Language::German))
                .map(Piece::Zone);
            let is_capital = first.is_capital;
            if let Some(piece) = piece {
                found.push((end + 1, piece));
            } else if is_capital {
                found.push((end + 1, Piece::Vague));
            }
            return;
        }
    }
}

/// Spanish "hora de Londres", "hora canaria"; Russian "по лондонскому времени", "по Лондону", "по местному времени".
fn of_language(p: &Parser<'_>, place: usize, phrase: &Phrase, found: &mut Vec<(usize, Piece)>) {
    if p.is_time_of_place(place) {
        if let Some(zone) = zone::of_spanish(p.word(place + 1)) {
            found.push((place + 2, Piece::Zone(zone)));
            return;
        }
        for words in (1..=3).rev() {
            let end = place + 2 + words;
            if let Some(zone) = zone::of_place(written(p, place + 2, end)) {
                found.push((end, Piece::Zone(zone)));
                return;
            }
        }
        found.push((place + 3, Piece::Vague));
    }
    if p.language != crate::Language::Russian || p.word(place).to_lowercase() != "по" {
        return;
    }
    // "по UTC"
    if p.find(place + 1, |meaning| matches!(meaning, W::Zone(_)).then_some(()))
        .is_some()
    {
        let mut pieces = Vec::new();
        read(p, place + 1, Leads::default(), phrase, 0, &mut pieces);
        found.append(&mut pieces);
        return;
    }
    // "по времени Лондона"
    if p.is(place + 1, W::TimeWord) {
        let named = (1..=3).rev().find_map(|words| {
            let end = place + 2 + words;
            Some((end, zone::of_russian(written(p, place + 2, end))?))
        });
        found.push(named.map_or((place + 2, Piece::Vague), |(end, zone)| (end, Piece::Zone(zone))));
        return;
    }
    for words in (1..=3).rev() {
        let end = place + 1 + words;
        let Some(name) = Some(written(p, place + 1, end)).filter(|name| !name.is_empty()) else {
            continue;
        };
        let is_time = p.is(end, W::TimeWord);
        let is_capital = p.at(place + 1).is_some_and(|token| token.is_capital);
        if is_time && name.to_lowercase() == "местному" {
            found.push((end + 1, Piece::Zone(p.zone)));
        } else if is_time || is_capital || zone::of_russian(name).is_some() {
            match zone::of_russian(name) {
                Some(zone) => found.push((end + usize::from(is_time), Piece::Zone(zone))),
                None if is_time => found.push((end + 1, Piece::Vague)),
                None => continue,
            }
        } else {
            continue;
        }
        return;
    }
}

fn written<'a>(p: &Parser<'a>, from: usize, to: usize) -> &'a str {
    match (p.at(from), to.checked_sub(1).and_then(|last| p.at(last))) {
        (Some(first), Some(last)) => p.text.get(first.start..last.end).unwrap_or_default(),
        _ => "",
    }
}
