//! Lists as CSV (RFC 4180), for those who ask for it with `Accept: text/csv`.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use rest_client::{Assistant, Page, ProblemKind, ScheduledTask, Tool, User};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;

use super::{
    answer::Paged,
    describe::{Answer, Body, Described, Input, Output},
    error::ApiError,
    links::{LINK, NextPage},
};

/// Whether the caller wants CSV.
pub(super) struct WantsCsv(bool);

impl<S: Send + Sync> FromRequestParts<S> for WantsCsv {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(wants_csv(&parts.headers)))
    }
}

impl Input for WantsCsv {
    fn describe(_: &mut Described, _: &mut SchemaGenerator) {}
}

/// The first of JSON and CSV that the header names decides; JSON when it names neither.
fn wants_csv(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let mut kinds = accept.unwrap_or_default().split(',').filter_map(|kind| {
        let mut parts = kind.split(';').map(str::trim);
        let kind = parts.next()?;
        // `q=0` says that it is not wanted (RFC 9110 §12.4.2).
        let is_unwanted = parts.any(|part| matches!(part, "q=0" | "q=0." | "q=0.0" | "q=0.00" | "q=0.000"));
        (!is_unwanted).then_some(kind)
    });
    kinds.find(|kind| matches!(*kind, "text/csv" | "application/json" | "*/*")) == Some("text/csv")
}

/// A page of a list, as JSON or as CSV.
pub(super) struct Listed<T> {
    page: Page<T>,
    is_csv: bool,
}

impl<T> Listed<T> {
    pub(super) fn new(page: Page<T>, wants: &WantsCsv) -> Self {
        Self {
            page,
            is_csv: wants.0,
        }
    }
}

/// What has columns.
pub(super) trait Columns: Serialize {
    /// Their names, which are the fields' names in JSON.
    const COLUMNS: &'static [&'static str];
}

impl Columns for User {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "name",
        "locale",
        "time_zone",
        "role",
        "state",
        "secretary_id",
        "version",
        "created_at",
        "updated_at",
        "budget_day_micros",
        "budget_month_micros",
        "budget_day_tokens",
        "budget_month_tokens",
    ];
}

impl Columns for Assistant {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "kind",
        "name",
        "instructions",
        "model",
        "parameters",
        "active",
        "version",
        "created_at",
        "updated_at",
    ];
}

impl Columns for Tool {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "kind",
        "name",
        "description",
        "config",
        "active",
        "version",
        "created_at",
        "updated_at",
    ];
}

impl Columns for ScheduledTask {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "user_id",
        "action",
        "text",
        "schedule",
        "time_zone",
        "status",
        "next_run_at",
        "last_run_at",
        "to",
        "from_outside",
        "held_since",
        "version",
        "created_at",
        "updated_at",
    ];
}

impl<T: Columns> IntoResponse for Listed<T> {
    fn into_response(self) -> Response {
        if !self.is_csv {
            return Paged(self.page).into_response();
        }
        let Some(text) = written(&self.page.items) else {
            return ApiError::of(ProblemKind::Internal).into_response();
        };
        let mut response = text.into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
        );
        if let Some(cursor) = self.page.next_cursor {
            response.extensions_mut().insert(NextPage(cursor));
        }
        response
    }
}

impl<T: JsonSchema> Output for Listed<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.answers::<Page<T>>(200, "Here it is; as CSV with `Accept: text/csv`.", schemas);
        described.tells(LINK);
        described.answers.push(Answer {
            status: 200,
            description: "Here it is; as CSV with `Accept: text/csv`.",
            body: Some(Body {
                content_type: "text/csv",
                schema: schemas.subschema_for::<String>(),
            }),
            headers: Vec::new(),
        });
    }
}

/// The table as text; `None` when an item has no JSON, which does not happen.
fn written<T: Columns>(items: &[T]) -> Option<String> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(T::COLUMNS).ok()?;
    for item in items {
        let fields = serde_json::to_value(item).ok()?;
        let cells = T::COLUMNS.iter().map(|column| cell(&fields[*column]));
        writer.write_record(cells).ok()?;
    }
    String::from_utf8(writer.into_inner().ok()?).ok()
}

/// A value as a cell; what is not a plain value stays JSON.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => harmless(text),
        other => other.to_string(),
    }
}

/// Spreadsheets take a text that begins so for a formula, and would run what a user has written: an apostrophe
/// in front makes it a text (OWASP, "CSV Injection").
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
