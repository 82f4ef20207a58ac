//! What a change means at Google: the steps that make it, and what would take each one back. Pure.
//!
//! A plan is written down before its first step, so that a repeated call goes on where the first one was cut off. The
//! steps name the events they make and the versions they change: made again, they find what they made.

use calendar_client::{Event, EventPatch, EventTime, FieldError, NewEvent, NewTime, Scope, WriteKind};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use google_calendar3::api;
use schedule::{local_to_utc, parse_zone};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    google::{Fields, bare, event_view, google_time, reminder_fields, time_fields},
    recurrence::{self, RecurrenceError, checked, cut, moved, moved_time},
};

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
            Meant::From { series, cut, .. } => self.end_step(series, cut.before.unwrap_or_default())?,
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

    /// The fields of `event` that a patch changes. `before` is the event that was named: `event` itself, or an
    /// instance of it.
    fn patch_step(
        &self,
        event: &api::Event,
        before: &Event,
        patch: &EventPatch,
        to: Option<&EventTime>,
    ) -> Result<Step, PlanError> {
        let mut fields = self.common_fields(event, patch);
        let own_time = google_time(event, self.zone.name()).ok_or(PlanError::Gone)?;
        let rules = event.recurrence.clone().unwrap_or_default();
        let (time, days) = match to {
            Some(to) if event.id.as_ref() != Some(&before.id) => {
                let (time, days) = moved_time(&own_time, &before.time, to);
                (Some(time), days)
            }
            Some(to) => (Some(to.clone()), days_between(&own_time, to)),
            None => (None, 0),
        };
        if let Some(time) = &time {
            set_time(&mut fields, time);
        }
        let final_time = time.as_ref().unwrap_or(&own_time);
        if let Some(wanted) = &patch.recurrence {
            if event.recurring_event_id.is_some() && !wanted.is_empty() {
                return Err(PlanError::field(
                    "recurrence",
                    "one instance of a series cannot repeat by itself: change this and the following, or all",
                ));
            }
            let wanted = checked(wanted, final_time).map_err(|error| of_rule(&error))?;
            fields.insert("recurrence".to_owned(), json!(wanted));
        } else if !rules.is_empty() && time.is_some() {
            let fitting = moved(&rules, days).and_then(|rules| checked(&rules, final_time));
            let fitting = fitting.map_err(|error| of_rule(&error))?;
            if fitting != rules {
                fields.insert("recurrence".to_owned(), json!(fitting));
            }
        }
        self.marked_patch(event, fields)
    }

    /// A patch of an event, with what takes it back, marked as this write's.
    fn marked_patch(&self, event: &api::Event, mut fields: Fields) -> Result<Step, PlanError> {
        let old = bare(event);
        let mut undo = Fields::new();
        for name in fields.keys() {
            let value = match name.as_str() {
                "attendees" | "recurrence" => old.get(name).cloned().unwrap_or_else(|| json!([])),
                "reminders" => {
                    let view = event_view(self.calendar, event.clone(), self.zone.name());
                    view.map_or(Value::Null, |view| reminder_fields(&view.reminders))
                }
                _ => old.get(name).cloned().unwrap_or(Value::Null),
            };
            undo.insert(name.clone(), value);
        }
        if let (true, Some(time)) = (fields.contains_key("start"), google_time(event, self.zone.name())) {
            set_time(&mut undo, &time);
        }
        mark(&mut fields, &done_mark(self.id));
        mark(&mut undo, &undone_mark(self.id));
        Ok(Step::Patch {
            id: id_of(event)?,
            if_match: etag_of(event),
            fields,
            undo,
        })
    }

    /// Ends a series earlier.
    fn end_step(&self, series: &api::Event, rules: Vec<String>) -> Result<Step, PlanError> {
        let mut fields = Fields::new();
        fields.insert("recurrence".to_owned(), json!(rules));
        self.marked_patch(series, fields)
    }

    /// A new series from an instance on, and then the end of the old one: cut off between the two, there is one
    /// event too many for a while, and none too few.
    fn split_steps(
        &self,
        series: &api::Event,
        cut: recurrence::Cut,
        planned: &EventTime,
        patch: &EventPatch,
        to: Option<EventTime>,
    ) -> Result<Vec<Step>, PlanError> {
        let mut fields = bare(series);
        for name in [
            "iCalUID",
            "status",
            "conferenceData",
            "extendedProperties",
            "start",
            "end",
        ] {
            fields.remove(name);
        }
        fields.extend(self.common_fields(series, patch));
        fields.retain(|_, value| !value.is_null());
        let time = to.unwrap_or_else(|| planned.clone());
        let rules = match &patch.recurrence {
            Some(rules) => rules.clone(),
            None => moved(&cut.following, days_between(planned, &time)).map_err(|error| of_rule(&error))?,
        };
        let rules = checked(&rules, &time).map_err(|error| of_rule(&error))?;
        fields.insert("recurrence".to_owned(), json!(rules));
        fields.insert("id".to_owned(), json!(event_id(self.id)));
        set_time(&mut fields, &time);
        Ok(vec![
            Step::Insert {
                id: event_id(self.id),
                fields,
            },
            self.end_step(series, cut.before.unwrap_or_default())?,
        ])
    }

    /// The fields that are the same for an event and for a series.
    fn common_fields(&self, event: &api::Event, patch: &EventPatch) -> Fields {
        let mut fields = Fields::new();
        if let Some(title) = &patch.title {
            fields.insert("summary".to_owned(), json!(title.trim()));
        }
        if let Some(location) = &patch.location {
            fields.insert("location".to_owned(), json!(location));
        }
        if let Some(description) = &patch.description {
            fields.insert("description".to_owned(), json!(description));
        }
        if let Some(attendees) = &patch.attendees {
            let invited = event.attendees.as_deref().unwrap_or_default();
            fields.insert("attendees".to_owned(), guests(attendees, invited));
        }
        if let Some(reminders) = &patch.reminders {
            fields.insert("reminders".to_owned(), reminder_fields(reminders));
        }
        fields
    }

    /// When an event is to be. A clock without a zone is the user's; what is planned in a zone stays planned in it.
    fn time(&self, time: &NewTime, own_zone: Option<&str>) -> Result<EventTime, PlanError> {
        let named = |zone: &Option<String>| match zone {
            Some(name) => parse_zone(name)
                .map(Some)
                .map_err(|error| PlanError::field("time.zone", error.to_string())),
            None => Ok(None),
        };
        let planned_in = |named: Option<Tz>| match (named, own_zone) {
            (Some(zone), _) => zone.name().to_owned(),
            (None, Some(own)) => own.to_owned(),
            (None, None) => self.zone.name().to_owned(),
        };
        match time {
            NewTime::AllDay { first, last } if last < first => {
                Err(PlanError::field("time.last", "must not be before the first day"))
            }
            NewTime::AllDay { first, last } => Ok(EventTime::AllDay {
                first: *first,
                last: *last,
            }),
            NewTime::Local { start, end, .. } if end < start => {
                Err(PlanError::field("time.end", "must not be before the start"))
            }
            NewTime::Local { start, end, zone } => {
                let named = named(zone)?;
                let clock = named.unwrap_or(self.zone);
                let begin = local_to_utc(*start, clock);
                Ok(EventTime::Timed {
                    start: begin,
                    // Both may lie where the clocks skip or repeat; no event ends before it begins.
                    end: local_to_utc(*end, clock).max(begin),
                    zone: planned_in(named),
                })
            }
            NewTime::Timed { start, end, .. } if end < start => {
                Err(PlanError::field("time.end", "must not be before the start"))
            }
            NewTime::Timed { start, end, zone } => Ok(EventTime::Timed {
                start: *start,
                end: *end,
                zone: planned_in(named(zone)?),
            }),
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

fn mark(fields: &mut Fields, text: &str) {
    fields.insert(
        "extendedProperties".to_owned(),
        json!({ "private": { MARK: text } }),
    );
}

fn set_time(fields: &mut Fields, time: &EventTime) {
    for (name, value) in time_fields(time) {
        fields.insert(name.to_owned(), value);
    }
}

/// The people who are to be invited. Who was invited keeps their answer; the user and rooms stay.
fn guests(wanted: &[String], invited: &[api::EventAttendee]) -> Value {
    let same = |email: &str, guest: &api::EventAttendee| {
        guest
            .email
            .as_deref()
            .is_some_and(|own| own.eq_ignore_ascii_case(email))
    };
    let stays = |guest: &&api::EventAttendee| {
        guest.self_.unwrap_or(false)
            || guest.organizer.unwrap_or(false)
            || guest.resource.unwrap_or(false)
            || wanted.iter().any(|email| same(email.trim(), guest))
    };
    let mut guests: Vec<Value> = invited
        .iter()
        .filter(stays)
        .map(|guest| {
            let mut fields = serde_json::to_value(guest).unwrap_or_default();
            if let Some(fields) = fields.as_object_mut() {
                fields.retain(|_, value| !value.is_null());
            }
            fields
        })
        .collect();
    let mut new: Vec<&str> = Vec::new();
    for email in wanted.iter().map(|email| email.trim()) {
        let is_known = invited.iter().any(|guest| same(email, guest))
            || new.iter().any(|other| other.eq_ignore_ascii_case(email));
        if !is_known {
            new.push(email);
        }
    }
    guests.extend(new.into_iter().map(|email| json!({ "email": email })));
    Value::Array(guests)
}

fn id_of(event: &api::Event) -> Result<String, PlanError> {
    event.id.clone().ok_or(PlanError::Gone)
}

fn etag_of(event: &api::Event) -> String {
    event.etag.clone().unwrap_or_else(|| "*".to_owned())
}

fn original_start(event: &api::Event) -> Option<DateTime<Utc>> {
    let time = event.original_start_time.as_ref()?;
    time.date_time
        .or_else(|| time.date.map(|date| date.and_time(NaiveTime::MIN).and_utc()))
}

/// The instance of a series that was planned for `original`.
fn planned(series: &EventTime, original: DateTime<Utc>) -> EventTime {
    match series {
        EventTime::AllDay { first, last } => {
            let day = original.date_naive();
            EventTime::AllDay {
                first: day,
                last: day + (*last - *first),
            }
        }
        EventTime::Timed { start, end, zone } => EventTime::Timed {
            start: original,
            end: original + (*end - *start),
            zone: zone.clone(),
        },
    }
}

/// How many local days lie between two beginnings.
fn days_between(from: &EventTime, to: &EventTime) -> i64 {
    let zone = match (from, to) {
        (EventTime::Timed { zone, .. }, _) | (_, EventTime::Timed { zone, .. }) => zone.parse().ok(),
        _ => None,
    };
    let zone: Tz = zone.unwrap_or(chrono_tz::UTC);
    (to.days(zone).0 - from.days(zone).0).num_days()
}

/// How long a write can be undone.
pub(crate) const UNDO_LIMIT: TimeDelta = TimeDelta::hours(24);
