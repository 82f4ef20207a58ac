//! In which months a day of the month is meant: "of every other month", "of each quarter", "of the month".

use super::number;
use crate::{
    Frequency,
    parser::Parser,
    phrase::Repeat,
    table::{Unit, W},
};

/// In which months a day of the month is meant.
#[derive(Clone, Copy)]
pub(super) enum Each {
    /// In each so many.
    Months(u32),
    /// Once in each quarter.
    Quarter,
}

/// "of every month", "of each month", "every month", "of every other month", and the place behind.
pub(super) fn of_every_month(p: &Parser<'_>, place: usize) -> Option<(Each, usize)> {
    let of = p.past(p.past(place, W::Of), W::In);
    if !p.is(of, W::Every) {
        return None;
    }
    let (interval, next) = if p.is(of + 1, W::Other) {
        (2, of + 2)
    } else if let Some((n @ 1..=24, next)) = number::ordinal(p, of + 1).or_else(|| number::whole(p, of + 1)) {
        (n, next)
    } else {
        (1, of + 1)
    };
    match number::unit(p, next)? {
        Unit::Month => Some((Each::Months(interval), next + 1)),
        Unit::Quarter if interval == 1 => Some((Each::Quarter, next + 1)),
        _ => None,
    }
}

/// The nth weekdays or the days of a rule in the months that are meant: of each so many, or the first or last month of
/// the quarters ("last friday of each quarter").
pub(super) fn in_months(mut repeat: Repeat, each: Each) -> Repeat {
    if let Each::Months(interval) = each {
        repeat.interval = interval;
        return repeat;
    }
    let is_last = repeat.days.iter().any(|day| day.nth == Some(-1))
        || repeat.month_days.contains(&-1)
        || repeat.set_pos == Some(-1);
    let is_first = repeat.month_days.iter().all(|day| *day > 0)
        && repeat
            .days
            .iter()
            .all(|day| day.nth.is_none_or(|nth| (1..=4).contains(&nth)))
        && repeat.set_pos.is_none_or(|nth| nth > 0);
    repeat.frequency = Frequency::Yearly;
    repeat.months = if is_last {
        vec![3, 6, 9, 12]
    } else {
        vec![1, 4, 7, 10]
    };
    // "the 1st and the last day of each quarter" lie in different months.
    let is_mixed = is_last
        && (repeat.month_days.iter().any(|day| *day != -1)
            || repeat
                .days
                .iter()
                .any(|day| day.nth != Some(-1) && repeat.set_pos.is_none()));
    repeat.is_unclear |= is_mixed || !is_last && !is_first;
    repeat
}

/// "of the month", "of a month".
pub(super) fn of_the_month(p: &Parser<'_>, place: usize) -> Option<usize> {
    // Russian "месяца"
    if p.language == crate::Language::Russian && p.is(place, W::Unit(Unit::Month)) {
        return Some(place + 1);
    }
    let of = if p.is(place, W::Of) || p.is(place, W::In) {
        place + 1
    } else {
        return None;
    };
    let the = p.past(p.past(of, W::The), W::One);
    let the = p.past(the, W::Every);
    p.is(the, W::Unit(Unit::Month)).then_some(the + 1)
}
