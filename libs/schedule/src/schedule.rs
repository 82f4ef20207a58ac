//! The kinds of schedule and their JSON form, as stored in the database and sent over REST.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    recurrence::parse::{LONGEST_RULE, MOST_EXCEPTIONS, MOST_RULES},
    validate::{MOST_ENTRIES, SHORTEST_INTERVAL},
};

/// How a time of day is written, as a regular expression.
const TIME_OF_DAY: &str = "^([01][0-9]|2[0-3]):[0-5][0-9](:00)?$";

/// How a wall-clock time is written, as a regular expression.
const LOCAL_TIME: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?$";

/// When a task fires.
///
/// `once` and `every` are exact instants and elapsed time: no zone, no DST effect. All other kinds are wall-clock
/// times in the zone of the task's user. Times of day are whole minutes (`"09:00"` is read, `"09:00:00"` written).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// Once, at an exact instant ("in 90 minutes"): `{"kind":"once","at":"2026-11-24T08:00:00Z"}`.
    #[schemars(title = "Once")]
    Once {
        /// The instant.
        at: DateTime<Utc>,
    },
    /// Once, at a wall-clock time in the task's zone: `{"kind":"once_local","at":"2026-11-24T09:00:00"}`.
    #[schemars(title = "OnceLocal")]
    OnceLocal {
        /// The wall-clock time.
        #[schemars(regex(pattern = LOCAL_TIME), example = &"2026-11-24T09:00:00")]
        at: NaiveDateTime,
    },
    /// At the anchor and then each time that many seconds have elapsed:
    /// `{"kind":"every","seconds":21600,"anchor":"2026-11-24T08:00:00Z"}`.
    #[schemars(title = "Every")]
    Every {
        /// The interval in seconds, 60 or more.
        #[schemars(range(min = SHORTEST_INTERVAL), example = 21_600)]
        seconds: u32,
        /// The first occurrence; all others lie whole intervals after it.
        anchor: DateTime<Utc>,
        /// Nothing fires after this instant; it goes on for ever when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
    },
    /// Every day, or every n-th: `{"kind":"daily","times":["09:00:00"]}`.
    #[schemars(title = "Daily")]
    Daily {
        /// The times of day, one or more, in any order.
        #[schemars(length(min = 1, max = MOST_ENTRIES), inner(regex(pattern = TIME_OF_DAY)), example = vec!["09:00:00"])]
        times: Vec<NaiveTime>,
        /// Every n-th day instead of each.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cycle: Option<Cycle>,
    },
    /// On days of the week: `{"kind":"weekly","days":["Mon","Fri"],"times":["09:00:00"]}`.
    #[schemars(title = "Weekly")]
    Weekly {
        /// The days, one or more, in any order; read as `Mon`, `monday`, ….
        #[schemars(length(min = 1, max = MOST_ENTRIES))]
        days: Vec<Weekday>,
        /// The times of day, one or more, in any order.
        #[schemars(length(min = 1, max = MOST_ENTRIES), inner(regex(pattern = TIME_OF_DAY)), example = vec!["09:00:00"])]
        times: Vec<NaiveTime>,
        /// Every n-th week (Monday to Sunday) instead of each.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cycle: Option<Cycle>,
    },
    /// On days of the month: `{"kind":"monthly","days":[1,31],"times":["18:00:00"]}`.
    #[schemars(title = "Monthly")]
    Monthly {
        /// Days of the month, 1 to 31, one or more. In a month without that day its last day stands in, so
        /// 31 is "the last day of the month".
        #[schemars(length(min = 1, max = MOST_ENTRIES), inner(range(min = 1, max = 31)))]
        days: Vec<u8>,
        /// The times of day, one or more, in any order.
        #[schemars(length(min = 1, max = MOST_ENTRIES), inner(regex(pattern = TIME_OF_DAY)), example = vec!["09:00:00"])]
        times: Vec<NaiveTime>,
        /// Every n-th month instead of each.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cycle: Option<Cycle>,
    },
    /// On one day of each year: `{"kind":"yearly","month":12,"day":24,"times":["18:00:00"]}`.
    #[schemars(title = "Yearly")]
    Yearly {
        /// The month, 1 to 12.
        #[schemars(range(min = 1, max = 12))]
        month: u8,
        /// The day of that month. 29 February is 28 February in common years.
        #[schemars(range(min = 1, max = 31))]
        day: u8,
        /// The times of day, one or more, in any order.
        #[schemars(length(min = 1, max = MOST_ENTRIES), inner(regex(pattern = TIME_OF_DAY)), example = vec!["09:00:00"])]
        times: Vec<NaiveTime>,
    },
    /// By a cron expression of five fields or a nickname such as `@daily`:
    /// `{"kind":"cron","expression":"0 9 * * 1-5"}`.
    #[schemars(title = "Cron")]
    Cron {
        /// Minute, hour, day of month, month, day of week.
        #[schemars(example = &"0 9 * * 1-5")]
        expression: String,
    },
    /// By recurrence rules of iCalendar (RFC 5545) over the wall clock:
    /// `{"kind":"rule","start":"2026-11-24T09:00:00","rules":["FREQ=MONTHLY;BYDAY=3FR"]}`.
    ///
    /// Nothing fires before `start`; what a rule leaves open (the weekday, the time of day) is that of `start`. A month
    /// without the day is left out, unlike with `monthly`.
    #[schemars(title = "Rule")]
    Rule {
        /// The wall-clock time from which on the rules hold (`DTSTART`), in whole minutes.
        #[schemars(regex(pattern = LOCAL_TIME), example = &"2026-11-24T09:00:00")]
        start: NaiveDateTime,
        /// One or more rules (`RRULE`) with `FREQ` (`DAILY`, `WEEKLY`, `MONTHLY` or `YEARLY`), `INTERVAL`, `COUNT` or
        /// `UNTIL` (local time), `BYMONTH`, `BYMONTHDAY`, `BYDAY`, `BYSETPOS`, `BYHOUR`, `BYMINUTE`. It fires when any
        /// of them says so.
        #[schemars(length(min = 1, max = MOST_RULES), inner(length(min = 1, max = LONGEST_RULE)), example = vec!["FREQ=MONTHLY;BYDAY=3FR;BYHOUR=9;BYMINUTE=0"])]
        rules: Vec<String>,
        /// Local dates on which nothing fires (`EXDATE`).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = MOST_EXCEPTIONS))]
        except: Vec<NaiveDate>,
    },
}

/// Every n-th day, week or month, counted from the one that `from` lies in (which is the first).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cycle {
    /// How many days, weeks or months lie between one that counts and the next; 1 to 1000.
    #[schemars(range(min = 1, max = 1000))]
    pub every: u16,
    /// A local date in the first day, week or month of the cycle; nothing fires before that date.
    pub from: NaiveDate,
}

impl Schedule {
    /// Whether it can fire more than once.
    pub fn is_recurring(&self) -> bool {
        !matches!(self, Self::Once { .. } | Self::OnceLocal { .. })
    }

    /// Whether its occurrences are wall-clock times that follow the user into another zone.
    pub fn follows_zone(&self) -> bool {
        match self {
            Self::Once { .. } | Self::OnceLocal { .. } | Self::Every { .. } => false,
            Self::Daily { .. }
            | Self::Weekly { .. }
            | Self::Monthly { .. }
            | Self::Yearly { .. }
            | Self::Cron { .. }
            | Self::Rule { .. } => true,
        }
    }
}
