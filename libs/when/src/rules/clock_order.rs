//! Times of the clock in the word order of other languages: "las nueve y media", "без четверти девять", "fünf vor halb
//! neun", "в половине девятого"; and those with a name: "noon", "this time".

use chrono::Timelike;

use super::{
    clock::before,
    number::{ordinal, unit, whole, words},
};
use crate::{
    Language,
    parser::Parser,
    phrase::{Clock, Phrase, Piece},
    table::{Unit, W},
};

/// A time of the clock as the parser's language says it.
pub(crate) fn read(p: &Parser<'_>, place: usize) -> Option<(Clock, usize)> {
    match p.language {
        Language::English => None,
        Language::German => german(p, place),
        Language::Spanish => spanish(p, place),
        Language::Russian => russian(p, place),
    }
}

fn hour(p: &Parser<'_>, place: usize) -> Option<(Clock, usize)> {
    let (hour, end) = whole(p, place)?;
    if hour > 24 || (p.is_mark(end, ':') && p.is_glued(end)) {
        return None;
    }
    let is_open = (1..=12).contains(&hour);
    Some((
        Clock {
            is_open,
            ..Clock::known(hour, 0)
        },
        end,
    ))
}

/// "halb neun", "fünf vor halb neun", "dreiviertel neun".
fn german(p: &Parser<'_>, place: usize) -> Option<(Clock, usize)> {
    if p.is(place, W::HalfTo) {
        let (hour, end) = hour(p, place + 1)?;
        return Some((before(hour, 30)?, p.past(end, W::OClock)));
    }
    if p.is(place, W::ThreeQuarters) {
        let (hour, end) = hour(p, place + 1)?;
        return Some((before(hour, 15)?, p.past(end, W::OClock)));
    }
    // "viertel drei" is a quarter of the way to three.
    if p.is(place, W::Quarter)
        && let Some((hour, end)) = hour(p, place + 1)
        && unit(p, end).is_none()
    {
        return Some((before(hour, 45)?, p.past(end, W::OClock)));
    }
    let (minutes, next) = whole(p, place)?;
    let next = p.past(next, W::Unit(Unit::Minute));
    let is_to = p.is(next, W::Till);
    if !(is_to || p.is(next, W::Past)) || !p.is(next + 1, W::HalfTo) || minutes > 29 {
        return None;
    }
    let (hour, end) = hour(p, next + 2)?;
    let minutes = if is_to { 30 + minutes } else { 30 - minutes };
    Some((before(hour, minutes)?, p.past(end, W::OClock)))
}

/// "nueve y media", "ocho menos cuarto", "una y diez".
fn spanish(p: &Parser<'_>, place: usize) -> Option<(Clock, usize)> {
    let (hour, next) = hour(p, place)?;
    if p.is(next, W::AndHalf) {
        return Some((Clock { minute: 30, ..hour }, next + 1));
    }
    let is_to = p.is(next, W::Till);
    if !(is_to || p.is(next, W::And)) {
        return None;
    }
    let (minutes, end) = if p.is(next + 1, W::Quarter) {
        (15, next + 2)
    } else {
        let (minutes, end) = whole(p, next + 1)?;
        // "a las 10 y 5" may be two hours, "a las 10 menos 5" is five to ten.
        if !(1..60).contains(&minutes)
            || p.digits(next + 1)
                .is_some_and(|(minute, digits)| !is_to && (minute <= 24 || digits != 2))
            || is_to && minutes >= 30
            || unit(p, end).is_some()
        {
            return None;
        }
        (minutes, end)
    };
    let clock = if is_to {
        before(hour, minutes)?
    } else {
        Clock {
            minute: minutes,
            ..hour
        }
    };
    Some((clock, end))
}

/// "без четверти девять", "без пяти девять", "половина девятого", "в час".
fn russian(p: &Parser<'_>, place: usize) -> Option<(Clock, usize)> {
    // "в 19-30"; "в 10-15" may be a range.
    if let Some((hour @ 0..=23, 1..=2)) = p.digits(place)
        && place > 0
        && p.is(place - 1, W::At)
        && p.is_mark(place + 1, '-')
        && p.is_glued(place + 1)
        && p.is_glued(place + 2)
        && let Some((minute, 2)) = p.digits(place + 2)
        && (minute == 0 || (25..60).contains(&minute))
        && !p.is_glued(place + 3)
    {
        return Some((Clock::known(hour, minute), place + 3));
    }
    // "часа в четыре", "часов в пять вечера": around it.
    if matches!(p.word(place), "часа" | "часов" | "Часа" | "Часов")
        && p.is(place + 1, W::At)
        && let Some((clock, end)) = hour(p, place + 2)
        && unit(p, end).is_none()
    {
        return Some((clock, end));
    }
    if p.is(place, W::Till) {
        let (minutes, next) = if p.is(place + 1, W::Quarter) {
            (15, place + 2)
        } else {
            whole(p, place + 1)?
        };
        // "без двадцати семь" is no 27.
        let single = p.find(place + 1, |meaning| match meaning {
            W::Number(n) => Some(n),
            _ => None,
        });
        let (minutes, next) = match single {
            Some(n) if next == place + 3 && hour(p, next).is_none() => (n, place + 2),
            _ => (minutes, next),
        };
        let next = p.past(next, W::Unit(Unit::Minute));
        let (hour, end) = if p.is(next, W::OClock) && whole(p, next).is_none() {
            (
                Clock {
                    is_open: true,
                    ..Clock::known(1, 0)
                },
                next + 1,
            )
        } else {
            hour(p, next)?
        };
        return (1..60)
            .contains(&minutes)
            .then(|| before(hour, minutes).map(|clock| (clock, end)))?;
    }
    if p.is(place, W::HalfTo) {
        let (n, end) = ordinal(p, place + 1)?;
        let hour = Clock {
            is_open: true,
            ..Clock::known(n, 0)
        };
        return (1..=12)
            .contains(&n)
            .then(|| before(hour, 30).map(|clock| (clock, end)))?;
    }
    // "четверть девятого"
    if p.is(place, W::Quarter)
        && let Some((n @ 1..=12, end)) = ordinal(p, place + 1)
    {
        let hour = Clock {
            is_open: true,
            ..Clock::known(n, 0)
        };
        return before(hour, 45).map(|clock| (clock, end));
    }
    // "десять минут девятого", "в двадцать пять шестого"; "в 10 пятого числа" is a day.
    if let Some((minutes @ 1..60, next)) = whole(p, place)
        && let behind = p.past(next, W::Unit(Unit::Minute))
        && (behind > next || (place > 0 && p.is(place - 1, W::At)))
        && (behind > next || p.digits(place).is_none())
        && p.digits(behind).is_none()
        && let Some((n @ 1..=12, end)) = ordinal(p, behind)
        && !p.is(end, W::DayNumber)
        && p.word(behind).to_lowercase().ends_with("го")
        && super::date::month(p, end).is_none()
    {
        let hour = Clock {
            is_open: true,
            ..Clock::known(n, 0)
        };
        return before(hour, 60 - minutes).map(|clock| (clock, end));
    }
    // "в час дня"
    if p.is(place, W::OClock)
        && p.word(place).to_lowercase() == "час"
        && place > 0
        && p.is(place.saturating_sub(1), W::At)
    {
        return Some((
            Clock {
                is_open: true,
                ..Clock::known(1, 0)
            },
            place + 1,
        ));
    }
    None
}

/// "noon", "12 noon", "midnight".
pub(super) fn named(p: &Parser<'_>, place: usize) -> Option<(Clock, usize)> {
    let at = if matches!(p.digits(place), Some((12, _))) {
        p.past(place + 1, W::OClock)
    } else {
        place
    };
    if let Some((hour, minute)) = p.find(place, |meaning| match meaning {
        W::OpenClock(hour, minute) => Some((hour, minute)),
        _ => None,
    }) {
        return Some((super::clock::open(hour, minute, false), place + 1));
    }
    let (hour, minute) = p.find(at, |meaning| match meaning {
        W::Clock(hour, minute) => Some((hour, minute)),
        _ => None,
    })?;
    let dash = if p.is_mark(at + 1, '-') && p.is_glued(at + 1) && p.is(at + 2, W::Ish) {
        at + 2
    } else {
        at + 1
    };
    let end = p.past(dash, W::Ish);
    Some((Clock::known(hour, minute), end))
}

/// "this time tomorrow", "next week at the same time": the hour of now, of a day that is said beside it.
pub(super) fn same_time(
    p: &Parser<'_>,
    place: usize,
    phrase: &Phrase,
    depth: usize,
    found: &mut Vec<(usize, Piece)>,
) {
    if p.is(place, W::SameTime)
        && depth < 2
        && (phrase.has_day()
            || p.phrase(place + 1, depth + 1)
                .is_some_and(|(next, _)| next.has_day()))
    {
        found.push((
            place + 1,
            Piece::Clock(Clock::known(p.now.hour(), p.now.minute())),
        ));
    }
}

/// Russian "в 3 дня": in the afternoon, where "3 дня" alone are three days.
pub(super) fn is_russian_afternoon(p: &Parser<'_>, place: usize, next: usize) -> bool {
    p.language == Language::Russian
        && place > 0
        && p.is(place - 1, W::At)
        && p.word(next).to_lowercase() == "дня"
}

/// The minutes behind an hour in words: "thirty", "oh five", Spanish "y media", "menos cuarto", "y diez".
pub(super) fn minutes_in_words(p: &Parser<'_>, place: usize) -> Option<(u32, usize)> {
    let is_zero = |place: usize| p.is(place, W::Number(0));
    // Russian "девять ноль-ноль"
    let dash = place + 1 + usize::from(p.is_mark(place + 1, '-') && p.is_glued(place + 1));
    if is_zero(place) && is_zero(dash) {
        return Some((0, dash + 1));
    }
    let is_oh = matches!(p.word(place), "oh" | "o" | "Oh") || is_zero(place);
    let (minute, end) = words(p, if is_oh { place + 1 } else { place })?;
    let fits = if is_oh {
        (1..10).contains(&minute)
    } else {
        (10..60).contains(&minute)
    };
    fits.then_some((minute, end))
}

/// The minutes of "9 Uhr 30", "в 9 часов 30 минут"; "20 Uhr 2 Tabletten" and "6 Uhr 15 Minuten meditieren" have none.
pub(super) fn minutes_behind(p: &Parser<'_>, place: usize) -> Option<(u32, usize)> {
    if p.language == Language::English {
        return None;
    }
    let (minute, behind) = whole(p, place).filter(|(minute, _)| *minute < 60)?;
    let end = p.past(behind, W::Unit(Unit::Minute));
    let is_length = end > behind && p.language == Language::German && !p.is_boundary(end);
    let is_round = minute.is_multiple_of(5) && minute >= 10 && !may_be_counted(p, behind);
    let is_clock = end > behind || (unit(p, behind).is_none() && (is_round || p.is_boundary(behind)));
    (is_clock && !is_length).then_some((minute, end))
}

/// Whether a number before this word may count it: "at 8 20 push-ups", "um 8 Uhr 20 Liegestütze", "в 8 20 отжиманий".
pub(super) fn may_be_counted(p: &Parser<'_>, place: usize) -> bool {
    if p.is(place, W::Counted) {
        return true;
    }
    if !p.is_plain(place) {
        return false;
    }
    // "push-ups"
    let last = if p.is_mark(place + 1, '-') && p.is_glued(place + 1) && p.is_glued(place + 2) {
        place + 2
    } else {
        place
    };
    let word = p.word(last).to_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    match p.language {
        Language::English | Language::Spanish => ends(&["s"]),
        Language::German => {
            p.at(place).is_some_and(|token| token.is_capital) && ends(&["e", "en", "er", "eln", "ern", "s"])
        }
        // The genitive of many ends in a consonant, or in "ей", "ий".
        Language::Russian => {
            !word.ends_with(['а', 'я', 'о', 'е', 'ё', 'у', 'ю', 'ы', 'и', 'э', 'ь'])
                || ends(&["капель", "недель"])
        }
    }
}

/// "5 to 3" in figures, and nothing behind it that it could count.
pub(crate) fn is_minutes_to(p: &Parser<'_>, place: usize) -> bool {
    p.language == Language::English
        && matches!(p.digits(place), Some((5 | 10 | 15 | 20 | 25, _)))
        && p.is(place + 1, W::To)
        && matches!(p.digits(place + 2), Some((1..=12, _)))
        && p.is_boundary(place + 3)
}

/// 18h30, 18h, "18 h": with an hour that is no likely length, or where only a time can stand.
pub(super) fn with_h(
    p: &Parser<'_>,
    value: u32,
    digits: usize,
    place: usize,
    bare: super::clock::Bare,
) -> Option<(Clock, usize)> {
    let next = place + 1;
    if value > 24 || digits > 2 || !matches!(p.word(next), "h" | "H" | "hs" | "hrs" | "Hrs") {
        return None;
    }
    if p.is_glued(next)
        && p.is_glued(next + 1)
        && let Some((minute, 2)) = p.digits(next + 1)
        && minute < 60
        && unit(p, next + 2).is_none_or(|_| !p.is_glued(next + 2))
        && (bare.is_allowed() || value >= 6)
    {
        return Some((
            super::clock::open(value, minute, p.language != Language::English),
            next + 2,
        ));
    }
    let is_time = bare.is_allowed() || (value >= 13 && p.is_glued(next));
    (is_time && !p.is_glued(next + 1)).then(|| {
        (
            super::clock::open(value, 0, p.language != Language::English),
            next + 1,
        )
    })
}
