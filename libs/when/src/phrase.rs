//! What was said, before it is worked out: the parts of one expression of time, and which of them fit together.

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;

use crate::{Frequency, Length, recurrence::NthDay, table::Part};

/// The parts of one expression of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Phrase {
    pub(crate) day: Option<Day>,
    /// A weekday beside a date; they must agree.
    pub(crate) weekday: Option<Weekday>,
    pub(crate) clocks: Vec<Clock>,
    pub(crate) part: Option<Part>,
    /// "in 20 minutes".
    pub(crate) elapsed: Option<Length>,
    /// "for 20 minutes".
    pub(crate) lasts: Option<Length>,
    /// "20 minutes", and nothing that says since when.
    pub(crate) bare: Option<Length>,
    pub(crate) zone: Option<Tz>,
    pub(crate) repeat: Option<Repeat>,
    pub(crate) bounds: Bounds,
    /// The end of a range.
    pub(crate) end: Option<Box<Phrase>>,
    /// "an hour before" all the rest.
    pub(crate) shift: Option<Length>,
    /// "an hour before the meeting": and when is that?
    pub(crate) lacks_anchor: bool,
    /// Tokens of what it hangs on ("my flight").
    pub(crate) event: Option<(usize, usize)>,
    /// "two hours ago", "last week".
    pub(crate) is_past: bool,
    /// Speaks of time, and nothing can be made of it.
    pub(crate) is_vague: bool,
    /// "now".
    pub(crate) is_now: bool,
    /// Whether a preposition of time led it in.
    pub(crate) is_led: bool,
    /// Whether it began with "between".
    pub(crate) is_between: bool,
    /// Whether it began with "from" or "between": what follows "to" is its end.
    pub(crate) is_from: bool,
    /// Whether a misspelling was mended in it.
    pub(crate) is_mended: bool,
}

/// A day or a stretch of days.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Day {
    Date(NaiveDate),
    /// A day and a month: this year's or next year's, whichever is ahead.
    Yearless(u32, u32),
    /// "the 31st": of this month or the next that has it.
    MonthDay(u32),
    /// A weekday, to be placed by what stands beside it ("tuesday … next week").
    Weekday(Weekday),
    /// One of these is meant.
    Either(NaiveDate, NaiveDate),
    /// First and last day.
    Stretch(NaiveDate, NaiveDate),
}

/// A time of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    /// 0 to 24.
    pub(crate) hour: u32,
    pub(crate) minute: u32,
    pub(crate) second: u32,
    /// Whether it may be before or after noon.
    pub(crate) is_open: bool,
    pub(crate) has_seconds: bool,
}

impl Clock {
    pub(crate) fn known(hour: u32, minute: u32) -> Self {
        Self {
            hour,
            minute,
            second: 0,
            is_open: false,
            has_seconds: false,
        }
    }

    /// As known, with noon or midnight behind its half of the day; `None` for "13 am".
    pub(crate) fn in_half(self, is_pm: bool) -> Option<Self> {
        let hour = match (self.hour, is_pm) {
            (12, false) => 0,
            (1..=11, true) => self.hour + 12,
            (13..=24, false) => return None,
            (hour, _) => hour,
        };
        Some(Self {
            hour,
            is_open: false,
            ..self
        })
    }

    pub(crate) fn minutes(self) -> u32 {
        self.hour * 60 + self.minute
    }
}

/// A rule that repeats.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Repeat {
    pub(crate) frequency: Frequency,
    pub(crate) interval: u32,
    pub(crate) days: Vec<NthDay>,
    pub(crate) month_days: Vec<i8>,
    pub(crate) months: Vec<u8>,
    pub(crate) set_pos: Option<i8>,
    pub(crate) from_completion: bool,
    /// "twice a day": so many times are to be named.
    pub(crate) per: u32,
    /// "every second friday": every other, or the second of the month? And rules that cannot be kept.
    pub(crate) is_unclear: bool,
}

impl Repeat {
    /// So many of a frequency.
    pub(crate) fn every(interval: u32, frequency: Frequency) -> Self {
        Self {
            frequency,
            interval,
            ..Self::default()
        }
    }

    /// Whether its days were named.
    pub(crate) fn has_days(&self) -> bool {
        !(self.days.is_empty() && self.month_days.is_empty() && self.months.is_empty())
    }

    /// Takes the days of another one, unless they do not fit.
    fn take_days(&mut self, other: Self) -> bool {
        let fits = match other.frequency {
            Frequency::Weekly => matches!(
                self.frequency,
                Frequency::Weekly | Frequency::Daily | Frequency::Hourly | Frequency::Minutely
            ),
            Frequency::Monthly => self.frequency == Frequency::Monthly,
            Frequency::Yearly => self.frequency == Frequency::Yearly,
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely => false,
        };
        if !fits || self.has_days() || (self.frequency == Frequency::Daily && self.interval != 1) {
            return false;
        }
        if self.frequency == Frequency::Daily {
            self.frequency = Frequency::Weekly;
        }
        self.days = other.days;
        self.month_days = other.month_days;
        self.months = other.months;
        self.set_pos = other.set_pos;
        self.is_unclear |= other.is_unclear;
        true
    }
}

/// Where a rule begins and ends, and what it leaves out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) start: Option<Box<Phrase>>,
    pub(crate) until: Option<Box<Phrase>>,
    pub(crate) window: Option<(Clock, Clock)>,
    pub(crate) count: Option<u32>,
    pub(crate) except_weekdays: Vec<Weekday>,
    pub(crate) except: Vec<Phrase>,
}

/// What a rule reads at one place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Clock(Clock),
    Part(Part),
    Day(Day),
    /// A day and the end of its range ("10 to 22 August").
    Days(Day, Day),
    DayPart(Day, Part),
    Elapsed(Length),
    Lasts(Length),
    Bare(Length),
    Zone(Tz),
    Repeat(Repeat),
    RepeatAt(Repeat, Clock),
    RepeatPart(Repeat, Part),
    /// The days of a rule that stands already: "weekly on mon and thu".
    RepeatDays(Repeat),
    /// "between 9 and 5" of what repeats.
    Window(Clock, Clock),
    Start(Box<Phrase>),
    Until(Box<Phrase>),
    Count(u32),
    ExceptWeekdays(Vec<Weekday>),
    Except(Box<Phrase>),
    End(Box<Phrase>),
    /// A whole phrase that stands so far from another.
    Shifted(Length, Box<Phrase>),
    LacksAnchor(Length),
    Past,
    Vague,
    Now,
}

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
    }

    /// Whether it says when something begins.
    pub(crate) fn has_beginning(&self) -> bool {
        self.has_day() || self.has_time() || self.repeat.is_some() || self.is_now
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
                self.bounds.start = Some(phrase);
            }
            Piece::Until(phrase) => {
                if self.bounds.until.is_some() || self.end.is_some() {
                    return false;
                }
                if self.repeat.is_none() && (!self.clocks.is_empty() || self.has_day()) {
                    self.end = Some(phrase);
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
                self.end = Some(phrase);
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
            Piece::Now => {
                if self.has_beginning() {
                    return false;
                }
                self.is_now = true;
            }
        }
        true
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
        let joined = match (self.day.take(), day) {
            (None, day) => Some(day),
            // A weekday and the stretch that it lies in; a weekday and its date.
            (Some(Day::Weekday(weekday)), other) | (Some(other), Day::Weekday(weekday)) => match other {
                Day::Stretch(first, last) => match placed(weekday, first, last) {
                    Some(date) => Some(Day::Date(date)),
                    None => {
                        self.day = Some(other);
                        return false;
                    }
                },
                Day::Date(_) | Day::Yearless(..) | Day::MonthDay(_) if self.weekday.is_none() => {
                    self.weekday = Some(weekday);
                    Some(other)
                }
                _ => {
                    self.day = Some(other);
                    return false;
                }
            },
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
