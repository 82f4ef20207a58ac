//! What a change means at Google: the steps that make it, and what would take each one back. Pure.
//!
//! A plan is written down before its first step, so that a repeated call goes on where the first one was cut off. The
//! steps name the events they make and the versions they change: made again, they find what they made.

mod patch;
mod time;

use calendar_client::{Event, EventPatch, EventTime, FieldError, NewEvent, Scope, WriteKind};
use chrono::TimeDelta;
use chrono_tz::Tz;
use google_calendar3::api;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{
    google::{Fields, bare, event_view, google_time, reminder_fields},
    recurrence::{self, RecurrenceError, checked, cut},
};
use patch::guests;
use time::{original_start, planned, set_time};

/// The private property in which an event says which write changed it last.
pub(crate) const MARK: &str = "smartAssistantWrite";

/// One thing done at Google, on one event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Step {
    /// Inserts an event with an id of ours.
    Insert {
        /// The id.
        id: String,
        /// Its fields.
        fields: Fields,
    },
    /// Changes fields of an event that is as it was read.
    Patch {
        /// The event.
        id: String,
        /// Its etag when it was read.
        if_match: String,
        /// What changes.
        fields: Fields,
        /// What takes that back.
        undo: Fields,
    },
    /// Deletes an event that is as it was read.
    Delete {
        /// The event.
        id: String,
        /// Its etag when it was read.
        if_match: String,
        /// Its fields.
        before: Fields,
    },
}

/// A change, decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// What it does.
    pub(crate) kind: WriteKind,
    /// How much of a series it means.
    pub(crate) scope: Scope,
    /// The calendar, as the caller named it.
    pub(crate) calendar: String,
    /// What to do, in this order.
    pub(crate) steps: Vec<Step>,
    /// Whether guests are told.
    pub(crate) notify: bool,
    /// The event as it was before a change or deletion.
    pub(crate) before: Option<Event>,
    /// The time to show, where it is not that of the first step's event: of a series, the instance that was named.
    pub(crate) shown_time: Option<EventTime>,
    /// The zone of events that name none.
    pub(crate) zone: Tz,
}

/// Why a change cannot be planned.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PlanError {
    /// A field of the request is not acceptable.
    Invalid(FieldError),
    /// The event is not as the caller knew it.
    Changed,
    /// The event was deleted.
    Gone,
}

impl PlanError {
    fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(FieldError {
            field: field.to_owned(),
            message: message.into(),
        })
    }
}

fn of_rule(error: &RecurrenceError) -> PlanError {
    PlanError::field("recurrence", error.to_string())
}

/// Who asks for a change of what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order<'a> {
    /// The write.
    pub(crate) id: Uuid,
    /// The calendar.
    pub(crate) calendar: &'a str,
    /// The user's zone.
    pub(crate) zone: Tz,
}

/// The event that is to change, as Google has it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The event that was named.
    pub(crate) event: api::Event,
    /// Its series, when it is an instance and more than it is meant.
    pub(crate) series: Option<api::Event>,
}

/// How much of what a change means.
enum Meant<'a> {
    /// An event, an instance or a series by itself.
    Whole(&'a api::Event),
    /// A series from one of its instances on.
    From {
        series: &'a api::Event,
        cut: Box<recurrence::Cut>,
        /// The instance as the series planned it.
        planned: EventTime,
    },
}

impl Order<'_> {
    /// Plans a new event.
    pub(crate) fn create(&self, new: &NewEvent) -> Result<Plan, PlanError> {
        let time = self.time(&new.time, None)?;
        let mut fields = Fields::new();
        fields.insert("id".to_owned(), json!(event_id(self.id)));
        fields.insert("summary".to_owned(), json!(new.title.trim()));
        set_time(&mut fields, &time);
        if let Some(location) = &new.location {
            fields.insert("location".to_owned(), json!(location));
        }
        if let Some(description) = &new.description {
            fields.insert("description".to_owned(), json!(description));
        }
        if !new.attendees.is_empty() {
            fields.insert("attendees".to_owned(), guests(&new.attendees, &[]));
        }
        if let Some(reminders) = &new.reminders {
            fields.insert("reminders".to_owned(), reminder_fields(reminders));
        }
        let rules = checked(&new.recurrence, &time).map_err(|error| of_rule(&error))?;
        if !rules.is_empty() {
            fields.insert("recurrence".to_owned(), json!(rules));
        }
        Ok(Plan {
            kind: WriteKind::Create,
            scope: if rules.is_empty() {
                Scope::ThisOne
            } else {
                Scope::All
            },
            calendar: self.calendar.to_owned(),
            steps: vec![Step::Insert {
                id: event_id(self.id),
                fields,
            }],
            notify: !new.attendees.is_empty(),
            before: None,
            shown_time: None,
            zone: self.zone,
        })
    }

    /// Plans a change.
    pub(crate) fn update(
        &self,
        target: &Target,
        patch: &EventPatch,
        scope: Scope,
        if_version: Option<&str>,
    ) -> Result<Plan, PlanError> {
        let before = self.before(target, if_version)?;
        let own_zone = match &before.time {
            EventTime::Timed { zone, .. } => Some(zone.as_str()),
            EventTime::AllDay { .. } => None,
        };
        let to = patch
            .time
            .as_ref()
            .map(|time| self.time(time, own_zone))
            .transpose()?;
        let (steps, shown_time) = match self.meant(target, scope)? {
            Meant::Whole(event) => {
                let step = self.patch_step(event, &before, patch, to.as_ref())?;
                let is_series_of_it = event.id.as_ref() != Some(&before.id);
                (
                    vec![step],
                    is_series_of_it.then(|| to.unwrap_or_else(|| before.time.clone())),
                )
            }
            Meant::From { series, cut, planned } => {
                let steps = self.split_steps(series, *cut, &planned, patch, to)?;
                (steps, None)
            }
        };
        let adds_guests = patch
            .attendees
            .as_ref()
            .is_some_and(|attendees| !attendees.is_empty());
        Ok(Plan {
            kind: WriteKind::Update,
            scope,
            calendar: self.calendar.to_owned(),
            steps,
            notify: adds_guests || before.has_guests(),
            before: Some(before),
            shown_time,
            zone: self.zone,
        })
    }

    /// Plans a deletion.
    pub(crate) fn delete(
        &self,
        target: &Target,
        scope: Scope,
        if_version: Option<&str>,
    ) -> Result<Plan, PlanError> {
        let before = self.before(target, if_version)?;
        let step = match self.meant(target, scope)? {
            Meant::Whole(event) => Step::Delete {
                id: id_of(event)?,
                if_match: etag_of(event),
                before: bare(event),
            },
            Meant::From { series, cut, .. } => self.end_step(series, &cut.before.unwrap_or_default())?,
        };
        Ok(Plan {
            kind: WriteKind::Delete,
            scope,
            calendar: self.calendar.to_owned(),
            steps: vec![step],
            notify: before.has_guests(),
            before: Some(before),
            shown_time: None,
            zone: self.zone,
        })
    }

    fn before(&self, target: &Target, if_version: Option<&str>) -> Result<Event, PlanError> {
        if target.event.status.as_deref() == Some("cancelled") {
            return Err(PlanError::Gone);
        }
        if if_version.is_some_and(|version| Some(version) != target.event.etag.as_deref()) {
            return Err(PlanError::Changed);
        }
        event_view(self.calendar, target.event.clone(), self.zone.name()).ok_or(PlanError::Gone)
    }

    fn meant<'a>(&self, target: &'a Target, scope: Scope) -> Result<Meant<'a>, PlanError> {
        let is_series = target
            .event
            .recurrence
            .as_ref()
            .is_some_and(|rules| !rules.is_empty());
        match (&target.series, scope) {
            (None, Scope::ThisOne) if is_series => Err(PlanError::field(
                "scope",
                "this is a whole series: name one of its instances, or say that all are meant",
            )),
            (None, _) | (Some(_), Scope::ThisOne) => Ok(Meant::Whole(&target.event)),
            (Some(series), Scope::All) => Ok(Meant::Whole(series)),
            (Some(series), Scope::ThisAndFollowing) => {
                let rules = series.recurrence.clone().unwrap_or_default();
                let time = google_time(series, self.zone.name()).ok_or(PlanError::Gone)?;
                let original = original_start(&target.event).ok_or(PlanError::Gone)?;
                let cut = cut(&rules, &time, original).map_err(|error| of_rule(&error))?;
                if cut.before.is_none() {
                    return Ok(Meant::Whole(series));
                }
                Ok(Meant::From {
                    series,
                    cut: Box::new(cut),
                    planned: planned(&time, original),
                })
            }
        }
    }
}

/// The id of the event that a write makes, in the alphabet that Google asks for (base32hex).
pub(crate) fn event_id(write: Uuid) -> String {
    write.simple().to_string()
}

/// What an event that a write changed says of it.
pub(crate) fn done_mark(write: Uuid) -> String {
    format!("done {write}")
}

/// What an event says whose change was taken back.
pub(crate) fn undone_mark(write: Uuid) -> String {
    format!("undone {write}")
}

fn id_of(event: &api::Event) -> Result<String, PlanError> {
    event.id.clone().ok_or(PlanError::Gone)
}

fn etag_of(event: &api::Event) -> String {
    event.etag.clone().unwrap_or_else(|| "*".to_owned())
}

/// How long a write can be undone.
pub(crate) const UNDO_LIMIT: TimeDelta = TimeDelta::hours(24);
