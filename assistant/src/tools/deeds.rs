//! Deeds: changes that are resolved to the last detail before they are made, so that they can be stored, shown to the
//! user, and made by a press, or made again after a crash without being decided anew.
//!
//! No tool makes a deed that was asked about: only a press of the user's does. What a question shows is written from
//! the deed ([`question::of`]), and the deed is made only while what it changes is as the question showed it.

use calendar_client::{DeleteEvent, Event, NewEvent, UpdateEvent};
use chrono_tz::Tz;
use messages::{Button, EventId, Receipt, TaskAction};
use rest_client::{
    Fact, NewFact, NewPendingAction, NewScheduledTask, PendingAction, ScheduledTask, ScheduledTaskPatch,
    TaskStatus,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use texts::{Language, Text};
use uuid::Uuid;

use super::{Question, ToolContext, ToolError, ToolOutput, calendar, memory, question, reminders};
use crate::actions::Action;

mod anew;
mod standing;

use standing::is_as;

/// How long a change can be taken back and a question answered.
pub(crate) const VALID_SECONDS: u32 = 24 * 3600;

/// How often a reminder is read again that others change at the same moment.
const TRIES: u32 = 3;

const REMINDER_CHANGED: ToolError = ToolError::Changed("the reminder was changed or has fired since");

/// A change.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Deed {
    /// Set a reminder.
    SetReminder {
        /// The reminder, with its idempotency key.
        new: NewScheduledTask,
    },
    /// Change reminders, or change them back.
    ChangeReminders {
        /// Each with its change.
        changes: Vec<ReminderPatch>,
    },
    /// Keep a fact about the user.
    RememberFact {
        /// The fact.
        new: NewFact,
    },
    /// Delete one.
    ForgetFact {
        /// The fact as the question shows it.
        fact: Fact,
    },
    /// Make an event.
    CreateEvent { calendar: String, new: NewEvent },
    /// Change one.
    UpdateEvent {
        calendar: String,
        /// What people call the calendar.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        calendar_name: Option<String>,
        event: String,
        change: UpdateEvent,
        /// The event as the question shows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<Box<Event>>,
    },
    /// Delete one.
    DeleteEvent {
        calendar: String,
        /// What people call the calendar.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        calendar_name: Option<String>,
        event: String,
        deletion: DeleteEvent,
        /// The event as the question shows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<Box<Event>>,
    },
    /// Disconnect the calendar.
    Disconnect {
        /// The account that is connected, as the question shows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<String>,
    },
}

/// A change of one reminder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ReminderPatch {
    /// Which.
    pub(crate) task: Uuid,
    /// What it does, which cannot be changed.
    #[serde(default = "remind")]
    pub(crate) action: TaskAction,
    /// What must still hold for it: nothing where a field is absent.
    #[serde(default)]
    pub(crate) only_if: ScheduledTaskPatch,
    /// What it is to be.
    pub(crate) set: ScheduledTaskPatch,
    /// The reminder as it was read just now, to spare a call.
    #[serde(skip)]
    now: Option<Box<ScheduledTask>>,
}

fn remind() -> TaskAction {
    TaskAction::Remind
}

impl ReminderPatch {
    /// A change of a reminder that stays as it is until then.
    pub(crate) fn of(task: &ScheduledTask, set: ScheduledTaskPatch) -> Self {
        Self {
            task: task.id,
            action: task.action,
            only_if: ScheduledTaskPatch {
                text: Some(task.text.clone()),
                schedule: Some(task.schedule.clone()),
                time_zone: Some(task.time_zone.clone()),
                status: Some(task.status),
                from_outside: Some(task.from_outside),
                // Looked at where it is what changes, so that nothing is skipped twice.
                next_run_at: set.next_run_at.and(task.next_run_at),
            },
            set,
            now: Some(Box::new(task.clone())),
        }
    }

    /// The change that calls a new reminder off again.
    pub(crate) fn calling_off(task: &ScheduledTask) -> Self {
        Self {
            task: task.id,
            action: task.action,
            only_if: ScheduledTaskPatch::default(),
            set: ScheduledTaskPatch {
                status: Some(TaskStatus::Cancelled),
                ..ScheduledTaskPatch::default()
            },
            now: None,
        }
    }

    /// The change that takes this one back, from what must hold for it.
    fn back(&self) -> Self {
        let (was, set) = (&self.only_if, &self.set);
        Self {
            task: self.task,
            action: self.action,
            only_if: ScheduledTaskPatch {
                // What was not changed stays what it is, but a reminder that has fired is no longer to be changed.
                status: set.status.or(was.status),
                ..set.clone()
            },
            set: ScheduledTaskPatch {
                text: set.text.as_ref().and(was.text.clone()),
                schedule: set.schedule.as_ref().and(was.schedule.clone()),
                time_zone: set.time_zone.as_ref().and(was.time_zone.clone()),
                status: set.status.and(was.status),
                from_outside: set.from_outside.and(was.from_outside),
                next_run_at: set.next_run_at.and(was.next_run_at),
            },
            now: None,
        }
    }
}

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    /// What the user is shown.
    pub(crate) receipt: Receipt,
    /// What a model is told of it, in this turn and in later ones: without the words of others.
    pub(crate) told: String,
}

/// On whose behalf a deed is done.
pub(crate) struct Hands<'h> {
    pub(crate) rest: &'h rest_client::Client,
    pub(crate) calendar: Option<&'h calendar_client::Client>,
    pub(crate) user_id: Uuid,
    pub(crate) zone: Tz,
    /// The language of what is told of it.
    pub(crate) language: Language,
    /// The conversation's key.
    pub(crate) conversation: String,
    /// Under which name and key the undo of what is done is kept; none for what is an undo itself.
    pub(crate) undo: Option<(&'h str, String)>,
}

pub(crate) use super::calendar::again;

impl<'h> Hands<'h> {
    /// Those of a tool.
    pub(crate) fn of(context: &'h ToolContext, tool: &'h str) -> Self {
        Self {
            rest: &context.rest,
            calendar: context.calendar.as_ref(),
            user_id: context.user_id,
            zone: context.zone,
            language: Language::of(&context.locale),
            conversation: context.to.key(),
            undo: Some((tool, format!("{}:undo", context.idempotency_key(tool)))),
        }
    }

    /// Does it; done again it has no further effect.
    ///
    /// # Errors
    /// It cannot be done any more, or what it needs is away. [`ToolError::Changed`]: what it changes is not as it was.
    pub(crate) async fn perform(&self, deed: &Deed) -> Result<Vec<Made>, ToolError> {
        let user = self.user_id;
        let written = match deed {
            Deed::SetReminder { new } => return self.set_reminder(new).await,
            Deed::ChangeReminders { changes } => return self.change_reminders(changes).await,
            Deed::RememberFact { new } => return self.remember(new).await,
            Deed::ForgetFact { fact } => return self.forget(fact).await,
            Deed::Disconnect { account } => return self.disconnect(account.as_deref()).await,
            Deed::CreateEvent { calendar, new } => self.calendar()?.create(user, calendar, new).await,
            Deed::UpdateEvent {
                calendar,
                event,
                change,
                ..
            } => self.calendar()?.update(user, calendar, event, change).await,
            Deed::DeleteEvent {
                calendar,
                event,
                deletion,
                ..
            } => {
                self.calendar()?
                    .delete_event(user, calendar, event, deletion)
                    .await
            }
        };
        let written = written.map_err(calendar::again)?;
        Ok(vec![calendar::receipt(&written, self.zone, self.language)])
    }

    fn calendar(&self) -> Result<&calendar_client::Client, ToolError> {
        self.calendar
            .ok_or_else(|| ToolError::Told(calendar::NOT_HERE.to_owned()))
    }

    async fn set_reminder(&self, new: &NewScheduledTask) -> Result<Vec<Made>, ToolError> {
        let task = self.rest.create_task(self.user_id, new).await?;
        let mut made = reminders::stored(&task, self.zone, self.language);
        made.receipt.undo = self
            .undo_button(Deed::ChangeReminders {
                changes: vec![ReminderPatch::calling_off(&task)],
            })
            .await?;
        Ok(vec![made])
    }

    async fn change_reminders(&self, changes: &[ReminderPatch]) -> Result<Vec<Made>, ToolError> {
        // Stored before anything is changed, so that a turn that is run again after a crash finds what was there.
        let undo = self
            .undo_button(Deed::ChangeReminders {
                changes: changes.iter().map(ReminderPatch::back).collect(),
            })
            .await?;
        let mut all = Vec::new();
        for (change, now) in self.unchanged(changes).await? {
            let task = self.change_reminder(change, now).await?;
            all.push(match task.status {
                TaskStatus::Cancelled => reminders::cancelled(&task, self.zone, self.language),
                _ => reminders::stored(&task, self.zone, self.language),
            });
        }
        if let Some(last) = all.last_mut() {
            last.receipt.undo = undo;
        }
        Ok(all)
    }

    /// The reminders as they are now, if each is as it was or changed already: all are changed, or none.
    async fn unchanged<'c>(
        &self,
        changes: &'c [ReminderPatch],
    ) -> Result<Vec<(&'c ReminderPatch, ScheduledTask)>, ToolError> {
        let mut found = Vec::new();
        for change in changes {
            let task = match &change.now {
                Some(now) => ScheduledTask::clone(now),
                None => self.rest.task(self.user_id, change.task).await?,
            };
            if !is_as(&task, &change.set) && !is_as(&task, &change.only_if) {
                return Err(REMINDER_CHANGED);
            }
            found.push((change, task));
        }
        Ok(found)
    }

    /// Changes a reminder if it is as it was; the version keeps others from changing it in between.
    async fn change_reminder(
        &self,
        change: &ReminderPatch,
        now: ScheduledTask,
    ) -> Result<ScheduledTask, ToolError> {
        let mut task = now;
        for _ in 0..TRIES {
            if is_as(&task, &change.set) {
                return Ok(task);
            }
            if !is_as(&task, &change.only_if) {
                break;
            }
            let changed = self
                .rest
                .update_task_if(self.user_id, change.task, task.version, &change.set);
            match changed.await {
                Ok(task) if change.set.status.is_some_and(|status| status != task.status) => {
                    return Err(ToolError::Told("the reminder has fired already".to_owned()));
                }
                Ok(task) => return Ok(task),
                Err(rest_client::Error::Stale { .. }) => {
                    task = self.rest.task(self.user_id, change.task).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(REMINDER_CHANGED)
    }

    async fn disconnect(&self, shown: Option<&str>) -> Result<Vec<Made>, ToolError> {
        let calendar = self.calendar()?;
        if let Some(shown) = shown {
            let account = calendar.account(self.user_id).await?;
            if account.email.as_deref().is_some_and(|email| email != shown) {
                return Err(ToolError::Changed("another account was connected since"));
            }
        }
        let account = calendar.disconnect(self.user_id).await.map_err(calendar::again)?;
        let whose = account
            .email
            .or_else(|| shown.map(str::to_owned))
            .map(|email| format!(" ({})", messages::plain::line(&email, 320)))
            .unwrap_or_default();
        let line = |language: Language| language.say(&Text::ReceiptDisconnected { whose: &whose });
        Ok(vec![Made {
            told: line(Language::English),
            receipt: Receipt {
                text: line(self.language),
                undo: None,
            },
        }])
    }

    async fn remember(&self, new: &NewFact) -> Result<Vec<Made>, ToolError> {
        let fact = self.rest.create_fact(self.user_id, new).await?;
        let mut made = memory::remembered(&fact, self.language);
        made.receipt.undo = self.undo_button(Deed::ForgetFact { fact }).await?;
        Ok(vec![made])
    }

    async fn forget(&self, fact: &Fact) -> Result<Vec<Made>, ToolError> {
        let back = NewFact {
            text: fact.text.clone(),
            source: fact.source,
            from_outside: fact.from_outside,
        };
        // Stored first, so that a turn that is run again after a crash still offers it.
        let undo = self.undo_button(Deed::RememberFact { new: back }).await?;
        match self.rest.delete_fact(self.user_id, fact.id).await {
            // It is what was wanted, whoever did it.
            Ok(()) | Err(rest_client::Error::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
        let mut made = memory::forgotten(fact, self.language);
        made.receipt.undo = undo;
        Ok(vec![made])
    }

    /// The button that does a change's opposite, unless this is an undo itself.
    pub(crate) async fn undo_button(&self, deed: Deed) -> Result<Option<Button>, ToolError> {
        let Some((tool, key)) = &self.undo else {
            return Ok(None);
        };
        let offer = Offer {
            tool,
            key: key.clone(),
            deed,
            decided_by: None,
        };
        let action = self.offer(offer, "Undo".to_owned()).await?;
        Ok(Some(Button::press(
            self.language.say(&Text::Undo),
            Action::Undo(action.id).to_string(),
        )))
    }

    /// Stores a deed, or finds the one that was stored with this key.
    async fn offer(&self, offer: Offer<'_>, summary: String) -> Result<PendingAction, ToolError> {
        let Ok(serde_json::Value::Object(args)) = serde_json::to_value(&offer.deed) else {
            return Err(ToolError::Told("this cannot be stored".to_owned()));
        };
        let new = NewPendingAction {
            conversation: self.conversation.clone(),
            tool: offer.tool.to_owned(),
            args,
            summary,
            idempotency_key: offer.key,
            decided_by: offer.decided_by,
            valid_seconds: VALID_SECONDS,
        };
        Ok(self.rest.offer(self.user_id, &new).await?)
    }
}

/// A deed to offer.
pub(crate) struct Offer<'o> {
    /// What offers it.
    pub(crate) tool: &'o str,
    /// The same key again gives the same offer.
    pub(crate) key: String,
    /// What it is.
    pub(crate) deed: Deed,
    /// The event that has decided on it already, because it needs no press.
    pub(crate) decided_by: Option<EventId>,
}

/// The deed of a stored action; one of another version cannot be read.
pub(crate) fn read(action: &PendingAction) -> Result<Deed, ToolError> {
    serde_json::from_value(action.args.clone().into()).map_err(|_| {
        ToolError::Told("this was offered by another version of me, please ask again".to_owned())
    })
}

/// The question about a stored action.
fn asked(action: &PendingAction, language: Language) -> Question {
    Question {
        // Written by this build it ends its own first line.
        text: if action.summary.contains('?') {
            action.summary.clone()
        } else {
            format!("{}?", action.summary)
        },
        buttons: vec![
            Button::press(language.say(&Text::Yes), Action::Confirm(action.id).to_string()),
            Button::press(language.say(&Text::No), Action::Dismiss(action.id).to_string()),
        ],
    }
}

/// Makes a deed now, or asks about it first; made by a turn that is run again, it is the same deed.
pub(crate) async fn make_or_ask(context: &ToolContext, new: Offer<'_>) -> Result<ToolOutput, ToolError> {
    let hands = Hands::of(context, new.tool);
    let summary = match new.decided_by {
        Some(_) => new.tool.to_owned(),
        None => question::of(&new.deed, context.zone, Language::of(&context.locale))?,
    };
    let action = hands.offer(new, summary).await?;
    carry_out(context, &action).await
}

/// Goes on with a stored action: makes it if it is decided, or asks.
pub(crate) async fn carry_out(
    context: &ToolContext,
    action: &PendingAction,
) -> Result<ToolOutput, ToolError> {
    if action.decided_by.as_ref() != Some(&context.event_id) {
        return Ok(ToolOutput {
            content: json!({
                "waiting_for_user": "nothing was changed yet. The user sees the question with Yes and No buttons \
                    below your answer; only their press does it. Don't ask again."
            }),
            receipts: Vec::new(),
            questions: vec![asked(action, Language::of(&context.locale))],
        });
    }
    let made = Hands::of(context, &action.tool).perform(&read(action)?).await?;
    Ok(output(made))
}

/// Makes a deed that needs neither a question nor a memory of its own: made again it finds itself done.
pub(crate) async fn make(context: &ToolContext, tool: &str, deed: &Deed) -> Result<ToolOutput, ToolError> {
    Ok(output(Hands::of(context, tool).perform(deed).await?))
}

fn output(made: Vec<Made>) -> ToolOutput {
    let told: Vec<&String> = made.iter().map(|made| &made.told).collect();
    ToolOutput {
        content: json!({ "stored": told }),
        receipts: made.into_iter().map(|made| made.receipt).collect(),
        questions: Vec::new(),
    }
}
