//! A deed whose question showed what is no longer so: nothing is done, and the question is asked anew.

use calendar_client::{Error, Event, EventPatch, EventStatus};
use rest_client::TaskStatus;

use super::{Deed, Hands, Offer, ReminderPatch, asked, is_as};
use crate::tools::{Question, ToolError, calendar, question};

impl Hands<'_> {
    /// The same wish about things as they are now, as a question; `None` when they are gone. The same `key` again
    /// gives the same question.
    ///
    /// # Errors
    /// What it needs is away, or the question cannot be written.
    pub(crate) async fn ask_anew(
        &self,
        tool: &str,
        deed: &Deed,
        key: String,
    ) -> Result<Option<Question>, ToolError> {
        let Some(deed) = self.anew(deed, &key).await? else {
            return Ok(None);
        };
        let summary = question::of(&deed, self.zone, self.language)?;
        let offer = Offer {
            tool,
            key,
            deed,
            decided_by: None,
        };
        Ok(Some(asked(&self.offer(offer, summary).await?, self.language)))
    }

    async fn anew(&self, deed: &Deed, key: &str) -> Result<Option<Deed>, ToolError> {
        let mut deed = deed.clone();
        match &mut deed {
            Deed::ChangeReminders { changes } => {
                *changes = self.reminders_anew(changes).await?;
                return Ok((!changes.is_empty()).then_some(deed));
            }
            Deed::UpdateEvent {
                calendar,
                event,
                change,
                was,
                ..
            } => {
                let Some(now) = self.event(calendar, event).await? else {
                    return Ok(None);
                };
                invite_the_same(&mut change.patch, was.as_deref(), &now);
                change.idempotency_key = key.to_owned();
                change.if_version = Some(now.etag.clone());
                *was = Some(Box::new(calendar::remembered(now)));
            }
            Deed::DeleteEvent {
                calendar,
                event,
                deletion,
                was,
                ..
            } => {
                let Some(now) = self.event(calendar, event).await? else {
                    return Ok(None);
                };
                deletion.idempotency_key = key.to_owned();
                deletion.if_version = Some(now.etag.clone());
                *was = Some(Box::new(calendar::remembered(now)));
            }
            Deed::Disconnect { account } => {
                *account = self.calendar()?.account(self.user_id).await?.email;
                return Ok(account.is_some().then_some(deed));
            }
            // They depend on nothing that may change.
            Deed::SetReminder { .. }
            | Deed::CreateEvent { .. }
            | Deed::RememberFact { .. }
            | Deed::ForgetFact { .. } => {}
        }
        Ok(Some(deed))
    }

    /// The changes that can still be made.
    async fn reminders_anew(&self, changes: &[ReminderPatch]) -> Result<Vec<ReminderPatch>, ToolError> {
        let mut anew = Vec::new();
        for change in changes {
            let task = match self.rest.task(self.user_id, change.task).await {
                Ok(task) => task,
                Err(rest_client::Error::NotFound) => continue,
                Err(error) => return Err(error.into()),
            };
            let is_over = matches!(task.status, TaskStatus::Done | TaskStatus::Cancelled);
            if !is_over && !is_as(&task, &change.set) {
                anew.push(ReminderPatch::of(&task, change.set.clone()));
            }
        }
        Ok(anew)
    }

    async fn event(&self, calendar: &str, event: &str) -> Result<Option<Event>, ToolError> {
        match self.calendar()?.event(self.user_id, calendar, event).await {
            Ok(event) if event.status != EventStatus::Cancelled => Ok(Some(event)),
            Ok(_) | Err(Error::NotFound | Error::Gone { .. }) => Ok(None),
            Err(error) => Err(calendar::again(error)),
        }
    }
}

/// Who was to be invited besides is invited besides those who are invited by now.
fn invite_the_same(patch: &mut EventPatch, was: Option<&Event>, now: &Event) {
    let Some(wanted) = &mut patch.attendees else {
        return;
    };
    let is_in = |event: &Event, email: &str| {
        event
            .attendees
            .iter()
            .any(|guest| guest.email.eq_ignore_ascii_case(email))
    };
    let invited = now.attendees.iter().filter(|guest| !guest.is_self);
    let mut all: Vec<String> = invited.map(|guest| guest.email.clone()).collect();
    let besides = wanted
        .iter()
        .filter(|email| !is_in(now, email) && was.is_none_or(|was| !is_in(was, email)));
    all.extend(besides.cloned());
    *wanted = all;
}
