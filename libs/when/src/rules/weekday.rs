//! Weekdays: "friday", "next friday", "friday week", "the friday after next", "first monday of march".

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::{number, period};
use crate::{
    parser::{Leads, Parser},
    phrase::{Day, Phrase, Piece},
    table::{Rel, Unit, W},
};

pub(crate) fn weekday(p: &Parser<'_>, place: usize) -> Option<Weekday> {
    p.find(place, |meaning| match meaning {
        W::Weekday(weekday) => Some(weekday),
        _ => None,
    })
}

pub(crate) fn rel(p: &Parser<'_>, place: usize) -> Option<Rel> {
    p.find(place, |meaning| match meaning {
        W::Rel(rel) => Some(rel),
        _ => None,
    })
}

/// The first such weekday after a date.
pub(crate) fn after(date: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    date.iter_days()
        .skip(1)
        .take(7)
        .find(|day| day.weekday() == weekday)
}

/// Words such as "sun" and "sat" are weekdays only where something says so.
fn is_certain(p: &Parser<'_>, place: usize, leads: Leads, phrase: &Phrase) -> bool {
    if p.is_person(place) {
        return false;
    }
    let word = p.word(place);
    let is_common = matches!(
        word.to_lowercase().as_str(),
        "sun"
            | "sat"
            | "mon"
            | "wed"
            | "mar"
            | "do"
            | "so"
            | "di"
            | "mi"
            | "sa"
            | "fr"
            | "mo"
            | "sol"
            | "пт"
            | "вт"
            | "ср"
            | "чт"
            | "пн"
            | "сб"
            | "вс"
    );
    if !is_common {
        return true;
    }
    if p.language == crate::Language::Russian {
        return true;
    }
    let behind = place + 1;
    let is_beside_number = p.digits(behind).is_some()
        || (p.is_mark(behind, ',') || p.is_mark(behind, '.'))
            && (p.digits(behind + 1).is_some() || super::date::month(p, behind + 1).is_some());
    let is_written = p.at(place).is_some_and(|token| token.is_capital)
        && place > 0
        && !p.is_mark(place.saturating_sub(1), '.');
    let is_behind = !phrase.is_empty();
    let is_listed = [behind]
        .iter()
        .any(|at| p.is_mark(*at, '-') || p.is_mark(*at, '/') || p.is_mark(*at, ','))
        && weekday(p, behind + 1).is_some();
    let is_led = leads
        .has(Leads::ON | Leads::BY | Leads::FROM | Leads::BETWEEN | Leads::BEFORE | Leads::AFTER)
        && !leads.has(Leads::THE)
        && (p.is_boundary(behind) || leads.has(Leads::BETWEEN));
    let is_before_time = p.is(behind, W::At) || p.part_at(behind).is_some();
    // "remind me sat to …", "call mom sat"
    let is_alone = !leads.has(Leads::THE)
        && p.is_boundary(behind)
        && (p.at(behind).is_none() && place > 0 && !p.is(place.saturating_sub(1), W::Closed)
            || crate::sentence::roles::is_front(p, place));
    let is_german_two = p.language == crate::Language::German && word.chars().count() == 2;
    if is_german_two && !p.at(place).is_some_and(|token| token.is_capital) {
        return false;
    }
    is_beside_number || is_written || is_behind || is_listed || is_led || is_before_time || is_alone
}

pub(crate) fn read(
    p: &Parser<'_>,
    place: usize,
    leads: Leads,
    phrase: &Phrase,
    _depth: usize,
    found: &mut Vec<(usize, Piece)>,
) {
    if let Some(weekday) = weekday(p, place) {
        if is_certain(p, place, leads, phrase) {
            plain(p, place, weekday, leads, found);
        }
    } else if let Some((weekday, part)) = p.find(place, |meaning| match meaning {
        W::WeekdayPart(weekday, part) => Some((weekday, part)),
        _ => None,
    }) {
        found.push((place + 1, Piece::DayPart(Day::Weekday(weekday), part)));
    } else if let Some(rel) = rel(p, place) {
        related(p, place, rel, found);
    }
    nth(p, place, phrase, found);
}

fn plain(p: &Parser<'_>, place: usize, weekday: Weekday, leads: Leads, found: &mut Vec<(usize, Piece)>) {
    let mut end = place + 1;
    // The comma or dot behind an abbreviation is the phrase's; a list of days is no single day.
    // "between monday and friday" has two ends.
    let is_list = list_goes_on(p, end) && !leads.has(Leads::BETWEEN);
    if is_list {
        // "tue/thu" is each week's.
        if super::repeat_days::list(p, place).is_some_and(|list| list.is_regular) {
            return;
        }
        // "saturday or sunday": which one?
        if p.is(end, W::Or)
            && !list_goes_on(p, end + 2)
            && let (Some(one), Some(other)) = (
                after(p.today(), weekday),
                self::weekday(p, end + 1).and_then(|other| after(p.today(), other)),
            )
            && one != other
        {
            found.push((end + 2, Piece::Day(Day::Either(one.min(other), one.max(other)))));
            return;
        }
        found.push((end, Piece::Vague));
        if let Some(list_end) = list_end(p, place) {
            found.push((list_end, Piece::Vague));
        }
        return;
    }
    // "el lunes o el martes"
    let second = p.past(p.past(end + 1, W::On), W::The);
    if p.is(end, W::Or)
        && second > end + 1
        && let Some(other) = self::weekday(p, second)
        && !list_goes_on(p, second + 1)
        && let (Some(one), Some(other)) = (after(p.today(), weekday), after(p.today(), other))
        && one != other
    {
        found.push((
            second + 1,
            Piece::Day(Day::Either(one.min(other), one.max(other))),
        ));
        return;
    }
    // Russian "через субботу": not the first one, the one behind it
    if p.language == crate::Language::Russian
        && leads.has(Leads::IN)
        && let Some(date) = after(p.today(), weekday).and_then(|date| date.checked_add_days(Days::new(7)))
    {
        found.push((end, Piece::Day(Day::Date(date))));
        return;
    }
    // "friday fortnight"
    if p.is(end, W::Unit(Unit::Fortnight)) {
        if let Some(date) = after(p.today(), weekday).and_then(|date| date.checked_add_days(Days::new(14))) {
            found.push((end + 1, Piece::Day(Day::Date(date))));
        }
        return;
    }
    // "friday week": a week later
    if p.is(end, W::Unit(Unit::Week)) && !p.at(end).is_some_and(|token| token.is_possessive) {
        if let Some(date) = after(p.today(), weekday).and_then(|date| date.checked_add_days(Days::new(7))) {
            found.push((end + 1, Piece::Day(Day::Date(date))));
        }
        return;
    }
    // "Domingo de Ramos": a day that only its name tells.
    if p.language == crate::Language::Spanish
        && p.is(end, W::Of)
        && p.is_plain(end + 1)
        && p.at(end + 1).is_some_and(|token| token.is_capital)
    {
        found.push((end + 2, Piece::Vague));
        return;
    }
    // "lunes pasado"
    if p.language == crate::Language::Spanish && rel(p, end) == Some(Rel::Last) {
        found.push((end + 1, Piece::Past));
        return;
    }
    // "lunes que viene", "friday after next"
    if p.is(end, W::Ahead) {
        end += 1;
        if let Some(date) = after(p.today(), weekday) {
            found.push((end, Piece::Day(Day::Date(date))));
        }
        return;
    }
    if p.is(end, W::After)
        && p.is(end + 1, W::Rel(Rel::Next))
        && p.is_boundary(end + 2)
        && self::weekday(p, end + 2).is_none()
    {
        if let Some(date) = after(p.today(), weekday).and_then(|date| date.checked_add_days(Days::new(7))) {
            found.push((end + 2, Piece::Day(Day::Date(date))));
        }
        return;
    }
    // "tuesday of next week"
    if p.is(end, W::Of)
        && let Some((first, last, _, behind)) = period::stretch(p, end + 1)
        && (last - first).num_days() == 6
        && let Some(date) = first.iter_days().take(7).find(|date| date.weekday() == weekday)
    {
        found.push((behind, Piece::Day(Day::Date(date))));
        return;
    }
    // "friday next", "next" behind
    if p.is(end, W::Rel(Rel::Next))
        && p.is_boundary(end + 1)
        && number::unit(p, end + 1).is_none()
        && p.language == crate::Language::English
    {
        found.push((end + 1, Piece::Day(next(p, weekday))));
        return;
    }
    found.push((end, Piece::Day(Day::Weekday(weekday))));
}

/// Whether another weekday of a list follows: "monday and", "tue/".
fn list_goes_on(p: &Parser<'_>, end: usize) -> bool {
    let is_joint = p.is(end, W::And)
        || p.is(end, W::Or)
        || p.is_mark(end, '/')
        || p.is_mark(end, '&')
        || p.is_mark(end, '+');
    is_joint && weekday(p, end + 1).is_some()
}

fn list_end(p: &Parser<'_>, place: usize) -> Option<usize> {
    let mut end = place + 1;
    while list_goes_on(p, end) && end < place + 24 {
        end += 2;
    }
    (end > place + 1).then_some(end)
}

/// What "next friday" means: of next week, or the first one ahead where that is in next week too.
fn next(p: &Parser<'_>, weekday: Weekday) -> Day {
    let Some(first) = after(p.today(), weekday) else {
        return Day::Weekday(weekday);
    };
    let is_this_week = first.iso_week() == p.today().iso_week();
    match first.checked_add_days(Days::new(7)) {
        Some(second) if is_this_week => Day::Either(first, second),
        _ => Day::Date(first),
    }
}

fn related(p: &Parser<'_>, place: usize, rel: Rel, found: &mut Vec<(usize, Piece)>) {
    let mut at = place + 1;
    let mut rel = rel;
    // "this coming friday", "the next upcoming"
    if let Some(second) = self::rel(p, at) {
        rel = second;
        at += 1;
    }
    let Some(weekday) = weekday(p, at) else { return };
    // "this tuesday coming"
    if rel == Rel::This && p.is(at + 1, W::Rel(Rel::Coming)) && p.is_boundary(at + 2) {
        rel = Rel::Coming;
        if let Some(date) = after(p.today(), weekday) {
            found.push((at + 2, Piece::Day(Day::Date(date))));
        }
    }
    if list_goes_on(p, at + 1) {
        found.push((list_end(p, at).unwrap_or(at + 1), Piece::Vague));
        return;
    }
    let today = p.today();
    let piece = match rel {
        Rel::This if today.weekday() == weekday => Piece::Day(Day::Date(today)),
        Rel::This | Rel::Coming => match after(today, weekday) {
            Some(date) => Piece::Day(Day::Date(date)),
            None => Piece::Vague,
        },
        Rel::Next => Piece::Day(next(p, weekday)),
        Rel::AfterNext => Piece::Vague,
        Rel::Last => {
            // "last friday of the month" is read by `nth`.
            if p.is(at + 1, W::Of) || p.is(at + 1, W::In) {
                return;
            }
            Piece::Past
        }
    };
    // "next week friday" is read by `period`; "next friday week" is nobody's. "este lunes que viene" says it twice.
    let is_said_twice = rel != Rel::Last && p.is(at + 1, W::Ahead);
    found.push((at + 1 + usize::from(is_said_twice), piece));
}

/// Which one: a number, or -1 for the last.
pub(crate) fn nth_at(p: &Parser<'_>, place: usize) -> Option<(i8, usize)> {
    if rel(p, place) == Some(Rel::Last) {
        return Some((-1, place + 1));
    }
    let (n, next) = number::ordinal(p, place)?;
    let n = i8::try_from(n).ok().filter(|n| (1..=5).contains(n))?;
    // "second to last friday"
    if p.is(next, W::To) && rel(p, next + 1) == Some(Rel::Last) {
        return Some((-n, next + 2));
    }
    Some((n, next))
}

/// "the first monday of march", "last friday of the month", "3rd thursday in november 2027", "last day of june".
fn nth(p: &Parser<'_>, place: usize, phrase: &Phrase, found: &mut Vec<(usize, Piece)>) {
    let Some((n, at)) = nth_at(p, place) else { return };
    let weekday = weekday(p, at);
    let unit = number::unit(p, at);
    let is_workday = unit == Some(Unit::Workday) || p.is(at, W::Workday);
    let is_weekend = p.is(at, W::Weekend);
    if weekday.is_none() && !matches!(unit, Some(Unit::Day | Unit::Week)) && !is_workday && !is_weekend {
        return;
    }
    // "the second and fourth tuesday of the month" are two.
    let is_second = place >= 2
        && (p.is(place - 1, W::And) || p.is(place - 1, W::Or) || p.is_mark(place - 1, ','))
        && (number::ordinal(p, place - 2).is_some()
            || p.is_glued(place - 2) && number::ordinal(p, place.saturating_sub(3)).is_some());
    let mut of = at + 1;
    // "next month on the first monday"
    if let (Some(Day::Stretch(first, last)), Some(weekday)) = (&phrase.day, weekday)
        && (27..=31).contains(&(*last - *first).num_days())
        && !(p.is(of, W::Of) || p.is(of, W::In))
    {
        if let Some(date) = pick(*first, *last, n, |date| date.weekday() == weekday) {
            found.push((of, Piece::Day(Day::Date(date))));
        }
        return;
    }
    if p.is(of, W::Of) || p.is(of, W::In) {
        of += 1;
    } else if rel(p, of).is_none()
        && !(p.language == crate::Language::Russian
            && (super::date::month(p, of).is_some() || number::unit(p, of) >= Some(Unit::Month)))
    {
        return;
    }
    let Some((first, last, is_rolling, end)) = period::stretch(p, of) else {
        return;
    };
    let pick = |first: NaiveDate, last: NaiveDate| -> Option<Day> {
        if let Some(weekday) = weekday {
            return pick(first, last, n, |date| date.weekday() == weekday).map(Day::Date);
        }
        if is_workday {
            return pick(first, last, n, |date| {
                !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
            })
            .map(Day::Date);
        }
        if is_weekend {
            let saturday = pick(first, last, n, |date| date.weekday() == Weekday::Sat)?;
            return Some(Day::Stretch(saturday, saturday.succ_opt()?));
        }
        if unit == Some(Unit::Week) {
            let from = if n > 0 {
                first.checked_add_days(Days::new(7 * u64::from(n.unsigned_abs() - 1)))?
            } else {
                last.checked_sub_days(Days::new(6))?
            };
            return Some(Day::Stretch(from, from.checked_add_days(Days::new(6))?.min(last)));
        }
        pick(first, last, n, |_| true).map(Day::Date)
    };
    let mut day = pick(first, last);
    // "the first day of the month" of a month that is in its second week is next month's.
    let the = p.past(of, W::The);
    if number::unit(p, the) == Some(Unit::Month)
        && matches!(day, Some(Day::Date(date)) if date < p.today())
        && let Some(next) = first.checked_add_months(chrono::Months::new(1))
        && let Some(last) = period::last_of_month(next.year(), next.month())
    {
        day = pick(next, last);
    }
    // Of a month without a year it is next year's when this year's is over.
    if is_rolling
        && let Some(Day::Date(date)) = &day
        && *date < p.today()
        && let (Some(first), Some(last)) = (
            first.with_year(first.year() + 1),
            period::last_of_month(first.year() + 1, first.month()),
        )
    {
        day = pick(first, last);
    }
    if is_second {
        found.push((end, Piece::Vague));
    } else if let Some(day) = day {
        found.push((end, Piece::Day(day)));
    }
}

fn pick(first: NaiveDate, last: NaiveDate, n: i8, fits: impl Fn(NaiveDate) -> bool) -> Option<NaiveDate> {
    let skipped = usize::from(n.unsigned_abs().checked_sub(1)?);
    if n > 0 {
        first
            .iter_days()
            .take_while(|date| *date <= last)
            .filter(|date| fits(*date))
            .nth(skipped)
    } else {
        std::iter::successors(Some(last), chrono::NaiveDate::pred_opt)
            .take_while(|date| *date >= first)
            .filter(|date| fits(*date))
            .nth(skipped)
    }
}
