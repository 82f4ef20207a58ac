//! Reads the text of recurrence rules (`FREQ=MONTHLY;BYDAY=3FR`), with every refusal in words.

use std::str::FromStr;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};

use super::{End, Frequency, NthWeekday, Recurrence, Rule};
use crate::ScheduleError;

/// The most rules of one schedule.
pub(crate) const MOST_RULES: usize = 24;

/// The most days that one schedule leaves out.
pub(crate) const MOST_EXCEPTIONS: usize = 366;

/// The longest rule, in bytes.
pub(crate) const LONGEST_RULE: usize = 500;

/// The most occurrences that `COUNT` may ask for.
const MOST_OCCURRENCES: u16 = 1000;

impl Recurrence {
    /// Reads rules that begin at `start`.
    pub(crate) fn parse(
        start: NaiveDateTime,
        rules: &[String],
        except: &[NaiveDate],
    ) -> Result<Self, ScheduleError> {
        if start.second() != 0 || start.nanosecond() != 0 {
            return Err(ScheduleError::NotWholeMinute { time: start.time() });
        }
        if rules.is_empty() {
            return Err(ScheduleError::Empty { what: "rules" });
        }
        if rules.len() > MOST_RULES {
            return Err(ScheduleError::TooMany {
                what: "rules",
                most: MOST_RULES,
            });
        }
        if except.len() > MOST_EXCEPTIONS {
            return Err(ScheduleError::TooMany {
                what: "except",
                most: MOST_EXCEPTIONS,
            });
        }
        Ok(Self {
            rules: rules
                .iter()
                .map(|text| rule(start, text))
                .collect::<Result<_, _>>()?,
            except: except.to_vec(),
        })
    }
}

fn wrong(part: &str, allowed: &'static str) -> ScheduleError {
    ScheduleError::RulePart {
        part: part.chars().take(60).collect(),
        allowed,
    }
}

/// What a rule says, before it is completed.
#[derive(Default)]
struct Said {
    frequency: Option<Frequency>,
    interval: Option<u16>,
    months: Vec<u8>,
    month_days: Vec<i8>,
    weekdays: Vec<NthWeekday>,
    positions: Vec<i16>,
    hours: Vec<u32>,
    minutes: Vec<u32>,
    end: Option<End>,
}

fn rule(start: NaiveDateTime, text: &str) -> Result<Rule, ScheduleError> {
    if text.len() > LONGEST_RULE {
        return Err(ScheduleError::TooMany {
            what: "the rule's text",
            most: LONGEST_RULE,
        });
    }
    let text = text.trim().to_ascii_uppercase();
    let text = text.strip_prefix("RRULE:").unwrap_or(&text);
    let mut said = Said::default();
    let mut names: Vec<&str> = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = part
            .split_once('=')
            .ok_or_else(|| wrong(part, "a part such as FREQ=WEEKLY"))?;
        if names.contains(&name) {
            return Err(wrong(part, "given once"));
        }
        names.push(name);
        said.take(part, name, value)?;
    }
    said.complete(start, text)
}

impl Said {
    fn take(&mut self, part: &str, name: &str, value: &str) -> Result<(), ScheduleError> {
        match name {
            "FREQ" => {
                self.frequency = Some(match value {
                    "DAILY" => Frequency::Daily,
                    "WEEKLY" => Frequency::Weekly,
                    "MONTHLY" => Frequency::Monthly,
                    "YEARLY" => Frequency::Yearly,
                    _ => {
                        return Err(wrong(
                            part,
                            "FREQ=DAILY, WEEKLY, MONTHLY or YEARLY; for elapsed hours and minutes use the kind `every`",
                        ));
                    }
                });
            }
            "INTERVAL" => {
                let interval = number(value).filter(|n| (1..=1000).contains(n));
                self.interval = Some(interval.ok_or_else(|| wrong(part, "INTERVAL=1 to 1000"))?);
            }
            "COUNT" => {
                let count = number(value).filter(|n| (1..=MOST_OCCURRENCES).contains(n));
                self.end(part, count.map(End::Count), "COUNT=1 to 1000")?;
            }
            "UNTIL" => {
                self.end(
                    part,
                    until(value).map(End::Until),
                    "UNTIL=20261224 or UNTIL=20261224T180000, in the task's local time",
                )?;
            }
            "BYMONTH" => {
                self.months = list(value, |month| number(month).filter(|n| (1..=12).contains(n)))
                    .ok_or_else(|| wrong(part, "months from 1 to 12"))?;
            }
            "BYMONTHDAY" => {
                self.month_days = list(value, |day| {
                    number(day).filter(|n: &i8| (1..=31).contains(&n.unsigned_abs()))
                })
                .ok_or_else(|| wrong(part, "days from 1 to 31, or -1 for the last one"))?;
            }
            "BYDAY" => {
                self.weekdays = list(value, nth_weekday).ok_or_else(|| {
                    wrong(
                        part,
                        "weekdays such as MO,FR, 3FR (the third Friday) or -1SU (the last Sunday)",
                    )
                })?;
            }
            "BYSETPOS" => {
                self.positions = list(value, |position| {
                    number(position).filter(|n: &i16| (1..=366).contains(&n.unsigned_abs()))
                })
                .ok_or_else(|| wrong(part, "positions from 1 to 366, or -1 for the last one"))?;
            }
            "BYHOUR" => {
                self.hours = list(value, |hour| number(hour).filter(|n| *n < 24))
                    .ok_or_else(|| wrong(part, "hours from 0 to 23"))?;
            }
            "BYMINUTE" => {
                self.minutes = list(value, |minute| number(minute).filter(|n| *n < 60))
                    .ok_or_else(|| wrong(part, "minutes from 0 to 59"))?;
            }
            "BYSECOND" if value == "0" => {}
            "WKST" if value == "MO" => {}
            "WKST" => return Err(wrong(part, "WKST=MO: weeks begin on Mondays")),
            _ => {
                return Err(wrong(
                    part,
                    "one of FREQ, INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY, BYDAY, BYSETPOS, BYHOUR and BYMINUTE",
                ));
            }
        }
        Ok(())
    }

    fn end(&mut self, part: &str, end: Option<End>, allowed: &'static str) -> Result<(), ScheduleError> {
        if self.end.is_some() {
            return Err(wrong(part, "either COUNT or UNTIL, not both"));
        }
        self.end = Some(end.ok_or_else(|| wrong(part, allowed))?);
        Ok(())
    }

    /// What is left open follows from the beginning (RFC 5545 §3.3.10).
    fn complete(mut self, start: NaiveDateTime, text: &str) -> Result<Rule, ScheduleError> {
        let frequency = self
            .frequency
            .ok_or_else(|| wrong(text, "a rule with FREQ, such as FREQ=WEEKLY;BYDAY=MO"))?;
        let has_nth = self.weekdays.iter().any(|day| day.nth.is_some());
        if has_nth && frequency < Frequency::Monthly {
            return Err(wrong(text, "a third Friday only with FREQ=MONTHLY or YEARLY"));
        }
        if frequency == Frequency::Weekly && !self.month_days.is_empty() {
            return Err(wrong(text, "BYMONTHDAY only with FREQ=DAILY, MONTHLY or YEARLY"));
        }
        let has_days = !self.weekdays.is_empty() || !self.month_days.is_empty();
        if !self.positions.is_empty() && !has_days {
            return Err(wrong(text, "BYSETPOS only with BYDAY or BYMONTHDAY"));
        }
        match frequency {
            Frequency::Weekly if !has_days => self.weekdays.push(NthWeekday {
                nth: None,
                day: start.weekday(),
            }),
            Frequency::Monthly | Frequency::Yearly if !has_days => {
                if frequency == Frequency::Yearly && self.months.is_empty() {
                    self.months.extend(u8::try_from(start.month()).ok());
                }
                self.month_days.extend(i8::try_from(start.day()).ok());
            }
            _ => {}
        }
        Ok(Rule {
            start,
            frequency,
            interval: self.interval.unwrap_or(1),
            months: self.months,
            month_days: self.month_days,
            weekdays: self.weekdays,
            positions: self.positions,
            times: times(start, self.hours, self.minutes),
            end: self.end.unwrap_or(End::Never),
        })
    }
}

fn times(start: NaiveDateTime, mut hours: Vec<u32>, mut minutes: Vec<u32>) -> Vec<NaiveTime> {
    if hours.is_empty() {
        hours.push(start.hour());
    }
    if minutes.is_empty() {
        minutes.push(start.minute());
    }
    let mut times: Vec<NaiveTime> = hours
        .iter()
        .flat_map(|hour| {
            minutes
                .iter()
                .filter_map(|minute| NaiveTime::from_hms_opt(*hour, *minute, 0))
        })
        .collect();
    times.sort_unstable();
    times.dedup();
    times
}

/// A number without what `FromStr` takes besides: an empty text, a plus sign in front is fine with RFC 5545.
fn number<N: FromStr>(text: &str) -> Option<N> {
    text.trim().parse().ok()
}

fn list<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(|item| read(item.trim())).collect()
}

fn nth_weekday(text: &str) -> Option<NthWeekday> {
    let (nth, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let day = match name {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    };
    let nth = match nth {
        "" => None,
        nth => Some(number(nth).filter(|n: &i8| (1..=53).contains(&n.unsigned_abs()))?),
    };
    Some(NthWeekday { nth, day })
}

/// A date means the whole day. A trailing `Z` is refused: a rule over the wall clock ends on the wall clock.
fn until(text: &str) -> Option<NaiveDateTime> {
    let until = match text.split_once('T') {
        Some(_) => NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok()?,
        None => NaiveDate::parse_from_str(text, "%Y%m%d")
            .ok()?
            .and_hms_opt(23, 59, 59)?,
    };
    (1970..=9999).contains(&until.year()).then_some(until)
}
