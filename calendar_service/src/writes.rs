//! Changes of events, each of which happens once and can be undone for a day.
//!
//! A change is decided (`plan`), written down in rest_service (`journal`), made at Google (`steps`), and settled in
//! rest_service with what Google answered. Whoever is killed between two of these lines, a call with the same
//! idempotency key goes on from what was written down: the steps name the events they make and the versions they
//! change, so none is made twice.

mod journal;
mod plan;
mod steps;

pub(crate) use journal::Journal;
pub(crate) use plan::{Order, PlanError, Target};

use std::sync::Arc;

use calendar_client::{Event, ProblemKind, Scope, Undone, WriteKind, Written};
use rest_client::CalendarWriteState;
use service_kit::Clock;
use uuid::Uuid;

use crate::{
    api::error::ApiError,
    google::{Google, GoogleError},
};
use journal::{Entry, Record};
use plan::{Plan, UNDO_LIMIT};

/// Write ids are made in this namespace, of the user and the idempotency key.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c2f_0e0a_58a1_4e0e_9b1e_7d3c_52f4_a9d1);

/// Makes changes and takes them back.
#[derive(Clone)]
pub(crate) struct Writes {
    google: Google,
    journal: Journal,
    clock: Arc<dyn Clock>,
}

/// The id of the write that an idempotency key of a user's stands for.
pub(crate) fn write_id(user: Uuid, idempotency_key: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{user}:{idempotency_key}").as_bytes())
}

impl Writes {
    pub(crate) fn new(google: Google, journal: Journal, clock: Arc<dyn Clock>) -> Self {
        Self {
            google,
            journal,
            clock,
        }
    }

    /// Makes a change, unless it was made before; `plan` decides it, if that was not done before either.
    pub(crate) async fn make(
        &self,
        user: Uuid,
        id: Uuid,
        kind: WriteKind,
        plan: impl AsyncFnOnce() -> Result<Plan, ApiError>,
    ) -> Result<Written, ApiError> {
        let mut entry = match self.journal.find(user, id).await? {
            Some(entry) => entry,
            None => self.journal.begin(user, id, plan().await?).await?,
        };
        if entry.record.plan.kind != kind {
            return Err(ApiError::saying(
                ProblemKind::Conflict,
                "the idempotency key was used for another change",
            ));
        }
        if entry.state == CalendarWriteState::Begun {
            self.perform(user, id, &mut entry.record).await?;
            entry = self
                .journal
                .settle(user, id, CalendarWriteState::Done, entry.record)
                .await?;
        }
        written(id, entry)
    }

    /// Makes the steps of a plan, and notes what Google answered.
    async fn perform(&self, user: Uuid, id: Uuid, record: &mut Record) -> Result<(), ApiError> {
        let plan = &record.plan;
        let mut events = Vec::with_capacity(plan.steps.len());
        for (number, step) in plan.steps.iter().enumerate() {
            match self.step(user, id, plan, step).await {
                Ok(event) => events.push(event),
                Err(error) => {
                    if number > 0 && is_final(&error) {
                        self.give_up(user, id, plan, number).await;
                    }
                    return Err(error.into());
                }
            }
        }
        record.etags = events
            .iter()
            .map(|event| {
                event
                    .as_ref()
                    .and_then(|event| event.etag.clone())
                    .unwrap_or_default()
            })
            .collect();
        let first = events.into_iter().next().flatten();
        let mut event = match first {
            Some(event) if plan.kind != WriteKind::Delete => {
                crate::google::event_view(&plan.calendar, event, plan.zone.name())
            }
            _ => plan.before.clone(),
        };
        if let (Some(event), Some(time)) = (&mut event, &plan.shown_time) {
            event.time = time.clone();
        }
        record.event = event;
        Ok(())
    }

    /// Takes back the steps before the one that failed for good: half a change is none.
    async fn give_up(&self, user: Uuid, id: Uuid, plan: &Plan, done: usize) {
        for step in plan.steps.iter().take(done).rev() {
            if let Err(error) = self.step_back(user, id, plan, step, None).await {
                tracing::warn!(%user, write = %id, %error, "half of a change is left");
            }
        }
    }

    /// Takes a change back, unless that was done before.
    pub(crate) async fn undo(&self, user: Uuid, id: Uuid) -> Result<Undone, ApiError> {
        let mut entry = self
            .journal
            .find(user, id)
            .await?
            .ok_or_else(|| ApiError::of(ProblemKind::NotFound))?;
        match entry.state {
            // Whether it was made is not known; a repeated call would settle it.
            CalendarWriteState::Begun => {
                return Err(ApiError::saying(
                    ProblemKind::Conflict,
                    "the change was not finished",
                ));
            }
            CalendarWriteState::Done => {
                if self.clock.now() > entry.created_at + UNDO_LIMIT {
                    return Err(ApiError::saying(
                        ProblemKind::Gone,
                        "a change can be undone for 24 hours",
                    ));
                }
                let event = self.take_back(user, id, &entry.record).await?;
                entry.record.undone = event;
                entry = self
                    .journal
                    .settle(user, id, CalendarWriteState::Undone, entry.record)
                    .await?;
            }
            CalendarWriteState::Undone => {}
        }
        let kind = entry.record.plan.kind;
        let event = entry.record.undone.or(entry.record.event).ok_or_else(lost)?;
        Ok(Undone { id, kind, event })
    }

    /// The event as it is after the change was taken back; `None` when it is gone, as before it was made.
    async fn take_back(&self, user: Uuid, id: Uuid, record: &Record) -> Result<Option<Event>, ApiError> {
        let plan = &record.plan;
        let mut last = None;
        for (number, step) in plan.steps.iter().enumerate().rev() {
            let etag = record
                .etags
                .get(number)
                .map(String::as_str)
                .filter(|etag| !etag.is_empty());
            last = self.step_back(user, id, plan, step, etag).await?;
        }
        if plan.kind == WriteKind::Create {
            return Ok(None);
        }
        let mut event = last
            .and_then(|event| crate::google::event_view(&plan.calendar, event, plan.zone.name()))
            .or_else(|| plan.before.clone());
        // Of a series, what is shown is the instance that was named.
        if let (Some(event), Some(before)) = (&mut event, &plan.before)
            && plan.scope != Scope::ThisOne
        {
            event.time = before.time.clone();
        }
        Ok(event)
    }
}

fn written(id: Uuid, entry: Entry) -> Result<Written, ApiError> {
    let Record { plan, event, .. } = entry.record;
    Ok(Written {
        id,
        kind: plan.kind,
        scope: plan.scope,
        event: event.ok_or_else(lost)?,
        before: plan.before.filter(|_| plan.kind == WriteKind::Update),
        undo_until: entry.created_at + UNDO_LIMIT,
    })
}

fn lost() -> ApiError {
    tracing::error!("a write that was made names no event");
    ApiError::of(ProblemKind::Internal)
}

/// Whether the same call again would fail again.
fn is_final(error: &GoogleError) -> bool {
    !matches!(
        error,
        GoogleError::Account(_) | GoogleError::RateLimited { .. } | GoogleError::Unavailable(_)
    )
}

impl From<PlanError> for ApiError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Invalid(field) => Self::invalid(vec![field]),
            PlanError::Changed => Self::of(ProblemKind::Changed),
            PlanError::Gone => Self::saying(ProblemKind::Gone, "the event was deleted"),
        }
    }
}
