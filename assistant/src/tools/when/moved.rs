//! Another time for a schedule that exists: "move it to ten".

use chrono::NaiveTime;
use schedule::Schedule;

use super::{After, At, Present, Repeat, is_ahead, once_on, parse_time, resolve};

/// The schedule after the change; `None` when no other time was said. One-off reminders keep their day and
/// recurring ones their rule where only a time of day was given.
///
/// # Errors
/// A sentence that says what is wrong; a recurring one becomes a one-off only by being cancelled.
pub fn moved(
    schedule: &Schedule,
    after: Option<After>,
    at: Option<&At>,
    repeat: Option<&Repeat>,
    present: &Present,
) -> Result<Option<Schedule>, String> {
    if schedule.is_recurring() && repeat.is_none() {
        return match (after, at) {
            (None, None) => Ok(None),
            (None, Some(At { day: None, time })) => same_rule(schedule, parse_time(time)?).map(Some),
            _ => Err("it repeats: give repeat for its new rule, or at with only a time".to_owned()),
        };
    }
    if let (None, Some(At { day: None, time }), None) = (after, at, repeat) {
        let date = match schedule {
            Schedule::OnceLocal { at } => at.date(),
            Schedule::Once { at } => at.with_timezone(&present.zone).date_naive(),
            _ => present.local().date(),
        };
        let same_day = once_on(date, parse_time(time)?);
        if is_ahead(&same_day, present) {
            return Ok(Some(same_day));
        }
    }
    resolve(after, at, repeat, present)
}

fn same_rule(schedule: &Schedule, time: NaiveTime) -> Result<Schedule, String> {
    let mut schedule = schedule.clone();
    match &mut schedule {
        Schedule::Daily { times, .. }
        | Schedule::Weekly { times, .. }
        | Schedule::Monthly { times, .. }
        | Schedule::Yearly { times, .. } => *times = vec![time],
        Schedule::Once { .. }
        | Schedule::OnceLocal { .. }
        | Schedule::Every { .. }
        | Schedule::Cron { .. }
        | Schedule::Rule { .. } => {
            return Err("its rule has no time of day: give repeat for a new rule".to_owned());
        }
    }
    schedule.validate().map_err(|error| error.to_string())?;
    Ok(schedule)
}
