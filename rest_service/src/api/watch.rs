//! Answers that go on for long: whether each may still go on.
//!
//! A key is checked when a call begins. A stream would outlive it: the key is revoked or expires, its user is blocked
//! or erased. So every stream is written down here with its key and its user, and one task of this process looks
//! them all up again, each key and each user once however many streams they have, every [`LOOK`] and as soon as a
//! broadcast says that one of them was changed. Nothing of it is done per message.
//!
//! While the database does not answer, nobody can know; after [`PATIENCE`] all streams end, and whoever may still
//! have one opens it again.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use messages::{ConfigChangedV1, Resource};
use rest_client::{Scope, StreamEndReason, UserState};
use service_kit::Lifecycle;
use tokio::{
    sync::{Notify, oneshot},
    time::Instant,
};
use uuid::Uuid;

use super::{
    caller::{Caller, Who},
    keyring::is_valid,
};
use crate::{
    db::{Db, DbError},
    store::{api_keys, users},
};

/// How often streams are looked up: a revocation ends them within a second, with time to spare for a busy database.
const LOOK: Duration = Duration::from_millis(500);

/// The shortest time between two looks, whatever is broadcast.
const PAUSE: Duration = Duration::from_millis(50);

/// How long one look may take.
const LOOK_LIMIT: Duration = Duration::from_secs(2);

/// How long streams go on while nobody can know whether they may.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many keys, or users, one query asks for.
const BATCH: usize = 500;

/// The open streams of this process. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Watch(Arc<Shared>);

#[derive(Default)]
struct Shared {
    streams: Mutex<Streams>,
    /// The first stream was opened.
    opened: Notify,
    /// Something was changed.
    changed: Notify,
}

#[derive(Default)]
struct Streams {
    opened: u64,
    open: BTreeMap<u64, Stream>,
}

/// One stream.
struct Stream {
    /// The key that it was opened with, and what it must be good for; `None` for the services' own.
    key: Option<(Uuid, Scope)>,
    user: Uuid,
    needs: Needs,
    end: oneshot::Sender<StreamEndReason>,
}

/// What a stream needs of its user.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// They are not erased.
    Known,
    /// They are let in.
    Active,
}

/// A stream's own end of the watch; it is forgotten when this is dropped.
pub(crate) struct Watched {
    watch: Watch,
    number: u64,
    key: Option<Uuid>,
    user: Uuid,
    end: oneshot::Receiver<StreamEndReason>,
}

impl Watch {
    /// Writes a stream down that a caller opens about a user.
    pub(crate) fn open(&self, caller: &Caller, scope: Scope, user: Uuid, needs: Needs) -> Watched {
        let key = match &caller.who {
            Who::Service => None,
            Who::Key(key) => Some(key.id),
        };
        let (end, ended) = oneshot::channel();
        let mut streams = self.lock();
        let number = streams.opened;
        streams.opened += 1;
        let stream = Stream {
            key: key.map(|key| (key, scope)),
            user,
            needs,
            end,
        };
        streams.open.insert(number, stream);
        drop(streams);
        self.0.opened.notify_one();
        Watched {
            watch: self.clone(),
            number,
            key,
            user,
            end: ended,
        }
    }

    /// Looks after the streams for as long as the process runs.
    pub(crate) async fn run(&self, db: &Db, lifecycle: &Lifecycle) {
        let mut answered = Instant::now();
        loop {
            if self.lock().open.is_empty() {
                self.0.opened.notified().await;
                answered = Instant::now();
            }
            let asked = Instant::now();
            match self.look(db, lifecycle.clock().now()).await {
                Ok(()) => answered = asked,
                Err(error) => {
                    tracing::debug!(%error, "open streams cannot be looked up");
                    if answered.elapsed() > PATIENCE {
                        self.end_where(|_| Some(StreamEndReason::Unavailable));
                    }
                }
            }
            tokio::time::sleep(PAUSE).await;
            tokio::select! {
                () = tokio::time::sleep(LOOK - PAUSE) => {}
                () = self.0.changed.notified() => {}
            }
        }
    }

    /// Ends the streams that may not go on.
    async fn look(&self, db: &Db, now: DateTime<Utc>) -> Result<(), DbError> {
        let (keys, users): (HashSet<Uuid>, HashSet<Uuid>) = {
            let streams = self.lock();
            let keys = streams.open.values().filter_map(|stream| stream.key);
            let users = streams.open.values().map(|stream| stream.user);
            (keys.map(|(key, _)| key).collect(), users.collect())
        };
        let (db, asked) = (db.clone(), (keys.clone(), users.clone()));
        // A task of its own: a look that is given up does not give a connection up in mid-query.
        let found = tokio::spawn(async move { Found::of(&db, asked).await });
        let found = tokio::time::timeout(LOOK_LIMIT, found)
            .await
            .map_err(|late| DbError::NoConnection(late.to_string()))?
            .map_err(|crashed| DbError::NoConnection(crashed.to_string()))??;
        self.end_where(|stream| {
            // One that was opened meanwhile is looked up next time.
            let was_asked =
                users.contains(&stream.user) && stream.key.is_none_or(|(key, _)| keys.contains(&key));
            if was_asked { found.ends(stream, now) } else { None }
        });
        Ok(())
    }

    fn end_where(&self, reason: impl Fn(&Stream) -> Option<StreamEndReason>) {
        let mut streams = self.lock();
        let ended: Vec<(u64, StreamEndReason)> = streams
            .open
            .iter()
            .filter_map(|(number, stream)| Some((*number, reason(stream)?)))
            .collect();
        for (number, reason) in ended {
            if let Some(stream) = streams.open.remove(&number) {
                tracing::info!(user_id = %stream.user, api_key_id = ?stream.key.map(|(key, _)| key), ?reason, "stream ended");
                // Whoever is gone meanwhile need not be told.
                let _ = stream.end.send(reason);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Streams> {
        self.0.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the database says of keys and users.
struct Found {
    keys: HashMap<Uuid, rest_client::ApiKey>,
    users: HashMap<Uuid, UserState>,
}

impl Found {
    async fn of(db: &Db, (keys, users): (HashSet<Uuid>, HashSet<Uuid>)) -> Result<Self, DbError> {
        let (keys, users): (Vec<Uuid>, Vec<Uuid>) = (keys.into_iter().collect(), users.into_iter().collect());
        let mut found = Self {
            keys: HashMap::new(),
            users: HashMap::new(),
        };
        for ids in keys.chunks(BATCH) {
            let keys = api_keys::by_ids(db, ids).await?;
            found.keys.extend(keys.into_iter().map(|key| (key.id, key)));
        }
        for ids in users.chunks(BATCH) {
            found.users.extend(users::states(db, ids).await?);
        }
        Ok(found)
    }

    /// Why a stream must end, if it must.
    fn ends(&self, stream: &Stream, now: DateTime<Utc>) -> Option<StreamEndReason> {
        if let Some((key, scope)) = stream.key {
            let is_good = self
                .keys
                .get(&key)
                .is_some_and(|key| key.revoked_at.is_none() && is_valid(key, now) && key.has(scope));
            if !is_good {
                return Some(StreamEndReason::Key);
            }
        }
        match self.users.get(&stream.user) {
            None => Some(StreamEndReason::UserErased),
            Some(state) if stream.needs == Needs::Active && *state != UserState::Active => {
                Some(StreamEndReason::UserNotActive)
            }
            Some(_) => None,
        }
    }
}

impl Watched {
    /// Why the stream must end, if it must by now.
    pub(crate) fn has_ended(&mut self) -> Option<StreamEndReason> {
        self.end.try_recv().ok()
    }

    /// Waits until the stream must end. Not to be asked again after that.
    pub(crate) async fn ended(&mut self) -> StreamEndReason {
        match (&mut self.end).await {
            Ok(reason) => reason,
            // The watch drops its end only with a reason.
            Err(_) => std::future::pending().await,
        }
    }

    /// Has the streams looked up at once when a change is about this one's key or user.
    pub(crate) fn hear(&self, change: &ConfigChangedV1) {
        let is_mine = match change.resource {
            Resource::User => change.id == self.user,
            Resource::ApiKey => Some(change.id) == self.key,
            _ => false,
        };
        if is_mine {
            self.watch.0.changed.notify_one();
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.watch.lock().open.remove(&self.number);
    }
}
