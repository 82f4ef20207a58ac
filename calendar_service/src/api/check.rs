//! Checks of what callers send, which name every field that is not acceptable.

use std::ops::RangeInclusive;

use calendar_client::{EventPatch, FieldError, NewEvent, NewTime, Reminders};
use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::error::ApiError;

/// Four weeks, the earliest that Google reminds.
const EARLIEST_REMINDER: u32 = 40_320;

/// Collects what is wrong.
#[derive(Debug, Default)]
pub(crate) struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    /// Notes a field unless what it must be `holds`.
    pub(crate) fn that(&mut self, field: &str, holds: bool, message: impl Into<String>) {
        if !holds {
            self.errors.push(FieldError {
                field: field.to_owned(),
                message: message.into(),
            });
        }
    }

    /// A text's length in characters; where it must not be empty, it must not be blank either.
    pub(crate) fn text(&mut self, field: &str, text: &str, length: RangeInclusive<usize>) {
        let (least, most) = (*length.start(), *length.end());
        let is_blank = least > 0 && text.trim().is_empty();
        let fits = !is_blank && length.contains(&text.chars().count());
        self.that(field, fits, format!("must have {least} to {most} characters"));
    }

    /// A number.
    pub(crate) fn number(&mut self, field: &str, number: u32, range: &RangeInclusive<u32>) {
        let (least, most) = (range.start(), range.end());
        self.that(
            field,
            range.contains(&number),
            format!("must be {least} to {most}"),
        );
    }

    /// A date that calendars hold.
    pub(crate) fn date(&mut self, field: &str, date: NaiveDate) {
        self.that(
            field,
            (1970..=2200).contains(&date.year()),
            "must be in the years 1970 to 2200",
        );
    }

    /// Dates that may be absent, before anything is computed from them.
    pub(crate) fn some_dates(&mut self, dates: &[(&str, Option<NaiveDate>)]) {
        for (field, date) in dates {
            if let Some(date) = date {
                self.date(field, *date);
            }
        }
    }

    /// An instant that calendars hold.
    pub(crate) fn instant(&mut self, field: &str, at: DateTime<Utc>) {
        self.date(field, at.date_naive());
    }

    pub(crate) fn idempotency_key(&mut self, key: &str) {
        self.text("idempotency_key", key, 1..=200);
    }

    /// A new event's fields.
    pub(crate) fn new_event(&mut self, new: &NewEvent) {
        self.idempotency_key(&new.idempotency_key);
        self.text("title", &new.title, 1..=1_000);
        self.time(&new.time);
        self.details(
            new.location.as_deref(),
            new.description.as_deref(),
            Some(&new.attendees),
            new.reminders.as_ref(),
        );
    }

    /// A patch's fields.
    pub(crate) fn patch(&mut self, patch: &EventPatch) {
        self.that("patch", !patch.is_empty(), "must change something");
        if let Some(title) = &patch.title {
            self.text("patch.title", title, 1..=1_000);
        }
        if let Some(time) = &patch.time {
            self.time(time);
        }
        self.details(
            patch.location.as_ref().and_then(Option::as_deref),
            patch.description.as_ref().and_then(Option::as_deref),
            patch.attendees.as_deref(),
            patch.reminders.as_ref(),
        );
    }

    fn time(&mut self, time: &NewTime) {
        let (start, end) = match time {
            NewTime::AllDay { first, last } => (*first, *last),
            NewTime::Local { start, end, .. } => (start.date(), end.date()),
            NewTime::Timed { start, end, .. } => (start.date_naive(), end.date_naive()),
        };
        self.date("time.start", start);
        self.date("time.end", end);
    }

    fn details(
        &mut self,
        location: Option<&str>,
        description: Option<&str>,
        attendees: Option<&[String]>,
        reminders: Option<&Reminders>,
    ) {
        if let Some(location) = location {
            self.text("location", location, 0..=1_000);
        }
        if let Some(description) = description {
            self.text("description", description, 0..=8_000);
        }
        if let Some(attendees) = attendees {
            self.that(
                "attendees",
                attendees.len() <= 100,
                "must have at most 100 addresses",
            );
            for email in attendees {
                self.that(
                    "attendees",
                    is_email(email),
                    format!("{email:?} is not an e-mail address"),
                );
            }
        }
        if let Some(Reminders::Own { list }) = reminders {
            self.that("reminders", list.len() <= 5, "must have at most 5 reminders");
            for reminder in list {
                self.number("reminders", reminder.minutes, &(0..=EARLIEST_REMINDER));
            }
        }
    }

    /// Fails if anything is wrong.
    pub(crate) fn done(self) -> Result<(), ApiError> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(ApiError::invalid(self.errors))
        }
    }
}

/// Whether a text has the form of an address that Google would take.
pub(crate) fn is_email(text: &str) -> bool {
    let text = text.trim();
    text.len() <= 320
        && !text.contains(|char: char| char.is_whitespace() || char.is_control())
        && text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && host.contains('.')
                && !host.contains('@')
                && !host.starts_with('.')
                && !host.ends_with('.')
        })
}
