//! Times of the clock: "5pm", "17:30", "half past six", "quarter to nine", "18h30", "1830", "noon", "nine thirty".

use super::number::{unit, whole, words};
use crate::{
    DateOrder, Language,
    parser::{Answering, Leads, Parser},
    phrase::{Clock, Phrase, Piece},
    sentence::roles,
    table::{Unit, W},
};

/// Whether an hour may stand with nothing that marks it as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bare {
    No,
    /// Where nothing follows that it could count.
    Strict,
    /// Before plain words too.
    Lenient,
}

impl Bare {
    pub(super) fn is_allowed(self) -> bool {
        self != Self::No
    }

    /// Whether a time may end before a place.
    fn ends(self, p: &Parser<'_>, place: usize) -> bool {
        // "в 10 пятого числа"
        let is_before_day = p.is(place + 1, W::DayNumber) && super::number::ordinal(p, place).is_some();
        p.is_boundary(place)
            || is_before_day
            || (self == Self::Lenient
                && (p.is_plain(place)
                    || (p.is(place, W::EventNoun) && !p.is(place, W::Counted) && unit(p, place).is_none())))
    }
}

pub(crate) fn read(
    p: &Parser<'_>,
    place: usize,
    leads: Leads,
    phrase: &Phrase,
    depth: usize,
    found: &mut Vec<(usize, Piece)>,
) {
    // "примерно через два часа"
    let counts = leads.has(Leads::IN) && p.language != Language::English;
    if counts || leads.has(Leads::WITHIN | Leads::ON) && !phrase.has_day() {
        return;
    }
    super::clock_order::same_time(p, place, phrase, depth, found);
    let is_led = leads.has(
        Leads::AT | Leads::BY | Leads::BEFORE | Leads::AFTER | Leads::FROM | Leads::BETWEEN | Leads::AROUND,
    );
    // "mesa para 4" counts.
    let is_for = p.language == Language::Spanish
        && place > 0
        && p.word(place - 1).eq_ignore_ascii_case("para")
        && p.digits(place).is_some();
    let mut bare = (is_led && !is_for) || p.answering == Answering::Time;
    // "1 in the afternoon", "11 tonight", "ten thirty in the morning"
    let strict = clock(p, place, Bare::Strict, false);
    bare |= strict.is_some_and(|(_, next)| {
        p.find(next, |meaning| {
            matches!(meaning, W::InPart(_) | W::TodayPart(_)).then_some(())
        })
        .is_some()
            // "read chapter 4 tonight at 8"
            && !p.is(next + 1, W::At)
    });
    // "remind me ten thirty to …"
    let has_minutes =
        p.digits(place).is_none() && strict.is_some_and(|(clock, next)| clock.minute > 0 && next > place + 1);
    bare |= has_minutes && phrase.is_empty() && leads == Leads::default() && (roles::is_front(p, place));
    bare |= phrase.is_empty()
        && leads == Leads::default()
        && super::clock_order::is_minutes_to(p, place)
        && roles::is_front(p, place);
    // "set an alarm for 8"
    if leads.has(Leads::FOR) && place >= 2 {
        bare |= p.is(place.saturating_sub(2), W::Alarm);
    }
    let is_behind = !bare
        && leads == Leads::default()
        && (phrase.has_day() || phrase.repeat.is_some() || phrase.part.is_some());
    // "at 9 stand up", "at 5 oak street": the sentence decides which it is.
    let is_lenient = leads.has(Leads::AT | Leads::AROUND | Leads::FROM | Leads::BETWEEN)
        || (leads.has(Leads::BY) && p.language == Language::English);
    let is_lenient = is_lenient && (!leads.has(Leads::THE) || p.language != Language::English);
    let kind = match (bare, is_behind) {
        (true, _) if is_lenient => Bare::Lenient,
        (true, _) | (_, true) => Bare::Strict,
        _ => Bare::No,
    };
    if let Some((clock, end)) = clock(p, place, kind, leads.has(Leads::FROM | Leads::BETWEEN)) {
        // "tomorrow 9 to call mom" is a time, "tomorrow 2 people come" is none.
        if leads.has(Leads::IN) && !bare && !is_behind {
            return;
        }
        found.push((end, Piece::Clock(clock)));
    }
}

/// A time of the clock; `bare` allows an hour with nothing that marks it as one.
pub(crate) fn clock(p: &Parser<'_>, place: usize, bare: Bare, is_range: bool) -> Option<(Clock, usize)> {
    let (clock, end) = super::clock_order::named(p, place)
        .or_else(|| super::clock_order::read(p, place))
        .or_else(|| relative(p, place, bare, is_range))
        .or_else(|| figures(p, place, bare))
        .or_else(|| in_words(p, place, bare))?;
    Some((clock, end))
}

/// "half past six", "a quarter to nine", "20 past 3pm", "ten minutes to noon", "halb neun", "half six".
fn relative(p: &Parser<'_>, place: usize, bare: Bare, is_range: bool) -> Option<(Clock, usize)> {
    if p.language == Language::Spanish {
        return None;
    }
    let from = p.past(place, W::One);
    // "half six": half past, as the British say it.
    if p.language == Language::English
        && p.is(place, W::Half)
        && let Some((hour @ 1..=12, end)) = whole(p, place + 1)
        && unit(p, end).is_none()
        && !p.is(end, W::Of)
        && (bare.ends(p, end) || half(p, end).is_some())
        && bare.is_allowed()
    {
        let (clock, end) = marked(p, open(hour, 0, false), end)?;
        return Some((Clock { minute: 30, ..clock }, end));
    }
    let (minutes, next, is_word) = if p.is(from, W::Half) {
        (30, from + 1, true)
    } else if p.is(from, W::Quarter) {
        (15, from + 1, true)
    } else if p.is(from, W::ThreeQuarters) {
        (45, from + 1, true)
    } else {
        let (minutes, next) = whole(p, place)?;
        if !(1..60).contains(&minutes) {
            return None;
        }
        let is_unit = p.is(next, W::Unit(Unit::Minute));
        (
            minutes,
            next + usize::from(is_unit),
            is_unit || p.digits(place).is_none(),
        )
    };
    // "half-past 3pm", "ten 'til five"
    let is_dash = p.is_mark(next, '-') && p.is_glued(next) && p.is(next + 1, W::Past);
    let is_quote = (p.is_mark(next, '\'') || p.is_mark(next, '’')) && p.is(next + 1, W::Till);
    let next = next + usize::from(is_dash || is_quote);
    // Russian "без четверти девять": the word for "to" comes first.
    if p.language == Language::Russian && p.is(place, W::Till) {
        return None;
    }
    // "quarter till four"
    let is_quarter_till =
        p.language == Language::English && p.is(next, W::Until) && p.is(next.saturating_sub(1), W::Quarter);
    let is_past = p.is(next, W::Past) || (p.is(next, W::After) && minutes % 5 == 0);
    let is_to = p.is(next, W::Till)
        || is_quarter_till
        || ((p.is(next, W::To) || p.is(next, W::Before) || p.is(next, W::Of))
            && !is_range
            // "5 to 8" alone may be a range.
            && (is_word || (minutes.is_multiple_of(5) && (bare.is_allowed() || p.digits(next + 1).is_none() || !p.is(next, W::To)))));
    if is_past {
        let (hour, end) = hour_of(p, next + 1)?;
        let minute = hour.minute.checked_add(minutes).filter(|minute| *minute < 60)?;
        return Some((Clock { minute, ..hour }, end));
    }
    if is_to {
        let (hour, end) = hour_of(p, next + 1)?;
        return before(hour, minutes).map(|clock| (clock, end));
    }
    None
}

/// So many minutes before a full hour.
pub(crate) fn before(hour: Clock, minutes: u32) -> Option<Clock> {
    if hour.minute != 0 {
        return None;
    }
    let earlier = match (hour.hour, hour.is_open) {
        (1, true) => 12,
        (0, _) => 23,
        (hour, _) => hour - 1,
    };
    Some(Clock {
        hour: earlier,
        minute: 60 - minutes,
        ..hour
    })
}

/// The hour of "half past six", "20 past 3pm", "a quarter past noon".
pub(crate) fn hour_of(p: &Parser<'_>, place: usize) -> Option<(Clock, usize)> {
    let place = p.past(place, W::The);
    if let Some(found) = super::clock_order::named(p, place) {
        return Some(found);
    }
    let (hour, end) = whole(p, place)?;
    if hour > 24 || unit(p, end) == Some(Unit::Minute) || (p.is_mark(end, ':') && p.is_glued(end)) {
        return None;
    }
    marked(p, open(hour, 0, false), end)
}

pub(super) fn open(hour: u32, minute: u32, is_exact: bool) -> Clock {
    Clock {
        is_open: !is_exact && (1..=12).contains(&hour),
        ..Clock::known(hour, minute)
    }
}

/// Reads what marks a number as a time behind it: "pm", "o'clock", "-ish". Always finds the clock itself.
fn marked(p: &Parser<'_>, clock: Clock, end: usize) -> Option<(Clock, usize)> {
    let mut end = end;
    let mut clock = clock;
    if p.is(end, W::OClock) {
        // "8 Uhr" is the morning's; the evening's is "20 Uhr".
        clock.is_formal = p.language == Language::German;
        end += 1;
    }
    if let Some(is_pm) = half(p, end) {
        end = ish(p, end + 1);
        return Some((clock.in_half(is_pm)?, end));
    }
    let behind = ish(p, end);
    // "5ish pm"
    if behind > end
        && let Some(is_pm) = half(p, behind)
    {
        return Some((clock.in_half(is_pm)?, behind + 1));
    }
    Some((clock, behind))
}

fn ish(p: &Parser<'_>, place: usize) -> usize {
    let dash = if p.is_mark(place, '-') && p.is_glued(place) {
        place + 1
    } else {
        place
    };
    if p.is(dash, W::Ish) { dash + 1 } else { place }
}

/// "am", "pm", and "a", "p" right behind the digits.
fn half(p: &Parser<'_>, place: usize) -> Option<bool> {
    p.find(place, |meaning| match meaning {
        W::Am => Some(false),
        W::Pm => Some(true),
        _ => None,
    })
    .or_else(|| {
        let is_end = p
            .at(place + 1)
            .is_none_or(|token| !token.is_glued || !matches!(token.kind, crate::token::Kind::Number(..)));
        match p.word(place) {
            "a" | "A" if p.is_glued(place) && is_end => Some(false),
            "p" | "P" if p.is_glued(place) && is_end => Some(true),
            _ => None,
        }
    })
}

fn figures(p: &Parser<'_>, place: usize, bare: Bare) -> Option<(Clock, usize)> {
    let (value, digits) = p.digits(place)?;
    let glued_digits = |place: usize| p.digits(place).filter(|_| p.is_glued(place));
    let mut next = place + 1;
    // A number with a dot or a slash before it is a part of another.
    if p.is_glued(place)
        && place > 0
        && ((p.is_mark(place.saturating_sub(1), '.')
            || p.is_mark(place.saturating_sub(1), '/')
            || p.is_mark(place.saturating_sub(1), ',')
            || p.is_mark(place.saturating_sub(1), '$')
            || p.is_mark(place.saturating_sub(1), '#'))
            && (place < 2
                || p.is_glued(place.saturating_sub(1))
                || p.is_mark(place.saturating_sub(1), '$')
                || p.is_mark(place.saturating_sub(1), '#')))
        && !(p.is_mark(place.saturating_sub(1), '.') && p.is_mark(place + 1, ':'))
    {
        return None;
    }
    if digits <= 2 && p.is_mark(next, ':') && p.is_glued(next) {
        let (minute, 2) = glued_digits(next + 1)? else {
            return None;
        };
        if value > 24 || minute > 59 || (value == 24 && minute > 0) {
            return None;
        }
        next += 2;
        let is_exact = digits == 2 && value < 10 || value == 0 || p.language != Language::English;
        let mut clock = Clock {
            is_written: p.order != Some(DateOrder::MonthFirst) && !(digits == 2 && value < 10),
            ..open(value, minute, is_exact)
        };
        if p.is_mark(next, ':')
            && p.is_glued(next)
            && let Some((second, 2)) = glued_digits(next + 1)
        {
            if second > 60 {
                return None;
            }
            clock = Clock {
                second: second.min(59),
                has_seconds: second != 0,
                is_open: false,
                ..clock
            };
            next += 2;
            // ISO's fraction of a second
            if (p.is_mark(next, '.') || p.is_mark(next, ','))
                && p.is_glued(next)
                && glued_digits(next + 1).is_some()
            {
                next += 2;
            }
        }
        if p.is_mark(next, ':') && p.is_glued(next) && glued_digits(next + 1).is_some() {
            return None;
        }
        if half(p, next).is_none() && !p.is(next, W::OClock) && is_hours_word(p, next) {
            next += 1;
        }
        return marked(p, clock, next);
    }
    // 7.30pm, "at 7.30", German "7.30 Uhr"
    if digits <= 2
        && p.is_mark(next, '.')
        && p.is_glued(next)
        && let Some((minute, 2)) = glued_digits(next + 1)
        && value <= 24
        && minute < 60
    {
        let behind = next + 2;
        let is_more = p.is_glued(behind)
            && (p.is_mark(behind, '.') || p.is_mark(behind, '%'))
            && p.is_glued(behind + 1);
        let is_clock = half(p, behind).is_some()
            || p.is(behind, W::OClock)
            || (bare.is_allowed() && bare.ends(p, behind));
        if !is_more && is_clock {
            let is_exact = digits == 2 && value < 10 || value == 0 || p.language != Language::English;
            let clock = Clock {
                is_written: p.language != Language::English && !(digits == 2 && value < 10),
                ..open(value, minute, is_exact)
            };
            return marked(p, clock, behind);
        }
        return None;
    }
    if let Some(found) = super::clock_order::with_h(p, value, digits, place, bare) {
        return Some(found);
    }
    // 730pm, 1130 am, "at 1830", "0900 hours"
    if (3..=4).contains(&digits) {
        let (hour, minute) = (value / 100, value % 100);
        if hour > 24 || minute > 59 {
            return None;
        }
        if let Some(is_pm) = half(p, next) {
            return Some((Clock::known(hour, minute).in_half(is_pm)?, next + 1));
        }
        if is_hours_word(p, next) && digits == 4 {
            return Some((Clock::known(hour, minute), next + 1));
        }
        if bare.is_allowed() && bare.ends(p, next) {
            return Some((open(hour, minute, digits == 4), next));
        }
        return None;
    }
    if digits > 2 || value > 24 {
        return None;
    }
    if half(p, next).is_some() || p.is(next, W::OClock) {
        let (clock, end) = marked(p, open(value, 0, false), next)?;
        if p.is(next, W::OClock)
            && let Some((minute, behind)) = super::clock_order::minutes_behind(p, end)
        {
            return Some((Clock { minute, ..clock }, behind));
        }
        return Some((clock, end));
    }
    let behind_ish = ish(p, next);
    if behind_ish > next {
        return marked(p, open(value, 0, false), next);
    }
    if !bare.is_allowed() {
        return None;
    }
    // "at 9 30"
    if let Some((minute, 2)) = p.digits(next)
        && minute < 60
        && !p.is_glued(next)
        && bare.ends(p, next + 1)
        && !super::clock_order::may_be_counted(p, next + 1)
    {
        return marked(p, open(value, minute, false), next + 1);
    }
    is_bare_hour(p, place, next, bare)
        .then(|| (open(value, 0, digits == 2 && value < 10 || value == 0), next))
}

fn is_hours_word(p: &Parser<'_>, place: usize) -> bool {
    if p.is_time_of_place(place) {
        return false;
    }
    matches!(p.word(place), "h" | "H" | "hrs" | "hours" | "hr")
        || (p.is(place, W::Unit(Unit::Hour)) && !p.is_glued(place))
}

/// Whether nothing behind a bare number makes it something else than an hour.
fn is_bare_hour(p: &Parser<'_>, place: usize, next: usize, bare: Bare) -> bool {
    let is_unit = unit(p, next).is_some()
        && !p.is_time_of_place(next)
        && !super::clock_order::is_russian_afternoon(p, place, next);
    if !bare.ends(p, next) || is_unit {
        return false;
    }
    let is_part_of_more = p.at(next).is_some_and(|token| {
        token.is_glued
            && !matches!(
                token.kind,
                crate::token::Kind::Mark('.' | ',' | '!' | '?' | ')' | ';' | '-' | '…' | '"' | '”')
            )
    });
    let is_decimal = p.is_glued(next)
        && p.is_glued(next + 1)
        && p.at(next + 1)
            .is_some_and(|token| matches!(token.kind, crate::token::Kind::Number(..)))
        && !p.is_mark(next, '-');
    // "call 9-1-1"
    let is_dashed = place > 0
        && p.is_glued(place)
        && p.is_mark(place.saturating_sub(1), '-')
        && p.is_glued(next)
        && p.is_mark(next, '-');
    !(is_part_of_more || is_decimal || is_dashed)
}

/// "nine", "nine thirty", "seven oh five", "five pm", "nine o'clock", "eighteen hundred".
fn in_words(p: &Parser<'_>, place: usize, bare: Bare) -> Option<(Clock, usize)> {
    let (hour, next) = words(p, place).filter(|(hour, _)| *hour <= 24).or_else(|| {
        // "eighteen hundred hours"
        let (value, next) = words(p, place)?;
        (value.is_multiple_of(100) && value <= 2400 && (bare.is_allowed() || is_hours_word(p, next)))
            .then_some((value, next))
    })?;
    if hour > 24 {
        let end = next + usize::from(is_hours_word(p, next));
        return Some((Clock::known(hour / 100, 0), end));
    }
    if half(p, next).is_some() || p.is(next, W::OClock) || ish(p, next) > next {
        let (clock, end) = marked(p, open(hour, 0, false), next)?;
        if p.is(next, W::OClock)
            && let Some((minute, behind)) = super::clock_order::minutes_behind(p, end)
        {
            return Some((Clock { minute, ..clock }, behind));
        }
        return Some((clock, end));
    }
    // "seven-thirty"
    let dash = if p.is_mark(next, '-') && p.is_glued(next) && p.is_glued(next + 1) {
        next + 1
    } else {
        next
    };
    let (minute, behind) = super::clock_order::minutes_in_words(p, dash).unwrap_or((0, next));
    if behind > next {
        if half(p, behind).is_some() {
            return marked(p, open(hour, minute, false), behind);
        }
        if bare.is_allowed() && bare.ends(p, behind) && unit(p, behind).is_none() {
            return Some((open(hour, minute, false), behind));
        }
    }
    let is_unit = unit(p, next).is_some() && !super::clock_order::is_russian_afternoon(p, place, next);
    (bare.is_allowed() && bare.ends(p, next) && !is_unit).then(|| (open(hour, 0, hour == 0), ish(p, next)))
}
