//! The times of day of what repeats, and the window in which minutes and hours tick.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::{
    hours,
    hours::{Hour, Setting},
};
use crate::{
    Context, Need, Recurrence, Window,
    phrase::{Clock, Phrase},
    rules::part,
};

/// What the times leave to ask.
pub(super) enum Asked {
    Nothing,
    Hour(Need),
    Unread,
}

pub(super) fn times(rule: &mut Recurrence, phrase: &Phrase, context: &Context, ticks: bool) -> Asked {
    let end = phrase.end.as_deref().and_then(|end| end.clocks.first().copied());
    if ticks {
        let window = phrase
            .bounds
            .window
            .or_else(|| Some((*phrase.clocks.first()?, end?)));
        if let Some((from, to)) = window {
            let Some(window) = window_of(from, to, phrase) else {
                return Asked::Unread;
            };
            rule.window = Some(window);
            return Asked::Nothing;
        }
        // "every 3 hours at 9" and "every hour in the morning" say more than a rule holds.
        return if phrase.has_time() || end.is_some() {
            Asked::Unread
        } else {
            Asked::Nothing
        };
    }
    let mut clocks = phrase.clocks.clone();
    let mut part = phrase.part;
    if let Some(start) = phrase.bounds.start.as_deref()
        && clocks.is_empty()
        && part.is_none()
    {
        clocks.clone_from(&start.clocks);
        part = start.part;
    }
    if let (Some(end), [first]) = (end, clocks.as_slice()) {
        let joined = Phrase {
            clocks: vec![*first],
            part,
            end: Some(Box::new(Phrase {
                clocks: vec![end],
                ..Phrase::default()
            })),
            ..Phrase::default()
        };
        return match hours::of(&joined, Some(NaiveDate::MAX), context, NaiveDateTime::MIN) {
            Hour::At(minutes, _) => {
                rule.times = hours::time(minutes).into_iter().collect();
                Asked::Nothing
            }
            Hour::Ask(am, pm) => Asked::Hour(Need::AmPm { am, pm }),
            Hour::Unknown | Hour::Wrong => Asked::Unread,
        };
    }
    let mut before: Option<u32> = None;
    for clock in &clocks {
        // "at 9 and 5": each is the next one behind the one before.
        let later = before.and_then(|before| {
            let halves = [clock.in_half(false)?, clock.in_half(true)?];
            halves
                .into_iter()
                .map(Clock::minutes)
                .find(|minutes| *minutes > before)
        });
        let hour = match later {
            Some(minutes) if clock.is_open && part.is_none() => Hour::At(minutes, 0),
            // "jeden Montag um 8": the evening's would be "um 20".
            _ if part.is_none() && is_of_24_hours(*clock, context) => Hour::At(clock.minutes(), 0),
            _ => hours::settle(*clock, part, context.lean, Setting::Dated),
        };
        match hour {
            Hour::At(minutes, 0) => {
                before = Some(minutes);
                rule.times.extend(hours::time(minutes));
            }
            Hour::Ask(am, pm) => return Asked::Hour(Need::AmPm { am, pm }),
            Hour::At(..) | Hour::Unknown | Hour::Wrong => return Asked::Unread,
        }
    }
    if clocks.is_empty() {
        match (part, context.day_hour) {
            (Some(part), _) => {
                let (hour, minute) = part::hours(part).usual;
                rule.times.extend(NaiveTime::from_hms_opt(hour, minute, 0));
            }
            (None, Some(time)) => rule.times.push(time),
            (None, None) => return Asked::Hour(Need::TimeOfDay),
        }
    }
    rule.times.sort_unstable();
    rule.times.dedup();
    Asked::Nothing
}

/// Whether an hour that may be of either half is said where the evening's would be said as 18 to 20.
fn is_of_24_hours(clock: Clock, context: &Context) -> bool {
    clock.is_open
        && (6..=8).contains(&clock.hour)
        && context.lean != crate::Lean::Evening
        && matches!(
            context.locale.language,
            crate::Language::German | crate::Language::Russian
        )
}

/// "between 9 and 5" is 9:00 to 17:00, "from 10 to 2" 10:00 to 14:00.
fn window_of(from: Clock, to: Clock, phrase: &Phrase) -> Option<Window> {
    let time = |clock: Clock| hours::time(clock.minutes());
    let part = phrase.part;
    if part.is_some() {
        return None;
    }
    let (from, to) = match (from.is_open, to.is_open) {
        (false, false) => (from, to),
        (false, true) => {
            let halves = [to.in_half(false)?, to.in_half(true)?];
            let to = halves
                .into_iter()
                .find(|to| to.minutes() > from.minutes())
                .unwrap_or(halves[0]);
            (from, to)
        }
        (true, false) => {
            let late = from.in_half(true)?;
            (
                if late.minutes() < to.minutes() && from.hour < 6 {
                    late
                } else {
                    from.in_half(false)?
                },
                to,
            )
        }
        (true, true) => {
            // Mornings begin at 6: 9 to 5, 8 to 8, 6 to 10; earlier hours are the afternoon's.
            let from = if from.hour >= 6 && from.hour < 12 {
                from.in_half(false)?
            } else {
                from.in_half(true)?
            };
            let halves = [to.in_half(false)?, to.in_half(true)?];
            (from, halves.into_iter().find(|to| to.minutes() > from.minutes())?)
        }
    };
    Some(Window {
        from: time(from)?,
        to: time(to)?,
    })
}
