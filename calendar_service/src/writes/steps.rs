//! The steps of a change at Google and the ways back. Each may be made again: it finds what it did.

use google_calendar3::api;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Writes,
    plan::{MARK, Plan, Step, done_mark, undone_mark},
};
use crate::google::{Fields, GoogleError};

impl Writes {
    /// Makes a step; the event as Google has it then, `None` when it is deleted.
    pub(super) async fn step(
        &self,
        user: Uuid,
        id: Uuid,
        plan: &Plan,
        step: &Step,
    ) -> Result<Option<api::Event>, GoogleError> {
        let (google, calendar, notify) = (&self.google, plan.calendar.as_str(), plan.notify);
        match step {
            Step::Insert { id: event, fields } => match google.insert(user, calendar, fields, notify).await {
                // An earlier try of ours: nobody else makes this id.
                Err(GoogleError::Exists) => {
                    let event = google.event(user, calendar, event).await?;
                    if is_cancelled(&event) {
                        Err(GoogleError::Gone)
                    } else {
                        Ok(Some(event))
                    }
                }
                made => made.map(Some),
            },
            Step::Patch {
                id: event,
                if_match,
                fields,
                ..
            } => self
                .marked(user, plan, event, fields, Some(if_match), &done_mark(id))
                .await
                .map(Some),
            Step::Delete {
                id: event, if_match, ..
            } => {
                match google.delete(user, calendar, event, Some(if_match), notify).await {
                    // It was there when the change was decided.
                    Ok(()) | Err(GoogleError::Gone | GoogleError::NotFound) => Ok(None),
                    Err(GoogleError::Changed)
                        if is_cancelled(&google.event(user, calendar, event).await?) =>
                    {
                        Ok(None)
                    }
                    Err(error) => Err(error),
                }
            }
        }
    }

    /// Takes a step back; the event as Google has it then. `etag` is the event's after the step: with it, an event
    /// that was changed since is left alone.
    pub(super) async fn step_back(
        &self,
        user: Uuid,
        id: Uuid,
        plan: &Plan,
        step: &Step,
        etag: Option<&str>,
    ) -> Result<Option<api::Event>, GoogleError> {
        let (google, calendar, notify) = (&self.google, plan.calendar.as_str(), plan.notify);
        match step {
            // What was changed since was made by this write all the same.
            Step::Insert { id: event, .. } => {
                match google.delete(user, calendar, event, None, notify).await {
                    Ok(()) | Err(GoogleError::Gone | GoogleError::NotFound) => Ok(None),
                    Err(error) => Err(error),
                }
            }
            Step::Patch { id: event, undo, .. } => self
                .marked(user, plan, event, undo, etag, &undone_mark(id))
                .await
                .map(Some),
            Step::Delete {
                id: event, before, ..
            } => self.restore(user, id, plan, event, before).await.map(Some),
        }
    }

    /// Patches an event of a version with fields that bear a mark; one of another version that bears it already is
    /// what an earlier try left.
    async fn marked(
        &self,
        user: Uuid,
        plan: &Plan,
        event: &str,
        fields: &Fields,
        if_match: Option<&str>,
        mark: &str,
    ) -> Result<api::Event, GoogleError> {
        let patched = self
            .google
            .patch(user, &plan.calendar, event, fields, if_match, plan.notify)
            .await;
        match patched {
            Err(GoogleError::Changed) => {
                let now = self.google.event(user, &plan.calendar, event).await?;
                if bears(&now, mark) {
                    Ok(now)
                } else {
                    Err(GoogleError::Changed)
                }
            }
            patched => patched,
        }
    }

    /// Brings a deleted event back; where Google no longer has it, as a new one.
    async fn restore(
        &self,
        user: Uuid,
        id: Uuid,
        plan: &Plan,
        event: &str,
        before: &Fields,
    ) -> Result<api::Event, GoogleError> {
        let (google, calendar, notify) = (&self.google, plan.calendar.as_str(), plan.notify);
        match google.event(user, calendar, event).await {
            Ok(found) if !is_cancelled(&found) => return Ok(found),
            Ok(_) => {
                let mut fields = before.clone();
                for name in ["iCalUID", "conferenceData", "eventType"] {
                    fields.remove(name);
                }
                fields.insert("status".to_owned(), json!("confirmed"));
                match google.patch(user, calendar, event, &fields, None, notify).await {
                    Err(GoogleError::NotFound | GoogleError::Gone) => {}
                    patched => return patched,
                }
            }
            Err(GoogleError::NotFound | GoogleError::Gone) => {}
            Err(error) => return Err(error),
        }
        let copy = super::plan::event_id(id);
        let mut fields = before.clone();
        for name in ["iCalUID", "conferenceData", "status", "eventType"] {
            fields.remove(name);
        }
        fields.insert("id".to_owned(), Value::String(copy.clone()));
        match google.insert(user, calendar, &fields, notify).await {
            Err(GoogleError::Exists) => google.event(user, calendar, &copy).await,
            made => made,
        }
    }
}

fn is_cancelled(event: &api::Event) -> bool {
    event.status.as_deref() == Some("cancelled")
}

fn bears(event: &api::Event, mark: &str) -> bool {
    let private = event
        .extended_properties
        .as_ref()
        .and_then(|all| all.private.as_ref());
    private
        .and_then(|private| private.get(MARK))
        .is_some_and(|own| own == mark)
}
