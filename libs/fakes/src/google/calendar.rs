//! Calendars and their events as they are kept: single events, series, and the exceptions of a series.

use super::error::ApiError;
use super::recurrence::Recurrence;
use super::times::{self, Moment};
use base64::Engine;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// An event's fields by name.
pub(crate) type Fields = Map<String, Value>;

/// What a person may do with a calendar; a later one may do all of the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Sees when the calendar is busy, and nothing else.
    FreeBusyReader,
    /// Sees the events.
    Reader,
    /// Changes the events.
    Writer,
    /// Does everything.
    Owner,
}

impl Role {
    /// Google's name of it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FreeBusyReader => "freeBusyReader",
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Owner => "owner",
        }
    }
}

/// An event, a series, or an exception of one.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    /// What clients set, with times in their kept form; of an exception, only what differs from its series (`null`
    /// for what the series has and it has not).
    pub(crate) fields: Fields,
    /// Of an exception: its series and the start it had there.
    pub(crate) exception_of: Option<(String, Moment)>,
    pub(crate) creator: String,
    /// Seconds since 1970.
    pub(crate) created: i64,
    pub(crate) updated: i64,
    pub(crate) sequence: i64,
    /// The number of its last change.
    pub(crate) change: u64,
}

/// A calendar.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    pub(crate) id: String,
    pub(crate) summary: String,
    pub(crate) time_zone: Tz,
    pub(crate) roles: BTreeMap<String, Role>,
    pub(crate) events: BTreeMap<String, Event>,
}

/// What an event's id stands for.
#[derive(Clone)]
pub(crate) enum Target {
    /// A kept event: single, series or exception.
    Kept(Event),
    /// An occurrence of a series that nobody changed yet.
    Occurrence { series: Event, original: Moment },
}

/// An event as it is answered, with what sorts and filters it.
#[derive(Clone)]
pub(crate) struct View {
    pub(crate) id: String,
    pub(crate) fields: Fields,
    pub(crate) start: Moment,
    pub(crate) end: Moment,
    pub(crate) original: Option<(String, Moment)>,
    pub(crate) updated: i64,
    pub(crate) change: u64,
    created: i64,
    sequence: i64,
    creator: String,
    /// The id in `iCalUID`: the series' for its instances.
    series: String,
}

pub(crate) fn is_cancelled(fields: &Fields) -> bool {
    fields.get("status").is_some_and(|status| status == "cancelled")
}

impl Event {
    pub(crate) fn is_cancelled(&self) -> bool {
        is_cancelled(&self.fields)
    }

    pub(crate) fn is_series(&self) -> bool {
        self.exception_of.is_none() && self.fields.contains_key("recurrence")
    }
}

/// Reads a time that was checked when it was stored.
fn kept(fields: &Fields, name: &str, zone: Tz) -> Moment {
    let value = fields.get(name).unwrap_or(&Value::Null);
    Moment::read(value, name, zone).unwrap_or(Moment::At(DateTime::UNIX_EPOCH, zone))
}

impl Calendar {
    pub(crate) fn new(id: &str, summary: &str, time_zone: Tz, owner: &str) -> Self {
        Self {
            id: id.to_owned(),
            summary: summary.to_owned(),
            time_zone,
            roles: BTreeMap::from([(owner.to_owned(), Role::Owner)]),
            events: BTreeMap::new(),
        }
    }

    /// Start and end of checked fields.
    pub(crate) fn span(&self, fields: &Fields) -> (Moment, Moment) {
        (
            kept(fields, "start", self.time_zone),
            kept(fields, "end", self.time_zone),
        )
    }

    /// The recurrence of a series.
    pub(crate) fn recurrence(&self, series: &Event) -> Option<Recurrence> {
        let lines = series.fields.get("recurrence")?.as_array()?;
        let (start, _) = self.span(&series.fields);
        Recurrence::read(lines.iter().filter_map(Value::as_str), start).ok()
    }

    /// What an id stands for; `None` for nothing.
    pub(crate) fn find(&self, id: &str) -> Option<Target> {
        if let Some(event) = self.events.get(id) {
            let series = event
                .exception_of
                .as_ref()
                .and_then(|(series, _)| self.events.get(series));
            if series.is_some_and(Event::is_cancelled) {
                return None;
            }
            return Some(Target::Kept(event.clone()));
        }
        let (base, suffix) = id.rsplit_once('_')?;
        let series = self
            .events
            .get(base)
            .filter(|event| event.is_series() && !event.is_cancelled())?;
        let original = self.original(series, suffix)?;
        Some(Target::Occurrence {
            series: series.clone(),
            original,
        })
    }

    fn original(&self, series: &Event, suffix: &str) -> Option<Moment> {
        let (start, _) = self.span(&series.fields);
        let original = match start {
            Moment::Day(_) => Moment::Day(chrono::NaiveDate::parse_from_str(suffix, "%Y%m%d").ok()?),
            Moment::At(_, zone) => {
                let time = chrono::NaiveDateTime::parse_from_str(suffix, "%Y%m%dT%H%M%SZ").ok()?;
                Moment::At(time.and_utc(), zone)
            }
        };
        let given = self.recurrence(series)?.contains(original);
        given.then_some(original)
    }

    /// The fields of an occurrence as its series gives them.
    pub(crate) fn occurrence_fields(&self, series: &Event, original: Moment) -> Fields {
        let (start, end) = self.span(&series.fields);
        let mut fields = series.fields.clone();
        fields.remove("recurrence");
        fields.insert("start".to_owned(), original.canonical());
        fields.insert("end".to_owned(), original.end_like(start, end).canonical());
        fields
    }

    /// All fields of an event, those included that an exception has from its series.
    pub(crate) fn full_fields(&self, target: &Target) -> Fields {
        match target {
            Target::Occurrence { series, original } => self.occurrence_fields(series, *original),
            Target::Kept(event) => {
                let Some((series, original)) = &event.exception_of else {
                    return event.fields.clone();
                };
                let Some(series) = self.events.get(series) else {
                    return event.fields.clone();
                };
                let mut fields = self.occurrence_fields(series, *original);
                for (name, value) in &event.fields {
                    if value.is_null() {
                        fields.remove(name);
                    } else {
                        fields.insert(name.clone(), value.clone());
                    }
                }
                fields
            }
        }
    }

    /// The event of a target, ready to be answered.
    pub(crate) fn view(&self, target: &Target) -> View {
        let fields = self.full_fields(target);
        let (start, end) = self.span(&fields);
        let (event, id, original) = match target {
            Target::Kept(event) => (event, event.id.clone(), event.exception_of.clone()),
            Target::Occurrence { series, original } => {
                let id = format!("{}_{}", series.id, original.suffix());
                (series, id, Some((series.id.clone(), *original)))
            }
        };
        let series = original
            .as_ref()
            .map_or_else(|| id.clone(), |(series, _)| series.clone());
        View {
            id,
            fields,
            start,
            end,
            original,
            updated: event.updated,
            change: event.change,
            created: event.created,
            sequence: event.sequence,
            creator: event.creator.clone(),
            series,
        }
    }

    /// The instances of a series that start before `until`: its occurrences, with its exceptions in their places.
    /// Moved ones are there wherever they went; cancelled ones are left for the caller to drop.
    pub(crate) fn instances(&self, series: &Event, until: DateTime<Utc>) -> Vec<View> {
        let Some(recurrence) = self.recurrence(series) else {
            return Vec::new();
        };
        let exceptions: BTreeMap<String, &Event> = self
            .events
            .values()
            .filter(|event| {
                event
                    .exception_of
                    .as_ref()
                    .is_some_and(|(id, _)| *id == series.id)
            })
            .map(|event| (event.id.clone(), event))
            .collect();
        let mut views: Vec<View> = recurrence
            .starts(until)
            .into_iter()
            .filter(|original| {
                let id = format!("{}_{}", series.id, original.suffix());
                !exceptions.contains_key(&id)
            })
            .map(|original| {
                self.view(&Target::Occurrence {
                    series: series.clone(),
                    original,
                })
            })
            .collect();
        views.extend(
            exceptions
                .values()
                .map(|event| self.view(&Target::Kept((*event).clone()))),
        );
        views
    }

    /// Drops the exceptions of a series whose starts it no longer gives, as Google does when a series is moved, ends
    /// earlier or is none any more.
    pub(crate) fn drop_lost_exceptions(&mut self, series_id: &str) {
        let Some(series) = self.events.get(series_id).cloned() else {
            return;
        };
        let recurrence = self.recurrence(&series);
        self.events.retain(|_, event| match &event.exception_of {
            Some((id, original)) if id == series_id => recurrence
                .as_ref()
                .is_some_and(|recurrence| recurrence.contains(*original)),
            _ => true,
        });
    }
}

/// The etag after a change.
pub(crate) fn etag(change: u64, updated: i64) -> String {
    format!("\"{}{:06}\"", updated * 2, change)
}

impl View {
    pub(crate) fn etag(&self) -> String {
        etag(self.change, self.updated)
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        is_cancelled(&self.fields)
    }

    /// Whether it lies in a range whose bounds are both exclusive: it ends after `min` and starts before `max`.
    pub(crate) fn overlaps(&self, min: Option<DateTime<Utc>>, max: Option<DateTime<Utc>>, zone: Tz) -> bool {
        min.is_none_or(|min| self.end.instant(zone) > min)
            && max.is_none_or(|max| self.start.instant(zone) < max)
    }

    /// The event's JSON as `viewer` sees it, times in the offset of `answer`.
    pub(crate) fn present(&self, calendar: &Calendar, viewer: &str, answer: Tz) -> Value {
        let mut json = json!({ "kind": "calendar#event", "etag": self.etag(), "id": self.id });
        if let Some((series, original)) = &self.original {
            json["recurringEventId"] = json!(series);
            json["originalStartTime"] = original.present(answer);
            if self.is_cancelled() {
                // All that Google promises of a cancelled instance.
                json["status"] = json!("cancelled");
                return json;
            }
        }
        for (name, value) in &self.fields {
            json[name] = value.clone();
        }
        json["start"] = self.start.present(answer);
        json["end"] = self.end.present(answer);
        if json["status"].is_null() {
            json["status"] = json!("confirmed");
        }
        let eid =
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("{} {}", self.id, calendar.id));
        json["htmlLink"] = json!(format!("https://www.google.com/calendar/event?eid={eid}"));
        json["created"] = json!(times::rfc3339_millis(self.created));
        json["updated"] = json!(times::rfc3339_millis(self.updated));
        json["sequence"] = json!(self.sequence);
        json["eventType"] = json!("default");
        json["creator"] = person(&self.creator, viewer);
        let is_primary = calendar.id == self.creator;
        json["organizer"] = person(if is_primary { &self.creator } else { &calendar.id }, viewer);
        if json["iCalUID"].is_null() {
            json["iCalUID"] = json!(format!("{}@google.com", self.series));
        }
        if json["reminders"].is_null() {
            json["reminders"] = json!({ "useDefault": true });
        }
        for attendee in json["attendees"].as_array_mut().into_iter().flatten() {
            if attendee["responseStatus"].is_null() {
                attendee["responseStatus"] = json!("needsAction");
            }
            if attendee["email"] == viewer {
                attendee["self"] = json!(true);
            }
            if attendee["email"] == self.creator.as_str() && is_primary {
                attendee["organizer"] = json!(true);
            }
        }
        json
    }
}

fn person(email: &str, viewer: &str) -> Value {
    if email == viewer {
        json!({ "email": email, "self": true })
    } else {
        json!({ "email": email })
    }
}

/// The calendar of an id that `account` may use; `primary` is the account's own.
pub(crate) fn of<'a>(
    calendars: &'a BTreeMap<String, Calendar>,
    id: &str,
    account: &str,
) -> Result<(&'a Calendar, Role), ApiError> {
    let id = if id == "primary" { account } else { id };
    let calendar = calendars.get(id).ok_or_else(ApiError::not_found)?;
    let role = calendar
        .roles
        .get(account)
        .copied()
        .ok_or_else(ApiError::not_found)?;
    Ok((calendar, role))
}
