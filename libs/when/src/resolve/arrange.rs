//! Puts the parts of what repeats where they belong, however they were said.

use crate::{Frequency, phrase::Phrase};

/// The phrase as it is worked out, when that differs from how it was said.
pub(super) fn arranged(phrase: &Phrase) -> Option<Phrase> {
    let bounds = &phrase.bounds;
    let starts_with_time = bounds.start.as_deref().is_some_and(Phrase::has_time);
    // "from monday every weekday": where it begins.
    if phrase.is_from && phrase.day.is_some() && bounds.start.is_none() {
        let mut joined = phrase.clone();
        let start = Phrase {
            day: joined.day.take(),
            ..Phrase::default()
        };
        joined.bounds.start = Some(Box::new(start));
        if joined.bounds.until.is_none() {
            joined.bounds.until = joined.end.take_if(|end| end.day.is_some());
        }
        return Some(joined);
    }
    // "every day until friday at 9": the hour is each day's.
    let ticks = phrase
        .repeat
        .as_ref()
        .is_some_and(|repeat| matches!(repeat.frequency, Frequency::Minutely | Frequency::Hourly));
    let ends_with_time = bounds
        .until
        .as_deref()
        .is_some_and(|until| until.day.is_some() && !until.clocks.is_empty());
    if !ticks && !phrase.has_time() && !starts_with_time && ends_with_time {
        let mut joined = phrase.clone();
        if let Some(until) = &mut joined.bounds.until {
            joined.clocks = std::mem::take(&mut until.clocks);
            joined.part = until.part.take();
        }
        return Some(joined);
    }
    None
}
