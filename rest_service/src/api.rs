//! The REST interface. The list of routes is in `routes`; to add one: a handler in its resource's module and a
//! line in that list.

mod address;
mod answer;
mod api_keys;
mod archive;
mod assistants;
mod audit;
mod budgets;
mod calendar_accounts;
mod calendar_writes;
mod caller;
mod channel;
mod check;
mod conditions;
mod configuration;
mod csv;
mod deliveries;
mod describe;
mod docs;
mod document;
mod error;
mod events;
mod exact;
mod example;
mod extract;
mod facts;
mod guard;
mod idempotency;
mod identities;
mod interchange;
mod keyring;
mod links;
mod maintenance;
mod operation;
mod page;
mod pending_actions;
mod place;
mod rate;
mod routes;
mod scheduled_tasks;
mod sub_assistants;
mod task_documents;
mod threads;
mod token;
mod tools;
mod turns;
mod usage;
mod users;
mod watch;
mod write;

pub(crate) use guard::REQUEST_LIMIT;
pub(crate) use keyring::Keyring;
pub(crate) use rate::{Lockout, Rates};
pub(crate) use routes::{api, routes};
pub(crate) use watch::Watch;
pub(crate) use write::Work;

use std::{ops::Deref, sync::Arc};

use chrono::{DateTime, Utc};
use rest_client::{ListSort, PageQuery};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use service_kit::Lifecycle;
use uuid::Uuid;

use crate::{
    CallLimits,
    db::Db,
    outbox::BusSlot,
    settings::{BudgetSettings, RetentionSettings},
    store::{Part, Sorted, cursor},
};
use check::Check;
use error::ApiError;

/// What every handler has at hand. Each layer of each request clones it.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) db: Db,
    /// What the request that is served leaves behind, when it is one that writes.
    pub(crate) work: Option<Work>,
    parts: Arc<Parts>,
}

/// What is the same for every request.
pub(crate) struct Parts {
    pub(crate) service_key: SecretString,
    pub(crate) bus: BusSlot,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) keyring: Keyring,
    pub(crate) watch: Watch,
    pub(crate) rates: Rates,
    pub(crate) lockout: Lockout,
    pub(crate) limits: CallLimits,
    pub(crate) retention: RetentionSettings,
    pub(crate) budgets: BudgetSettings,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl App {
    pub(crate) fn new(db: Db, parts: Parts) -> Self {
        Self {
            db,
            work: None,
            parts: Arc::new(parts),
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.lifecycle.clock().now()
    }
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

/// A page of a list that is sorted by id or by name.
fn sorted(check: &mut Check, sort: ListSort, cursor: Option<&str>, limit: Option<u32>) -> Sorted {
    Sorted {
        sort,
        after: behind(check, &sort, cursor),
        limit: check.limit(limit),
    }
}

/// What a cursor of this order says.
fn behind<S, K>(check: &mut Check, sort: &S, cursor: Option<&str>) -> Option<(K, Uuid)>
where
    S: DeserializeOwned + PartialEq,
    K: DeserializeOwned,
{
    let text = cursor?;
    let behind = cursor::decode(text, sort);
    check.that(
        "cursor",
        behind.is_some(),
        "is not a cursor of this list in this order",
    );
    behind
}
