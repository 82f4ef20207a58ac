//! What was understood of a sentence, what is left of it, and what must be asked.

use std::fmt;
use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

use crate::{Length, Recurrence, phrase::Phrase};

/// What was understood of a sentence.
///
/// Exactly one of three things holds: nothing in it speaks of time ([`Reading::is_nothing`]); it can be set
/// ([`Reading::value`]); or something must be asked first ([`Reading::need`]). Nothing is ever set from a part.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// When, complete: there only when nothing must be asked.
    pub value: Option<Value>,
    /// What must be asked first.
    pub need: Option<Need>,
    /// What was understood so far, for the question's words.
    pub understood: Understood,
    /// Where in the sentence the words of time stand (bytes), in order, without overlap.
    pub spans: Vec<Range<usize>>,
    /// The sentence without them, tidied: what is left as the reminder's text.
    pub kept: String,
    /// Words of time that were not understood (bytes).
    pub unread: Vec<Range<usize>>,
    /// Inside of `spans`, what the time hangs on: "my flight" of "an hour before my flight at 15:00". It names the
    /// reminder when nothing else does.
    pub event: Option<Range<usize>>,
    /// How long it lasts, where that was said beside when ("for 30 minutes"): calendars want to know.
    pub lasts: Option<Length>,
    /// How sure the reading is.
    pub confidence: Confidence,
    /// What was said, for [`crate::answer`] to build upon.
    pub(crate) said: Phrase,
    /// How often a rule was tried.
    pub(crate) work: u32,
}

impl Reading {
    /// Whether a day was said, by name, date, or as time to elapse: "9pm" alone leaves the day as it is.
    pub fn says_day(&self) -> bool {
        self.said.has_day()
    }

    /// How much later ("an hour later"; earlier when negative), where nothing else was said: of what is moved it counts
    /// from when that was, and not from now.
    pub fn moves(&self) -> Option<Length> {
        let only = Phrase {
            elapsed: self.said.elapsed,
            is_past: self.said.is_past,
            moves: self.said.moves,
            is_led: self.said.is_led,
            is_mended: self.said.is_mended,
            ..Phrase::default()
        };
        self.said.moves.filter(|_| self.said == only)
    }

    /// The length of "in 20 minutes", where nothing else was said.
    pub fn elapsed(&self) -> Option<Length> {
        let only = Phrase {
            elapsed: self.said.elapsed,
            is_led: self.said.is_led,
            is_mended: self.said.is_mended,
            ..Phrase::default()
        };
        self.said.elapsed.filter(|_| self.said == only)
    }

    /// Both times of day that a bare hour means ("6", "half past six"), where nothing else was said: of what is moved it
    /// is the one that suits when that was, and not the next one.
    pub fn open_hour(&self) -> Option<(NaiveTime, NaiveTime)> {
        let [clock] = self.said.clocks.as_slice() else {
            return None;
        };
        let time = |is_pm| {
            let clock = clock.in_half(is_pm)?;
            NaiveTime::from_hms_opt(clock.hour, clock.minute, 0)
        };
        let is_open = clock.is_open && self.said.is_clock();
        is_open.then(|| Some((time(false)?, time(true)?)))?
    }

    /// How often a rule of the grammar was tried to read the sentence. It is bounded: what takes more is asked about.
    pub fn work(&self) -> u32 {
        self.work
    }

    /// Whether nothing in the sentence speaks of time.
    pub fn is_nothing(&self) -> bool {
        self.value.is_none() && self.need.is_none()
    }
}

/// When.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// At one moment.
    Once(Moment),
    /// Again and again.
    Every(Recurrence),
}

/// One moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// What the clocks of `zone` show then.
    pub local: NaiveDateTime,
    /// The zone of `local`: the one that was named, or the user's.
    pub zone: Tz,
    /// Whether the zone was named.
    pub names_zone: bool,
    /// The instant.
    pub instant: DateTime<Utc>,
    /// Whether it was said as time to elapse ("in 20 minutes"): then the instant counts, else the wall clock.
    pub is_elapsed: bool,
    /// What it is exact to.
    pub grain: Grain,
    /// The end of a range ("from 9 to 11"), in the same zone.
    pub end: Option<NaiveDateTime>,
}

/// What a moment is exact to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// Seconds were said.
    Second,
    /// A time of the clock was said.
    Minute,
    /// A part of the day was said; the hour is its usual one.
    Part,
    /// A day was said; the hour is [`crate::Context::day_hour`], or that of now for "in 3 days".
    Day,
}

/// What was understood so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Understood {
    /// The day.
    pub day: Option<NaiveDate>,
    /// The first and last day of a stretch ("next week").
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// The time of day.
    pub time: Option<NaiveTime>,
    /// The rule, its times not yet known.
    pub recurrence: Option<Recurrence>,
    /// The zone that was named.
    pub zone: Option<Tz>,
}

/// What must be asked before anything is set. [`Understood`] says what is known already.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// Nothing but words that say no more than "later": when?
    When,
    /// The day or the rule is known: at what time?
    TimeOfDay,
    /// The hour is known: in the morning or in the evening?
    AmPm {
        /// The time before noon.
        am: NaiveTime,
        /// The time after noon.
        pm: NaiveTime,
    },
    /// A stretch of days is known: on which day? [`Understood::days`] has it.
    Day,
    /// One of these is meant, both are plausible.
    Which(Vec<Choice>),
    /// It is over already.
    Past(Option<NaiveDateTime>),
    /// An end is known ("until 5"), no beginning.
    Start,
    /// A bare length is known ("10 minutes"): from now on? A timer or a snooze knows, a reminder must ask.
    Length(Length),
    /// It hangs on something whose time is unknown ("an hour before the meeting"): when is that?
    Anchor,
    /// [`Reading::unread`] speaks of time and was not understood: say it otherwise.
    Unread,
}

/// One of several readings; its text answers the question ([`crate::answer`] reads it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The day that is meant.
    pub day: NaiveDate,
    /// The time of day, when it was said.
    pub time: Option<NaiveTime>,
}

/// How sure a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// A word was mended, or one of several phrases was taken as part of the text.
    Likely,
    /// All as it was said.
    Sure,
}

/// One line, for logs and tests: `2026-11-27T09:00` or an RRULE.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Once(moment) => {
                let pattern = if moment.grain == Grain::Second {
                    "%Y-%m-%dT%H:%M:%S"
                } else {
                    "%Y-%m-%dT%H:%M"
                };
                write!(formatter, "{}", moment.local.format(pattern))?;
                if moment.names_zone {
                    write!(formatter, " {}", moment.zone)?;
                }
                Ok(())
            }
            Self::Every(rule) => rule.fmt(formatter),
        }
    }
}

/// One word, for logs and tests.
impl fmt::Display for Need {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::When => formatter.write_str("when"),
            Self::TimeOfDay => formatter.write_str("time"),
            Self::AmPm { am, pm } => write!(formatter, "ampm {} {}", am.format("%H:%M"), pm.format("%H:%M")),
            Self::Day => formatter.write_str("day"),
            Self::Which(choices) => {
                formatter.write_str("which")?;
                choices.iter().try_for_each(|choice| {
                    write!(formatter, " {}", choice.day)?;
                    choice
                        .time
                        .map_or(Ok(()), |time| write!(formatter, "T{}", time.format("%H:%M")))
                })
            }
            Self::Past(_) => formatter.write_str("past"),
            Self::Start => formatter.write_str("start"),
            Self::Length(_) => formatter.write_str("length"),
            Self::Anchor => formatter.write_str("anchor"),
            Self::Unread => formatter.write_str("unread"),
        }
    }
}
