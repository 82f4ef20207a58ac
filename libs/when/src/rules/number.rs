//! Numbers: digits, words, ordinals, fractions.

use crate::{
    parser::Parser,
    table::{Unit, W},
};

/// How many, in thousandths, and whether nobody can say exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quantity {
    pub(crate) thousandths: i64,
    pub(crate) is_vague: bool,
}

impl Quantity {
    fn of(thousandths: i64) -> Self {
        Self {
            thousandths,
            is_vague: false,
        }
    }
}

/// A whole number in digits or words: "25", "twenty-five", "one hundred and twenty".
pub(crate) fn whole(p: &Parser<'_>, place: usize) -> Option<(u32, usize)> {
    if let Some((value, _)) = p.digits(place) {
        return Some((value, place + 1));
    }
    words(p, place)
}

/// A whole number in words.
pub(crate) fn words(p: &Parser<'_>, place: usize) -> Option<(u32, usize)> {
    let (mut value, mut next) = below_hundred(p, place)?;
    if p.is(next, W::Hundred) {
        value *= 100;
        next += 1;
        let behind = p.past(next, W::And);
        if let Some((more, end)) = below_hundred(p, behind) {
            value += more;
            next = end;
        }
    }
    Some((value, next))
}

fn number_word(p: &Parser<'_>, place: usize) -> Option<u32> {
    p.find(place, |meaning| match meaning {
        W::Number(value) => Some(value),
        _ => None,
    })
}

fn below_hundred(p: &Parser<'_>, place: usize) -> Option<(u32, usize)> {
    let value = number_word(p, place)?;
    if (20..100).contains(&value) && value.is_multiple_of(10) {
        let behind = if p.is_mark(place + 1, '-') && p.is_glued(place + 1) {
            place + 2
        } else {
            place + 1
        };
        if let Some(ones) = number_word(p, behind)
            && (1..10).contains(&ones)
        {
            return Some((value + ones, behind + 1));
        }
        // Spanish: "treinta y cinco"
        if p.language == crate::Language::Spanish
            && p.is(place + 1, W::And)
            && let Some(ones) = number_word(p, place + 2)
            && (1..10).contains(&ones)
            && value >= 30
        {
            return Some((value + ones, place + 3));
        }
    }
    Some((value, place + 1))
}

/// An ordinal: "3rd", "21st", "third", "twenty-first"; German "3."
pub(crate) fn ordinal(p: &Parser<'_>, place: usize) -> Option<(u32, usize)> {
    if let Some((value, digits)) = p.digits(place) {
        if digits > 3 {
            return None;
        }
        let is_suffix = p.is_glued(place + 1)
            && matches!(
                p.word(place + 1).to_lowercase().as_str(),
                "st" | "nd" | "rd" | "th" | "º" | "°" | "ª" | "го" | "е" | "я" | "й" | "ое" | "ый"
            );
        if is_suffix {
            return Some((value, place + 2));
        }
        // "5-го"
        if p.is_mark(place + 1, '-')
            && p.is_glued(place + 1)
            && matches!(
                p.word(place + 2).to_lowercase().as_str(),
                "го" | "е" | "я" | "й" | "ое" | "ый" | "ого" | "ю" | "ую"
            )
        {
            return Some((value, place + 3));
        }
        let is_german =
            p.language == crate::Language::German && p.is_mark(place + 1, '.') && p.is_glued(place + 1);
        return (is_german && (!p.is_glued(place + 2) || p.is_mark(place + 2, '-')))
            .then_some((value, place + 2));
    }
    if let Some(value) = ordinal_word(p, place) {
        return Some((value, place + 1));
    }
    // "twenty-first"
    let tens = number_word(p, place).filter(|tens| matches!(tens, 20 | 30))?;
    let behind = if p.is_mark(place + 1, '-') && p.is_glued(place + 1) {
        place + 2
    } else {
        place + 1
    };
    let ones = ordinal_word(p, behind).filter(|ones| (1..10).contains(ones))?;
    Some((tens + ones, behind + 1))
}

fn ordinal_word(p: &Parser<'_>, place: usize) -> Option<u32> {
    p.find(place, |meaning| match meaning {
        W::Ordinal(value) => Some(value),
        _ => None,
    })
}

pub(crate) fn unit(p: &Parser<'_>, place: usize) -> Option<Unit> {
    p.find(place, |meaning| match meaning {
        W::Unit(unit) => Some(unit),
        _ => None,
    })
}

/// How many of a unit: "2", "2.5", "2 1/2", "a", "half an", "one and a half", "a couple of".
pub(crate) fn quantity(p: &Parser<'_>, place: usize) -> Option<(Quantity, usize)> {
    if let Some(found) = fraction(p, place) {
        return Some(found);
    }
    if let Some(thousandths) = p.find(place, |meaning| match meaning {
        W::Thousandths(thousandths) => Some(thousandths),
        _ => None,
    }) {
        return Some((Quantity::of(i64::from(thousandths)), place + 1));
    }
    if p.is(place, W::Couple) {
        return Some((Quantity::of(2000), place + 1));
    }
    if p.is(place, W::Few) {
        return Some((Quantity::of(3000), place + 1));
    }
    // Spanish "unos veinte minutos"
    if p.is(place, W::Several)
        && p.language == crate::Language::Spanish
        && let Some((value, next)) = whole(p, place + 1)
    {
        return Some((Quantity::of(i64::from(value).checked_mul(1000)?), next));
    }
    if p.is(place, W::Several) {
        return Some((
            Quantity {
                thousandths: 3000,
                is_vague: true,
            },
            place + 1,
        ));
    }
    let (value, next) = match whole(p, place) {
        Some(found) => found,
        None if p.is(place, W::One) => {
            // "a hundred", "a half hour"
            if p.is(place + 1, W::Hundred) {
                (100, place + 2)
            } else if let Some(found) = fraction(p, place + 1) {
                return Some(found);
            } else {
                (1, place + 1)
            }
        }
        None if p.is(place, W::Hundred) => (100, place + 1),
        None => return None,
    };
    let thousandths = i64::from(value).checked_mul(1000)?;
    let is_in_digits = p.digits(place).is_some();
    if is_in_digits {
        let is_point = p.is_glued(next) && (p.is_mark(next, '.') || p.is_mark(next, ','));
        if is_point
            && p.is_glued(next + 1)
            && let Some((decimals, digits @ 1..=3)) = p.digits(next + 1)
        {
            let scale = [100, 10, 1].get(digits - 1)?;
            return Some((Quantity::of(thousandths + i64::from(decimals * scale)), next + 2));
        }
        if let Some(part) = half_mark(p, next) {
            return Some((Quantity::of(thousandths + part), next + 1));
        }
        // "2 1/2"
        if let Some((part, end)) = slashed(p, next) {
            return Some((Quantity::of(thousandths + part), end));
        }
    }
    if p.is(next, W::AndHalf) {
        return Some((Quantity::of(thousandths + 500), next + 1));
    }
    if p.is(next, W::And) {
        if let Some((part, end)) = slashed(p, next + 1) {
            return Some((Quantity::of(thousandths + part), end));
        }
        let half = p.past(next + 1, W::One);
        if p.is(half, W::Half) {
            return Some((Quantity::of(thousandths + 500), half + 1));
        }
        if half > next + 1 && p.is(half, W::Quarter) {
            return Some((Quantity::of(thousandths + 250), half + 1));
        }
    }
    Some((Quantity::of(thousandths), next))
}

fn half_mark(p: &Parser<'_>, place: usize) -> Option<i64> {
    [('½', 500), ('¼', 250), ('¾', 750)]
        .into_iter()
        .find_map(|(mark, part)| p.is_mark(place, mark).then_some(part))
}

fn slashed(p: &Parser<'_>, place: usize) -> Option<(i64, usize)> {
    let (over, _) = p.digits(place)?;
    if !(p.is_mark(place + 1, '/') && p.is_glued(place + 1) && p.is_glued(place + 2)) {
        return None;
    }
    let part = match (over, p.digits(place + 2)?.0) {
        (1, 2) => 500,
        (1, 4) => 250,
        (3, 4) => 750,
        _ => return None,
    };
    (!p.is_mark(place + 3, '/')).then_some((part, place + 3))
}

/// "half an", "half a", "quarter of an", "three quarters of an", "½", "1/2", before a unit.
fn fraction(p: &Parser<'_>, place: usize) -> Option<(Quantity, usize)> {
    let (part, next) = if let Some(part) = half_mark(p, place) {
        (part, place + 1)
    } else if let Some(found) = slashed(p, place) {
        found
    } else if p.is(place, W::Half) {
        (500, place + 1)
    } else if p.is(place, W::ThreeQuarters) {
        (750, place + 1)
    } else if p.is(place, W::Quarter) {
        (250, place + 1)
    } else {
        return None;
    };
    let next = p.past(p.past(next, W::Of), W::One);
    let unit = unit(p, next)?;
    (unit != Unit::Second).then_some((Quantity::of(part), next))
}
