//! Days with a name of their own: "today", "tomorrow", "the day after tomorrow", "now", holidays.

use super::{clock, clock::Bare, date, length, number};
use crate::{
    Length,
    holiday::Holiday,
    parser::{Leads, Parser},
    phrase::{Day, Phrase, Piece},
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
    let Some(token) = p.at(place) else { return };
    for meaning in token.meanings {
        match *meaning {
            W::Day(offset) => day(p, place, offset, found),
            W::Now => found.push((place + 1, Piece::Now)),
            W::SomeHour => found.push((place + 1, Piece::SomeHour)),
            W::Vague => found.push((place + 1, Piece::VagueWord)),
            W::Holiday(name) => holiday(p, place, name.within(p.zone), phrase, found),
            W::Rel(rel) => {
                if let Some(name) = holiday_at(p, place + 1) {
                    let this = name.ahead(p.today());
                    let piece = match rel {
                        Rel::This | Rel::Coming => {
                            this.map_or(Piece::Vague, |day| Piece::Day(Day::Date(day)))
                        }
                        // This year's, or the year after's?
                        Rel::Next => match (this, this.and_then(|day| name.ahead(day.succ_opt()?))) {
                            (Some(one), Some(other)) => Piece::Day(Day::Either(one, other)),
                            _ => Piece::Vague,
                        },
                        Rel::Last => Piece::Past,
                        Rel::AfterNext => Piece::Vague,
                    };
                    found.push((place + 2, piece));
                }
                // "next day"
                if p.is(place + 1, W::Unit(Unit::Day)) {
                    let piece = match rel {
                        Rel::Next | Rel::Coming => p
                            .today()
                            .succ_opt()
                            .map_or(Piece::Vague, |day| Piece::Day(Day::Date(day))),
                        Rel::Last => Piece::Past,
                        Rel::This | Rel::AfterNext => Piece::Vague,
                    };
                    if !(rel == Rel::Last && p.is(place + 2, W::Of)) {
                        found.push((place + 2, piece));
                    }
                }
            }
            _ => {}
        }
    }
    numbered(p, place, found);
    // "a week tomorrow", "two weeks today"
    if phrase.is_empty()
        // Russian "в 12 дня завтра" is noon.
        && !leads.has(Leads::IN | Leads::WITHIN | Leads::AT)
        && let Some((length, next)) = length::length(p, place)
        && length.grain() == crate::Grain::Day
        && let Some(offset) = p.find(next, |meaning| match meaning {
            W::Day(offset @ 0..=2) => Some(offset),
            _ => None,
        })
        && let Some(day) = length
            .plus(Length {
                days: offset,
                ..Length::default()
            })
            .and_then(|length| length.from_date(p.today()))
    {
        found.push((next + 1, Piece::Day(Day::Date(day))));
    }
}

/// "the third sunday of advent", "am 2. Weihnachtstag".
fn numbered(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    let Some((nth, next)) = number::ordinal(p, place) else {
        return;
    };
    let sunday = next + usize::from(super::weekday::weekday(p, next) == Some(chrono::Weekday::Sun));
    let at = p.past(p.past(p.past(sunday, W::Of), W::In), W::The);
    let name = p.find(at, |meaning| match meaning {
        W::Numbered(name) => Some(name),
        _ => None,
    });
    if let Some(name) = name {
        let day = name.nth(nth).and_then(|name| name.ahead(p.today()));
        found.push((at + 1, day.map_or(Piece::Vague, |day| Piece::Day(Day::Date(day)))));
    }
}

fn day(p: &Parser<'_>, place: usize, offset: i32, found: &mut Vec<(usize, Piece)>) {
    let shifted = |days: i32| {
        Length {
            days,
            ..Length::default()
        }
        .from_date(p.today())
    };
    // "tomorrow week"
    if p.is(place + 1, W::Unit(Unit::Week)) && offset >= 0 {
        if let Some(day) = shifted(offset + 7) {
            found.push((place + 2, Piece::Day(Day::Date(day))));
        }
        return;
    }
    if let Some(day) = shifted(offset) {
        found.push((place + 1, Piece::Day(Day::Date(day))));
    }
}

pub(crate) fn holiday_at(p: &Parser<'_>, place: usize) -> Option<Holiday> {
    p.find(place, |meaning| match meaning {
        W::Holiday(name) => Some(name.within(p.zone)),
        _ => None,
    })
}

/// "at new year's at 11pm": the night that leads to it, or the day itself? "New Year's Day" and "Neujahr" are the day.
fn is_new_years_night(p: &Parser<'_>, place: usize, name: Holiday, phrase: &Phrase) -> bool {
    let word = p.word(place).to_lowercase();
    let is_day = word.ends_with("day") || word.ends_with("tag") || word.starts_with("neujahr");
    let is_anchor = place > 0 && (p.is(place - 1, W::Before) || p.is(place - 1, W::After));
    if name != Holiday::Fixed(1, 1) || is_anchor || is_day || word.contains("día") {
        return false;
    }
    let behind = || {
        let (leads, at) = p.leads(place + 1);
        (leads.has(Leads::AT) || p.digits(at).is_some())
            .then(|| clock::clock(p, at, Bare::Lenient, false))
            .flatten()
            .map(|(clock, _)| clock)
    };
    let clock = phrase.clocks.first().copied().or_else(behind);
    clock.is_some_and(|clock| !clock.is_open && clock.hour >= 18 || clock.is_open && clock.hour >= 6)
}

fn holiday(p: &Parser<'_>, place: usize, name: Holiday, phrase: &Phrase, found: &mut Vec<(usize, Piece)>) {
    let end = place + 1;
    if is_new_years_night(p, place, name, phrase)
        && date::year(p, end).is_none()
        && let Some(day) = name.ahead(p.today())
        && let Some(eve) = day.pred_opt().filter(|eve| *eve >= p.today())
    {
        found.push((end, Piece::Day(Day::Either(eve, day))));
        return;
    }
    if let Some((year, behind)) = date::year(p, end) {
        let piece = name
            .of(year)
            .map_or(Piece::Vague, |day| Piece::Day(Day::Date(day)));
        found.push((behind, piece));
        return;
    }
    // "thanksgiving of next year", "christmas next year"
    let of = p.past(end, W::Of);
    if let Some(rel) = super::weekday::rel(p, of)
        && p.is(of + 1, W::Unit(Unit::Year))
    {
        use chrono::Datelike;
        let year = match rel {
            Rel::This => p.today().year(),
            Rel::Next => p.today().year() + 1,
            Rel::Coming | Rel::Last | Rel::AfterNext => return,
        };
        let piece = name
            .of(year)
            .map_or(Piece::Vague, |day| Piece::Day(Day::Date(day)));
        found.push((of + 2, piece));
        return;
    }
    let piece = name
        .ahead(p.today())
        .map_or(Piece::Vague, |day| Piece::Day(Day::Date(day)));
    found.push((end, piece));
    // "christmas week"
    if p.is(end, W::Unit(Unit::Week))
        && let Some(day) = name.ahead(p.today())
        && let Some((first, last)) = super::period::week_of(day)
    {
        found.push((end + 1, Piece::Day(Day::Stretch(first, last))));
    }
}
