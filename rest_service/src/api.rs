//! The REST interface. The list of routes is in `routes`; to add one: a handler in its resource's module and a
//! line in that list.

mod assistants;
mod calendar_accounts;
mod calendar_writes;
mod channel;
mod check;
mod deliveries;
mod error;
mod events;
mod extract;
mod guard;
mod identities;
mod routes;
mod scheduled_tasks;
mod threads;
mod tools;
mod turns;
mod users;

pub(crate) use guard::REQUEST_LIMIT;
pub(crate) use routes::routes;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use rest_client::PageQuery;
use secrecy::SecretString;
use serde::Serialize;
use service_kit::Lifecycle;
use uuid::Uuid;

use crate::{db::Db, outbox::BusSlot, store::Part};
use check::Check;
use error::ApiError;
use extract::Json;

/// How many items a page has when the caller does not say.
const PAGE: u32 = 50;

/// How many items a page has at most.
const LONGEST_PAGE: u32 = 200;

/// What every handler has at hand.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) db: Db,
    pub(crate) service_key: SecretString,
    pub(crate) bus: BusSlot,
    pub(crate) lifecycle: Lifecycle,
}

impl App {
    fn now(&self) -> DateTime<Utc> {
        self.lifecycle.clock().now()
    }
}

/// 201 for what was made by this call, 200 for what was there.
fn created<T: Serialize>(stored: T, is_new: bool) -> Response {
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    (status, Json(stored)).into_response()
}

/// A page of a list by id, the oldest first.
fn oldest_first(query: &PageQuery) -> Result<Part, ApiError> {
    part(query, Uuid::nil())
}

/// A page of a list by id, the newest first.
fn newest_first(query: &PageQuery) -> Result<Part, ApiError> {
    part(query, Uuid::max())
}

fn part(query: &PageQuery, start: Uuid) -> Result<Part, ApiError> {
    let mut check = Check::default();
    let limit = check.limit(query.limit);
    let after = match query.cursor.as_deref().map(Uuid::try_parse) {
        None => start,
        Some(Ok(id)) => id,
        Some(Err(_)) => {
            check.wrong("cursor", "is not a cursor of this list");
            start
        }
    };
    check.done()?;
    Ok(Part { after, limit })
}
