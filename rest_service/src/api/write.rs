//! What a request that writes leaves behind, all of it or nothing: its effect, its lines in the audit, the answer to
//! give when it is repeated (`idempotency`); and the word to the other services that something changed.
//!
//! To audit a handler: [`App::write`] once what was sent is checked, the store's functions through the `db` that it
//! gives, and [`Write::created`], [`Write::updated`] or [`Write::deleted`] with what they changed. An answer that is
//! no success takes everything back.
//!
//! The word ([`messages::ConfigChangedV1`]) is broadcast once the change is committed. It may be lost (a crash just
//! then, a bus that is away): whoever caches must let what it caches expire by itself too.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    extract::{FromRequest, Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use messages::{ConfigChangedV1, Envelope, Event, EventId, Resource, TraceId};
use rest_client::{
    ApiKey, Assistant, AuditEntry, AuditedOperation, AuditedResource, Fact, Identity, KeyRole, ScheduledTask,
    Tool, User,
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    App,
    caller::{Caller, Who},
    conditions,
    error::ApiError,
    idempotency,
};
use crate::{
    db::Db,
    outbox::BusSlot,
    store::{Changed, audit, new_id},
};

/// The name and the role of the services' own key.
const SERVICE: &str = "service";

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// What a field's name holds when its text is a secret, in lower case.
const SECRET_NAMES: [&str; 6] = [
    "key",
    "token",
    "secret",
    "password",
    "authorization",
    "credential",
];

/// One request's transaction and what was changed in it.
#[derive(Clone)]
pub(crate) struct Work {
    pub(crate) db: Db,
    caller: Caller,
    changes: Arc<Mutex<Vec<AuditEntry>>>,
}

/// The open transaction of a request whose changes are audited.
pub(crate) struct Write {
    pub(crate) db: Db,
    now: DateTime<Utc>,
    work: Work,
}

/// What the audit knows by its own name.
pub(crate) trait Audited: Serialize {
    /// What it is.
    const RESOURCE: AuditedResource;

    /// Which one.
    fn id(&self) -> Uuid;

    /// Whose it is, where it is a user's.
    fn user_id(&self) -> Option<Uuid> {
        None
    }

    /// The fields that hold what users wrote, which the audit does not repeat.
    const PRIVATE: &'static [&'static str] = &[];
}

impl Audited for ApiKey {
    const RESOURCE: AuditedResource = AuditedResource::ApiKey;

    fn id(&self) -> Uuid {
        self.id
    }
}

impl Audited for User {
    const RESOURCE: AuditedResource = AuditedResource::User;

    fn id(&self) -> Uuid {
        self.id
    }

    fn user_id(&self) -> Option<Uuid> {
        Some(self.id)
    }
}

impl Audited for Identity {
    const RESOURCE: AuditedResource = AuditedResource::Identity;

    fn id(&self) -> Uuid {
        self.id
    }

    fn user_id(&self) -> Option<Uuid> {
        Some(self.user_id)
    }
}

impl Audited for Assistant {
    const RESOURCE: AuditedResource = AuditedResource::Assistant;

    fn id(&self) -> Uuid {
        self.id
    }
}

impl Audited for Tool {
    const RESOURCE: AuditedResource = AuditedResource::Tool;

    fn id(&self) -> Uuid {
        self.id
    }
}

impl Audited for Fact {
    const RESOURCE: AuditedResource = AuditedResource::Fact;
    const PRIVATE: &'static [&'static str] = &["text"];

    fn id(&self) -> Uuid {
        self.id
    }

    fn user_id(&self) -> Option<Uuid> {
        Some(self.user_id)
    }
}

impl Audited for ScheduledTask {
    const RESOURCE: AuditedResource = AuditedResource::ScheduledTask;
    const PRIVATE: &'static [&'static str] = &["text"];

    fn id(&self) -> Uuid {
        self.id
    }

    fn user_id(&self) -> Option<Uuid> {
        Some(self.user_id)
    }
}

impl App {
    /// Whether an API key is used, and not the services' own.
    pub(crate) fn is_by_key(&self) -> bool {
        self.work
            .as_ref()
            .is_some_and(|work| matches!(work.caller.who, Who::Key(_)))
    }

    /// Opens the request's transaction: from here on everything that it asks of the database is in it, and is
    /// committed with a success or taken back with any other answer.
    ///
    /// # Errors
    /// There is no connection in time.
    pub(crate) async fn write(&self) -> Result<Write, ApiError> {
        let work = self.work.clone().ok_or(diesel::result::Error::NotInTransaction);
        let work = work.map_err(crate::db::DbError::from)?;
        work.db.begin().await?;
        Ok(Write {
            db: work.db.clone(),
            now: self.now(),
            work,
        })
    }
}

impl Write {
    /// When the request is served.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Notes that something was made.
    pub(crate) fn created<T: Audited>(&self, made: &T) {
        let after = document(made);
        self.note_of(AuditedOperation::Create, made, None, after);
    }

    /// Notes that something was changed; gives what it became.
    pub(crate) fn updated<T: Audited>(&self, changed: Changed<T>) -> T {
        let Changed { before, after } = changed;
        let (was, became) = (document(&before), document(&after));
        // Without a word to the other services either: nothing was changed.
        if was != became {
            self.note_of(AuditedOperation::Update, &after, was, became);
        }
        after
    }

    /// Notes that something was deleted.
    pub(crate) fn deleted<T: Audited>(&self, gone: &T) {
        let before = document(gone);
        self.note_of(AuditedOperation::Delete, gone, before, None);
    }

    /// Notes what has no type of its own; `before` and `after` are what it was and became.
    pub(crate) fn note(
        &self,
        operation: AuditedOperation,
        (resource, resource_id): (AuditedResource, Uuid),
        user_id: Option<Uuid>,
        before: Option<Value>,
        after: Option<Value>,
    ) {
        let (key_id, name, role) = match &self.work.caller.who {
            Who::Service => (None, SERVICE, SERVICE),
            Who::Key(key) => (Some(key.id), key.name.as_str(), role(key.role)),
        };
        let entry = AuditEntry {
            id: new_id(self.now),
            at: self.now,
            key_id,
            caller: name.to_owned(),
            role: role.to_owned(),
            remote_address: self.work.caller.address.map(|address| address.to_canonical()),
            operation,
            resource,
            resource_id,
            user_id,
            before: before.map(redacted),
            after: after.map(redacted),
        };
        self.work.changes().push(entry);
    }

    fn note_of<T: Audited>(
        &self,
        operation: AuditedOperation,
        it: &T,
        before: Option<Value>,
        after: Option<Value>,
    ) {
        self.note(operation, (T::RESOURCE, it.id()), it.user_id(), before, after);
    }
}

impl Work {
    fn new(app: &App, caller: Caller) -> Self {
        Self {
            db: app.db.for_request(),
            caller,
            changes: Arc::default(),
        }
    }

    /// Nothing panics while it holds the lock; a poisoned one still holds whole data.
    fn changes(&self) -> std::sync::MutexGuard<'_, Vec<AuditEntry>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes everything back.
    async fn drop_all(&self) {
        if let Err(error) = self.db.rollback().await {
            tracing::debug!(%error, "the database takes the transaction back by itself");
        }
    }
}

/// Serves a request as one piece of work.
pub(crate) async fn layer(
    State(app): State<App>,
    caller: Caller,
    mut request: Request,
    next: Next,
) -> Response {
    if request.method().is_safe() {
        if !request.headers().contains_key(header::IF_NONE_MATCH) {
            return next.run(request).await;
        }
        let wanted = request.headers().clone();
        return conditions::unless_known(&wanted, next.run(request).await);
    }
    let work = Work::new(&app, caller);
    let trace = request.extensions().get().copied();
    request.extensions_mut().insert(work.clone());
    let finished = match idempotency::Key::of(request.headers(), &work.caller) {
        Ok(None) => finish(&work, next.run(request).await, None).await,
        Ok(Some(key)) => with_key(&app, &work, key, request, next).await,
        Err(error) => Err(error),
    };
    match finished {
        Ok(response) => {
            if response.status().is_success() {
                announce(&app.bus, &work, trace.unwrap_or_else(TraceId::random));
            }
            response
        }
        Err(error) => {
            work.drop_all().await;
            error.into_response()
        }
    }
}

/// Serves a request that may be repeated: with the answer that is kept, or for the first time.
async fn with_key(
    app: &App,
    work: &Work,
    key: idempotency::Key,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    // All of the body is here before a connection is taken, so that a slow caller holds none.
    let (parts, body) = request.into_parts();
    let limited = Request::from_parts(parts.clone(), body);
    let body = axum::body::Bytes::from_request(limited, &())
        .await
        .map_err(|rejection| super::extract::unreadable(&rejection))?;
    let key = key.for_request(&parts, &body);
    if let Some(kept) = key.take(&work.db, app.now()).await? {
        work.drop_all().await;
        return Ok(kept);
    }
    let response = next.run(Request::from_parts(parts, body.into())).await;
    finish(work, response, Some(key)).await
}

/// Commits what was done, with its audit and its answer, unless it failed.
async fn finish(
    work: &Work,
    response: Response,
    key: Option<idempotency::Key>,
) -> Result<Response, ApiError> {
    if !work.db.has_begun() {
        return Ok(response);
    }
    if !response.status().is_success() {
        work.drop_all().await;
        return Ok(response);
    }
    let entries = work.changes().clone();
    for entry in entries {
        audit::append(&work.db, entry).await?;
    }
    let response = match key {
        Some(key) => key.keep(&work.db, response).await?,
        None => response,
    };
    work.db.commit().await?;
    Ok(response)
}

/// Tells the other services what changed, as well as that goes; the answer does not wait for it.
fn announce(bus: &BusSlot, work: &Work, trace_id: TraceId) {
    let changes: Vec<AuditEntry> = std::mem::take(&mut *work.changes());
    let Some(bus) = bus.get().filter(|_| !changes.is_empty()).cloned() else {
        return;
    };
    tokio::spawn(async move {
        for change in changes {
            let Some(resource) = cached(change.resource) else {
                continue;
            };
            let envelope = Envelope {
                id: EventId::new(format!("config:{}", change.id)),
                trace_id,
                at: change.at,
                event: Event::ConfigChangedV1(ConfigChangedV1 {
                    resource,
                    id: change.resource_id,
                }),
            };
            if let Err(error) = bus.broadcast(&envelope).await {
                tracing::warn!(%error, %resource, "the other services were not told of a change");
            }
        }
    });
}

/// What the other services may have cached of it.
fn cached(resource: AuditedResource) -> Option<Resource> {
    match resource {
        AuditedResource::User | AuditedResource::Secretary => Some(Resource::User),
        AuditedResource::Identity => Some(Resource::Identity),
        AuditedResource::Assistant | AuditedResource::AssistantTool | AuditedResource::SubAssistant => {
            Some(Resource::Assistant)
        }
        AuditedResource::Tool => Some(Resource::Tool),
        AuditedResource::ApiKey => Some(Resource::ApiKey),
        AuditedResource::Fact | AuditedResource::ScheduledTask => None,
    }
}

fn role(of_key: KeyRole) -> &'static str {
    match of_key {
        KeyRole::Service => SERVICE,
        KeyRole::Admin => "admin",
        KeyRole::ReadOnly => "read_only",
    }
}

fn document<T: Audited>(it: &T) -> Option<Value> {
    let mut document = serde_json::to_value(it).ok()?;
    if let Some(fields) = document.as_object_mut() {
        for field in T::PRIVATE {
            fields.remove(*field);
        }
    }
    Some(document)
}

/// The document without the texts of fields that hold secrets by their names, however deep.
fn redacted(document: Value) -> Value {
    let is_secret = |name: &str| {
        let name = name.to_lowercase();
        SECRET_NAMES.iter().any(|secret| name.contains(secret))
    };
    match document {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                let value = match value {
                    Value::String(_) if is_secret(&name) => Value::String(REDACTED.to_owned()),
                    value => redacted(value),
                };
                (name, value)
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(redacted).collect(),
        plain => plain,
    }
}
