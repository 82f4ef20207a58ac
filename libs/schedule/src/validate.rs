//! What makes a schedule acceptable, with every problem said in words for the person who wrote it.

use chrono::{DateTime, Datelike, Month, NaiveDate, NaiveTime, Timelike};

use crate::{Cycle, Schedule, cron, recurrence::Recurrence, rule::WallRule};

/// Why a schedule is refused. The text is meant for the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// The interval of `every` is under a minute.
    #[error("an interval of {seconds} s is too short: the shortest is 60 s")]
    TooFrequent {
        /// The interval that was asked for.
        seconds: u32,
    },
    /// A list that needs one entry or more has none.
    #[error("{what} must not be empty")]
    Empty {
        /// The list.
        what: &'static str,
    },
    /// A list is longer than any use of it.
    #[error("{what} has too many entries: at most {most}")]
    TooMany {
        /// The list.
        what: &'static str,
        /// The most that are taken.
        most: usize,
    },
    /// A time of day has seconds.
    #[error("the time of day {time} has seconds: recurring times are whole minutes")]
    NotWholeMinute {
        /// The time.
        time: NaiveTime,
    },
    /// A month outside 1 to 12.
    #[error("there is no month {month}: months are 1 to 12")]
    NoSuchMonth {
        /// The month.
        month: u8,
    },
    /// A day outside 1 to 31.
    #[error("there is no day {day} of the month: days are 1 to 31, where 31 means the last day")]
    NoSuchDay {
        /// The day.
        day: u8,
    },
    /// A date that no year has, such as 30 February.
    #[error("{month_name} never has a day {day}: this would never fire")]
    NoSuchDate {
        /// The month in English.
        month_name: &'static str,
        /// The day.
        day: u8,
    },
    /// A cycle of 0 or more than 1000.
    #[error("every {every} is not a cycle: take 1 to 1000")]
    Cycle {
        /// The cycle's length.
        every: u16,
    },
    /// A date or instant outside the years 1970 to 9999.
    #[error("the year {year} is out of range: years are 1970 to 9999")]
    YearOutOfRange {
        /// The year.
        year: i32,
    },
    /// A cron expression that does not have five fields.
    #[error(
        "a cron expression has five fields (minute, hour, day of month, month, day of week), this one has {fields}{hint}"
    )]
    CronFields {
        /// How many fields it has.
        fields: usize,
        /// What may help, with its leading punctuation; may be empty.
        hint: &'static str,
    },
    /// One field of a cron expression cannot be read.
    #[error("the cron field for the {field} is wrong: {text:?} is not {allowed}")]
    CronField {
        /// The field's name.
        field: &'static str,
        /// What stands there.
        text: String,
        /// What may stand there.
        allowed: &'static str,
    },
    /// A nickname that does not exist.
    #[error(
        "{text:?} is not a known nickname: take @hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually"
    )]
    CronNickname {
        /// What was written.
        text: String,
    },
    /// A part of a recurrence rule cannot be read or used.
    #[error("the rule's part {part:?} is wrong: take {allowed}")]
    RulePart {
        /// What stands there.
        part: String,
        /// What may stand there.
        allowed: &'static str,
    },
    /// The rule is well-formed, but no date matches it.
    #[error("this would never fire: no date matches it")]
    NeverFires,
}

impl Schedule {
    /// Whether it can be kept; the first problem found, in words for its user.
    ///
    /// # Errors
    /// See [`ScheduleError`]: what cannot be read, what would never fire, and what would fire more often than
    /// once a minute.
    pub fn validate(&self) -> Result<(), ScheduleError> {
        match self {
            Self::Once { at } => year(at.year()),
            Self::OnceLocal { at } => year(at.year()),
            Self::Every {
                seconds,
                anchor,
                until,
            } => {
                if *seconds < SHORTEST_INTERVAL {
                    return Err(ScheduleError::TooFrequent { seconds: *seconds });
                }
                year(anchor.year())?;
                match until {
                    Some(until) if until < anchor => Err(ScheduleError::NeverFires),
                    Some(until) => year(until.year()),
                    None => Ok(()),
                }
            }
            Self::Daily { times, cycle } => {
                times_of_day(times)?;
                check_cycle(*cycle)
            }
            Self::Weekly { days, times, cycle } => {
                some("the days of the week", days.len())?;
                times_of_day(times)?;
                check_cycle(*cycle)
            }
            Self::Monthly { days, times, cycle } => {
                some("the days of the month", days.len())?;
                days.iter().try_for_each(|day| day_of_month(*day))?;
                times_of_day(times)?;
                check_cycle(*cycle)
            }
            Self::Yearly { month, day, times } => {
                day_of_year(*month, *day)?;
                times_of_day(times)
            }
            Self::Cron { expression } => cron_expression(expression),
            Self::Rule { start, rules, except } => {
                year(start.year())?;
                let recurrence = Recurrence::parse(*start, rules, except)?;
                recurrence
                    .first_from(*start)
                    .map(drop)
                    .ok_or(ScheduleError::NeverFires)
            }
        }
    }
}

/// In seconds: one minute.
pub(crate) const SHORTEST_INTERVAL: u32 = 60;

/// Every minute of a day; more entries than that repeat themselves.
pub(crate) const MOST_ENTRIES: usize = 1440;

fn some(what: &'static str, entries: usize) -> Result<(), ScheduleError> {
    match entries {
        0 => Err(ScheduleError::Empty { what }),
        1..=MOST_ENTRIES => Ok(()),
        _ => Err(ScheduleError::TooMany {
            what,
            most: MOST_ENTRIES,
        }),
    }
}

fn times_of_day(times: &[NaiveTime]) -> Result<(), ScheduleError> {
    some("the times of day", times.len())?;
    match times
        .iter()
        .find(|time| time.second() != 0 || time.nanosecond() != 0)
    {
        Some(time) => Err(ScheduleError::NotWholeMinute { time: *time }),
        None => Ok(()),
    }
}

fn check_cycle(cycle: Option<Cycle>) -> Result<(), ScheduleError> {
    let Some(Cycle { every, from }) = cycle else {
        return Ok(());
    };
    if !(1..=1000).contains(&every) {
        return Err(ScheduleError::Cycle { every });
    }
    year(from.year())
}

fn year(year: i32) -> Result<(), ScheduleError> {
    if (1970..=9999).contains(&year) {
        Ok(())
    } else {
        Err(ScheduleError::YearOutOfRange { year })
    }
}

fn day_of_month(day: u8) -> Result<(), ScheduleError> {
    if (1..=31).contains(&day) {
        Ok(())
    } else {
        Err(ScheduleError::NoSuchDay { day })
    }
}

fn day_of_year(month: u8, day: u8) -> Result<(), ScheduleError> {
    day_of_month(day)?;
    let name = Month::try_from(month).map_err(|_| ScheduleError::NoSuchMonth { month })?;
    // A leap year has every day that any year has.
    if NaiveDate::from_ymd_opt(2024, u32::from(month), u32::from(day)).is_none() {
        return Err(ScheduleError::NoSuchDate {
            month_name: name.name(),
            day,
        });
    }
    Ok(())
}

fn cron_expression(expression: &str) -> Result<(), ScheduleError> {
    let rule = WallRule::of_cron(cron::parse(expression)?);
    match rule.first_from(DateTime::UNIX_EPOCH.naive_utc()) {
        Some(_) => Ok(()),
        None => Err(ScheduleError::NeverFires),
    }
}
