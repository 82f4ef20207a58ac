//! "Every weekday at nine": a rule as a model can write it, made into a schedule.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use schedule::{Cycle, Schedule};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Present, parse_time};

/// by a rule
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    unit: Unit,
    /// every n-th; 1 when left out
    #[serde(default)]
    every: Option<u16>,
    /// for weeks: mon, tue, wed, thu, fri, sat, sun
    #[serde(default)]
    weekdays: Option<Vec<String>>,
    /// for months and years: 1 to 31, 31 is the last day
    #[serde(default)]
    month_days: Option<Vec<u8>>,
    /// for years: 1 to 12
    #[serde(default)]
    month: Option<u8>,
    /// HH:MM, one or more; not for minutes and hours
    #[serde(default)]
    times: Option<Vec<String>>,
    /// for cron: five fields
    #[serde(default)]
    cron: Option<String>,
}

// Without doc comments, so that the schema is a plain list of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Unit {
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
    Cron,
}

impl Repeat {
    /// The schedule. A rule for every n-th day, week or month counts from the first time that fits.
    pub(super) fn schedule(&self, present: &Present) -> Result<Schedule, String> {
        let every = self.every.unwrap_or(1);
        match self.unit {
            Unit::Minutes => elapsed(u32::from(every) * 60, present),
            Unit::Hours => elapsed(u32::from(every) * 3600, present),
            Unit::Days => {
                let times = self.times()?;
                in_cycles(every, present, |cycle| Schedule::Daily {
                    times: times.clone(),
                    cycle,
                })
            }
            Unit::Weeks => {
                let (days, times) = (self.weekdays()?, self.times()?);
                in_cycles(every, present, |cycle| Schedule::Weekly {
                    days: days.clone(),
                    times: times.clone(),
                    cycle,
                })
            }
            Unit::Months => {
                let times = self.times()?;
                let days = self.month_days.clone().filter(|days| !days.is_empty());
                let days = days.ok_or("on which day of the month? Give month_days, or ask the user")?;
                in_cycles(every, present, |cycle| Schedule::Monthly {
                    days: days.clone(),
                    times: times.clone(),
                    cycle,
                })
            }
            Unit::Years => {
                let (Some(month), Some(&[day])) = (self.month, self.month_days.as_deref()) else {
                    return Err("on which day of the year? Give month and one of month_days".to_owned());
                };
                if every != 1 {
                    return Err("only every year, not every n-th, is possible".to_owned());
                }
                Ok(Schedule::Yearly {
                    month,
                    day,
                    times: self.times()?,
                })
            }
            Unit::Cron => Ok(Schedule::Cron {
                expression: self.cron.clone().ok_or("give the expression in cron")?,
            }),
        }
    }

    fn times(&self) -> Result<Vec<NaiveTime>, String> {
        match self.times.as_deref() {
            None | Some([]) => Err("at what time of day? Give times, or ask the user".to_owned()),
            Some(times) => times.iter().map(|time| parse_time(time)).collect(),
        }
    }

    fn weekdays(&self) -> Result<Vec<Weekday>, String> {
        let names = self.weekdays.as_deref().filter(|names| !names.is_empty());
        names
            .ok_or("on which days of the week? Give weekdays, or ask the user")?
            .iter()
            .map(|name| {
                let shown: String = name.chars().take(40).collect();
                name.trim().parse().map_err(|_| {
                    format!("{shown:?} is not a weekday: take mon, tue, wed, thu, fri, sat or sun")
                })
            })
            .collect()
    }
}

/// The first one is a whole interval after it was said.
fn elapsed(seconds: u32, present: &Present) -> Result<Schedule, String> {
    if seconds == 0 {
        return Err("every 0 is not a rule: take 1 or more".to_owned());
    }
    Ok(Schedule::Every {
        seconds,
        anchor: present
            .said_at
            .checked_add_signed(TimeDelta::seconds(i64::from(seconds)))
            .ok_or("that interval is too long")?,
        until: None,
    })
}

fn in_cycles(
    every: u16,
    present: &Present,
    rule: impl Fn(Option<Cycle>) -> Schedule,
) -> Result<Schedule, String> {
    let plain = rule(None);
    if every == 1 {
        return Ok(plain);
    }
    plain.validate().map_err(|error| error.to_string())?;
    let first = plain.next_after(present.said_at, present.zone);
    let from = first.map_or(present.local().date(), |at: DateTime<Utc>| {
        local_date(at, present)
    });
    Ok(rule(Some(Cycle { every, from })))
}

fn local_date(at: DateTime<Utc>, present: &Present) -> NaiveDate {
    at.with_timezone(&present.zone).date_naive()
}
