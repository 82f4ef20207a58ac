//! Which hour is meant: halves of the day, parts of the day, and the ends of ranges.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::{
    Context, Lean,
    phrase::{Clock, Day, Phrase},
    rules::part,
    table::Part,
};

/// The hour that is meant on a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Hour {
    /// Not said.
    Unknown,
    /// Minutes from midnight (past 24:00 it is the next day's) and seconds.
    At(u32, u32),
    /// Both are plausible.
    Ask(NaiveTime, NaiveTime),
    /// "17:00 in the morning".
    Wrong,
}

/// The time of day of so many minutes.
pub(super) fn time(minutes: u32) -> Option<NaiveTime> {
    let minutes = minutes % (24 * 60);
    NaiveTime::from_hms_opt(minutes / 60, minutes % 60, 0)
}

/// So many minutes and seconds into a day, which may be past its end.
pub(super) fn on(date: NaiveDate, minutes: u32, seconds: u32) -> Option<NaiveDateTime> {
    let start = date.and_time(NaiveTime::MIN);
    start.checked_add_signed(TimeDelta::seconds(i64::from(minutes) * 60 + i64::from(seconds)))
}

/// Where an hour stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Setting {
    /// On a later day, or again and again.
    Dated,
    /// Today, at so many minutes from midnight now.
    Today(u32),
    /// On no day: the next one is meant.
    Undated(u32),
}

/// "early" and "late" of a part of the day.
fn nearer(part: Part, is_early: bool, is_late: bool) -> Part {
    match (part, is_early, is_late) {
        (Part::Morning, true, _) => Part::EarlyMorning,
        (Part::Morning, _, true) => Part::LateMorning,
        (Part::Afternoon, true, _) => Part::AfterLunch,
        (Part::Afternoon, _, true) => Part::LateAfternoon,
        (Part::Evening, true, _) => Part::AfterWork,
        (Part::Evening | Part::Night | Part::Tonight, _, true) => Part::LateNight,
        (part, ..) => part,
    }
}

/// The hour that a phrase means on a date.
pub(super) fn of(phrase: &Phrase, date: Option<NaiveDate>, context: &Context, now: NaiveDateTime) -> Hour {
    let Some(clock) = phrase.clocks.first() else {
        return phrase.part.map_or(Hour::Unknown, |part| {
            let (hour, minute) = part::hours(nearer(part, phrase.is_early, phrase.is_late)).usual;
            Hour::At(hour * 60 + minute, 0)
        });
    };
    if phrase.clocks.len() > 1 {
        return Hour::Wrong;
    }
    let clock = match phrase.end.as_deref().and_then(|end| end.clocks.first()) {
        Some(end) => beginning(*clock, *end, phrase.part),
        None => *clock,
    };
    let minutes = minutes_of(now);
    let setting = match date {
        None => Setting::Undated(minutes),
        Some(date) if date == now.date() => Setting::Today(minutes),
        Some(_) => Setting::Dated,
    };
    // "3 in the night of the 5th": that day's or the next day's?
    let hour = settle(clock, phrase.part, context.lean, setting);
    match hour {
        Hour::At(minutes, _)
            if minutes >= 24 * 60
                && setting == Setting::Dated
                && clock.hour != 12
                && clock.hour != 24
                && clock.hour != 0 =>
        {
            Hour::Wrong
        }
        other => other,
    }
}

fn minutes_of(now: NaiveDateTime) -> u32 {
    use chrono::Timelike;
    now.hour() * 60 + now.minute()
}

/// The beginning of a range, whose end tells which half of the day it is in: "8 - 11pm", "11-1:30", "9 to 5".
fn beginning(clock: Clock, end: Clock, part: Option<Part>) -> Clock {
    if !clock.is_open || part.is_some() {
        return clock;
    }
    let half = |is_pm: bool| clock.in_half(is_pm).unwrap_or(clock);
    if end.is_open {
        let twelve = |clock: Clock| clock.hour % 12 * 60 + clock.minute;
        // "9 to 5", "11:30 - 1:30": through noon.
        return if twelve(end) <= twelve(clock) && clock.hour >= 6 && clock.hour < 12 {
            half(false)
        } else {
            clock
        };
    }
    let late = half(true);
    if end.minutes() > late.minutes() || (end.minutes() == 0 && clock.hour != 12) {
        late
    } else {
        half(false)
    }
}

/// Which half of the day an hour is in.
pub(super) fn settle(clock: Clock, part: Option<Part>, lean: Lean, setting: Setting) -> Hour {
    let at = |clock: Clock| Hour::At(clock.minutes(), clock.second);
    if let Some(part) = part {
        return within(clock, part);
    }
    if !clock.is_open {
        return at(clock);
    }
    let (Some(am), Some(pm)) = (clock.in_half(false), clock.in_half(true)) else {
        return at(clock);
    };
    let ask = match (time(am.minutes()), time(pm.minutes())) {
        (Some(am), Some(pm)) => Hour::Ask(am, pm),
        _ => Hour::Wrong,
    };
    match lean {
        Lean::Morning if (3..12).contains(&clock.hour) => return at(am),
        Lean::Evening if clock.hour < 12 => return at(pm),
        Lean::None | Lean::Morning | Lean::Evening => {}
    }
    let usual = match clock.hour {
        1..=5 | 12 => at(pm),
        9..=11 => at(am),
        // "8:00" of a 24-hour clock would be "20:00" in the evening.
        _ if clock.is_written => at(am),
        _ => ask,
    };
    let is_formal = clock.is_formal && clock.hour != 12;
    let usual = if is_formal { at(am) } else { usual };
    match setting {
        Setting::Dated => usual,
        Setting::Today(_) if is_formal => usual,
        Setting::Today(now) => match (am.minutes() > now, pm.minutes() > now) {
            (true, true) => usual,
            (false, true) => at(pm),
            // Over: the caller says so.
            _ => usual_or(usual, at(pm)),
        },
        Setting::Undated(now) => match (am.minutes() > now, pm.minutes() > now) {
            // Before dawn "at 3" may be either.
            (true, true) if clock.hour == 12 => at(pm),
            (true, true) if clock.hour < 6 => {
                if now < 60 {
                    at(pm)
                } else {
                    ask_unless(now < 4 * 60, ask, at(pm))
                }
            }
            (true, true) => at(am),
            // "8:15" of a 24-hour clock, at noon: in the evening or tomorrow?
            (false, true) if clock.is_written && (6..=8).contains(&clock.hour) => ask,
            (false, true) if clock.hour <= 8 || clock.hour == 12 => at(pm),
            (false, true) => ask,
            // Both are over: the morning's is next where mornings have it.
            (false, false) if (7..=11).contains(&clock.hour) => at(am),
            _ => ask,
        },
    }
}

fn usual_or(usual: Hour, other: Hour) -> Hour {
    match usual {
        Hour::Ask(..) => other,
        known => known,
    }
}

fn ask_unless(is_asked: bool, ask: Hour, known: Hour) -> Hour {
    if is_asked { ask } else { known }
}

/// An hour beside a part of the day: the one that lies in it.
fn within(clock: Clock, part: Part) -> Hour {
    // "12 in the morning" is said of noon as well as of midnight.
    if clock.is_open
        && clock.hour == 12
        && part == Part::Morning
        && let (Some(midnight), Some(noon)) = (time(clock.minute), time(clock.minutes()))
    {
        return Hour::Ask(midnight, noon);
    }
    let hours = part::hours(part);
    let fits = |minutes: u32| (hours.from * 60..hours.to * 60).contains(&minutes);
    let next_day = |minutes: u32| minutes + 24 * 60;
    // "8:15 abends" is 20:15.
    let candidates: Vec<u32> = if clock.is_open || (clock.is_written && (1..12).contains(&clock.hour)) {
        let halves = [clock.in_half(false), clock.in_half(true)];
        halves
            .into_iter()
            .flatten()
            .flat_map(|clock| [clock.minutes(), next_day(clock.minutes())])
            .collect()
    } else {
        vec![clock.minutes(), next_day(clock.minutes())]
    };
    let found: Vec<u32> = candidates.into_iter().filter(|minutes| fits(*minutes)).collect();
    match found.as_slice() {
        [only] => Hour::At(*only, clock.second),
        [] if !clock.is_open && clock.hour < 12 => {
            // "tonight at 9am": what was said of the half of the day wins, and is asked for.
            let pm = Clock {
                is_open: false,
                hour: clock.hour + 12,
                ..clock
            };
            match (time(clock.minutes()), time(pm.minutes())) {
                (Some(am), Some(pm)) => Hour::Ask(am, pm),
                _ => Hour::Wrong,
            }
        }
        _ => Hour::Wrong,
    }
}

/// The end of a range that begins at a moment.
pub(super) fn end(phrase: &Phrase, at: NaiveDateTime) -> Option<NaiveDateTime> {
    let end = phrase.end.as_deref()?;
    let date = match &end.day {
        Some(Day::Weekday(day)) => crate::rules::weekday::after(at.date(), *day)?,
        Some(day) => super::only_date(day, at.date())?,
        None => at.date(),
    };
    let Some(clock) = end.clocks.first() else {
        return end
            .day
            .as_ref()
            .map(|_| date.and_time(NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default()));
    };
    let candidates: Vec<Clock> = if clock.is_open {
        [clock.in_half(false), clock.in_half(true)]
            .into_iter()
            .flatten()
            .collect()
    } else {
        vec![*clock]
    };
    let same_day = candidates
        .iter()
        .filter_map(|clock| on(date, clock.minutes(), clock.second));
    let next_day = candidates
        .iter()
        .filter_map(|clock| on(date.succ_opt()?, clock.minutes(), clock.second));
    same_day.chain(next_day).find(|end| *end > at)
}
