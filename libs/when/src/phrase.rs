//! What was said, before it is worked out: the parts of one expression of time, and which of them fit together.

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;

use crate::{Frequency, Length, recurrence::NthDay, table::Part};

mod absorb;

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
    /// "20 minutes later", "an hour earlier" (negative): from now, unless something is moved.
    pub(crate) moves: Option<Length>,
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
    /// A word such as "soon" was said.
    pub(crate) is_word_vague: bool,
    /// An hour was said that nobody can know ("at sunset").
    pub(crate) is_hour_vague: bool,
    /// "now".
    pub(crate) is_now: bool,
    /// Whether a preposition of time led it in.
    pub(crate) is_led: bool,
    /// Whether it began with "between".
    pub(crate) is_between: bool,
    /// Whether it began with "from" or "between": what follows "to" is its end.
    pub(crate) is_from: bool,
    /// "early", "late" before the part of the day.
    pub(crate) is_early: bool,
    pub(crate) is_late: bool,
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
    OfMonth(u32),
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
    /// "8 Uhr" of a day is the morning's; the evening's would be "20 Uhr".
    pub(crate) is_formal: bool,
    /// "8:00" where clocks have 24 hours; not "08:00", which the evening never has.
    pub(crate) is_written: bool,
}

impl Clock {
    pub(crate) fn known(hour: u32, minute: u32) -> Self {
        Self {
            hour,
            minute,
            second: 0,
            is_open: false,
            has_seconds: false,
            is_formal: false,
            is_written: false,
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
            is_written: false,
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
    /// So much later; earlier when negative.
    Moves(Length),
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
    /// "soon"
    VagueWord,
    /// "after dinner"
    SomeHour,
    Now,
}
