//! `reminder_change`: another time or text, a pause, a new start.

use ::when::{Length, Need};
use chrono::{DateTime, Timelike, Utc};
use rest_client::{ScheduledTask, ScheduledTaskPatch, TaskStatus};
use schedule::Schedule;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Tool, ToolContext, ToolError, ToolOutput,
    deeds::{Deed, ReminderPatch},
    reminders,
    when::{self, After, At, Present, Repeat, asked::Unclear, spoken},
};

/// Changes a reminder.
pub(super) struct ReminderChange;

/// Which one, and what becomes of it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    /// its id from reminder_list, or words of its text
    which: String,
    /// new text
    #[serde(default)]
    text: Option<String>,
    /// new time or rule, just as the user said it: "10:30", "tomorrow at 9", "an hour later"
    #[serde(default)]
    said: Option<String>,
    // Structured forms, taken and not advertised, as in reminder_create.
    #[serde(default, rename = "in")]
    #[schemars(skip)]
    after: Option<After>,
    /// A recurring one without day keeps its rule at this time.
    #[serde(default)]
    #[schemars(skip)]
    at: Option<At>,
    #[serde(default)]
    #[schemars(skip)]
    repeat: Option<Repeat>,
    #[serde(default)]
    #[schemars(skip)]
    schedule: Option<Schedule>,
    /// Two times of day that the same words mean; the one that suits when it was is taken.
    #[serde(default)]
    #[schemars(skip)]
    either: Vec<String>,
    /// So much later; earlier when negative.
    #[serde(default)]
    #[schemars(skip)]
    shift: Option<Shift>,
    /// true: pause; false: resume
    #[serde(default)]
    paused: Option<bool>,
    /// true: leave the next time out
    #[serde(default)]
    skip_next: Option<bool>,
}

/// A length of time, by the calendar and by the clock.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shift {
    #[serde(default)]
    months: i32,
    #[serde(default)]
    days: i32,
    #[serde(default)]
    seconds: i64,
}

impl Args {
    /// The new schedule; `None` when no other time was said.
    fn moved(
        &self,
        task: &ScheduledTask,
        context: &ToolContext,
        present: &Present,
    ) -> Result<Option<Schedule>, Unclear> {
        let shifted = |by: &Length| {
            let next = task.next_run_at.unwrap_or(present.now);
            Ok(Some(spoken::shifted(&task.schedule, next, by, present)?))
        };
        if let Some(schedule) = &self.schedule {
            schedule.validate().map_err(|error| error.to_string())?;
            return Ok(Some(schedule.clone()));
        }
        if let Some(Shift {
            months,
            days,
            seconds,
        }) = self.shift
        {
            return shifted(&Length {
                months,
                days,
                seconds,
                ..Length::default()
            });
        }
        if !self.either.is_empty() {
            return Ok(suiting(&self.either, task, present)?);
        }
        let said = self
            .said
            .as_deref()
            .map(str::trim)
            .filter(|said| !said.is_empty());
        let Some(said) = said else {
            return Ok(when::moved(
                &task.schedule,
                self.after,
                self.at.as_ref(),
                self.repeat.as_ref(),
                present,
            )?);
        };
        let mut time = when::context(context.said_at, context.zone, &context.locale);
        // "tomorrow", of what happens once: at the hour at which it was to be.
        if !task.schedule.is_recurring()
            && let Some(next) = task.next_run_at
        {
            time.day_hour = Some(next.with_timezone(&present.zone).time());
        }
        let reading = ::when::parse(said, &time);
        if let Some(length) = reading.moves() {
            return shifted(&length);
        }
        if let Some(Need::Length(length)) = &reading.need {
            let lower = said.to_lowercase();
            let is_earlier = ["earlier", "sooner", "forward"]
                .iter()
                .any(|word| lower.contains(word));
            return shifted(&if is_earlier { length.negated() } else { *length });
        }
        if let Some((am, pm)) = reading.open_hour() {
            let either = [am, pm].map(|time| time.format("%H:%M").to_string());
            return Ok(suiting(&either, task, present)?);
        }
        let known = &reading.understood;
        if let (Some(_), Some(time), None, None, None) = (
            &reading.value,
            known.time,
            known.day,
            &known.recurrence,
            known.zone,
        ) {
            // A time of day alone leaves the day, or the rule, as it is.
            let at = At::new(None, time.format("%H:%M").to_string());
            return Ok(when::moved(&task.schedule, None, Some(&at), None, present)?);
        }
        spoken::read(said, &time, present).map(|spoken| Some(spoken.schedule))
    }
}

/// Hours before this one are the night's, in which few things are done.
const MORNING: u32 = 6;

/// The schedule at the time of day that suits when the reminder was: "to 4" of one at 15:00 is 16:00, and of one at 9:00 no
/// hour of the night.
fn suiting(times: &[String], task: &ScheduledTask, present: &Present) -> Result<Option<Schedule>, String> {
    let was = task
        .next_run_at
        .unwrap_or(present.now)
        .with_timezone(&present.zone)
        .time();
    let mut read = Vec::new();
    for text in times {
        read.push(when::parse_time(text)?);
    }
    let is_of_night = |time: &chrono::NaiveTime| time.hour() < MORNING;
    let suits = read.into_iter().min_by_key(|time| {
        let is_odd = is_of_night(time) && !is_of_night(&was);
        // Of two that are as near, the later one.
        (
            is_odd,
            (*time - was).num_seconds().abs(),
            std::cmp::Reverse(*time),
        )
    });
    let time = suits.ok_or("at what time?")?;
    let at = At::new(None, time.format("%H:%M").to_string());
    when::moved(&task.schedule, None, Some(&at), None, present)
}

/// The occurrence behind the next one.
fn after_next(task: &ScheduledTask) -> Result<DateTime<Utc>, ToolError> {
    if !task.schedule.is_recurring() {
        return Err(ToolError::Told(
            "it happens once: cancel it instead of skipping it".to_owned(),
        ));
    }
    let Some(next) = task.next_run_at else {
        return Err(ToolError::Told("it is paused: there is no next time".to_owned()));
    };
    let zone = schedule::parse_zone(&task.time_zone).map_err(|error| ToolError::Told(error.to_string()))?;
    task.schedule
        .next_after(next, zone)
        .ok_or_else(|| ToolError::Told("the next time is its last: cancel it instead".to_owned()))
}

impl Tool for ReminderChange {
    const NAME: &'static str = "reminder_change";
    const DESCRIPTION: &'static str = "Change a reminder's time, rule or text, pause or resume it, skip its next time. Never compute times: hand on the user's words.";
    type Args = Args;

    async fn call(&self, context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        let tasks = reminders::as_spoken_of(context).await?;
        let task = reminders::find(&tasks, &args.which, context.zone)?;
        if task.status == TaskStatus::Cancelled {
            return Err(ToolError::Told(
                "it was cancelled just now: set a new one".to_owned(),
            ));
        }
        let present = Present {
            said_at: context.said_at,
            now: context.now,
            zone: context.zone,
        };
        let schedule = args.moved(task, context, &present)?;
        let text = args
            .text
            .map(|text| reminders::wanted_text(context, &text))
            .filter(|text| !text.is_empty());
        let status = args.paused.map(|paused| {
            if paused {
                TaskStatus::Paused
            } else {
                TaskStatus::Active
            }
        });
        let next_run_at = match args.skip_next {
            Some(true) => Some(after_next(task)?),
            None | Some(false) => None,
        };
        if schedule.is_none() && text.is_none() && status.is_none() && next_run_at.is_none() {
            return Err(ToolError::Told(
                "what is to change? Give a time, text, paused or skip_next".to_owned(),
            ));
        }
        let set = ScheduledTaskPatch {
            // Whose words they are goes with the words.
            from_outside: text.as_ref().map(|_| context.is_reading_outside()),
            text,
            schedule,
            time_zone: None,
            status,
            next_run_at,
        };
        let deed = Deed::ChangeReminders {
            changes: vec![ReminderPatch::of(task, set)],
        };
        reminders::make_or_ask(context, Self::NAME, deed).await
    }
}
