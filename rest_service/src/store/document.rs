//! What imports of documents have in common: every fault named by its path, every change told field by field.

use rest_client::{Change, ChangeAction, Configured, FieldChange, FieldError};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::StoreError;
use crate::db::DbError;

/// Why an import was not done.
#[derive(Debug)]
pub(crate) enum ImportError {
    /// The document does not fit what is stored.
    Refused(Vec<FieldError>),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        Self::Store(error.into())
    }
}

impl From<diesel::result::Error> for ImportError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The faults of a document.
#[derive(Default)]
pub(super) struct Faults(Vec<FieldError>);

impl Faults {
    pub(super) fn add(&mut self, field: String, message: &str) {
        self.0.push(FieldError {
            field,
            message: message.to_owned(),
        });
    }

    pub(super) fn done(self) -> Result<(), Vec<FieldError>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

/// What is told of one thing.
pub(super) fn told(
    what: Configured,
    id: Uuid,
    name: &str,
    action: ChangeAction,
    fields: Vec<FieldChange>,
) -> Change {
    Change {
        what,
        id,
        name: name.to_owned(),
        action,
        fields,
    }
}

/// What is told of one thing that was there, by its fields that change.
pub(super) fn told_fields(what: Configured, id: Uuid, name: &str, fields: Vec<FieldChange>) -> Change {
    let action = if fields.is_empty() {
        ChangeAction::Unchanged
    } else {
        ChangeAction::Changed
    };
    told(what, id, name, action, fields)
}

/// Notes a field that changes.
pub(super) fn differs<T: PartialEq + Serialize>(
    fields: &mut Vec<FieldChange>,
    field: &str,
    before: &T,
    after: &T,
) {
    if before != after {
        fields.push(FieldChange {
            field: field.to_owned(),
            before: json!(before),
            after: json!(after),
        });
    }
}

/// The fields of something new, but for what it is called by.
pub(super) fn created(entry: &impl Serialize, name: &str) -> Vec<FieldChange> {
    let fields = match json!(entry) {
        Value::Object(fields) => fields,
        _ => Default::default(),
    };
    let told = fields
        .into_iter()
        .filter(|(field, _)| field != "id" && field != name);
    told.map(|(field, after)| FieldChange {
        field,
        before: Value::Null,
        after,
    })
    .collect()
}
