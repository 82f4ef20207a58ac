//! Which key a caller shows, without asking the database at each call.
//!
//! A key that was found is believed for [`BELIEVED`], so that a revocation takes effect within that time on every
//! replica, and at once on the one that revoked it; no broadcast has to arrive for it. Only keys that exist are
//! kept, so the memory is bounded by their number.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use rest_client::ApiKey;
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use uuid::Uuid;

use super::token;
use crate::{
    db::{Db, DbError},
    store::api_keys,
};

/// How long a key that was found is not looked up again.
const BELIEVED: Duration = Duration::from_millis(900);

/// How long a key that was good is remembered as one that was not guessed.
const REMEMBERED: Duration = Duration::from_secs(3600);

/// How often the database is asked which keys there are, for callers behind an address from which somebody guesses.
const LISTED: Duration = Duration::from_secs(1);

/// How often the use of a key is written down at most.
const NOTE_PAUSE: TimeDelta = TimeDelta::seconds(60);

/// The keys that were seen lately. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Keyring {
    seen: Arc<Mutex<HashMap<Fingerprint, Seen>>>,
    listed: Arc<tokio::sync::Mutex<Option<Listed>>>,
}

/// What the tokens of keys that are not revoked begin with.
struct Listed {
    prefixes: HashSet<String>,
    at: Instant,
}

/// The SHA-256 of a whole token: the token itself is not kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint([u8; 32]);

struct Seen {
    key: Arc<ApiKey>,
    at: Instant,
}

/// What is known of a token without asking the database.
pub(super) enum Memory {
    /// It is this key.
    Fresh(Arc<ApiKey>),
    /// It was a good key not long ago; whether it still is must be looked up.
    Stale,
    /// It was never seen.
    Unknown,
}

impl Fingerprint {
    pub(super) fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

impl Keyring {
    /// What is remembered of a token.
    pub(super) fn recall(&self, token: Fingerprint) -> Memory {
        let memory = match self.lock().get(&token) {
            Some(seen) if seen.at.elapsed() < BELIEVED => Memory::Fresh(seen.key.clone()),
            Some(seen) if seen.at.elapsed() < REMEMBERED => Memory::Stale,
            _ => Memory::Unknown,
        };
        let outcome = match memory {
            Memory::Fresh(_) => "hit",
            Memory::Stale | Memory::Unknown => "miss",
        };
        metrics::counter!("rest_key_cache_total", "outcome" => outcome).increment(1);
        memory
    }

    /// Whether there is a key whose token begins as this one does. However many ask, the database is asked once in
    /// [`LISTED`].
    pub(super) async fn may_exist(&self, db: &Db, token: &str) -> Result<bool, DbError> {
        let Some((prefix, _)) = token::parts(token) else {
            return Ok(false);
        };
        let mut known = self.listed.lock().await;
        if let Some(listed) = known.as_ref()
            && listed.at.elapsed() < LISTED
        {
            return Ok(listed.prefixes.contains(prefix));
        }
        let at = Instant::now();
        let db = db.clone();
        // A task of its own: a caller who hangs up must not give a connection up in mid-query.
        let prefixes = tokio::spawn(async move { api_keys::prefixes(&db).await })
            .await
            .unwrap_or_else(|error| Err(DbError::NoConnection(error.to_string())))?;
        let prefixes: HashSet<String> = prefixes.into_iter().collect();
        let may_exist = prefixes.contains(prefix);
        *known = Some(Listed { prefixes, at });
        Ok(may_exist)
    }

    /// Looks a token up; `None` when there is no such key, or it is not good any more.
    pub(super) async fn look_up(
        &self,
        db: &Db,
        now: DateTime<Utc>,
        token: &str,
        fingerprint: Fingerprint,
    ) -> Result<Option<Arc<ApiKey>>, DbError> {
        let asked = Instant::now();
        let found = match token::parts(token) {
            Some((prefix, secret)) => find(db, prefix)
                .await?
                .filter(|(_, hash)| token::matches(secret, hash))
                .map(|(key, _)| Arc::new(key)),
            None => None,
        };
        let mut seen = self.lock();
        let good = found.filter(|key| key.revoked_at.is_none() && is_valid(key, now));
        let Some(key) = good else {
            seen.remove(&fingerprint);
            return Ok(None);
        };
        seen.retain(|_, seen| seen.at.elapsed() < REMEMBERED);
        // From when it was asked: what was revoked while the answer was on its way is not believed longer.
        let entry = Seen {
            key: key.clone(),
            at: asked,
        };
        seen.insert(fingerprint, entry);
        drop(seen);
        if key.last_used_at.is_none_or(|at| at <= now - NOTE_PAUSE) {
            note_use(db.clone(), now, key.id);
        }
        Ok(Some(key))
    }

    /// Forgets a key that was revoked.
    pub(super) fn forget(&self, key: Uuid) {
        self.lock().retain(|_, seen| seen.key.id != key);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Fingerprint, Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task of its own: a caller who hangs up must not give a connection up in mid-query.
async fn find(db: &Db, prefix: &str) -> Result<Option<(ApiKey, String)>, DbError> {
    let (db, prefix) = (db.clone(), prefix.to_owned());
    match tokio::spawn(async move { api_keys::by_prefix(&db, &prefix).await }).await {
        Ok(found) => found,
        Err(error) => Err(DbError::NoConnection(error.to_string())),
    }
}

/// Whether a key has not expired.
pub(super) fn is_valid(key: &ApiKey, now: DateTime<Utc>) -> bool {
    key.expires_at.is_none_or(|end| now < end)
}

/// Writes down that a key is in use, behind the request's back.
fn note_use(db: Db, now: DateTime<Utc>, key: Uuid) {
    tokio::spawn(async move {
        if let Err(error) = api_keys::note_use(&db, now, key, NOTE_PAUSE).await {
            tracing::debug!(api_key_id = %key, %error, "the use of a key could not be noted");
        }
    });
}
