//! Answers to writes that may be sent again; see `api/idempotency.rs`.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;

use super::StoreError;
use crate::db::{At, Db, Json, schema::idempotency_keys};

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// The answer to a write.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// What is known of a write.
#[derive(Debug)]
pub(crate) enum Known {
    /// Nothing: it is the caller's to carry out, and nobody else carries it out until the transaction ends.
    New,
    /// It was carried out, and this was its answer.
    Answered(Answer),
    /// The key stands for another request.
    Other,
}

#[derive(Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct KeyRow {
    caller: String,
    key: String,
    fingerprint: String,
    status: i64,
    headers: Json<BTreeMap<String, String>>,
    body: String,
    created_at: At,
}

/// Takes a key for a request, or finds the answer that was given under it. In the request's transaction: one that
/// holds the same key is waited for.
pub(crate) async fn take(
    db: &Db,
    now: DateTime<Utc>,
    caller: &str,
    key: &str,
    fingerprint: &str,
) -> Result<Known, StoreError> {
    let row = KeyRow {
        caller: caller.to_owned(),
        key: key.to_owned(),
        fingerprint: fingerprint.to_owned(),
        status: 0,
        headers: Json(BTreeMap::new()),
        body: String::new(),
        created_at: At(now),
    };
    loop {
        let taken = db
            .write(async |c| {
                diesel::insert_into(idempotency_keys::table)
                    .values(&row)
                    .on_conflict((idempotency_keys::caller, idempotency_keys::key))
                    .do_nothing()
                    .execute(c)
                    .await
            })
            .await?;
        if taken > 0 {
            return Ok(Known::New);
        }
        let known: Option<KeyRow> = db
            .write(async |c| {
                diesel::delete(idempotency_keys::table.find((caller, key)))
                    .filter(idempotency_keys::created_at.lt(At(now - KEPT)))
                    .execute(c)
                    .await?;
                idempotency_keys::table
                    .find((caller, key))
                    .select(KeyRow::as_select())
                    .first(c)
                    .await
                    .optional()
            })
            .await?;
        // Gone: its time was over.
        if let Some(known) = known {
            return Ok(known.into_known(fingerprint));
        }
    }
}

/// Keeps the answer under the key that the transaction has taken.
pub(crate) async fn keep(db: &Db, caller: &str, key: &str, answer: &Answer) -> Result<(), StoreError> {
    db.write(async |c| {
        diesel::update(idempotency_keys::table.find((caller, key)))
            .set((
                idempotency_keys::status.eq(i64::from(answer.status)),
                idempotency_keys::headers.eq(Json(answer.headers.clone())),
                idempotency_keys::body.eq(&answer.body),
            ))
            .execute(c)
            .await
    })
    .await?;
    Ok(())
}

impl KeyRow {
    fn into_known(self, fingerprint: &str) -> Known {
        if self.fingerprint != fingerprint {
            return Known::Other;
        }
        Known::Answered(Answer {
            status: u16::try_from(self.status).unwrap_or(500),
            headers: self.headers.0,
            body: self.body,
        })
    }
}
