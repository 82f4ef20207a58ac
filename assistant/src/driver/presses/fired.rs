//! A press below a reminder that has fired: it is done with, or comes again, and what was pressed last is what holds.
//!
//! The answer takes the place of the reminder, with the buttons that make sense from then on.

use chrono::{DateTime, Datelike, Days, TimeDelta, Utc};
use messages::{Button, TaskAction};
use rest_client::{NewScheduledTask, ScheduledTask, ScheduledTaskPatch, TaskStatus};
use schedule::Schedule;
use texts::Text;
use uuid::Uuid;

use super::{Answer, Press};
use crate::{
    actions::{Action, Fired},
    context,
    tools::{
        ToolError,
        deeds::{self, Deed, Hands, ReminderPatch},
    },
};

/// Under which name the reminder that comes again is remembered.
const SNOOZE: &str = "reminder_snooze";

/// One firing of a reminder.
struct Firing<'p> {
    press: &'p Press<'p>,
    task: ScheduledTask,
    /// The planned instant, in Unix seconds.
    at: i64,
}

impl Press<'_> {
    /// A reminder that has fired: it is done with, or comes again, or neither after all.
    pub(super) async fn fired(&self, what: Fired, task: Uuid, at: i64) -> Result<Answer, ToolError> {
        let task = self.rest.task(self.press.user_id, task).await;
        // It is another's, or long gone: which of them is nobody's business.
        let task = task.map_err(ToolError::Away)?;
        let firing = Firing {
            press: self,
            task,
            at,
        };
        match what {
            Fired::Done => firing.done().await,
            Fired::Back => firing.back().await,
            // Heard late, it is due at once rather than refused as past.
            Fired::TenMinutes => firing.again(self.once(TimeDelta::minutes(10))).await,
            Fired::Hour => firing.again(self.once(TimeDelta::hours(1))).await,
            Fired::Tomorrow => {
                let now = self.driver.clock.now();
                // The action is a text that came from outside: what it says of the time may be nothing that exists.
                let is_usual = |at: &DateTime<Utc>| (1970..=9_998).contains(&at.year());
                let fired = DateTime::<Utc>::from_timestamp(at, 0).filter(is_usual);
                let time = fired.unwrap_or(now).with_timezone(&self.zone).time();
                let pressed = Some(self.press.pressed_at).filter(is_usual).unwrap_or(now);
                let today = pressed.with_timezone(&self.zone).date_naive();
                let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
                firing
                    .again(Schedule::OnceLocal {
                        at: tomorrow.and_time(time),
                    })
                    .await
            }
        }
    }

    fn once(&self, later: TimeDelta) -> Schedule {
        let now = self.driver.clock.now();
        let at = self.press.pressed_at.checked_add_signed(later).unwrap_or(now);
        Schedule::Once {
            at: at.max(now + TimeDelta::seconds(1)),
        }
    }
}

impl Firing<'_> {
    async fn done(&self) -> Result<Answer, ToolError> {
        let line = match self.end_snooze().await? {
            true => Text::DoneForGood,
            false => Text::DoneLine,
        };
        Ok(self.in_place(&self.press.language.say(&line), &[Fired::Back]))
    }

    async fn back(&self) -> Result<Answer, ToolError> {
        self.end_snooze().await?;
        Ok(Answer {
            toast: Some(self.press.language.say(&Text::Undone)),
            ..self.in_place("", &Fired::ALL)
        })
    }

    /// It comes again then: one firing is snoozed once, and another button moves that.
    async fn again(&self, schedule: Schedule) -> Result<Answer, ToolError> {
        let press = self.press;
        let new = NewScheduledTask {
            action: TaskAction::Remind,
            text: self.task.text.clone(),
            schedule,
            time_zone: None,
            to: press.press.from.clone(),
            from_outside: self.task.from_outside,
            idempotency_key: Some(self.key()),
        };
        let user = press.press.user_id;
        let found = press.rest.create_task(user, &new).await?;
        // So that the other buttons find it.
        let hands = Hands {
            undo: Some((SNOOZE, self.key())),
            ..press.hands(None)
        };
        hands
            .undo_button(Deed::ChangeReminders {
                changes: vec![ReminderPatch::calling_off(&found)],
            })
            .await?;
        if found.status == TaskStatus::Done {
            return Ok(press.saying(&Text::SnoozeCame));
        }
        let is_there = found.status == TaskStatus::Active;
        let snoozed = if is_there && found.schedule == new.schedule {
            found.clone()
        } else {
            let patch = ScheduledTaskPatch {
                schedule: Some(new.schedule),
                status: Some(TaskStatus::Active),
                ..ScheduledTaskPatch::default()
            };
            press.rest.update_task(user, found.id, &patch).await?
        };
        let (time, before) = (&self.when(&snoozed), &self.when(&found));
        let line = press.language.say(&if is_there && time != before {
            Text::SnoozeMoved { time, before }
        } else {
            Text::Snoozed { time }
        });
        Ok(self.in_place(
            &line,
            &[
                Fired::Done,
                Fired::TenMinutes,
                Fired::Hour,
                Fired::Tomorrow,
                Fired::Back,
            ],
        ))
    }

    /// Calls off what would come again; whether there was anything.
    async fn end_snooze(&self) -> Result<bool, ToolError> {
        let press = self.press;
        let user = press.press.user_id;
        let Some(action) = press.rest.offered(user, &self.key()).await? else {
            return Ok(false);
        };
        match press.hands(None).perform(&deeds::read(&action)?).await {
            Ok(_) => Ok(true),
            // It has come, or was deleted.
            Err(
                ToolError::Told(_) | ToolError::Changed(_) | ToolError::Away(rest_client::Error::NotFound),
            ) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn key(&self) -> String {
        format!("snooze:{}:{}", self.task.id, self.at)
    }

    fn when(&self, snoozed: &ScheduledTask) -> String {
        let at = snoozed.next_run_at.unwrap_or(self.press.press.pressed_at);
        texts::spoken(
            self.press.language,
            at,
            self.press.press.pressed_at,
            self.press.zone,
        )
    }

    /// The reminder with a line below it, and these buttons.
    fn in_place(&self, line: &str, buttons: &[Fired]) -> Answer {
        let text = format!("⏰ {}\n{line}", context::escaped(&self.task.text));
        Answer {
            text: text.trim_end().to_owned(),
            buttons: buttons
                .iter()
                .map(|what| {
                    let action = Action::Fired {
                        what: *what,
                        task: self.task.id,
                        at: self.at,
                    };
                    Button::press(what.label(self.press.language), action.to_string())
                })
                .collect(),
            toast: Some(line.to_owned()),
            told: self.task.from_outside.then(|| line.to_owned()),
            ..Answer::default()
        }
    }
}
