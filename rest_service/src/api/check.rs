//! Checks of what callers send, which name every field that is not acceptable.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;
use rest_client::{FieldError, limits};
use schedule::{Schedule, parse_zone};
use serde::Serialize;
use serde_json::Value;

use super::error::ApiError;

/// Collects what is wrong.
#[derive(Debug, Default)]
pub(crate) struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    /// Notes that a field is wrong.
    pub(crate) fn wrong(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.errors.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
    }

    /// Notes a field unless what it must be `holds`.
    pub(crate) fn that(&mut self, field: &str, holds: bool, message: &str) {
        if !holds {
            self.wrong(field, message);
        }
    }

    /// A text's length in characters; where it must not be empty, it must not be blank either.
    pub(crate) fn text(&mut self, field: impl Into<String>, text: &str, length: RangeInclusive<usize>) {
        let (least, most) = (*length.start(), *length.end());
        if least > 0 && text.trim().is_empty() {
            self.wrong(field, "must not be empty");
        } else if !length.contains(&text.chars().count()) {
            self.wrong(field, format!("must have {least} to {most} characters"));
        }
    }

    /// [`Check::text`] for a field that may be absent.
    pub(crate) fn some_text(
        &mut self,
        field: impl Into<String>,
        text: Option<&String>,
        length: RangeInclusive<usize>,
    ) {
        if let Some(text) = text {
            self.text(field, text, length);
        }
    }

    /// A name that models and programs use: letters, digits, `_` and `-`.
    pub(crate) fn symbol(&mut self, field: &str, text: &str) {
        let is_symbol = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        self.that(field, is_symbol, "must have 1 to 64 letters, digits, _ and -");
    }

    /// Money or tokens.
    pub(crate) fn amount(&mut self, field: impl Into<String>, amount: i64) {
        if !(0..=limits::MOST_SPENT).contains(&amount) {
            self.wrong(field, format!("must be 0 to {}", limits::MOST_SPENT));
        }
    }

    /// The name of a time zone, which is written in its one official form.
    pub(crate) fn zone(&mut self, field: &str, name: &mut Option<String>) -> Option<Tz> {
        match parse_zone(name.as_ref()?) {
            Ok(zone) => {
                *name = Some(zone.name().to_owned());
                Some(zone)
            }
            Err(error) => {
                self.wrong(field, error.to_string());
                None
            }
        }
    }

    /// A language tag in the shape of BCP 47: subtags of letters and digits, the first of letters.
    pub(crate) fn locale(&mut self, field: &str, tag: Option<&String>) {
        let Some(tag) = tag else { return };
        let mut subtags = tag.split('-');
        let first = subtags.next().unwrap_or_default();
        let is_tag = tag.len() <= limits::LOCALE_LENGTH
            && (2..=8).contains(&first.len())
            && first.bytes().all(|byte| byte.is_ascii_alphabetic())
            && subtags.all(|subtag| {
                (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
        self.that(field, is_tag, "must be a language tag such as en or pt-BR");
    }

    /// An instant that both databases hold and people mean.
    pub(crate) fn instant(&mut self, field: &str, at: DateTime<Utc>) {
        self.that(
            field,
            (1970..=9999).contains(&at.year()),
            "must be in the years 1970 to 9999",
        );
    }

    /// A JSON document's size and depth.
    pub(crate) fn document(&mut self, field: impl Into<String>, document: &impl Serialize) {
        let document = serde_json::to_value(document).unwrap_or_default();
        if document.to_string().len() > limits::DOCUMENT {
            self.wrong(field, format!("must have at most {} bytes", limits::DOCUMENT));
        } else if depth(&document) > limits::DOCUMENT_DEPTH {
            self.wrong(
                field,
                format!("must be nested at most {} levels deep", limits::DOCUMENT_DEPTH),
            );
        }
    }

    /// A whole number within bounds.
    pub(crate) fn number(&mut self, field: &str, number: u32, bounds: RangeInclusive<u32>) {
        if !bounds.contains(&number) {
            self.wrong(field, format!("must be {} to {}", bounds.start(), bounds.end()));
        }
    }

    /// A schedule that can be kept.
    pub(crate) fn schedule(&mut self, field: &str, schedule: &Schedule) {
        if let Err(error) = schedule.validate() {
            self.wrong(field, error.to_string());
        }
    }

    /// The length of a page.
    pub(crate) fn limit(&mut self, limit: Option<u32>) -> u32 {
        let limit = limit.unwrap_or(limits::PAGE);
        if !(1..=limits::LONGEST_PAGE).contains(&limit) {
            self.wrong("limit", format!("must be 1 to {}", limits::LONGEST_PAGE));
        }
        limit
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

/// How many lists and objects lie within one another.
fn depth(document: &Value) -> usize {
    let deepest = match document {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(fields) => fields.values().map(depth).max(),
        _ => return 0,
    };
    deepest.unwrap_or(0) + 1
}
