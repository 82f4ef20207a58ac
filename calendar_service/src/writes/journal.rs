//! The changes as they are written down in rest_service: readable by this service alone, kept for a day.
//!
//! What is written down holds people's events, so it is encrypted like their tokens: rest_service, its backups and
//! whoever reads its database see that somebody changed something, and not what.

use std::sync::Arc;

use calendar_client::{Event, ProblemKind};
use chrono::{DateTime, Utc};
use rest_client::{CalendarWrite, CalendarWritePatch, CalendarWriteState, Client, NewCalendarWrite, Sealed};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::plan::Plan;
use crate::{
    api::error::ApiError,
    setup::Setup,
    vault::{Purpose, Vault},
};

/// Writes changes down and reads them.
#[derive(Clone)]
pub(crate) struct Journal {
    rest: Client,
    /// Absent where nothing is set up.
    setup: Option<Arc<Setup>>,
}

/// A change with what Google answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// What it does.
    pub(crate) plan: Plan,
    /// The event's etag after each step; empty where there is none.
    #[serde(default)]
    pub(crate) etags: Vec<String>,
    /// The event to show, once it was made.
    #[serde(default)]
    pub(crate) event: Option<Event>,
    /// The event to show, once it was taken back.
    #[serde(default)]
    pub(crate) undone: Option<Event>,
}

/// A change that is written down.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// How far it has come.
    pub(crate) state: CalendarWriteState,
    /// What it is.
    pub(crate) record: Record,
    /// When it was decided.
    pub(crate) created_at: DateTime<Utc>,
}

impl Journal {
    pub(crate) fn new(rest: Client, setup: Option<Arc<Setup>>) -> Self {
        Self { rest, setup }
    }

    pub(crate) async fn find(&self, user: Uuid, id: Uuid) -> Result<Option<Entry>, ApiError> {
        match self.rest.calendar_write(user, id).await {
            Ok(write) => self.open(&write).map(Some),
            Err(rest_client::Error::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a change down; the one that is written down already is the one that counts.
    pub(crate) async fn begin(&self, user: Uuid, id: Uuid, plan: Plan) -> Result<Entry, ApiError> {
        let record = Record {
            plan,
            etags: Vec::new(),
            event: None,
            undone: None,
        };
        let new = NewCalendarWrite {
            plan: self.seal(user, id, &record)?,
        };
        self.open(&self.rest.begin_calendar_write(user, id, &new).await?)
    }

    /// Says how far a change has come.
    pub(crate) async fn settle(
        &self,
        user: Uuid,
        id: Uuid,
        state: CalendarWriteState,
        record: Record,
    ) -> Result<Entry, ApiError> {
        let patch = CalendarWritePatch {
            state,
            plan: self.seal(user, id, &record)?,
        };
        self.open(&self.rest.settle_calendar_write(user, id, &patch).await?)
    }

    fn vault(&self) -> Result<&Vault, ApiError> {
        self.setup
            .as_deref()
            .map(|setup| &setup.vault)
            .ok_or_else(|| ApiError::of(ProblemKind::NotSetUp))
    }

    fn seal(&self, user: Uuid, id: Uuid, record: &Record) -> Result<Sealed, ApiError> {
        let vault = self.vault()?;
        let text = serde_json::to_vec(&Closed { write: id, record }).ok();
        text.and_then(|text| vault.seal(Purpose::WriteJournal, user, &text))
            .ok_or_else(|| ApiError::of(ProblemKind::Internal))
    }

    /// A change that does not open was written down with a key that is lost: nobody can say what it was.
    fn open(&self, write: &CalendarWrite) -> Result<Entry, ApiError> {
        let lost = |why: String| {
            tracing::warn!(user = %write.user_id, write = %write.id, why, "a change cannot be read");
            ApiError::saying(
                ProblemKind::Gone,
                "what this change did can no longer be read, so it can be neither finished nor undone",
            )
        };
        let text = self
            .vault()?
            .open(Purpose::WriteJournal, write.user_id, &write.plan)
            .map_err(|error| lost(error.to_string()))?;
        let opened: Opened = serde_json::from_slice(&text).map_err(|error| lost(error.to_string()))?;
        if opened.write != write.id {
            return Err(lost("it is another's".to_owned()));
        }
        Ok(Entry {
            state: write.state,
            record: opened.record,
            created_at: write.created_at,
        })
    }
}

/// What is encrypted: the record, and which write it is of, so that it does not open in another's place.
#[derive(Deserialize)]
struct Opened {
    write: Uuid,
    record: Record,
}

#[derive(Serialize)]
struct Closed<'a> {
    write: Uuid,
    record: &'a Record,
}
