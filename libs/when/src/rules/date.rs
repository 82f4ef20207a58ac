//! Dates with the month's name: "5 May", "May 5th, 2027", "the 3rd of march", "10 to 22 August", "the 31st".

use chrono::{Datelike, NaiveDate};

use super::{number, period};
use crate::{
    parser::{Answering, Leads, Parser},
    phrase::{Day, Phrase, Piece},
    table::{Rel, Unit, W},
};

/// The month that a word names: 1 to 12.
pub(crate) fn month(p: &Parser<'_>, place: usize) -> Option<u32> {
    p.find(place, |meaning| match meaning {
        W::Month(month) => Some(month),
        _ => None,
    })
}

/// The day of a month: "5", "5th", "fifth", German "5."
pub(crate) fn day_number(p: &Parser<'_>, place: usize) -> Option<(u32, usize)> {
    let found = number::ordinal(p, place).or_else(|| {
        if let Some((value, digits)) = p.digits(place) {
            return (digits <= 2).then_some((value, place + 1));
        }
        number::words(p, place)
    })?;
    (1..=31).contains(&found.0).then_some(found)
}

/// A year behind a date: ", 2027", "2027", "'27"; a past one of two digits only where it can be no day ("96").
pub(crate) fn year(p: &Parser<'_>, place: usize) -> Option<(i32, usize)> {
    let place = p.past(place, W::Of);
    if let Some(found) = year_in_words(p, place) {
        return Some(found);
    }
    // "in the year 2013"
    let named = p.past(p.past(place, W::In), W::The);
    if p.is(named, W::Unit(Unit::Year))
        && let Some((value @ 1900..=2999, 4)) = p.digits(named + 1)
    {
        return Some((i32::try_from(value).ok()?, named + 2));
    }
    let at = if p.is_mark(place, ',')
        || (p.is_mark(place, '-') || p.is_mark(place, '/') || p.is_mark(place, '.')) && p.is_glued(place)
    {
        place + 1
    } else {
        place
    };
    if (p.is_mark(at, '\'') || p.is_mark(at, '’')) && p.is_glued(at + 1) {
        let (value, 2) = p.digits(at + 1)? else {
            return None;
        };
        return Some((p.full_year(value), at + 2));
    }
    let (value, digits) = p.digits(at)?;
    let is_more = p.is_glued(at + 1) && (p.is_mark(at + 1, ':') || p.is_mark(at + 1, 'h'));
    match digits {
        4 if (1900..=2999).contains(&value) && !is_more => {
            // Russian "2027 года"
            let end = if p.language == crate::Language::Russian {
                p.past(at + 1, W::Unit(Unit::Year))
            } else {
                at + 1
            };
            Some((i32::try_from(value).ok()?, end))
        }
        2 if value > 31 && value != 60 && p.is_boundary(at + 1) && !is_more => {
            Some((p.full_year(value), at + 1))
        }
        _ => None,
    }
}

/// "next year", "this year", "two thousand twenty seven".
fn year_in_words(p: &Parser<'_>, place: usize) -> Option<(i32, usize)> {
    if p.is(place + 1, W::Unit(Unit::Year)) {
        let ahead = match super::weekday::rel(p, place)? {
            Rel::This => 0,
            Rel::Next | Rel::Coming => 1,
            Rel::AfterNext => 2,
            Rel::Last => return None,
        };
        return Some((p.today().year().checked_add(ahead)?, place + 2));
    }
    if p.is(place, W::Number(2)) && p.is(place + 1, W::Thousand) {
        let behind = p.past(place + 2, W::And);
        let (more, end) = number::words(p, behind)
            .filter(|(more, _)| *more < 100)
            .unwrap_or((0, place + 2));
        return Some((2000 + i32::try_from(more).ok()?, end));
    }
    None
}

/// The end of "in a year", "in 3 years" at a place.
pub(crate) fn in_years(p: &Parser<'_>, place: usize) -> Option<usize> {
    if !p.is(place, W::In) {
        return None;
    }
    let next = match number::whole(p, place + 1) {
        Some((_, next)) => next,
        None => p.past(place + 1, W::One),
    };
    (number::unit(p, next) == Some(Unit::Year)).then_some(next + 1)
}

/// A date of a year, or the year's that is ahead.
pub(crate) fn date(year: Option<i32>, month: u32, day: u32) -> Option<Day> {
    match year {
        Some(year) => NaiveDate::from_ymd_opt(year, month, day).map(Day::Date),
        // 29 February is a date as well.
        None => NaiveDate::from_ymd_opt(2024, month, day).map(|_| Day::Yearless(month, day)),
    }
}

pub(crate) fn read(
    p: &Parser<'_>,
    place: usize,
    leads: Leads,
    phrase: &Phrase,
    _depth: usize,
    found: &mut Vec<(usize, Piece)>,
) {
    if let Some(month) = month(p, place) {
        month_first(p, place, month, found);
    } else if let Some((day, next)) = day_number(p, place) {
        day_first(p, place, day, next, leads, phrase, found);
    }
    // "2018 March 18"
    if let Some((year @ 1900..=2999, 4)) = p.digits(place)
        && let Some(month) = month(p, place + 1)
        && let Some((day, end)) = day_number(p, place + 2)
        && let Ok(year) = i32::try_from(year)
        && let Some(day) = date(Some(year), month, day)
    {
        found.push((end, Piece::Day(day)));
    }
}

/// Both ends of a range within a month, with one year.
fn days(year: Option<i32>, month: u32, first: u32, last: u32) -> Option<Piece> {
    if last <= first {
        return None;
    }
    Some(Piece::Days(date(year, month, first)?, date(year, month, last)?))
}

fn is_to(p: &Parser<'_>, place: usize) -> bool {
    p.is_mark(place, '-') || p.is(place, W::To) || p.is(place, W::Until) || p.is(place, W::Through)
}

/// "May 5", "May the 5th, 2027", "August 10 - 22, 2012", "Sunday, March, 6th 2016".
fn month_first(p: &Parser<'_>, place: usize, month: u32, found: &mut Vec<(usize, Piece)>) {
    let comma = if p.is_mark(place + 1, ',') {
        place + 2
    } else {
        place + 1
    };
    let at = p.past(comma, W::The);
    // "Oct-2", "April/22"
    let is_glued = (p.is_mark(at, '-') || p.is_mark(at, '/'))
        && p.is_glued(at)
        && p.is_glued(at + 1)
        && p.digits(at + 1)
            .is_some_and(|(value, digits)| digits <= 2 && value > 0)
        && (p.is_boundary(at + 2) || (p.digits(at + 2).is_some() && !p.is_glued(at + 2)));
    let at = if is_glued { at + 1 } else { at };
    let Some((day, next)) = day_number(p, at) else {
        return;
    };
    // "may 5pm", "march 5:30", "may 10 people" are no days of the month.
    let is_other = |place: usize| {
        p.is(place, W::Am)
            || p.is(place, W::Pm)
            || p.is(place, W::OClock)
            || (p.is_mark(place, ':')
                && p.is_glued(place)
                && p.is_glued(place + 1)
                && p.digits(place + 1).is_some_and(|(_, digits)| digits == 2)
                && !p.is_mark(place + 2, ':')
                && p.digits(at).is_some())
            || number::unit(p, place).is_some()
            || (p.is_mark(place, '%') && p.is_glued(place))
    };
    if is_other(next) {
        return;
    }
    // "May 5-9, 2027"
    if is_to(p, next)
        && let Some((last, behind)) = day_number(p, next + 1)
        && super::date::month(p, behind).is_none()
        && !is_other(behind)
        && !(p.is(behind, W::Past))
    {
        let (year, end) = year(p, behind).map_or((None, behind), |(year, end)| (Some(year), end));
        if let Some(piece) = days(year, month, day, last) {
            found.push((end, piece));
            return;
        }
    }
    // "May 5 and 6": two days.
    if (p.is(next, W::And) || p.is(next, W::Or))
        && let Some((_, behind)) = day_number(p, next + 1)
        && p.is_boundary(behind)
        && !is_other(behind)
        && p.digits(next + 1).is_some()
    {
        found.push((behind, Piece::Vague));
        return;
    }
    let (year, end) = year(p, next).map_or((None, next), |(year, end)| (Some(year), end));
    let piece = date(year, month, day).map_or(Piece::Vague, Piece::Day);
    found.push((end, piece));
}

/// "5 May", "5th of May 2027", "10 to 22 August", "the 3rd of next month", "the 31st".
fn day_first(
    p: &Parser<'_>,
    place: usize,
    day: u32,
    next: usize,
    leads: Leads,
    phrase: &Phrase,
    found: &mut Vec<(usize, Piece)>,
) {
    let of = p.past(next, W::Of);
    let of = if p.is_mark(of, '-') && p.is_glued(of) {
        of + 1
    } else {
        of
    };
    if let Some(month) = month(p, of) {
        let is_clock = p.is_mark(next, '.') && p.is_glued(next);
        if !is_clock {
            let (year, end) = year(p, of + 1).map_or((None, of + 1), |(year, end)| (Some(year), end));
            let piece = date(year, month, day).map_or(Piece::Vague, Piece::Day);
            found.push((end, piece));
            // "the fourteenth of april 15": an hour or a year?
            if year.is_none()
                && let Some((13..=31, 2)) = p.digits(end)
                && !p.is_glued(end + 1)
                && p.is_boundary(end + 1)
                && !p.is(end + 1, W::OClock)
            {
                found.push((end + 1, Piece::Vague));
            }
        }
    }
    // "10 to 22 August", "eighth to eleventh May 2010", "10 - 22 August 2012"
    if is_to(p, next)
        && let Some((last, behind)) = day_number(p, p.past(next + 1, W::The))
    {
        let of = p.past(behind, W::Of);
        if let Some(month) = month(p, of) {
            let (year, end) = year(p, of + 1).map_or((None, of + 1), |(year, end)| (Some(year), end));
            if let Some(piece) = days(year, month, day, last) {
                found.push((end, piece));
            }
        }
    }
    // "the 2nd and 3rd of march": two days
    if (p.is(next, W::And) || p.is(next, W::Or))
        && let Some((_, behind)) = day_number(p, p.past(next + 1, W::The))
        && month(p, p.past(behind, W::Of)).is_some()
    {
        found.push((p.past(behind, W::Of) + 1, Piece::Vague));
        return;
    }
    let is_figure = p.digits(place).is_some();
    let is_named = p.language == crate::Language::Spanish
        && p.word(place.saturating_sub(1)).to_lowercase() == "día"
        && place > 0
        && is_figure;
    // Spanish "el 15"
    let is_spanish = p.language == crate::Language::Spanish
        && is_figure
        && (leads.has(Leads::ON | Leads::THE) && p.word(place.saturating_sub(1)).to_lowercase() == "el"
            // "viernes 14"
            || leads == Leads::default() && matches!(phrase.day, Some(Day::Weekday(_))));
    // Russian "3-го числа", "31 числа"
    let has_word = p.is(next, W::DayNumber);
    let is_ordinal = number::ordinal(p, place).is_some() || is_spanish || is_named || has_word;
    let next = p.past(next, W::DayNumber);
    if !is_ordinal && p.answering != Answering::Day {
        return;
    }
    // "the 3rd of next month"
    if p.is(next, W::Of) || super::weekday::rel(p, next).is_some() {
        let at = p.past(next, W::Of);
        let the = p.past(at, W::The);
        let is_month = p.is(the, W::Unit(Unit::Month))
            || super::weekday::rel(p, the).is_some() && p.is(the + 1, W::Unit(Unit::Month));
        if is_month && let Some((first, last, _, end)) = period::stretch(p, at) {
            let date = first.with_day(day).filter(|date| *date <= last);
            let is_bare_month = super::weekday::rel(p, the).is_none();
            let piece = match date {
                Some(_) if is_bare_month => Piece::Day(Day::OfMonth(day)),
                // "the 12th of this month", said on the 26th
                Some(date) if date < p.today() => Piece::Past,
                Some(date) => Piece::Day(Day::Date(date)),
                None => Piece::Vague,
            };
            found.push((end, piece));
            return;
        }
        // "the first of the year"
        if day == 1
            && p.is(next, W::Of)
            && let Some((first, last, false, end)) = period::stretch(p, at)
            && (last - first).num_days() > 300
        {
            let piece = if first > p.today() {
                Piece::Day(Day::Date(first))
            } else {
                Piece::Day(Day::Yearless(1, 1))
            };
            found.push((end, piece));
            return;
        }
        if p.is(next, W::Of) {
            return;
        }
    }
    // Russian "3-го в 14:00", "третьего в 14:00"
    let is_genitive = match p.language {
        crate::Language::Russian => {
            p.word(next.saturating_sub(1)).to_lowercase().ends_with("го") && (is_figure || p.is(next, W::At))
        }
        // "am Morgen des 25."
        crate::Language::German => place > 0 && p.word(place - 1).eq_ignore_ascii_case("des"),
        crate::Language::English | crate::Language::Spanish => false,
    };
    // "the evening of the 20th"
    let is_of_part =
        place >= 3 && p.is(place - 1, W::The) && p.is(place - 2, W::Of) && p.part_at(place - 3).is_some();
    // "on the 31st", "the 5th at 9"; "the 3rd floor" is none.
    let is_led = leads.has(Leads::ON | Leads::BY | Leads::FROM | Leads::BEFORE | Leads::AFTER | Leads::FOR)
        // "the twenty-third"; "the second" and "the fifth" are more often something else.
        || (leads.has(Leads::THE) && (is_figure || day > 10))
        || (is_figure && phrase.day.is_some())
        || p.answering == Answering::Day
        || is_named
        || is_genitive
        || is_of_part
        || p.is(next.saturating_sub(1), W::DayNumber);
    let is_behind = matches!(&phrase.day, Some(Day::Weekday(_)));
    let is_boundary =
        (p.is_boundary(next) || is_of_part && p.is_plain(next) || p.is(next.saturating_sub(1), W::DayNumber))
            && !p.is_possessive(place, next);
    // "the 5th, 6th and 7th at noon"
    let more = if p.is_mark(next, ',') || p.is(next, W::And) || p.is(next, W::Or) {
        number::ordinal(p, p.past(next + 1, W::The))
    } else {
        None
    };
    if is_led
        && let Some((_, end)) = more
        && p.is_boundary(end)
    {
        found.push((end, Piece::Vague));
        return;
    }
    if (is_led || is_behind) && is_boundary {
        found.push((next, Piece::Day(Day::OfMonth(day))));
    }
}

impl Parser<'_> {
    fn is_possessive(&self, from: usize, to: usize) -> bool {
        self.tokens
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .any(|token| token.is_possessive)
    }
}
