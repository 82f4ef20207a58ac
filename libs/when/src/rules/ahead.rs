//! Days and hours that are counted from the present: "saturday in three weeks", "in two weeks on friday", "the next
//! business day", "next february 12", "this time next week", "on the hour".

use chrono::{Datelike, Days, NaiveDate, Timelike, Weekday};

use super::{date, length, number, period, weekday};
use crate::{
    Frequency, Language, Length,
    parser::{Leads, Parser},
    phrase::{Clock, Day, Phrase, Piece},
    table::{Rel, Unit, W},
};

pub(crate) fn read(
    p: &Parser<'_>,
    place: usize,
    leads: Leads,
    phrase: &Phrase,
    _depth: usize,
    found: &mut Vec<(usize, Piece)>,
) {
    weekday_in_weeks(p, place, leads, phrase, found);
    workday(p, place, found);
    related_date(p, place, found);
    same_time_of_next(p, place, phrase, found);
    full_hour(p, place, leads, phrase, found);
    calendar_week(p, place, found);
}

/// German "KW 50": of this year, or of next year when it is over.
fn calendar_week(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    if !p.is(place, W::CalendarWeek) {
        return;
    }
    let Some((week @ 1..=53, 1..=2)) = p.digits(place + 1) else {
        return;
    };
    let year = p.today().iso_week().year();
    let days = [year, year + 1].into_iter().find_map(|year| {
        let monday = NaiveDate::from_isoywd_opt(year, week, Weekday::Mon)?;
        period::week_of(monday).filter(|(_, last)| *last >= p.today())
    });
    let piece = days.map_or(Piece::Vague, |(first, last)| {
        Piece::Day(Day::Stretch(first, last))
    });
    found.push((place + 2, piece));
}

/// Whole weeks at a place.
fn weeks(p: &Parser<'_>, place: usize) -> Option<(u64, usize)> {
    // Russian "через неделю"
    if p.language == Language::Russian && number::unit(p, place) == Some(Unit::Week) {
        return Some((1, place + 1));
    }
    let (length, end) = length::length(p, place)?;
    let is_weeks = length.months == 0 && length.seconds == 0 && !length.is_vague && length.days % 7 == 0;
    let weeks = u64::try_from(length.days / 7)
        .ok()
        .filter(|weeks| (1..=520).contains(weeks))?;
    is_weeks.then_some((weeks, end))
}

/// The weekday so many weeks ahead: counted from the first one, or of the week that is so far ahead. Where these are
/// two days, either may be meant.
fn of_week(today: NaiveDate, weekday: Weekday, weeks: u64) -> Option<Day> {
    let ahead = Days::new(7 * weeks);
    let counted = weekday::after(today, weekday)?.checked_add_days(ahead)?;
    let (monday, _) = period::week_of(today.checked_add_days(ahead)?)?;
    let of_week = monday.checked_add_days(Days::new(u64::from(weekday.num_days_from_monday())))?;
    Some(if counted == of_week {
        Day::Date(counted)
    } else {
        Day::Either(counted.min(of_week), counted.max(of_week))
    })
}

/// "saturday in three weeks", "in two weeks on friday".
fn weekday_in_weeks(
    p: &Parser<'_>,
    place: usize,
    leads: Leads,
    phrase: &Phrase,
    found: &mut Vec<(usize, Piece)>,
) {
    if !phrase.is_empty() {
        return;
    }
    let day = |weekday, weeks| of_week(p.today(), weekday, weeks).map_or(Piece::Vague, Piece::Day);
    if let Some(weekday) = weekday::weekday(p, place)
        && p.is(place + 1, W::In)
        && let Some((weeks, end)) = weeks(p, place + 2)
    {
        found.push((end, day(weekday, weeks)));
    }
    // "tomorrow in a week", "heute in einem Monat"
    if let Some(offset) = p.find(place, |meaning| match meaning {
        W::Day(offset @ 0..=2) => Some(offset),
        _ => None,
    }) && p.is(place + 1, W::In)
        && let Some((length, end)) = length::length(p, place + 2)
        && length.grain() == crate::Grain::Day
        && !length.is_vague
        // "heute in acht Tagen", "de hoy en ocho días" are a week.
        && !(p.language != Language::English && matches!(length.days, 8 | 15))
        && let Some(date) = length
            .plus(Length {
                days: offset,
                ..Length::default()
            })
            .and_then(|length| length.from_date(p.today()))
    {
        found.push((end, Piece::Day(Day::Date(date))));
    }
    if leads.has(Leads::IN)
        && let Some((weeks, next)) = weeks(p, place)
        && let at = p.past(next, W::On)
        && let Some(weekday) = weekday::weekday(p, at)
    {
        found.push((at + 1, day(weekday, weeks)));
    }
}

/// "the next business day", "next weekday".
fn workday(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    let is_workday = p.is(place + 1, W::Workday) || p.is(place + 1, W::Unit(Unit::Workday));
    if !is_workday || !matches!(weekday::rel(p, place), Some(Rel::Next | Rel::Coming)) {
        return;
    }
    let day = p
        .today()
        .iter_days()
        .skip(1)
        .take(4)
        .find(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
    if let Some(day) = day {
        found.push((place + 2, Piece::Day(Day::Date(day))));
    }
}

/// "next february 12", "this coming march 3rd".
fn related_date(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    let Some(rel @ (Rel::Next | Rel::Coming)) = weekday::rel(p, place) else {
        return;
    };
    let mut dates = Vec::new();
    date::read(p, place + 1, Leads::default(), &Phrase::default(), 0, &mut dates);
    dates.retain(|(_, piece)| matches!(piece, Piece::Day(Day::Yearless(..))));
    let Some((end, Piece::Day(Day::Yearless(month, day)))) = dates.pop() else {
        return;
    };
    let Some(first) = crate::resolve::ahead(p.today(), month, day) else {
        return;
    };
    let later = first
        .succ_opt()
        .and_then(|from| crate::resolve::ahead(from, month, day));
    let piece = match (rel, later) {
        // Of this year, or of the next one?
        (Rel::Next, Some(later)) if first.year() == p.today().year() => Day::Either(first, later),
        _ => Day::Date(first),
    };
    found.push((end, Piece::Day(piece)));
}

/// "this time next week", "same time next month": so far ahead of the present hour.
fn same_time_of_next(p: &Parser<'_>, place: usize, phrase: &Phrase, found: &mut Vec<(usize, Piece)>) {
    if !phrase.is_empty() || !p.is(place, W::SameTime) || weekday::rel(p, place + 1) != Some(Rel::Next) {
        return;
    }
    let days = |days| Length {
        days,
        ..Length::default()
    };
    let months = |months| Length {
        months,
        ..Length::default()
    };
    let length = match number::unit(p, place + 2) {
        Some(Unit::Week) => days(7),
        Some(Unit::Month) => months(1),
        Some(Unit::Year) => months(12),
        _ => return,
    };
    let present = Phrase {
        day: Some(Day::Date(p.today())),
        clocks: vec![Clock::known(p.now.hour(), p.now.minute())],
        ..Phrase::default()
    };
    found.push((place + 3, Piece::Shifted(length, Box::new(present))));
}

/// "on the hour", "at the top of the hour", "on the half hour": the next one, or where hours that repeat begin.
fn full_hour(p: &Parser<'_>, place: usize, leads: Leads, phrase: &Phrase, found: &mut Vec<(usize, Piece)>) {
    let found_minute = if is_full_hour(p, place) {
        Some((0, place + 1))
    } else {
        half_hour(p, place).filter(|_| leads.has(Leads::ON | Leads::AT))
    };
    let Some((minute, end)) = found_minute.filter(|_| p.language == Language::English) else {
        return;
    };
    let is_now_later = p.now.minute() < minute;
    let hour = (p.now.hour() + u32::from(!is_now_later)) % 24;
    let clock = Clock::known(hour, minute);
    let ticks = phrase
        .repeat
        .as_ref()
        .is_some_and(|repeat| repeat.frequency == Frequency::Hourly);
    if ticks && phrase.bounds.window.is_none() {
        let start = Phrase {
            clocks: vec![clock],
            ..Phrase::default()
        };
        found.push((end, Piece::Start(Box::new(start))));
    } else if phrase.is_empty() {
        found.push((end, Piece::Clock(clock)));
    }
}

fn is_full_hour(p: &Parser<'_>, place: usize) -> bool {
    p.is(place, W::Sharp)
        && ["on the hour", "top of the hour"]
            .iter()
            .any(|words| p.word(place).eq_ignore_ascii_case(words))
}

fn half_hour(p: &Parser<'_>, place: usize) -> Option<(u32, usize)> {
    let place = p.past(place, W::The);
    let dash = if p.is_mark(place + 1, '-') {
        place + 2
    } else {
        place + 1
    };
    (p.is(place, W::Half) && p.is(dash, W::Unit(Unit::Hour))).then_some((30, dash + 1))
}
