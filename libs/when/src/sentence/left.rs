//! Words of time that no expression took: what they mean must be asked about.

use super::{Found, Role, own_day, roles};
use crate::{
    parser::Parser,
    phrase::Phrase,
    table::{Unit, W},
    token::{Kind, Token},
};

/// Words of time that no expression took.
pub(super) fn leftovers(p: &Parser<'_>, found: &[Found]) -> Vec<(usize, usize)> {
    let mut left = Vec::new();
    let mut spans = found.iter().peekable();
    let mut place = 0;
    let mut behind_when: Option<&Found> = None;
    let says_clock = found
        .iter()
        .any(|one| one.role == Role::When && !one.phrase.clocks.is_empty() && one.phrase.zone.is_none());
    let says = |phrase: &Phrase| phrase.has_day() || phrase.repeat.is_some() || phrase.elapsed.is_some();
    let says_day = found
        .iter()
        .any(|one| one.role == Role::When && says(&one.phrase));
    let repeats = found.iter().any(|one| one.phrase.repeat.is_some());
    while let Some(token) = p.at(place) {
        if let Some(span) = spans.peek()
            && span.start == place
        {
            if !repeats && let Some(place) = (span.start..span.end).find(|place| is_always(p, *place)) {
                left.push((place, place + 1));
            }
            behind_when = Some(span).filter(|span| span.role == Role::When).copied();
            place = span.end;
            spans.next();
            continue;
        }
        let before_when = spans
            .peek()
            .copied()
            .filter(|span| span.start == place + 1 && span.role == Role::When);
        // "hora de Londres a las 15:00": a zone that stands before its time
        let is_zone = says_clock && p.is_time_of_place(place);
        // "immer um 8": how often?
        let is_always = !repeats && (behind_when.is_some() || before_when.is_some()) && is_always(p, place);
        // "my aunt Sunday at 5pm": where no other day is said, it may be the day.
        let may_be_day = !says_day && p.is_person(place) && names_weekday(token);
        let is_own = !says_day && !found.is_empty() && own_day::is_own_day(p, place, before_when.is_some());
        if is_zone || is_always || may_be_day || is_own || is_left(p, place, token, behind_when, before_when)
        {
            left.push((place, place + 1));
        }
        behind_when = None;
        place += 1;
    }
    left
}

/// Words that say that something repeats, and not when.
const ALWAYS: [&str; 4] = ["always", "immer", "siempre", "всегда"];

fn is_always(p: &Parser<'_>, place: usize) -> bool {
    ALWAYS.contains(&p.word(place).to_lowercase().as_str())
}

fn names_weekday(token: &Token) -> bool {
    let is_weekday = |meaning: &W| matches!(meaning, W::Weekday(_) | W::Weekdays(_));
    token.meanings.iter().any(is_weekday)
}

fn is_left(
    p: &Parser<'_>,
    place: usize,
    token: &Token,
    behind: Option<&Found>,
    before: Option<&Found>,
) -> bool {
    let has = |wanted: fn(&W) -> bool| token.meanings.iter().any(wanted);
    let is_number = |place: usize| {
        p.digits(place).is_some()
            || p.at(place).is_some_and(|token| {
                token
                    .meanings
                    .iter()
                    .any(|meaning| matches!(meaning, W::Number(_)))
            })
    };
    if has(|meaning| matches!(meaning, W::Ago | W::FromNow | W::Earlier | W::OClock))
        && place > 0
        && (is_number(place.saturating_sub(1))
            || crate::rules::number::unit(p, place.saturating_sub(1)).is_some())
    {
        return true;
    }
    if has(|meaning| matches!(meaning, W::Am | W::Pm))
        && place > 0
        && p.digits(place.saturating_sub(1)).is_some()
    {
        return true;
    }
    // "on alternate days", "every odd day"
    let names_time = |place: usize| {
        p.at(place).is_some_and(|token| {
            token.meanings.iter().any(|meaning| {
                matches!(meaning, W::Unit(unit) if *unit >= Unit::Minute)
                    || matches!(
                        meaning,
                        W::Weekday(_)
                            | W::WeekdayPart(..)
                            | W::Weekdays(_)
                            | W::Workday
                            | W::Workdays
                            | W::Vague
                    )
            })
        })
    };
    if has(|meaning| matches!(meaning, W::Other)) && names_time(place + 1) {
        return true;
    }
    if has(|meaning| matches!(meaning, W::Every)) && (names_time(place + 1) || names_time(place + 2)) {
        return true;
    }
    // "each birthday of mine at 8", "every payday at 9"
    if has(|meaning| matches!(meaning, W::Every))
        && p.language == crate::Language::English
        && (roles::is_front(p, place)
            || matches!(
                p.word(place + 1).to_lowercase().as_str(),
                "birthday" | "payday" | "anniversary" | "holiday" | "time"
            ))
        && p.is_plain(place + 1)
    {
        return true;
    }
    if has(|meaning| matches!(meaning, W::Every)) {
        if behind.is_some()
            && p.at(place + 1)
                .is_none_or(|next| !matches!(next.kind, Kind::Word))
        {
            return true;
        }
        let next = p.at(place + 1);
        return next.is_some_and(|next| {
            next.meanings.iter().any(|meaning| {
                matches!(
                    meaning,
                    W::Unit(_)
                        | W::Weekday(_)
                        | W::Part(_)
                        | W::Month(_)
                        | W::Workday
                        | W::Weekend
                        | W::Other
                        | W::Number(_)
                        | W::Ordinal(_)
                        | W::Holiday(_)
                        | W::Season(_)
                        | W::Few
                        | W::Couple
                )
            }) || matches!(next.kind, Kind::Number(..))
        });
    }
    // "call mom 5 to 3": the time, or the score?
    if crate::rules::clock_order::is_minutes_to(p, place) && p.at(place + 3).is_none() {
        return true;
    }
    if token.meanings.is_empty() && before.is_some() && own_day::is_tomorrow(p, place) {
        return true;
    }
    if p.is_person(place) {
        return false;
    }
    if has(|meaning| matches!(meaning, W::Weekday(_) | W::Weekdays(_))) {
        return token.end - token.start > 4;
    }
    if has(|meaning| {
        matches!(
            meaning,
            W::Day(_)
                | W::TodayPart(_)
                | W::Clock(..)
                | W::InPart(_)
                | W::Workdays
                | W::Weekend
                | W::Weekends
        )
    }) {
        return true;
    }
    // "at half past"
    if has(|meaning| matches!(meaning, W::Half | W::Quarter))
        && (p.is(place + 1, W::Past) || p.is(place + 1, W::Till))
    {
        return true;
    }
    // A month's name that nothing took, but for those that are words of their own.
    // "32 марта", "of june"
    let is_of =
        place > 0 && (p.is(place.saturating_sub(1), W::Of) || p.digits(place.saturating_sub(1)).is_some());
    if is_of && has(|meaning| matches!(meaning, W::Month(_))) {
        return true;
    }
    if has(|meaning| matches!(meaning, W::Month(_))) && token.end - token.start > 4 && token.is_capital {
        let is_common = matches!(
            p.word(place).to_lowercase().as_str(),
            "march" | "august" | "april" | "marzo"
        );
        return !is_common && p.is_boundary(place + 1);
    }
    // "at 8" that no rule took
    let is_at = (has(|meaning| matches!(meaning, W::At)) || token.is_mark('@'))
        && (p.language == crate::Language::English || p.digits(place + 2).is_some());
    if is_at
        && p.digits(place + 1)
            .is_some_and(|(value, digits)| value <= 24 && digits <= 2)
        && !p.is_glued(place + 2)
    {
        return true;
    }
    // "weekday" right before a time
    if has(|meaning| matches!(meaning, W::Workday)) && before.is_some() {
        return true;
    }
    // "in 10" without a unit
    let is_in = has(|meaning| matches!(meaning, W::In)) && !p.is(place + 1, W::One) && is_number(place + 1);
    if is_in
        && p.digits(place + 1).is_none_or(|(value, _)| value <= 120)
        && (place == 0
            || p.at(place + 2).is_none()
            || behind.is_some()
            || p.is(place.saturating_sub(1), W::Alarm)
            || p.is(place + 2, W::To))
    {
        return true;
    }
    // "25:00", "9:75"
    if p.is_mark(place + 1, ':')
        && p.is_glued(place + 1)
        && p.is_glued(place + 2)
        && matches!(token.kind, Kind::Number(_, 1..=2))
        && p.digits(place + 2).is_some_and(|(_, digits)| digits == 2)
    {
        return true;
    }
    if let Some(behind) = behind {
        // Right behind a time: "at 5pm 30", "every day until I finish", "at 9 unless".
        let is_small = matches!(token.kind, Kind::Number(value, _) if value <= 2999)
            || has(|meaning| matches!(meaning, W::Number(2..=59)));
        let bounds = has(|meaning| matches!(meaning, W::Until | W::Through | W::Between))
            || (behind.phrase.repeat.is_some()
                && has(|meaning| matches!(meaning, W::Except | W::Starting | W::Ending)));
        // "at 5pm and 30", "from 9:30 to 11"
        let joins = (has(|meaning| matches!(meaning, W::And | W::Or | W::To)) || token.is_mark('&'))
            && is_number(place + 1)
            && behind.phrase.has_beginning();
        // "5pm in london": whose?
        let names_place = has(|meaning| matches!(meaning, W::In))
            && !behind.phrase.clocks.is_empty()
            && behind.phrase.zone.is_none()
            && is_elsewhere(p, place + 1);
        let is_unit = has(|meaning| matches!(meaning, W::Unit(unit) if *unit >= Unit::Minute))
            && behind.phrase.repeat.is_none()
            && token.end - token.start > 2;
        // "at 10 past", "at 10 to": of which hour?
        let is_half_said = p.language == crate::Language::English
            && has(|meaning| matches!(meaning, W::Past | W::Till))
            && !behind.phrase.clocks.is_empty()
            && p.at(place + 1)
                .is_none_or(|next| matches!(next.kind, Kind::Mark(_)) || p.is(place + 1, W::To));
        let counts = is_half_said
            || has(|meaning| {
                matches!(
                    meaning,
                    W::Times | W::Twice | W::Ish | W::AndHalf | W::Ago | W::FromNow | W::Earlier
                )
            });
        let is_range = token.is_mark('-') && !behind.phrase.is_empty() && is_number(place + 1);
        // "tomorrow 5, 6", "9am plus an hour"
        let adds = matches!(
            p.word(place).to_lowercase().as_str(),
            "plus" | "minus" | "menos" | "más"
        );
        let lists = token.is_mark(',')
            && p.digits(place + 1)
                .is_some_and(|(value, digits)| value <= 31 && digits <= 2)
            && p.is_boundary(place + 2);
        if lists || (adds && (is_number(place + 1) || p.is(place + 1, W::One))) {
            return true;
        }
        // "the night before the exam"
        let hangs = behind.phrase.part.is_some()
            && behind.phrase.clocks.is_empty()
            && behind.phrase.repeat.is_none()
            && has(|meaning| matches!(meaning, W::Before | W::After));
        let is_half = has(|meaning| matches!(meaning, W::Am | W::Pm)) && token.meanings.len() == 1;
        // Spanish "cada lunes menos festivos"
        if p.language == crate::Language::Spanish
            && behind.phrase.repeat.is_some()
            && has(|meaning| matches!(meaning, W::Till))
        {
            return true;
        }
        // "every weekday of may"
        let is_of = has(|meaning| matches!(meaning, W::Of | W::In)) && behind.phrase.repeat.is_some();
        let is_stretch = |place: usize| {
            p.at(place).is_some_and(|token| {
                token
                    .meanings
                    .iter()
                    .any(|meaning| matches!(meaning, W::Month(_) | W::Rel(_) | W::Unit(_) | W::Season(_)))
            })
        };
        if is_of && (is_stretch(place + 1) || is_stretch(place + 2)) {
            return true;
        }
        // "2pm Tokyo", "5pm … eastern"
        let is_place = token.meanings.is_empty()
            && (token.is_capital || p.is_boundary(place + 1))
            && !behind.phrase.clocks.is_empty()
            && behind.phrase.zone.is_none()
            && is_elsewhere(p, place);
        let is_zone = has(|meaning| matches!(meaning, W::Zone(_))) && !behind.phrase.clocks.is_empty();
        if is_place || is_zone {
            return true;
        }
        if is_small
            || hangs
            || bounds
            || joins
            || names_place
            || (is_unit && behind.phrase.has_time())
            || counts
            || is_range
            || is_half
        {
            return true;
        }
    }
    // "5 и 20 числа": two days.
    let is_second_day = has(|meaning| matches!(meaning, W::And | W::Or))
        && place > 0
        && p.digits(place - 1)
            .is_some_and(|(day, _)| (1..=31).contains(&day))
        && before.is_some_and(|before| matches!(before.phrase.day, Some(crate::phrase::Day::OfMonth(_))));
    // Russian "на той неделе"
    // "2 через 2": so many days on, and so many off
    let is_shift = p.language == crate::Language::Russian
        && has(|meaning| matches!(meaning, W::In))
        && place > 0
        && is_number(place - 1)
        && is_number(place + 1);
    if is_second_day || is_shift {
        return true;
    }
    if p.language == crate::Language::Russian
        && matches!(
            p.word(place).to_lowercase().as_str(),
            "неделе" | "месяце" | "квартале" | "году"
        )
    {
        return true;
    }
    // Russian "без …" that nobody read
    if p.language == crate::Language::Russian
        && has(|meaning| matches!(meaning, W::Till))
        && p.at(place + 2)
            .is_some_and(|token| !token.meanings.is_empty() || matches!(token.kind, Kind::Number(..)))
    {
        return true;
    }
    if let Some(before) = before {
        // "past noon", "not tomorrow", "this noon"
        let denies = matches!(
            p.word(place).to_lowercase().as_str(),
            "not" | "never" | "nicht" | "nie" | "nunca" | "не" | "никогда"
        );
        if denies || has(|meaning| matches!(meaning, W::Past | W::Rel(_))) {
            return true;
        }
        // "the next 3 mondays"
        if before.phrase.repeat.is_some() && matches!(token.kind, Kind::Number(..)) {
            return true;
        }
        // "5/12 12:30", "3.4 tomorrow": figures that nobody read right before a time.
        let is_figure = place >= 2
            && token.is_glued
            && matches!(token.kind, Kind::Number(_, 1..=2))
            && (p.is_mark(place.saturating_sub(1), '/')
                || p.is_mark(place.saturating_sub(1), '.')
                || p.is_mark(place.saturating_sub(1), '-')
                || p.is_mark(place.saturating_sub(1), ':'))
            && p.digits(place.saturating_sub(2))
                .is_some_and(|(_, digits)| digits <= 2);
        // 1.2.3 is a version, and "pay 12.50 at 5" a price.
        let is_version = place >= 4
            && p.is_mark(place.saturating_sub(3), '.')
            && p.digits(place.saturating_sub(4)).is_some();
        // A number beside a day and an hour is neither, and 99.95 never is.
        let is_said = before.phrase.is_led || (before.phrase.has_day() && !before.phrase.clocks.is_empty());
        let is_neither = p.is_mark(place.saturating_sub(1), '.')
            && matches!(token.kind, Kind::Number(minute, 2) if minute > 59)
            && matches!(p.digits(place.saturating_sub(2)), Some((_, 1..)));
        let is_price = (is_said || is_neither) && !roles::is_front(p, place.saturating_sub(2));
        if is_figure && !is_version && !is_price {
            return true;
        }
        // "2 to 3 days from now", "3 seconds to noon"
        let counts = is_number(place.saturating_sub(1))
            || crate::rules::number::unit(p, place.saturating_sub(1)).is_some();
        let joins = has(|meaning| matches!(meaning, W::To | W::Or | W::Past)) || token.is_mark('-');
        if place > 0 && counts && joins {
            return true;
        }
        // "the second at noon"
        let is_ordinal = has(|meaning| matches!(meaning, W::Ordinal(_)))
            && place > 0
            && p.is(place.saturating_sub(1), W::The);
        if is_ordinal && !before.phrase.has_day() {
            return true;
        }
        // "twice tomorrow", "3 times today"
        let is_count = has(|meaning| matches!(meaning, W::Times)) && is_number(place.saturating_sub(1));
        if is_count || has(|meaning| matches!(meaning, W::Twice)) {
            return true;
        }
        // "a table for 8 tomorrow at 7pm": the hour is said, so the number is none.
        if !before.phrase.clocks.is_empty() {
            return false;
        }
        // "7 tomorrow", "half tomorrow"
        let is_small = matches!(token.kind, Kind::Number(value, digits) if value <= 24 && digits <= 2)
            || has(|meaning| matches!(meaning, W::Number(2..=59)));
        return is_small && !token.is_glued;
    }
    false
}

/// Whether a place stands there whose clocks show another time than the speaker's.
fn is_elsewhere(p: &Parser<'_>, place: usize) -> bool {
    let Some(first) = p.at(place) else { return false };
    (place..place + 3).filter_map(|last| p.at(last)).any(|last| {
        let name = p.text.get(first.start..last.end).unwrap_or_default();
        crate::zone::of_place(name).is_some_and(|zone| {
            let there = crate::zone::local_to_utc(p.now, zone);
            there != crate::zone::local_to_utc(p.now, p.zone)
        })
    })
}
