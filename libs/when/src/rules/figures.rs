//! Dates in figures: ISO, 3/4 by the locale, 25/12, 4.3., 8/Oct/2012, 09/2012.

use chrono::NaiveDate;

use super::{date, period};
use crate::{
    Language,
    context::DateOrder,
    parser::{Leads, Parser},
    phrase::{Day, Phrase, Piece},
    table::W,
    token::Kind,
};

pub(crate) fn read(
    p: &Parser<'_>,
    place: usize,
    leads: Leads,
    phrase: &Phrase,
    _depth: usize,
    found: &mut Vec<(usize, Piece)>,
) {
    let Some((first, digits)) = p.digits(place) else {
        return;
    };
    compact(p, place, first, digits, found);
    let Some(mark) = separator(p, place + 1) else {
        return;
    };
    if place > 0
        && p.is_glued(place)
        && separator(p, place.saturating_sub(1)).is_some()
        && p.digits(place.saturating_sub(2)).is_some()
        && place >= 2
        && p.is_glued(place.saturating_sub(1))
    {
        return;
    }
    if let Some((end, piece)) = of_three(p, place, first, digits, mark) {
        found.push((end, piece));
        return;
    }
    let Some((second, second_digits)) = p.digits(place + 2).filter(|_| p.is_glued(place + 2)) else {
        return;
    };
    let behind = place + 3;
    // 1.2.3.4, 1/2/3/4 and 555-1234 are no dates.
    if separator(p, behind) == Some(mark) && p.is_glued(behind + 1) && p.digits(behind + 1).is_some() {
        return;
    }
    // 09/2012, 2012-09
    let month_and_year = match (digits, second_digits) {
        (1 | 2, 4) if mark != '-' || digits == 2 => Some((first, second)),
        (4, 2) if mark != '.' => Some((second, first)),
        _ => None,
    };
    if let Some((month @ 1..=12, year @ 1900..=2999)) = month_and_year {
        if let Some((first, last)) = i32::try_from(year)
            .ok()
            .and_then(|year| period::month_of(year, month))
        {
            found.push((behind, Piece::Day(Day::Stretch(first, last))));
        }
        return;
    }
    if digits > 2 || second_digits > 2 {
        return;
    }
    two(p, place, (first, second), mark, leads, phrase, found);
}

/// 20270212, as ISO has it without its dashes; with a T behind it the time.
fn compact(p: &Parser<'_>, place: usize, figures: u32, digits: usize, found: &mut Vec<(usize, Piece)>) {
    let is_part = p.is_glued(place) && place > 0 || p.is_glued(place + 1) && !p.is(place + 1, W::Letter('t'));
    let (year, month, day) = (figures / 10_000, figures / 100 % 100, figures % 100);
    if digits == 8
        && !is_part
        && (1900..=2100).contains(&year)
        && let Some(date) = i32::try_from(year)
            .ok()
            .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
    {
        found.push((place + 1, Piece::Day(Day::Date(date))));
    }
}

fn separator(p: &Parser<'_>, place: usize) -> Option<char> {
    match p.at(place)?.kind {
        Kind::Mark(mark @ ('/' | '-' | '.')) if p.is_glued(place) => Some(mark),
        _ => None,
    }
}

/// Year, month and day in whichever order.
fn of_three(p: &Parser<'_>, place: usize, first: u32, digits: usize, mark: char) -> Option<(usize, Piece)> {
    if separator(p, place + 3)? != mark || !p.is_glued(place + 2) || !p.is_glued(place + 4) {
        return None;
    }
    let (third, third_digits) = p.digits(place + 4)?;
    let end = place + 5;
    // 1.2.3.4 is a version, 12-05-2027-x is none of ours.
    if separator(p, end).is_some_and(|behind| behind == mark && mark != '-')
        && p.digits(end + 1).is_some()
        && p.is_glued(end + 1)
        && !p.is_mark(end + 2, ':')
    {
        return None;
    }
    let year = |value: u32, digits: usize| match digits {
        4 if (1000..=2999).contains(&value) => i32::try_from(value).ok(),
        2 => Some(p.full_year(value)),
        _ => None,
    };
    if let Some(month) = date::month(p, place + 2) {
        // 8/Oct/2012, 2012/Aug/10
        let day = match (digits, third_digits) {
            (4, 1 | 2) => date::date(year(first, 4), month, third),
            (1 | 2, 2 | 4) => date::date(year(third, third_digits), month, first),
            _ => None,
        };
        return Some((end, day.map_or(Piece::Vague, Piece::Day)));
    }
    let (second, second_digits) = p.digits(place + 2)?;
    if second_digits > 2 {
        return None;
    }
    if digits == 4 && third_digits <= 2 {
        let day = date::date(year(first, 4), second, third);
        return Some((end, day.map_or(Piece::Vague, Piece::Day)));
    }
    // 555-12-34 and 1.2.3 are no dates.
    if digits > 2 || !matches!(third_digits, 2 | 4) {
        return None;
    }
    let year = year(third, third_digits)?;
    let piece = by_order(p, first, second, mark, |month, day| {
        NaiveDate::from_ymd_opt(year, month, day)
    })?;
    Some((end, piece))
}

/// The day that two figures mean: the only one that exists, or by the locale, or both.
fn by_order(
    p: &Parser<'_>,
    first: u32,
    second: u32,
    mark: char,
    date: impl Fn(u32, u32) -> Option<NaiveDate>,
) -> Option<Piece> {
    let month_first = date(first, second);
    let day_first = date(second, first);
    // Dots are Europe's: the day comes first.
    let order = if mark == '.' {
        Some(DateOrder::DayFirst)
    } else {
        p.order
    };
    let day = match (month_first, day_first, order) {
        (None, None, _) => return Some(Piece::Vague),
        (Some(one), None, _) | (None, Some(one), _) | (Some(one), Some(_), Some(DateOrder::MonthFirst)) => {
            one
        }
        (Some(_), Some(other), Some(DateOrder::DayFirst)) => other,
        (Some(one), Some(other), None) if one == other => one,
        (Some(one), Some(other), None) => {
            return Some(Piece::Day(Day::Either(one.min(other), one.max(other))));
        }
    };
    Some(Piece::Day(Day::Date(day)))
}

/// 3/4, 25/12, German and Russian 4.3. and 24.12
fn two(
    p: &Parser<'_>,
    place: usize,
    (first, second): (u32, u32),
    mark: char,
    leads: Leads,
    phrase: &Phrase,
    found: &mut Vec<(usize, Piece)>,
) {
    let mut end = place + 3;
    // "bis zum 15.12. …": what begins or ends there has read its preposition.
    let is_led = leads.are_of_time()
        || (place > 0
            && [W::Until, W::To, W::Through]
                .into_iter()
                .any(|meaning| p.is(place - 1, meaning)));
    match mark {
        '.' => {
            let has_dot = p.is_mark(end, '.') && p.is_glued(end);
            // "den 01.12., um 8": the comma is the sentence's.
            let is_closed = p
                .at(end + 1)
                .is_some_and(|token| matches!(token.kind, Kind::Mark(mark) if mark != '.'));
            if has_dot && (!p.is_glued(end + 1) || is_closed) {
                end += 1;
            } else if has_dot {
                return;
            }
            let is_clock =
                leads.has(Leads::AT | Leads::AROUND) || (p.language == Language::English && !has_dot);
            // "am 12.13." is no date, and was meant as one.
            if !is_clock
                && leads.has(Leads::ON)
                && (second > 12 || second == 0)
                && p.language != Language::English
            {
                found.push((end, Piece::Vague));
                return;
            }
            if is_clock
                || second > 12
                || second == 0
                || (!has_dot
                    && !leads.has(Leads::ON | Leads::FROM | Leads::BY)
                    && phrase.is_empty()
                    && !p.is(end, W::At))
            {
                return;
            }
        }
        '-' if !leads.has(Leads::ON) => return,
        _ => {}
    }
    if (first, second) == (24, 7)
        || !(p.is_boundary(end) || p.digits(end).is_some() || (is_led && p.is_plain(end)))
    {
        return;
    }
    // "1/2" alone is a half, "9/10 people" a share.
    if mark == '/'
        && first == 1
        && second <= 4
        && !leads.are_of_time()
        && phrase.is_empty()
        && p.order != Some(DateOrder::DayFirst)
    {
        found.push((end, Piece::Vague));
        return;
    }
    let today = p.today();
    let ahead = |month: u32, day: u32| super::super::resolve::ahead(today, month, day);
    if let Some(piece) = by_order(p, first, second, mark, ahead) {
        // The year is open as long as the hour is.
        let piece = match piece {
            Piece::Day(Day::Date(date)) => {
                use chrono::Datelike;
                Piece::Day(Day::Yearless(date.month(), date.day()))
            }
            other => other,
        };
        if piece == Piece::Vague && !leads.are_of_time() {
            return;
        }
        found.push((end, piece));
    }
}
