//! The changes as they are written down in rest_service: readable by this service alone, kept for a day.
//!
//! What is written down holds people's events, so it is encrypted like their tokens: rest_service, its backups and
//! whoever reads its database see that somebody changed something, and not what.

use calendar_client::{Event, ProblemKind};
use chrono::{DateTime, Utc};
use rest_client::{CalendarWrite, CalendarWritePatch, CalendarWriteState, Client, NewCalendarWrite};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::plan::Plan;
use crate::{api::error::ApiError, vault::Vault};

/// Writes changes down and reads them.
#[derive(Clone)]
pub(crate) struct Journal {
    rest: Client,
    vault: Vault,
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
    pub(crate) fn new(rest: Client, vault: Vault) -> Self {
        Self { rest, vault }
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
}
