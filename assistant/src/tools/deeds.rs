//! Deeds: changes that are resolved to the last detail before they are made, so that they can be stored, shown to the
//! user, and made by a press, or made again after a crash without being decided anew.
//!
//! No tool makes a deed that was asked about: only a press of the user's does.

use calendar_client::{DeleteEvent, NewEvent, UpdateEvent};
use chrono_tz::Tz;
use messages::{Button, Receipt};
use rest_client::{
    NewPendingAction, NewScheduledTask, PendingAction, ScheduledTask, ScheduledTaskPatch, TaskStatus,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Question, ToolContext, ToolError, ToolOutput, calendar, reminders};
use crate::actions::Action;

/// How long a change can be taken back and a question answered.
pub(crate) const VALID_SECONDS: u32 = 24 * 3600;

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
    /// Make an event.
    CreateEvent { calendar: String, new: NewEvent },
    /// Change one.
    UpdateEvent {
        calendar: String,
        event: String,
        change: UpdateEvent,
    },
    /// Delete one.
    DeleteEvent {
        calendar: String,
        event: String,
        deletion: DeleteEvent,
    },
    /// Disconnect the calendar.
    Disconnect,
}

/// A change of one reminder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ReminderPatch {
    /// Which.
    pub(crate) task: Uuid,
    /// What must still hold for it: nothing where a field is absent.
    #[serde(default)]
    pub(crate) only_if: ScheduledTaskPatch,
    /// What it is to be.
    pub(crate) set: ScheduledTaskPatch,
}

/// On whose behalf a deed is done.
pub(crate) struct Hands<'h> {
    pub(crate) rest: &'h rest_client::Client,
    pub(crate) calendar: Option<&'h calendar_client::Client>,
    pub(crate) user_id: Uuid,
    pub(crate) zone: Tz,
}

pub(crate) use super::calendar::again;

impl<'h> Hands<'h> {
    /// Those of a tool.
    pub(crate) fn of(context: &'h ToolContext) -> Self {
        Self {
            rest: &context.rest,
            calendar: context.calendar.as_ref(),
            user_id: context.user_id,
            zone: context.zone,
        }
    }

    /// Does it; done again it has no further effect.
    ///
    /// # Errors
    /// It cannot be done any more, or what it needs is away.
    pub(crate) async fn perform(&self, deed: &Deed) -> Result<Vec<Receipt>, ToolError> {
        let user = self.user_id;
        let written = match deed {
            Deed::SetReminder { new } => {
                let task = self.rest.create_task(user, new).await?;
                return Ok(vec![reminders::stored_receipt(&task, self.zone)]);
            }
            Deed::ChangeReminders { changes } => return self.change_reminders(changes).await,
            Deed::Disconnect => {
                let account = self.calendar()?.disconnect(user).await.map_err(calendar::again)?;
                let whose = account
                    .email
                    .map(|email| format!(" ({email})"))
                    .unwrap_or_default();
                let text = format!("🔌 Google Calendar is disconnected{whose}");
                return Ok(vec![Receipt { text, undo: None }]);
            }
            Deed::CreateEvent { calendar, new } => self.calendar()?.create(user, calendar, new).await,
            Deed::UpdateEvent {
                calendar,
                event,
                change,
            } => self.calendar()?.update(user, calendar, event, change).await,
            Deed::DeleteEvent {
                calendar,
                event,
                deletion,
            } => {
                self.calendar()?
                    .delete_event(user, calendar, event, deletion)
                    .await
            }
        };
        let written = written.map_err(calendar::again)?;
        Ok(vec![calendar::receipt(&written, self.zone)])
    }

    fn calendar(&self) -> Result<&calendar_client::Client, ToolError> {
        self.calendar
            .ok_or_else(|| ToolError::Told(calendar::NOT_HERE.to_owned()))
    }

    async fn change_reminders(&self, changes: &[ReminderPatch]) -> Result<Vec<Receipt>, ToolError> {
        let mut receipts = Vec::new();
        for change in changes {
            let mut task = self.rest.task(self.user_id, change.task).await?;
            if !is_as(&task, &change.set) {
                if !is_as(&task, &change.only_if) {
                    return Err(ToolError::Told(
                        "the reminder was changed or has fired since, so it is left as it is".to_owned(),
                    ));
                }
                task = self
                    .rest
                    .update_task(self.user_id, change.task, &change.set)
                    .await?;
                if change.set.status.is_some_and(|status| status != task.status) {
                    return Err(ToolError::Told("the reminder has fired already".to_owned()));
                }
            }
            receipts.push(match task.status {
                TaskStatus::Cancelled => reminders::cancelled_receipt(&task, self.zone),
                _ => reminders::stored_receipt(&task, self.zone),
            });
        }
        Ok(receipts)
    }
}

/// Whether a reminder has what a patch sets.
fn is_as(task: &ScheduledTask, patch: &ScheduledTaskPatch) -> bool {
    patch.text.as_ref().is_none_or(|text| *text == task.text)
        && patch
            .schedule
            .as_ref()
            .is_none_or(|schedule| *schedule == task.schedule)
        && patch.status.is_none_or(|status| status == task.status)
}

/// A deed to offer.
pub(crate) struct Offer<'o> {
    /// What offers it.
    pub(crate) tool: &'o str,
    /// The same key again gives the same offer.
    pub(crate) key: String,
    /// What it is.
    pub(crate) deed: Deed,
    /// What the user is told that it is.
    pub(crate) summary: String,
    /// Whether it is decided already, because it needs no press.
    pub(crate) is_decided: bool,
}

/// Stores a deed, or finds the one that was stored with this key.
pub(crate) async fn offer(context: &ToolContext, offer: Offer<'_>) -> Result<PendingAction, ToolError> {
    let Ok(serde_json::Value::Object(args)) = serde_json::to_value(&offer.deed) else {
        return Err(ToolError::Told("this cannot be stored".to_owned()));
    };
    let new = NewPendingAction {
        conversation: context.to.key(),
        tool: offer.tool.to_owned(),
        args,
        summary: offer.summary.chars().take(4_000).collect(),
        idempotency_key: offer.key,
        decided_by: offer.is_decided.then(|| context.event_id.clone()),
        valid_seconds: VALID_SECONDS,
    };
    Ok(context.rest.offer(context.user_id, &new).await?)
}

/// The deed of a stored action; one of another version cannot be read.
pub(crate) fn read(action: &PendingAction) -> Result<Deed, ToolError> {
    serde_json::from_value(action.args.clone().into()).map_err(|_| {
        ToolError::Told("this was offered by another version of me, please ask again".to_owned())
    })
}

/// The question about a stored action, and what the model is told of it.
pub(crate) fn ask(action: &PendingAction) -> ToolOutput {
    ToolOutput {
        content: json!({
            "waiting_for_user": "nothing was changed yet. The user sees the question with Yes and No buttons below \
                your answer; only their press does it. Don't ask again."
        }),
        receipts: Vec::new(),
        questions: vec![Question {
            text: format!("{}?", action.summary),
            buttons: vec![
                Button::press("Yes", Action::Confirm(action.id).to_string()),
                Button::press("No", Action::Dismiss(action.id).to_string()),
            ],
        }],
    }
}

/// Makes a deed now, or asks about it first; made by a turn that is run again, it is the same deed.
pub(crate) async fn make_or_ask(context: &ToolContext, new: Offer<'_>) -> Result<ToolOutput, ToolError> {
    let action = offer(context, new).await?;
    carry_out(context, &action).await
}

/// Goes on with a stored action: makes it if it is decided, or asks.
pub(crate) async fn carry_out(
    context: &ToolContext,
    action: &PendingAction,
) -> Result<ToolOutput, ToolError> {
    if action.decided_by.as_ref() != Some(&context.event_id) {
        return Ok(ask(action));
    }
    let deed = read(action)?;
    let receipts = Hands::of(context).perform(&deed).await?;
    Ok(ToolOutput {
        content: json!({ "stored": told(&deed, &receipts, context.zone) }),
        receipts,
        questions: Vec::new(),
    })
}

/// What the model is told of a deed that was done: the receipts, but of an event not the title, which may be somebody
/// else's words.
fn told(deed: &Deed, receipts: &[Receipt], zone: Tz) -> Vec<String> {
    match deed {
        Deed::UpdateEvent { change, .. } => {
            let when = change.patch.time.as_ref();
            let when = when.map_or_else(String::new, |time| {
                format!(": it is now {}", calendar::described(time, zone))
            });
            vec![format!("the event was changed{when}")]
        }
        _ => receipts.iter().map(|receipt| receipt.text.clone()).collect(),
    }
}
