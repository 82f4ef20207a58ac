//! Which pieces fit together: a phrase takes one more, or another phrase of the same sentence.

use chrono::{NaiveDate, Weekday};

use super::{Bounds, Clock, Day, Phrase, Piece, Repeat};
use crate::{Frequency, table::Part};

impl Phrase {
    /// Whether anything was said.
    pub(crate) fn is_empty(&self) -> bool {
        !self.has_beginning()
            && self.lasts.is_none()
            && self.bare.is_none()
            && self.zone.is_none()
            && self.bounds == Bounds::default()
            && self.end.is_none()
            && !self.lacks_anchor
            && !self.is_past
            && !self.is_vague
            && !self.is_hour_vague
    }

    /// Whether it says when something begins.
    pub(crate) fn has_beginning(&self) -> bool {
        self.has_day() || self.has_time() || self.repeat.is_some() || self.is_now
    }

    /// Whether it says times of the clock and nothing else.
    pub(crate) fn is_clock(&self) -> bool {
        let only = Self {
            clocks: self.clocks.clone(),
            is_led: self.is_led,
            is_mended: self.is_mended,
            ..Self::default()
        };
        !self.clocks.is_empty() && *self == only
    }

    pub(crate) fn has_day(&self) -> bool {
        self.day.is_some() || self.elapsed.is_some()
    }

    pub(crate) fn has_time(&self) -> bool {
        !self.clocks.is_empty() || self.part.is_some()
    }

    /// Takes one more piece, unless it does not fit what is there.
    pub(crate) fn absorb(&mut self, piece: Piece) -> bool {
        if self.bare.is_some() || (self.lasts.is_some() && self.repeat.is_none()) {
            return false;
        }
        match piece {
            Piece::Clock(clock) => return self.absorb_clock(clock),
            Piece::Part(part) => {
                // "first thing tomorrow morning"
                if self.part == Some(Part::EarlyMorning) && part == Part::Morning {
                    return true;
                }
                if self.part.is_some() || self.has_elapsed_clock() {
                    return false;
                }
                self.part = Some(part);
            }
            Piece::Day(day) => return self.absorb_day(day),
            Piece::Days(day, last) => {
                if !self.absorb_day(day) {
                    return false;
                }
                self.end = Some(Box::new(Self {
                    day: Some(last),
                    ..Self::default()
                }));
            }
            Piece::DayPart(day, part) => {
                if self.part.is_some() || !self.absorb_day(day) {
                    return false;
                }
                self.part = Some(part);
            }
            Piece::Elapsed(length) => {
                if self.has_beginning() || self.bare.is_some() {
                    return false;
                }
                self.elapsed = Some(length);
            }
            Piece::Moves(length) => {
                if self.has_beginning() || self.bare.is_some() {
                    return false;
                }
                self.moves = Some(length);
                if length.is_negative() {
                    self.is_past = true;
                } else {
                    self.elapsed = Some(length);
                }
            }
            Piece::Lasts(length) => {
                // Of what happens once it is a part of what is to be done ("meditate for 10 minutes").
                if self.lasts.is_some() || (self.repeat.is_none() && !self.is_empty()) {
                    return false;
                }
                self.lasts = Some(length);
            }
            Piece::Bare(length) => {
                if !self.is_empty() {
                    return false;
                }
                self.bare = Some(length);
            }
            // "10:00 МСК-11:00 МСК" says it twice.
            Piece::Zone(zone) if self.zone == Some(zone) && self.end.is_some() => {}
            Piece::Zone(zone) => {
                if self.zone.is_some() || self.clocks.is_empty() {
                    return false;
                }
                self.zone = Some(zone);
            }
            Piece::Repeat(repeat) => return self.absorb_repeat(repeat),
            Piece::RepeatDays(days) => {
                let Some(repeat) = &mut self.repeat else {
                    return false;
                };
                return repeat.take_days(days);
            }
            Piece::RepeatAt(repeat, clock) => return self.absorb_repeat(repeat) && self.absorb_clock(clock),
            Piece::RepeatPart(repeat, part) => {
                if !self.absorb_repeat(repeat) {
                    return false;
                }
                self.part = Some(part);
            }
            Piece::Window(from, to) => {
                let ticks = self.repeat.as_ref().is_some_and(|repeat| {
                    matches!(repeat.frequency, Frequency::Minutely | Frequency::Hourly)
                });
                if !ticks {
                    let end = Self {
                        clocks: vec![to],
                        ..Self::default()
                    };
                    return self.end.is_none()
                        && self.absorb_clock(from)
                        && self.absorb(Piece::End(Box::new(end)));
                }
                if self.bounds.window.is_some() {
                    return false;
                }
                self.bounds.window = Some((from, to));
            }
            Piece::Start(phrase) => {
                if self.bounds.start.is_some() {
                    return false;
                }
                let mut phrase = phrase;
                // "from tomorrow until friday" has its end with it.
                if phrase.day.is_some()
                    && let Some(end) = phrase.end.take()
                {
                    self.bounds.until = Some(end);
                }
                self.bounds.start = Some(phrase);
            }
            Piece::Until(phrase) => {
                if self.bounds.until.is_some() || self.end.is_some() {
                    return false;
                }
                if self.repeat.is_none() && (!self.clocks.is_empty() || self.has_day()) {
                    self.end_at(phrase);
                } else {
                    self.bounds.until = Some(phrase);
                }
            }
            Piece::Count(count) => {
                if self.bounds.count.is_some() || self.repeat.is_none() {
                    return false;
                }
                self.bounds.count = Some(count);
            }
            Piece::ExceptWeekdays(days) => self.bounds.except_weekdays.extend(days),
            Piece::Except(phrase) => self.bounds.except.push(*phrase),
            Piece::End(phrase) => {
                if self.end.is_some() {
                    return false;
                }
                self.end_at(phrase);
            }
            Piece::Shifted(length, anchor) => {
                if !self.is_empty() {
                    return false;
                }
                let (is_led, is_mended) = (self.is_led, self.is_mended);
                *self = *anchor;
                self.is_led |= is_led;
                self.is_mended |= is_mended;
                self.shift = match self.shift {
                    None => Some(length),
                    Some(other) => length.plus(other),
                };
            }
            Piece::LacksAnchor(length) => {
                if self.has_beginning() {
                    return false;
                }
                self.shift = Some(length);
                self.lacks_anchor = true;
            }
            Piece::Past => self.is_past = true,
            Piece::Vague => self.is_vague = true,
            Piece::VagueWord => {
                self.is_vague = true;
                self.is_word_vague = true;
            }
            Piece::SomeHour => self.is_hour_vague = true,
            Piece::Now => {
                if self.has_beginning() {
                    return false;
                }
                self.is_now = true;
            }
        }
        true
    }

    /// Takes the end of a range. "9:30 - 11 on thursday": its day is the beginning's, and its part of the day.
    fn end_at(&mut self, mut end: Box<Self>) {
        let is_time = !self.clocks.is_empty() && !self.has_day() && self.repeat.is_none();
        // "9am until friday": once, or each day?
        self.is_vague |= is_time && end.clocks.is_empty() && end.day.is_some();
        if is_time && !end.clocks.is_empty() {
            self.day = end.day.take();
            self.weekday = self.weekday.or(end.weekday);
            self.part = self.part.or(end.part.take());
        }
        self.zone = self.zone.or(end.zone);
        self.end = Some(end);
    }

    fn has_elapsed_clock(&self) -> bool {
        self.elapsed.is_some_and(|length| length.seconds != 0)
    }

    fn absorb_clock(&mut self, clock: Clock) -> bool {
        let is_full = !self.clocks.is_empty() && self.repeat.is_none();
        if is_full || self.has_elapsed_clock() || self.is_now || self.clocks.len() >= 24 {
            return false;
        }
        self.clocks.push(clock);
        true
    }

    fn absorb_repeat(&mut self, repeat: Repeat) -> bool {
        if self.repeat.is_some() || self.elapsed.is_some() || self.is_now {
            return false;
        }
        // "on the 5th every month", "monday every week", "every year on 3 march"
        self.repeat = Some(repeat);
        true
    }

    fn absorb_day(&mut self, day: Day) -> bool {
        if self.has_elapsed_clock() || self.is_now {
            return false;
        }
        if self.elapsed.is_some() {
            return false;
        }
        let before = self.day.clone();
        let joined = match (self.day.take(), day) {
            (None, day) => Some(day),
            // A weekday and the stretch that it lies in; a weekday and its date.
            (Some(Day::Weekday(weekday)), other) | (Some(other), Day::Weekday(weekday)) => match other {
                Day::Stretch(first, last) => match placed(weekday, first, last) {
                    Some(date) => Some(Day::Date(date)),
                    None => {
                        self.day = before;
                        return false;
                    }
                },
                Day::Date(_) | Day::Yearless(..) | Day::OfMonth(_) if self.weekday.is_none() => {
                    self.weekday = Some(weekday);
                    Some(other)
                }
                _ => {
                    self.day = before;
                    return false;
                }
            },
            // "next month on the first monday"
            (Some(Day::Stretch(first, last)), Day::Date(date))
                if (first..=last).contains(&date) && (last - first).num_days() >= 27 =>
            {
                Some(Day::Date(date))
            }
            // "next year on march 3"
            (Some(Day::Stretch(first, last)), Day::Yearless(month, day))
            | (Some(Day::Yearless(month, day)), Day::Stretch(first, last)) => {
                match dated(month, day, first, last) {
                    Some(date) => Some(Day::Date(date)),
                    None => {
                        self.day = before;
                        return false;
                    }
                }
            }
            // "next month on the 5th"
            (Some(Day::Stretch(first, last)), Day::OfMonth(number))
            | (Some(Day::OfMonth(number)), Day::Stretch(first, last)) => {
                match numbered(number, first, last) {
                    Some(date) => Some(Day::Date(date)),
                    None => {
                        self.day = before;
                        return false;
                    }
                }
            }
            (Some(old), _) => {
                self.day = Some(old);
                return false;
            }
        };
        self.day = joined;
        true
    }

    /// Takes the parts of another phrase of the same sentence; `false`, and unchanged, when they say two times.
    pub(crate) fn merge(&mut self, other: &Self) -> bool {
        let before = self.clone();
        if self.join(other) {
            return true;
        }
        *self = before;
        false
    }

    fn join(&mut self, other: &Self) -> bool {
        if self.shift.is_some() || other.shift.is_some() || self.is_past || other.is_past {
            return false;
        }
        // "on saturday … on 11 september" are two days, even where they agree; "on tuesday … next week" is one.
        if let (Some(one), Some(other)) = (&self.day, &other.day)
            && !matches!(
                (one, other),
                (Day::Weekday(_), Day::Stretch(..)) | (Day::Stretch(..), Day::Weekday(_))
            )
        {
            return false;
        }
        let bounds = &other.bounds;
        let fits = other.day.as_ref().is_none_or(|day| self.absorb_day(day.clone()))
            && other
                .elapsed
                .is_none_or(|length| self.absorb(Piece::Elapsed(length)))
            && other
                .repeat
                .as_ref()
                .is_none_or(|repeat| self.absorb_repeat(repeat.clone()))
            && other.part.is_none_or(|part| self.absorb(Piece::Part(part)))
            && (self.clocks.is_empty() || other.clocks.is_empty())
            && other.clocks.iter().all(|clock| self.absorb_clock(*clock))
            && other.lasts.is_none_or(|length| self.absorb(Piece::Lasts(length)))
            && other.bare.is_none()
            && (other.zone.is_none() || self.zone.is_none())
            && (other.weekday.is_none() || self.weekday.is_none())
            && (other.end.is_none() || self.end.is_none())
            && (bounds.start.is_none() || self.bounds.start.is_none())
            && (bounds.until.is_none() || self.bounds.until.is_none())
            && (bounds.window.is_none() || self.bounds.window.is_none())
            && (bounds.count.is_none() || self.bounds.count.is_none())
            && !(other.is_now && self.has_beginning());
        if !fits {
            return false;
        }
        self.zone = self.zone.or(other.zone);
        self.weekday = self.weekday.or(other.weekday);
        self.end = self.end.take().or_else(|| other.end.clone());
        self.is_now |= other.is_now;
        self.is_led |= other.is_led;
        self.is_vague |= other.is_vague;
        self.is_word_vague |= other.is_word_vague;
        self.is_hour_vague |= other.is_hour_vague;
        self.is_mended |= other.is_mended;
        self.lacks_anchor |= other.lacks_anchor;
        self.bounds.start = self.bounds.start.take().or_else(|| bounds.start.clone());
        self.bounds.until = self.bounds.until.take().or_else(|| bounds.until.clone());
        self.bounds.window = self.bounds.window.or(bounds.window);
        self.bounds.count = self.bounds.count.or(bounds.count);
        self.bounds.except_weekdays.extend(&bounds.except_weekdays);
        self.bounds.except.extend(bounds.except.iter().cloned());
        true
    }
}

/// The one day of a stretch that is that weekday.
fn placed(weekday: Weekday, first: NaiveDate, last: NaiveDate) -> Option<NaiveDate> {
    use chrono::Datelike;
    let mut days = first
        .iter_days()
        .take_while(|date| *date <= last)
        .take(8)
        .filter(|date| date.weekday() == weekday);
    let found = days.next()?;
    days.next().is_none().then_some(found)
}

/// The one day of a stretch of at most a year that is that day of that month.
fn dated(month: u32, day: u32, first: NaiveDate, last: NaiveDate) -> Option<NaiveDate> {
    use chrono::Datelike;
    let of =
        |year: i32| NaiveDate::from_ymd_opt(year, month, day).filter(|date| (first..=last).contains(date));
    (first.year() == last.year()).then(|| of(first.year()))?
}

/// The one day of a stretch that has that number.
fn numbered(number: u32, first: NaiveDate, last: NaiveDate) -> Option<NaiveDate> {
    use chrono::Datelike;
    let mut days = first
        .iter_days()
        .take_while(|date| *date <= last)
        .take(100)
        .filter(|date| date.day() == number);
    let found = days.next()?;
    days.next().is_none().then_some(found)
}
