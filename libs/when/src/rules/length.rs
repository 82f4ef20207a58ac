//! Lengths of time: elapsed ("in 20 minutes", "an hour from now"), lasting ("for an hour"), past ("2 days ago").

use super::number::{Quantity, quantity, unit, whole};
use crate::{
    Length,
    parser::{Answering, Leads, Parser},
    phrase::{Phrase, Piece},
    table::{Rel, Unit, W},
};

/// So many units; `None` where a part of one is no whole number of a smaller one.
pub(crate) fn of(quantity: Quantity, unit: Unit) -> Option<Length> {
    let thousandths = quantity.thousandths;
    let is_whole = thousandths % 1000 == 0;
    let count = i32::try_from(thousandths / 1000).ok()?;
    let seconds = |each: i64| thousandths.checked_mul(each).map(|all| all / 1000);
    let mut length = Length {
        is_vague: quantity.is_vague,
        ..Length::default()
    };
    match unit {
        Unit::Second => length.seconds = seconds(1)?,
        Unit::Minute => length.seconds = seconds(60)?,
        Unit::Hour => length.seconds = seconds(3600)?,
        Unit::Day if is_whole => length.days = count,
        Unit::Day => {
            length.days = count;
            length.seconds = (thousandths % 1000) * 86_400 / 1000;
        }
        Unit::Workday if is_whole => length.workdays = count,
        Unit::Week if is_whole => length.days = count.checked_mul(7)?,
        // Half a week is nobody's whole number of days.
        Unit::Week => {
            length.days = i32::try_from(thousandths.checked_mul(7)? / 1000).ok()?;
            length.is_vague = true;
        }
        Unit::Fortnight if is_whole => length.days = count.checked_mul(14)?,
        Unit::Fortnight if thousandths == 500 => length.days = 7,
        Unit::Month if is_whole => length.months = count,
        Unit::Month => {
            length.months = count;
            length.days = i32::try_from((thousandths % 1000) * 30 / 1000).ok()?;
            length.is_vague = true;
        }
        Unit::Quarter if is_whole => length.months = count.checked_mul(3)?,
        Unit::Year => length.months = i32::try_from(thousandths.checked_mul(12)? / 1000).ok()?,
        Unit::Workday | Unit::Fortnight | Unit::Quarter => return None,
    }
    Some(length)
}

/// A length: "20 minutes", "1h30m", "an hour and a half", "1 day, 2 hours and 5 minutes", "an hour and 15".
pub(crate) fn length(p: &Parser<'_>, place: usize) -> Option<(Length, usize)> {
    let mut total = Length::default();
    let mut next = place;
    let mut smallest: Option<Unit> = None;
    loop {
        let start = match smallest {
            None => next,
            Some(_) => {
                let comma = if p.is_mark(next, ',') { next + 1 } else { next };
                p.past(comma, W::And)
            }
        };
        let Some((length, unit, end)) = one(p, start) else {
            break;
        };
        if smallest.is_some_and(|smallest| unit >= smallest) {
            break;
        }
        total = total.plus(length)?;
        smallest = Some(unit);
        next = end;
        // "an hour and a half", "a day and a half"
        let half = p.past(p.past(next, W::And), W::One);
        if p.is(next, W::AndHalf) || (p.is(next, W::And) && p.is(half, W::Half)) {
            let behind = if p.is(next, W::AndHalf) {
                next + 1
            } else {
                half + 1
            };
            if super::number::unit(p, behind).is_none() && !p.is(p.past(behind, W::One), W::Unit(Unit::Hour))
            {
                total = total.plus(of(
                    Quantity {
                        thousandths: 500,
                        is_vague: false,
                    },
                    unit,
                )?)?;
                next = behind;
                break;
            }
        }
        if p.is(next, W::AndQuarter) && unit == Unit::Hour {
            total = total.plus(Length::of_seconds(900))?;
            next += 1;
            break;
        }
        let is_quarter = half > next + 1 || p.language == crate::Language::Spanish;
        if p.is(next, W::And) && p.is(half, W::Quarter) && is_quarter && unit == Unit::Hour {
            total = total.plus(Length::of_seconds(900))?;
            next = half + 1;
            break;
        }
        // "an hour and 15", "1h30"
        if unit == Unit::Hour {
            let minutes = if p.is_glued(next) {
                next
            } else {
                p.past(next, W::And)
            };
            if (minutes > next || (p.is_glued(next) && p.is_glued(next.saturating_sub(1))))
                && let Some((count, end)) = whole(p, minutes)
                && count < 60
                && super::number::unit(p, end).is_none()
                && !p.is(end, W::Past)
                && (p.is_glued(minutes) || p.is_boundary(end) || p.is_plain(end))
                && !p.is_mark(end, ':')
                && !p.is(end, W::Am)
                && !p.is(end, W::Pm)
            {
                total = total.plus(Length::of_seconds(i64::from(count) * 60))?;
                next = end;
                break;
            }
        }
    }
    smallest?;
    Some((total, next))
}

fn one(p: &Parser<'_>, place: usize) -> Option<(Length, Unit, usize)> {
    // "Viertelstunde", "полчаса"
    let at = p.past(place, W::One);
    if let Some(minutes) = p.find(at, |meaning| match meaning {
        W::Minutes(minutes) => Some(minutes),
        _ => None,
    }) {
        return Some((Length::of_seconds(i64::from(minutes) * 60), Unit::Minute, at + 1));
    }
    if let Some(months) = p.find(at, |meaning| match meaning {
        W::Months(months) => i32::try_from(months).ok(),
        _ => None,
    }) {
        let length = Length {
            months,
            ..Length::default()
        };
        return Some((length, Unit::Month, at + 1));
    }
    // Spanish "hora y media"
    if p.language == crate::Language::Spanish
        && unit(p, place) == Some(Unit::Hour)
        && (p.is(place + 1, W::AndHalf) || p.is(place + 1, W::And) && p.is(place + 2, W::Quarter))
    {
        return Some((Length::of_seconds(3600), Unit::Hour, place + 1));
    }
    let (quantity, mut next) = quantity(p, place)?;
    if p.is_mark(next, '-') && p.is_glued(next) && p.is_glued(next + 1) {
        next += 1;
    }
    next = p.past(next, W::Of);
    let found = unit(p, next)?;
    let word = p.word(next);
    let is_letter = word.chars().count() == 1;
    // "a m", "two d" are no lengths; "2 h" is one.
    if is_letter && p.digits(next.saturating_sub(1)).is_none() {
        return None;
    }
    // "3 Mar": a capital is the month's name.
    let end = next + 1;
    Some((of(quantity, found)?, found, end))
}

/// Russian "час", "неделю" for one of it, and "час двадцать", "час 20 минут".
fn russian_one(p: &Parser<'_>, place: usize) -> Option<(Unit, Length, usize)> {
    let unit = unit(p, place).filter(|_| p.language == crate::Language::Russian)?;
    let quantity = Quantity {
        thousandths: 1000,
        is_vague: false,
    };
    let one = of(quantity, unit)?;
    let end = place + 1;
    if unit != Unit::Hour {
        return Some((unit, one, end));
    }
    if let Some((minutes, Unit::Minute, behind)) = self::one(p, p.past(end, W::And)) {
        return Some((unit, one.plus(minutes)?, behind));
    }
    if let Some((minutes, behind)) = whole(p, end)
        && minutes.is_multiple_of(5)
        && (5..60).contains(&minutes)
        && (p.is_boundary(behind) || p.is_plain(behind))
        && !p.is_mark(behind, ':')
    {
        // "через час 20 отжиманий": minutes, or push-ups?
        let is_vague = p.digits(end).is_some() && !p.is_boundary(behind);
        let minutes = Length::of_seconds(i64::from(minutes) * 60);
        let length = Length {
            is_vague,
            ..one.plus(minutes)?
        };
        return Some((unit, length, behind));
    }
    Some((unit, one, end))
}

/// Russian "минут через двадцать", "через минут двадцать", "часа через два": about so long.
fn russian_inverted(p: &Parser<'_>, place: usize, leads: Leads) -> Option<(Length, usize)> {
    let unit = unit(p, place).filter(|_| p.language == crate::Language::Russian)?;
    // "час двадцать" is an hour and twenty minutes.
    let is_many = matches!(
        p.word(place).to_lowercase().as_str(),
        "минут"
            | "минуты"
            | "часов"
            | "часа"
            | "дней"
            | "дня"
            | "недель"
            | "недели"
            | "месяцев"
            | "месяца"
    );
    let at = match (leads.has(Leads::IN), p.is(place + 1, W::In)) {
        (true, false) => place + 1,
        (false, true) => place + 2,
        _ => return None,
    };
    let (count, end) = whole(p, at).filter(|(count, _)| is_many && (2..=300).contains(count))?;
    let quantity = Quantity {
        thousandths: i64::from(count) * 1000,
        is_vague: false,
    };
    (self::unit(p, end).is_none()).then(|| of(quantity, unit).map(|length| (length, end)))?
}

/// Some time until then: on which day, or when?
fn open_until(p: &Parser<'_>, length: Length) -> Piece {
    let days = (p.today().succ_opt(), length.from_date(p.today()));
    match days {
        (Some(first), Some(last)) if length.grain() == crate::Grain::Day && first < last => {
            Piece::Day(crate::phrase::Day::Stretch(first, last))
        }
        _ => Piece::Elapsed(Length {
            is_vague: true,
            ..length
        }),
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
    // "+15 minutes", "-2h5m"
    for (mark, is_past) in [('+', false), ('-', true)] {
        if p.is_mark(place, mark)
            && phrase.is_empty()
            && (!is_past || !p.is_glued(place))
            && p.is_glued(place + 1)
            && let Some((length, end)) = length(p, place + 1)
        {
            found.push((
                end,
                if is_past {
                    Piece::Past
                } else {
                    Piece::Elapsed(length)
                },
            ));
            return;
        }
    }
    // "next 2 weeks", "the last 3 days", "next hour"
    if let Some(rel) = p.find(place, |meaning| match meaning {
        W::Rel(rel) => Some(rel),
        _ => None,
    }) {
        let counted = quantity(p, place + 1).is_some();
        let single = matches!(unit(p, place + 1), Some(Unit::Hour | Unit::Minute | Unit::Second));
        let length = if counted {
            length(p, place + 1)
        } else if single {
            let seconds = if unit(p, place + 1) == Some(Unit::Hour) {
                3600
            } else {
                60
            };
            Some((Length::of_seconds(seconds), place + 2))
        } else {
            None
        };
        if let Some((length, end)) = length {
            // "every day for the next 10 days"
            if leads.has(Leads::FOR) && phrase.repeat.is_some() && matches!(rel, Rel::Next | Rel::Coming) {
                found.push((end, Piece::Lasts(length)));
                return;
            }
            let piece = match rel {
                Rel::Last => Piece::Past,
                // "in the next 3 days": on which, and "in the next 2 hours": when?
                Rel::Next | Rel::Coming if counted => open_until(p, length),
                // "in the next hour" is no hour from now.
                Rel::Next | Rel::Coming if leads.has(Leads::IN | Leads::WITHIN) => open_until(p, length),
                Rel::Next | Rel::Coming => Piece::Elapsed(length),
                Rel::This | Rel::AfterNext => Piece::Vague,
            };
            found.push((end, piece));
        }
        return;
    }
    if phrase.is_empty()
        && let Some((length, end)) = russian_inverted(p, place, leads)
    {
        found.push((end, Piece::Elapsed(length)));
        return;
    }
    // "каждые 10 минут в течение часа"
    let is_during = leads.has(Leads::FOR) && place > 0 && p.word(place - 1).to_lowercase() == "в течение";
    if is_during
        && phrase.repeat.is_some()
        && let Some((_, one, end)) = russian_one(p, place)
    {
        found.push((end, Piece::Lasts(one)));
        return;
    }
    if phrase.is_empty()
        && let Some((unit, one, end)) = russian_one(p, place)
    {
        if p.is(end, W::Later) || p.is(end, W::Earlier) {
            // "на час позже"
            let is_earlier = p.is(end, W::Earlier);
            found.push((
                end + 1,
                Piece::Moves(if is_earlier { one.negated() } else { one }),
            ));
            return;
        }
        if leads.has(Leads::IN) {
            // "через день": in a day, or every other day?
            let is_open = unit == Unit::Day && p.word(place).to_lowercase() == "день";
            found.push((
                end,
                if is_open {
                    Piece::Vague
                } else {
                    Piece::Elapsed(one)
                },
            ));
        } else if leads.has(Leads::FOR) && (unit <= Unit::Hour || is_during) {
            // "на час"
            found.push((end, Piece::Lasts(one)));
        }
    }
    let Some((length, end)) = length(p, place) else {
        if p.answering == Answering::Length
            && let Some((minutes, end)) = whole(p, place)
            && minutes <= 600
            && p.at(end).is_none()
        {
            found.push((end, Piece::Elapsed(Length::of_seconds(i64::from(minutes) * 60))));
        }
        return;
    };
    // "в 3 дня"
    if leads.has(Leads::AT) && super::clock_order::is_russian_afternoon(p, place, end - 1) {
        return;
    }
    if p.is(end, W::Ago) {
        found.push((end + 1, Piece::Past));
        return;
    }
    // German "vor zwei Tagen", Spanish "hace dos días"
    let looks_back = match p.language {
        crate::Language::German => leads.has(Leads::BEFORE) && phrase.is_empty(),
        crate::Language::Spanish => place > 0 && p.is(place.saturating_sub(1), W::Ago),
        crate::Language::English | crate::Language::Russian => false,
    };
    if looks_back {
        found.push((end, Piece::Past));
        return;
    }
    // "10 Tage lang"
    if p.is(end, W::Long) {
        found.push((end + 1, Piece::Lasts(length)));
        return;
    }
    let behind_time = {
        let mark = if p.is_mark(end, '\'') || p.is_mark(end, '’') {
            end + 1
        } else {
            end
        };
        p.past(mark, W::TimeWord)
    };
    if p.is(end, W::FromNow) {
        found.push((end + 1, Piece::Elapsed(length)));
        return;
    }
    if p.is(end, W::Later) || p.is(end, W::Earlier) {
        let is_earlier = p.is(end, W::Earlier);
        let length = if is_earlier { length.negated() } else { length };
        found.push((end + 1, Piece::Moves(length)));
        return;
    }
    let is_elapsed = leads.has(Leads::IN | Leads::WITHIN) || (leads.has(Leads::AFTER) && phrase.is_empty());
    if is_elapsed {
        let end = if p.is(behind_time, W::FromNow) {
            behind_time + 1
        } else {
            behind_time
        };
        let piece = if leads.has(Leads::WITHIN) {
            open_until(p, length)
        } else {
            Piece::Elapsed(length)
        };
        found.push((end, piece));
    } else if leads.has(Leads::FOR) {
        found.push((end, Piece::Lasts(length)));
    } else if p.answering == Answering::Length && leads == Leads::default() {
        found.push((end, Piece::Elapsed(length)));
    } else if leads == Leads::default()
        || leads.has(Leads::BEFORE | Leads::BY | Leads::AROUND)
        || (p.language != crate::Language::English && leads.has(Leads::FROM))
    {
        found.push((end, Piece::Bare(length)));
    }
}
