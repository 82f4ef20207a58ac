//! Parts of the day: "in the morning", "this evening", "tonight", "friday night", "mornings".

use crate::{
    parser::{Answering, Leads, Parser},
    phrase::{Day, Phrase, Piece, Repeat},
    table::{Part, Rel, W},
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
    let end = p.past(place + 1, W::Ish);
    for meaning in token.meanings {
        match *meaning {
            W::InPart(part) => {
                // "in the morning of the 5th"
                let is_of =
                    p.is(end, W::Of) && (p.is(end + 1, W::The) || p.language == crate::Language::German);
                let end = if is_of { end + 1 } else { end };
                found.push((end, Piece::Part(part)));
            }
            W::TodayPart(part) => found.push((end, Piece::DayPart(Day::Date(p.today()), part))),
            // "two nights in rome"
            W::Parts(_) if place > 0 && super::number::whole(p, place.saturating_sub(1)).is_some() => {}
            W::Parts(part) => {
                let daily = Repeat {
                    interval: 1,
                    ..Repeat::default()
                };
                let piece = if phrase.repeat.is_some() || phrase.day.is_some() {
                    Piece::Part(part)
                } else {
                    Piece::RepeatPart(daily, part)
                };
                found.push((end, piece));
            }
            W::Part(part) => {
                let is_beside = phrase.has_day() || !phrase.clocks.is_empty() || phrase.repeat.is_some();
                let is_led = leads
                    .has(Leads::AT | Leads::BY | Leads::IN | Leads::BEFORE | Leads::AROUND | Leads::AFTER);
                let is_first = phrase.is_empty() && !leads.has(Leads::THE);
                let is_answer = p.answering == Answering::Time;
                let is_of = p.is(end, W::Of) && phrase.is_empty();
                // "the morning of the 5th"
                let end = if is_of { end + 1 } else { end };
                if is_beside || is_led || is_first || is_answer || is_of {
                    found.push((end, Piece::Part(part)));
                }
            }
            W::Rel(rel) => {
                if let Some(part) = p.part_at(place + 1) {
                    let piece = match rel {
                        Rel::This | Rel::Coming => Piece::DayPart(Day::Date(p.today()), part),
                        Rel::Last => Piece::Past,
                        Rel::Next | Rel::AfterNext => match p.today().succ_opt() {
                            Some(day) if rel == Rel::Next => Piece::DayPart(Day::Date(day), part),
                            _ => Piece::Vague,
                        },
                    };
                    found.push((place + 2, piece));
                }
            }
            _ => {}
        }
    }
}

/// The usual hour of a part of the day, and its first and last minute; past 24:00 it is the next day's.
pub(crate) struct Hours {
    pub(crate) usual: (u32, u32),
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// The hours of a part of the day, as docs/time.md has them.
pub(crate) fn hours(part: Part) -> Hours {
    let (usual, from, to) = match part {
        Part::EarlyMorning => ((7, 0), 0, 10),
        Part::Morning => ((9, 0), 0, 12),
        Part::LateMorning => ((11, 0), 10, 13),
        Part::Noon => ((12, 0), 11, 15),
        Part::Lunch => ((12, 30), 11, 15),
        Part::AfterLunch => ((14, 0), 12, 18),
        Part::Afternoon => ((15, 0), 12, 21),
        Part::LateAfternoon => ((17, 0), 15, 19),
        Part::EndOfDay => ((17, 0), 15, 24),
        Part::AfterWork => ((18, 0), 16, 22),
        Part::Evening => ((19, 0), 16, 25),
        Part::Tonight => ((20, 0), 17, 29),
        Part::Night => ((21, 0), 18, 29),
        Part::LateNight => ((22, 0), 20, 29),
    };
    Hours { usual, from, to }
}
