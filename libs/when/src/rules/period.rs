//! Stretches: "next week", "this weekend", "in August", "end of the month", "the week of march 5", "this summer", "Q3".

use chrono::{Datelike, Days, Months, NaiveDate};

use super::{date, number, weekday};
use crate::{
    parser::{Leads, Parser},
    phrase::{Day, Phrase, Piece},
    table::{Rel, Unit, W},
};

/// First and last day of a month.
pub(crate) fn month_of(year: i32, month: u32) -> Option<(NaiveDate, NaiveDate)> {
    Some((
        NaiveDate::from_ymd_opt(year, month, 1)?,
        last_of_month(year, month)?,
    ))
}

pub(crate) fn last_of_month(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, 1)?
        .checked_add_months(Months::new(1))?
        .pred_opt()
}

/// Monday and Sunday of a date's week.
pub(crate) fn week_of(date: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let monday = date.checked_sub_days(Days::new(u64::from(date.weekday().num_days_from_monday())))?;
    Some((monday, monday.checked_add_days(Days::new(6))?))
}

/// The stretch of so many units from the present one.
fn of_unit(today: NaiveDate, unit: Unit, ahead: i32) -> Option<(NaiveDate, NaiveDate)> {
    let moved = |date: NaiveDate, months: i32| {
        let by = Months::new(months.unsigned_abs());
        if months < 0 {
            date.checked_sub_months(by)
        } else {
            date.checked_add_months(by)
        }
    };
    match unit {
        Unit::Week => {
            let days = chrono::TimeDelta::try_days(i64::from(ahead) * 7)?;
            week_of(today.checked_add_signed(days)?)
        }
        Unit::Month => {
            let date = moved(today.with_day(1)?, ahead)?;
            month_of(date.year(), date.month())
        }
        Unit::Quarter => {
            let first = moved(
                NaiveDate::from_ymd_opt(today.year(), (today.month0() / 3) * 3 + 1, 1)?,
                ahead.checked_mul(3)?,
            )?;
            Some((first, moved(first, 3)?.pred_opt()?))
        }
        Unit::Year => {
            let year = today.year().checked_add(ahead)?;
            Some((
                NaiveDate::from_ymd_opt(year, 1, 1)?,
                NaiveDate::from_ymd_opt(year, 12, 31)?,
            ))
        }
        Unit::Second | Unit::Minute | Unit::Hour | Unit::Day | Unit::Workday | Unit::Fortnight => None,
    }
}

fn steps(rel: Rel) -> i32 {
    match rel {
        Rel::This => 0,
        Rel::Next | Rel::Coming => 1,
        Rel::AfterNext => 2,
        Rel::Last => -1,
    }
}

fn weekend(today: NaiveDate, ahead: i32) -> Option<(NaiveDate, NaiveDate)> {
    let (_, sunday) = of_unit(today, Unit::Week, ahead)?;
    Some((sunday.pred_opt()?, sunday))
}

/// A stretch that is named at a place: first and last day, whether it is a month without a year, the place behind.
pub(crate) fn stretch(p: &Parser<'_>, place: usize) -> Option<(NaiveDate, NaiveDate, bool, usize)> {
    let place = p.past(place, W::The);
    let today = p.today();
    if let Some(rel) = weekday::rel(p, place) {
        if let Some(unit) = number::unit(p, place + 1) {
            let mut end = place + 2;
            let mut steps = steps(rel);
            if rel == Rel::Next && p.is(end, W::After) && p.is(end + 1, W::Rel(Rel::Next)) {
                steps = 2;
                end += 2;
            }
            let (first, last) = of_unit(today, unit, steps)?;
            return Some((first, last, false, end));
        }
        if let Some(month) = date::month(p, place + 1) {
            // Next May: the one ahead, unless this year's is ahead as well; then which one?
            let (first, last) = month_ahead(today, month, rel)?;
            return Some((first, last, false, place + 2));
        }
    }
    if let Some(unit) = number::unit(p, place) {
        let end = place + 1;
        // "the week after next", "the month after next"
        if p.is(end, W::After) && p.is(end + 1, W::Rel(Rel::Next)) {
            let (first, last) = of_unit(today, unit, 2)?;
            return Some((first, last, false, end + 2));
        }
        if p.is(end, W::Rel(Rel::AfterNext)) || p.is(end, W::Ahead) {
            let steps = if p.is(end, W::Ahead) { 1 } else { 2 };
            let (first, last) = of_unit(today, unit, steps)?;
            return Some((first, last, false, end + 1));
        }
        let (first, last) = of_unit(today, unit, 0)?;
        return Some((first, last, false, end));
    }
    if p.is(place, W::Letter('q'))
        && p.is_glued(place + 1)
        && let Some((quarter @ 1..=4, 1)) = p.digits(place + 1)
    {
        let mut days = Vec::new();
        let (year, end) = date::year(p, place + 2).unwrap_or((today.year(), place + 2));
        quarter_of(p, year, quarter, end, &mut days);
        return match days.pop()? {
            (end, Piece::Day(Day::Stretch(first, last))) => Some((first, last, false, end)),
            _ => None,
        };
    }
    if let Some(month) = date::month(p, place) {
        if let Some((year, end)) = date::year(p, place + 1) {
            let (first, last) = month_of(year, month)?;
            return Some((first, last, false, end));
        }
        if let Some(rel) = weekday::rel(p, p.past(place + 1, W::Of))
            && p.is(p.past(place + 1, W::Of) + 1, W::Unit(Unit::Year))
        {
            let (first, last) = month_of(today.year() + steps(rel), month)?;
            return Some((first, last, false, p.past(place + 1, W::Of) + 2));
        }
        let (first, last) = month_ahead(today, month, Rel::This)?;
        return Some((first, last, first.year() == today.year(), place + 1));
    }
    if let Some((year @ 1900..=2999, 4)) = p.digits(place) {
        let year = i32::try_from(year).ok()?;
        return Some((
            NaiveDate::from_ymd_opt(year, 1, 1)?,
            NaiveDate::from_ymd_opt(year, 12, 31)?,
            false,
            place + 1,
        ));
    }
    None
}

fn month_ahead(today: NaiveDate, month: u32, rel: Rel) -> Option<(NaiveDate, NaiveDate)> {
    let is_over = month < today.month() || (month == today.month() && matches!(rel, Rel::Next));
    match rel {
        Rel::Last => month_of(today.year() - i32::from(month >= today.month()), month),
        _ => month_of(today.year() + i32::from(is_over), month),
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
    whole(p, place, leads, phrase, found);
    weekends(p, place, found);
    edges(p, place, found);
    // "the week of march 5", "week of the 6th"
    if p.is(place, W::Unit(Unit::Week))
        && p.is(place + 1, W::Of)
        && let Some((day, end)) = day_at(p, place + 2)
        && let Some(date) = crate::resolve::only_date(&day, p.today())
        && let Some((first, last)) = week_of(date)
    {
        found.push((
            end,
            Piece::Day(Day::Stretch(
                date.max(first),
                date.checked_add_days(Days::new(6)).unwrap_or(last),
            )),
        ));
    }
    // "day 5", "Q3", "q1 2027"
    if p.is(place, W::Letter('q'))
        && p.is_glued(place + 1)
        && let Some((quarter @ 1..=4, 1)) = p.digits(place + 1)
    {
        let (year, end) = date::year(p, place + 2).unwrap_or((p.today().year(), place + 2));
        quarter_of(p, year, quarter, end, found);
    }
    if let Some((quarter @ 1..=4, next)) = number::ordinal(p, place)
        && p.is(next, W::Unit(Unit::Quarter))
    {
        let (year, end) = date::year(p, next + 1).unwrap_or((p.today().year(), next + 1));
        quarter_of(p, year, quarter, end, found);
    }
}

/// A day by its name, its date or its number alone.
pub(crate) fn day_at(p: &Parser<'_>, place: usize) -> Option<(Day, usize)> {
    let at = p.past(place, W::The);
    let mut days = Vec::new();
    let beside = Phrase {
        day: Some(Day::Weekday(chrono::Weekday::Mon)),
        ..Phrase::default()
    };
    date::read(p, at, Leads::default(), &beside, 0, &mut days);
    super::figures::read(p, at, Leads::default(), &Phrase::default(), 0, &mut days);
    super::named::read(p, at, Leads::default(), &Phrase::default(), 0, &mut days);
    days.sort_by_key(|(end, _)| *end);
    match days.pop()? {
        (end, Piece::Day(day)) => Some((day, end)),
        _ => None,
    }
}

fn quarter_of(p: &Parser<'_>, year: i32, quarter: u32, end: usize, found: &mut Vec<(usize, Piece)>) {
    let stretch = |year: i32| {
        let first = NaiveDate::from_ymd_opt(year, quarter * 3 - 2, 1)?;
        Some((first, last_of_month(year, quarter * 3)?))
    };
    let this = stretch(year)
        .filter(|(_, last)| *last >= p.today())
        .or_else(|| stretch(year + 1));
    if let Some((first, last)) = this {
        found.push((end, Piece::Day(Day::Stretch(first, last))));
    }
}

fn whole(p: &Parser<'_>, place: usize, leads: Leads, phrase: &Phrase, found: &mut Vec<(usize, Piece)>) {
    // "in 2027"
    if leads.has(Leads::IN)
        && phrase.is_empty()
        && let Some((year @ 1990..=2100, 4)) = p.digits(place)
        && number::unit(p, place + 1).is_none()
        && let Some((first, last, _, end)) = stretch(p, place)
    {
        let is_over = i32::try_from(year).is_ok_and(|year| year < p.today().year());
        found.push((
            end,
            if is_over {
                Piece::Past
            } else {
                Piece::Day(Day::Stretch(first, last))
            },
        ));
        return;
    }
    let is_related = weekday::rel(p, place).is_some();
    let behind = [W::After, W::Rel(Rel::AfterNext), W::Ahead]
        .iter()
        .any(|meaning| p.is(place + 1, *meaning));
    let is_unit = number::unit(p, place).is_some()
        && behind
        && (!p.is(place + 1, W::After) || p.is(place + 2, W::Rel(Rel::Next)));
    let is_month = date::month(p, place).is_some();
    // "march in a year"
    if is_month && let Some(end) = date::in_years(p, place + 1) {
        found.push((end, Piece::Vague));
        return;
    }
    let is_spanish = p.language == crate::Language::Spanish && weekday::rel(p, place + 1) == Some(Rel::Last);
    if !(is_related || is_unit || is_month || is_spanish) {
        return;
    }
    // Spanish "la semana pasada"
    if p.language == crate::Language::Spanish
        && number::unit(p, place).is_some_and(|unit| unit >= Unit::Week)
        && weekday::rel(p, place + 1) == Some(Rel::Last)
    {
        found.push((place + 2, Piece::Past));
        return;
    }
    if is_related && number::unit(p, place + 1).is_none() && date::month(p, place + 1).is_none() {
        return;
    }
    if is_month && p.is_person(place) {
        return;
    }
    if is_month {
        // "may", "march" and their like are months where a preposition or a year says so.
        let is_common = matches!(
            p.word(place).to_lowercase().as_str(),
            "may" | "march" | "mar" | "august" | "mai" | "marzo" | "мая" | "марта"
        );
        let has_year = date::year(p, place + 1).is_some();
        let is_led = leads.has(
            Leads::IN
                | Leads::BY
                | Leads::BEFORE
                | Leads::AFTER
                | Leads::FROM
                | Leads::WITHIN
                | Leads::EARLY
                | Leads::LATE,
        );
        // "в январе"
        let is_russian = p.language == crate::Language::Russian
            && leads.has(Leads::AT | Leads::ON)
            && p.word(place).to_lowercase().ends_with('е');
        let is_led = (is_led || is_russian)
            && (p.is_boundary(place + 1)
                || ((is_russian || p.is(place.saturating_sub(1), W::In)) && p.is_plain(place + 1)));
        let is_capital = p.at(place).is_some_and(|token| token.is_capital);
        if !(is_led
            || has_year
            || phrase.day.is_some()
            || (!is_common && is_capital && p.is_boundary(place + 1))
            || (!is_common && p.at(place + 1).is_none()))
        {
            return;
        }
    }
    let rel = weekday::rel(p, place);
    let Some((first, last, _, end)) = stretch(p, place) else {
        return;
    };
    if rel == Some(Rel::Last) && !p.is(place + 1, W::Unit(Unit::Day)) {
        found.push((end, Piece::Past));
        return;
    }
    // "next may" said in march: this year's or next year's?
    if rel == Some(Rel::Next) && date::month(p, place + 1).is_some_and(|month| month > p.today().month()) {
        found.push((end, Piece::Vague));
        return;
    }
    // "next week friday", "this week monday"
    if let Some(weekday) = weekday::weekday(p, end)
        && number::unit(p, place + 1) == Some(Unit::Week)
        && let Some(date) = first.iter_days().take(7).find(|date| date.weekday() == weekday)
    {
        found.push((end + 1, Piece::Day(Day::Date(date))));
        return;
    }
    found.push((end, Piece::Day(Day::Stretch(first, last))));
}

/// "this weekend", "next weekend", "the weekend", "weekend after next".
fn weekends(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    let (rel, at) = match weekday::rel(p, place) {
        Some(rel) => (Some(rel), place + 1),
        None => (None, place),
    };
    if !p.is(at, W::Weekend) {
        return;
    }
    let today = p.today();
    let is_weekend = matches!(today.weekday(), chrono::Weekday::Sat | chrono::Weekday::Sun);
    let mut end = at + 1;
    let mut rel = rel;
    if p.is(end, W::After) && p.is(end + 1, W::Rel(Rel::Next)) {
        rel = Some(Rel::AfterNext);
        end += 2;
    } else if p.is(end, W::Ahead) {
        rel = Some(Rel::Coming);
        end += 1;
    }
    let days = match rel {
        None | Some(Rel::This | Rel::Coming) if is_weekend && rel != Some(Rel::Coming) => weekend(today, 0),
        None | Some(Rel::This | Rel::Coming) => weekend(today, i32::from(is_weekend)),
        // Said on a weekday it is this week's or next week's: which day is asked anyway, from both.
        Some(Rel::Next) if is_weekend => weekend(today, 1),
        Some(Rel::Next) => match (weekend(today, 0), weekend(today, 1)) {
            (Some((first, _)), Some((_, last))) => Some((first, last)),
            _ => None,
        },
        Some(Rel::AfterNext) => weekend(today, 2),
        Some(Rel::Last) => {
            found.push((end, Piece::Past));
            return;
        }
    };
    if let Some((first, last)) = days {
        found.push((end, Piece::Day(Day::Stretch(first.max(today.min(last)), last))));
    }
}

/// "end of the month", "beginning of next week", "mid january", "month end", "late august".
fn edges(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    // "eom", "eoy"
    let short = p.find(place, |meaning| match meaning {
        W::EndOf(unit) => Some(unit),
        _ => None,
    });
    if let Some(unit) = short {
        if let Some(days) = of_unit(p.today(), unit, 0) {
            push_edge(p, W::End, unit == Unit::Week, days, place + 1, found);
        }
        return;
    }
    let edge = p.find(place, |meaning| {
        matches!(meaning, W::End | W::Begin | W::Mid).then_some(meaning)
    });
    let Some(edge) = edge else {
        // "month end"
        if let Some(unit @ (Unit::Week | Unit::Month | Unit::Quarter | Unit::Year)) = number::unit(p, place)
            && p.is(place + 1, W::End)
            && let Some((first, last)) = of_unit(p.today(), unit, 0)
        {
            push_edge(p, W::End, unit == Unit::Week, (first, last), place + 2, found);
        }
        return;
    };
    let dash = if p.is_mark(place + 1, '-') && p.is_glued(place + 1) {
        place + 2
    } else {
        place + 1
    };
    let of = p.past(dash, W::Of);
    let the = p.past(of, W::The);
    // "end of today", "end of the day" are read as parts of the day.
    if p.is(the, W::Weekend) || (weekday::rel(p, the).is_some() && p.is(the + 1, W::Weekend)) {
        let mut days = Vec::new();
        weekends(p, the, &mut days);
        if let Some((end, Piece::Day(Day::Stretch(first, last)))) = days.pop() {
            let day = if edge == W::End { last } else { first };
            found.push((end, Piece::Day(Day::Date(day))));
        }
        return;
    }
    let Some((first, last, is_rolling, end)) = stretch(p, of) else {
        return;
    };
    let is_week = number::unit(p, the) == Some(Unit::Week) || number::unit(p, the + 1) == Some(Unit::Week);
    if weekday::rel(p, the) == Some(Rel::Last) {
        found.push((end, Piece::Past));
        return;
    }
    // Of this month, week or year, what is over is the next one's.
    let ahead = number::unit(p, the).and_then(|unit| {
        let is_over = match edge {
            W::Begin => first < p.today(),
            W::Mid if unit == Unit::Month => first.with_day(15).is_some_and(|mid| mid < p.today()),
            _ => false,
        };
        is_over.then(|| of_unit(p.today(), unit, 1))?
    });
    let days = if let Some((first, last)) = ahead {
        (Some(first), Some(last))
    } else if is_rolling && last < p.today() {
        (
            first.with_year(first.year() + 1),
            last_of_month(first.year() + 1, first.month()),
        )
    } else {
        (Some(first), Some(last))
    };
    if let (Some(first), Some(last)) = days {
        push_edge(p, edge, is_week, (first, last), end, found);
    }
}

/// The first, middle or last day of a stretch, as docs/time.md has them: a week ends on Friday.
fn push_edge(
    p: &Parser<'_>,
    edge: W,
    is_week: bool,
    (first, last): (NaiveDate, NaiveDate),
    end: usize,
    found: &mut Vec<(usize, Piece)>,
) {
    let middle = if is_week {
        Days::new(2)
    } else {
        Days::new(u64::try_from((last - first).num_days() / 2).unwrap_or(0))
    };
    let day = match edge {
        W::Begin => Some(first),
        W::Mid if !is_week && (last - first).num_days() <= 31 => first.with_day(15),
        W::Mid => first.checked_add_days(middle),
        _ if is_week => {
            let friday = first.checked_add_days(Days::new(4));
            // Said on the weekend, this week's end is the weekend's.
            friday.map(|friday| if friday < p.today() { last } else { friday })
        }
        _ => Some(last),
    };
    if let Some(day) = day {
        found.push((end, Piece::Day(Day::Date(day))));
    }
}
