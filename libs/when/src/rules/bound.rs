//! Where what repeats begins and ends: "starting tomorrow", "until Christmas", "for 5 days", "10 times", "except Sunday".

use super::{clock, clock::Bare, number, repeat_days};
use crate::{
    Frequency,
    parser::{Leads, Parser},
    phrase::{Clock, Phrase, Piece},
    table::W,
};

pub(crate) fn read(
    p: &Parser<'_>,
    place: usize,
    _leads: Leads,
    phrase: &Phrase,
    depth: usize,
    found: &mut Vec<(usize, Piece)>,
) {
    if depth > 2 {
        return;
    }
    // "from 1 december to 24 december": the end of what has begun
    let is_begun = is_repeat_begun(phrase);
    if is_begun
        && (p.is_mark(place, '-') || p.is(place, W::To) || p.is(place, W::Until) || p.is(place, W::Through))
        && let Some((until, end)) = p.phrase(place + 1, 3)
        && until.has_beginning()
    {
        found.push((end, Piece::Until(Box::new(until))));
        return;
    }
    let is_repeat = phrase.repeat.is_some();
    if is_repeat {
        window(p, place, phrase, found);
    }
    if p.is(place, W::Starting) || (is_repeat && p.is(place, W::From)) {
        let at = p.past(place + 1, W::From);
        if let Some((start, end)) = p.phrase(at, depth.max(3))
            && start.repeat.is_none()
            && (start.has_beginning())
        {
            // "from 9 to 5" is a window: its end goes with it.
            found.push((end, Piece::Start(Box::new(start))));
        }
        return;
    }
    if p.is(place, W::Until) || p.is(place, W::Ending) || (p.is(place, W::Through) && phrase.end.is_none()) {
        if let Some((until, end)) = p.phrase(place + 1, depth.max(3))
            && until.repeat.is_none()
            && until.has_beginning()
        {
            found.push((end, Piece::Until(Box::new(until))));
        }
        return;
    }
    if p.is(place, W::Except) {
        except(p, place + 1, found);
        return;
    }
    if !is_repeat {
        return;
    }
    // "5 times", "for 5 times"
    let at = p.past(place, W::For);
    let count = if p.is(at, W::Once) {
        None
    } else if p.is(at, W::Twice) {
        Some((2, at + 1))
    } else {
        number::whole(p, at)
            .filter(|(_, next)| p.is(*next, W::Times))
            .map(|(count, next)| (count, next + 1))
    };
    if let Some((count @ 1..=1000, end)) = count
        && !p.is(end, W::One)
        && !p.is(end, W::Every)
    {
        found.push((end, Piece::Count(count)));
    }
}

/// "between 9 and 5", "from 9am to 5pm", "9-17".
fn window(p: &Parser<'_>, place: usize, phrase: &Phrase, found: &mut Vec<(usize, Piece)>) {
    let is_led = p.is(place, W::From) || p.is(place, W::Between);
    let at = if is_led {
        p.past(place + 1, W::Around)
    } else {
        place
    };
    let ticks = phrase
        .repeat
        .as_ref()
        .is_some_and(|repeat| matches!(repeat.frequency, Frequency::Minutely | Frequency::Hourly));
    if !is_led && !ticks {
        return;
    }
    // "9" of "9-5" is no boundary's bare hour: read it as far as the joint.
    let Some((from, joint)) = clock::clock(p, at, Bare::Lenient, true).or_else(|| {
        let (hour, 1..=2) = p.digits(at)? else { return None };
        (hour <= 24).then(|| {
            (
                Clock {
                    is_open: (1..=12).contains(&hour),
                    ..Clock::known(hour, 0)
                },
                at + 1,
            )
        })
    }) else {
        return;
    };
    let is_joint = p.is_mark(joint, '-')
        || p.is(joint, W::To)
        || p.is(joint, W::And)
        || p.is(joint, W::Until)
        || p.is(joint, W::Through);
    if is_joint
        && let Some((to, end)) =
            clock::clock(p, p.past(p.past(joint + 1, W::At), W::The), Bare::Lenient, true)
    {
        found.push((end, Piece::Window(from, to)));
    }
}

/// "except sunday", "except on weekends", "but not on the 24th", "except tomorrow and friday".
fn except(p: &Parser<'_>, place: usize, found: &mut Vec<(usize, Piece)>) {
    let at = p.past(p.past(p.past(place, W::For), W::On), W::The);
    if let Some(list) = repeat_days::list(p, at) {
        found.push((list.end, Piece::ExceptWeekdays(list.days)));
        return;
    }
    if let Some((day, end)) = super::period::day_at(p, at) {
        let day = Phrase {
            day: Some(day),
            ..Phrase::default()
        };
        found.push((end, Piece::Except(Box::new(day))));
    }
}

fn is_repeat_begun(phrase: &Phrase) -> bool {
    phrase.repeat.is_some() && phrase.bounds.start.is_some() && phrase.bounds.until.is_none()
}
