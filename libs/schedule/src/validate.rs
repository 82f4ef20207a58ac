//! What makes a schedule acceptable, with every problem said in words for the person who wrote it.

use chrono::NaiveTime;

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
    /// The rule is well-formed, but no date matches it.
    #[error("this would never fire: no date matches it")]
    NeverFires,
}
