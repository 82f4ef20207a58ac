//! Which fields of which event a change touches, and the fields that take it back.

use calendar_client::{Event, EventPatch, EventTime};
use google_calendar3::api;
use serde_json::{Value, json};

use super::{
    MARK, Order, PlanError, Step, done_mark, etag_of, event_id, id_of, of_rule, time::set_time, undone_mark,
};
use crate::{
    google::{Fields, bare, event_view, google_time, reminder_fields},
    recurrence::{self, checked, moved, moved_time},
};

impl Order<'_> {
    /// The fields of `event` that a patch changes. `before` is the event that was named: `event` itself, or an
    /// instance of it.
    pub(super) fn patch_step(
        &self,
        event: &api::Event,
        before: &Event,
        patch: &EventPatch,
        to: Option<&EventTime>,
    ) -> Result<Step, PlanError> {
        let mut fields = self.common_fields(event, patch);
        let own_time = google_time(event, self.zone.name()).ok_or(PlanError::Gone)?;
        let rules = event.recurrence.clone().unwrap_or_default();
        let time = match to {
            Some(to) if event.id.as_ref() != Some(&before.id) => {
                Some(moved_time(&own_time, &before.time, to))
            }
            to => to.cloned(),
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
            let fitting = moved(&rules, &own_time, final_time).and_then(|rules| checked(&rules, final_time));
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
    pub(super) fn end_step(&self, series: &api::Event, rules: &[String]) -> Result<Step, PlanError> {
        let mut fields = Fields::new();
        fields.insert("recurrence".to_owned(), json!(rules));
        self.marked_patch(series, fields)
    }

    /// A new series from an instance on, and then the end of the old one: cut off between the two, there is one
    /// event too many for a while, and none too few.
    pub(super) fn split_steps(
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
            None => moved(&cut.following, planned, &time).map_err(|error| of_rule(&error))?,
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
            self.end_step(series, &cut.before.unwrap_or_default())?,
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
}

fn mark(fields: &mut Fields, text: &str) {
    fields.insert(
        "extendedProperties".to_owned(),
        json!({ "private": { MARK: text } }),
    );
}

/// The people who are to be invited. Who was invited keeps their answer; the user and rooms stay.
pub(super) fn guests(wanted: &[String], invited: &[api::EventAttendee]) -> Value {
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
