//! The days of what repeats: "mondays and thursdays", "mon-fri", "tue/thu", "every 3rd friday", "the 15th and 30th of
//! every month", "every jan 13th", "every last day".

use chrono::Weekday;

use super::{
    date, named, number,
    of_month::{in_months, of_every_month, of_the_month},
    weekday,
};
use crate::{
    Frequency,
    parser::{Leads, Parser},
    phrase::{Phrase, Piece, Repeat},
    recurrence::NthDay,
    table::{Rel, Unit, W},
};

pub(crate) const WORKDAYS: [Weekday; 5] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
];
pub(crate) const WEEKEND: [Weekday; 2] = [Weekday::Sat, Weekday::Sun];

pub(crate) fn each(days: &[Weekday]) -> Vec<NthDay> {
    days.iter()
        .map(|weekday| NthDay {
            nth: None,
            weekday: *weekday,
        })
        .collect()
}

pub(crate) fn weekly(days: &[Weekday]) -> Repeat {
    Repeat {
        days: each(days),
        ..Repeat::every(1, Frequency::Weekly)
    }
}

pub(crate) fn workdays() -> Repeat {
    weekly(&WORKDAYS)
}

/// A list of weekdays, and what shows that each week's are meant.
pub(crate) struct List {
    pub(crate) days: Vec<Weekday>,
    pub(crate) end: usize,
    /// "mondays": in so many words.
    pub(crate) is_plural: bool,
    /// "mon-fri", "tue/thu", or three and more.
    pub(crate) is_regular: bool,
    /// "monday to wednesday", in words.
    is_spelt_range: bool,
}

/// One element of a list: its days, and whether it is a plural.
fn element(p: &Parser<'_>, place: usize) -> Option<(Vec<Weekday>, bool, usize)> {
    p.at(place)?.meanings.iter().find_map(|meaning| {
        Some(match meaning {
            W::Weekday(day) => (vec![*day], false, place + 1),
            W::Weekdays(day) => (vec![*day], true, place + 1),
            W::Workday => (WORKDAYS.to_vec(), false, place + 1),
            W::Workdays => (WORKDAYS.to_vec(), true, place + 1),
            W::Weekend => (WEEKEND.to_vec(), false, place + 1),
            W::Weekends => (WEEKEND.to_vec(), true, place + 1),
            _ => return None,
        })
    })
}

/// Weekdays in a list or a range.
pub(crate) fn list(p: &Parser<'_>, place: usize) -> Option<List> {
    let (mut days, is_plural, mut end) = element(p, place)?;
    let mut list = List {
        days: Vec::new(),
        end,
        is_plural,
        is_regular: false,
        is_spelt_range: false,
    };
    let mut count = 1;
    for _ in 0..12 {
        // "mon-fri", "monday to friday"
        let is_range =
            p.is_mark(end, '-') || p.is(end, W::To) || p.is(end, W::Through) || p.is(end, W::Until);
        if is_range
            && let (Some(first), Some(last)) = (
                days.last().copied().filter(|_| {
                    weekday::weekday(p, end.saturating_sub(1)).is_some()
                        || p.find(end.saturating_sub(1), plural).is_some()
                }),
                weekday::weekday(p, end + 1).or_else(|| p.find(end + 1, plural)),
            )
        {
            let mut day = first.succ();
            while day != last.succ() && days.len() < 14 {
                days.push(day);
                day = day.succ();
            }
            end += 2;
            list.is_regular = true;
            list.is_spelt_range |= !p.is_mark(end.saturating_sub(2), '-');
            continue;
        }
        let is_slash = p.is_mark(end, '/') || p.is_mark(end, '&') || p.is_mark(end, '+');
        let mut at = end;
        if is_slash || p.is_mark(at, ',') {
            at += 1;
        }
        at = p.past(at, W::And);
        at = p.past(p.past(at, W::On), W::Every);
        // "mon wed fri"
        let is_next = weekday::weekday(p, at).is_some()
            && p.word(at).len() <= 4
            && p.word(end.saturating_sub(1)).len() <= 4;
        if at == end && !is_next {
            break;
        }
        let Some((more, more_plural, next)) = element(p, at) else {
            break;
        };
        days.extend(more);
        list.is_plural |= more_plural;
        list.is_regular |= is_slash;
        count += 1;
        end = next;
    }
    list.is_regular |= count >= 3;
    let mut sorted = days;
    sorted.sort_by_key(chrono::Weekday::num_days_from_monday);
    sorted.dedup();
    list.days = sorted;
    list.end = end;
    Some(list)
}

fn plural(meaning: W) -> Option<Weekday> {
    match meaning {
        W::Weekdays(day) => Some(day),
        _ => None,
    }
}

/// Days of the month in a list: "1st and 15th", "15th, 30th", "last day".
fn month_days(p: &Parser<'_>, place: usize, may_be_plain: bool) -> Option<(Vec<i8>, usize)> {
    let one = |place: usize| -> Option<(i8, usize)> {
        let place = p.past(place, W::The);
        if weekday::rel(p, place) == Some(Rel::Last) && p.is(place + 1, W::Unit(Unit::Day)) {
            return Some((-1, place + 2));
        }
        let (day, next) = number::ordinal(p, place).or_else(|| {
            p.digits(place)
                .filter(|(_, digits)| may_be_plain && *digits <= 2)
                .map(|(day, _)| (day, place + 1))
        })?;
        // "second to last day"
        if p.is(next, W::To)
            && weekday::rel(p, next + 1) == Some(Rel::Last)
            && p.is(next + 2, W::Unit(Unit::Day))
        {
            return i8::try_from(day)
                .ok()
                .filter(|day| (1..=28).contains(day))
                .map(|day| (-day, next + 3));
        }
        let day = i8::try_from(day).ok().filter(|day| (1..=31).contains(day))?;
        Some((day, p.past(p.past(next, W::Unit(Unit::Day)), W::DayNumber)))
    };
    let (first, mut end) = one(place)?;
    let mut days = vec![first];
    while days.len() < 31 {
        let mut at = end;
        if p.is_mark(at, ',') || p.is_mark(at, '/') || p.is_mark(at, '&') {
            at += 1;
        }
        at = p.past(p.past(at, W::And), W::On);
        if at == end {
            break;
        }
        let Some((day, next)) = one(at) else { break };
        days.push(day);
        end = next;
    }
    Some((days, end))
}

/// The nth of a weekday, of the workdays or of the days: "3rd friday", "last workday", "first monday".
fn nth_days(p: &Parser<'_>, place: usize) -> Option<(Repeat, usize)> {
    let (nth, at) = weekday::nth_at(p, place)?;
    let monthly = Repeat::every(1, Frequency::Monthly);
    if let Some(weekday) = weekday::weekday(p, at) {
        let mut days = vec![NthDay {
            nth: Some(nth),
            weekday,
        }];
        let mut end = at + 1;
        // "first and third monday", "first monday and thursday"
        while p.is(end, W::And) || p.is_mark(end, ',') {
            let Some((nth, at)) = weekday::nth_at(p, p.past(end + 1, W::The)) else {
                break;
            };
            let Some(weekday) = weekday::weekday(p, at) else {
                break;
            };
            days.push(NthDay {
                nth: Some(nth),
                weekday,
            });
            end = at + 1;
        }
        return Some((Repeat { days, ..monthly }, end));
    }
    // "1st and 3rd friday"
    if p.is(at, W::And)
        && let Some((second, behind)) = weekday::nth_at(p, p.past(at + 1, W::The))
        && let Some(weekday) = weekday::weekday(p, behind)
    {
        let days = [nth, second]
            .map(|nth| NthDay {
                nth: Some(nth),
                weekday,
            })
            .to_vec();
        return Some((Repeat { days, ..monthly }, behind + 1));
    }
    let is_workday = p.is(at, W::Workday) || p.is(at, W::Unit(Unit::Workday));
    if is_workday {
        return Some((
            Repeat {
                days: each(&WORKDAYS),
                set_pos: Some(nth),
                ..monthly
            },
            at + 1,
        ));
    }
    None
}

/// What stands behind "every" and names days.
pub(crate) fn after_every(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    // "jeden Dienstagabend"
    if let Some((weekday, part)) = p.find(place, |meaning| match meaning {
        W::WeekdayPart(weekday, part) => Some((weekday, part)),
        _ => None,
    }) {
        found.push((place + 1, Piece::RepeatPart(weekly(&[weekday]), part)));
        return;
    }
    // "every monday and thursday", "every weekday", "every weekend"
    if let Some(list) = list(p, place) {
        found.push((list.end, Piece::Repeat(weekly(&list.days))));
        return;
    }
    let other = p.is(place, W::Other);
    // "каждый второй вторник месяца" is the month's second one.
    if other
        && let Some(list) = list(p, place + 1)
        && (of_the_month(p, list.end).is_none() || number::ordinal(p, place).is_none())
    {
        found.push((
            list.end,
            Piece::Repeat(Repeat {
                interval: 2,
                ..weekly(&list.days)
            }),
        ));
        return;
    }
    // "every 2 mondays" is every other one.
    if let Some((n @ 2..=52, next)) = number::whole(p, place)
        && number::ordinal(p, place).is_none()
        && let Some(list) = list(p, next)
        && (list.is_plural || p.language == crate::Language::Spanish)
        && !p.is(next, W::Workdays)
    {
        found.push((
            list.end,
            Piece::Repeat(Repeat {
                interval: n,
                ..weekly(&list.days)
            }),
        ));
        return;
    }
    if let Some((mut repeat, end)) = nth_days(p, place) {
        let is_second = number::ordinal(p, place).is_some_and(|(n, _)| n == 2);
        if let Some((each, end)) = of_every_month(p, end) {
            found.push((end, Piece::Repeat(in_months(repeat, each))));
        } else if let Some(end) = of_the_month(p, end) {
            found.push((end, Piece::Repeat(repeat)));
        } else if p.is(end, W::Of) || p.is(end, W::In) {
            // "every last monday of march", "every first sunday of the year"
            if let Some(month) = date::month(p, end + 1) {
                let months = vec![u8::try_from(month).unwrap_or(1)];
                found.push((
                    end + 2,
                    Piece::Repeat(Repeat {
                        frequency: Frequency::Yearly,
                        months,
                        ..repeat
                    }),
                ));
            } else {
                found.push((end, Piece::Vague));
            }
        } else {
            // "every second friday": every other one, or the second of the month?
            let is_first =
                weekday::rel(p, place).is_some() || number::ordinal(p, place).is_some_and(|(n, _)| n == 1);
            let is_other = p.language != crate::Language::English && !is_first;
            repeat.is_unclear |= (is_second || is_other) && repeat.set_pos.is_none();
            found.push((end, Piece::Repeat(repeat)));
        }
        return;
    }
    // "every jan 13th", "every 13 january", "every december 25", "every 4th of july"
    let mut dates = Vec::new();
    date::read(
        p,
        p.past(place, W::The),
        Leads::default(),
        &Phrase::default(),
        0,
        &mut dates,
    );
    super::figures::read(p, place, Leads::default(), &Phrase::default(), 0, &mut dates);
    dates.sort_by_key(|(end, _)| *end);
    if let Some((end, Piece::Day(crate::phrase::Day::Yearless(month, day)))) = dates.pop() {
        found.push((end, Piece::Repeat(yearly(month, day))));
        return;
    }
    if let Some(name) = named::holiday_at(p, place) {
        let piece = name.rule().map_or(Piece::Vague, Piece::Repeat);
        found.push((place + 1, piece));
        return;
    }
    if let Some((days, end)) = month_days(p, place, false) {
        let plain = Repeat {
            month_days: days,
            ..Repeat::every(1, Frequency::Monthly)
        };
        if let Some((each, end)) = of_every_month(p, end) {
            found.push((end, Piece::Repeat(in_months(plain, each))));
        } else if let Some(end) = of_the_month(p, end) {
            found.push((end, Piece::Repeat(plain)));
        } else if p.is_boundary(end) && !p.is(end, W::Of) {
            found.push((end, Piece::Repeat(plain)));
        }
        return;
    }
    // "every january": on which day?
    if let Some(month) = date::month(p, place) {
        let months = vec![u8::try_from(month).unwrap_or(1)];
        found.push((
            place + 1,
            Piece::Repeat(Repeat {
                months,
                ..Repeat::every(1, Frequency::Yearly)
            }),
        ));
    }
}

pub(crate) fn yearly(month: u32, day: u32) -> Repeat {
    Repeat {
        months: vec![u8::try_from(month).unwrap_or(1)],
        month_days: vec![i8::try_from(day).unwrap_or(1)],
        ..Repeat::every(1, Frequency::Yearly)
    }
}

/// What needs no "every": "mondays", "mon-fri", "the 15th and 30th of every month", "weekly on mon and thu".
pub(crate) fn read(
    p: &Parser<'_>,
    place: usize,
    leads: Leads,
    phrase: &Phrase,
    found: &mut Vec<(usize, Piece)>,
) {
    // Russian "по вт и чт"
    if p.language == crate::Language::Russian
        && p.word(place).to_lowercase() == "по"
        && phrase.repeat.is_none()
        && let Some(list) = list(p, place + 1)
    {
        found.push((list.end, Piece::Repeat(weekly(&list.days))));
        return;
    }
    if let Some(list) = list(p, place) {
        let is_possessive = p
            .at(list.end.saturating_sub(1))
            .is_some_and(|token| token.is_possessive);
        if is_possessive {
            return;
        }
        // "weekday mornings", "sunday nights"
        if phrase.repeat.is_none()
            && let Some(part) = p.find(list.end, |meaning| match meaning {
                W::Parts(part) => Some(part),
                _ => None,
            })
        {
            found.push((list.end + 1, Piece::RepeatPart(weekly(&list.days), part)));
            return;
        }
        // "from monday to wednesday" is a range of days; "de lunes a viernes" is each week's.
        let is_workweek = p.language != crate::Language::English && list.days == WORKDAYS;
        let is_once = leads.has(Leads::FROM) && !is_workweek;
        if phrase.repeat.is_some() {
            if phrase.repeat.as_ref().is_some_and(|repeat| !repeat.has_days()) {
                found.push((list.end, Piece::RepeatDays(weekly(&list.days))));
            }
        } else if list.is_plural
            || (list.is_regular && list.days.len() > 1 && phrase.day.is_none() && !is_once)
        {
            // "monday through wednesday": of this week, or of each?
            let is_usual = list.days == WORKDAYS || list.days == WEEKEND;
            let is_open = list.is_spelt_range && !list.is_plural && !is_usual;
            let piece = if is_open {
                Piece::Vague
            } else {
                Piece::Repeat(weekly(&list.days))
            };
            found.push((list.end, piece));
        }
        return;
    }
    let place = p.past(place, W::The);
    if let Some((repeat, end)) = nth_days(p, place) {
        if let Some((each, end)) = of_every_month(p, end) {
            found.push((end, Piece::Repeat(in_months(repeat, each))));
        } else if phrase.repeat.is_some() {
            let end = of_the_month(p, end).unwrap_or(end);
            found.push((end, Piece::RepeatDays(repeat)));
        }
        return;
    }
    let is_monthly = phrase
        .repeat
        .as_ref()
        .is_some_and(|repeat| repeat.frequency == Frequency::Monthly && !repeat.has_days());
    // "el 15 de cada mes"
    if p.digits(place).is_some()
        && let Some((days, end)) = month_days(p, place, true)
        && let Some((each, end)) = of_every_month(p, end)
    {
        let repeat = Repeat {
            month_days: days,
            ..Repeat::every(1, Frequency::Monthly)
        };
        found.push((end, Piece::Repeat(in_months(repeat, each))));
        return;
    }
    // "monthly on the 15th", "every month on the 1st and 15th", "day 5 of every month"
    let at = if p.is(place, W::Unit(Unit::Day)) && p.digits(place + 1).is_some() {
        place + 1
    } else {
        place
    };
    if let Some((days, end)) = month_days(p, at, is_monthly && leads.has(Leads::ON) || at > place) {
        let plain = Repeat {
            month_days: days,
            ..Repeat::every(1, Frequency::Monthly)
        };
        if date::month(p, end).is_some() || p.is(end, W::Of) && date::month(p, end + 1).is_some() {
            return;
        }
        if let Some((each, end)) = of_every_month(p, end) {
            found.push((end, Piece::Repeat(in_months(plain, each))));
        } else if is_monthly && p.is_boundary(end) {
            let end = of_the_month(p, end).unwrap_or(end);
            found.push((end, Piece::RepeatDays(plain)));
        }
    }
}
