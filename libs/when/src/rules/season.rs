//! Seasons: "this summer", "in the spring", "winter 2027".

use chrono::{Datelike, Months, NaiveDate};

use super::{date, weekday};
use crate::{
    parser::{Leads, Parser},
    phrase::{Day, Phrase, Piece},
    table::{Rel, W},
};

pub(crate) fn read(
    p: &Parser<'_>,
    place: usize,
    leads: Leads,
    _phrase: &Phrase,
    _depth: usize,
    found: &mut Vec<(usize, Piece)>,
) {
    let rel = weekday::rel(p, place);
    let at = if rel.is_some() { place + 1 } else { place };
    let Some(month) = p.find(at, |meaning| match meaning {
        W::Season(month) => Some(month),
        _ => None,
    }) else {
        return;
    };
    let year = date::year(p, at + 1);
    if rel.is_none() && year.is_none() && !leads.has(Leads::IN | Leads::BY) {
        return;
    }
    if rel == Some(Rel::Last) {
        found.push((at + 1, Piece::Past));
        return;
    }
    let today = p.today();
    let stretch = |year: i32| {
        let first = NaiveDate::from_ymd_opt(year, month, 1)?;
        let last = first.checked_add_months(Months::new(3))?.pred_opt()?;
        Some((first, last))
    };
    if let Some((year, end)) = year {
        let piece = stretch(year).filter(|(_, last)| *last >= today);
        found.push((
            end,
            piece.map_or(Piece::Past, |(first, last)| Piece::Day(Day::Stretch(first, last))),
        ));
        return;
    }
    let ahead = [today.year() - 1, today.year(), today.year() + 1]
        .into_iter()
        .filter_map(stretch)
        .find(|(_, last)| *last >= today);
    if let Some((first, last)) = ahead {
        found.push((at + 1, Piece::Day(Day::Stretch(first, last))));
    }
}
