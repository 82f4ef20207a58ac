//! What is asked of the database, a module per resource.
//!
//! Whatever belongs to a user is found by the user's id and its own: a query that serves a user cannot see
//! another's rows.

pub(crate) mod api_keys;
pub(crate) mod archive;
pub(crate) mod assistants;
pub(crate) mod audit;
pub(crate) mod budgets;
pub(crate) mod calendar_accounts;
pub(crate) mod calendar_links;
pub(crate) mod calendar_writes;
pub(crate) mod configuration;
pub(crate) mod context;
pub(crate) mod cursor;
pub(crate) mod deliveries;
pub(crate) mod document;
pub(crate) mod erasure;
pub(crate) mod facts;
pub(crate) mod idempotency;
pub(crate) mod identities;
pub(crate) mod pending_actions;
pub(crate) mod retention;
pub(crate) mod scheduled_tasks;
pub(crate) mod sub_assistants;
pub(crate) mod task_lists;
pub(crate) mod task_runs;
pub(crate) mod threads;
pub(crate) mod tools;
pub(crate) mod turns;
pub(crate) mod usage;
pub(crate) mod user_events;
pub(crate) mod users;
pub(crate) mod versions;

use chrono::{DateTime, Utc};
use diesel::result::Error as QueryError;
use rest_client::{ListSort, Page};
use uuid::Uuid;

pub(crate) use budgets::Limits;
pub(crate) use versions::{Changed, IfMatch};

use crate::db::DbError;

/// Why the store did not do what it was asked.
#[derive(Debug)]
pub(crate) enum StoreError {
    /// There is no such row, or it is another user's.
    NotFound,
    /// The unique name or id exists already.
    AlreadyExists,
    /// The id belongs to another user.
    Taken,
    /// Other rows refer to it.
    InUse,
    /// Nobody else could let people in.
    LastOwner,
    /// The row has another version than the caller knows.
    Stale { current: i64 },
    /// The lease has run out, or the task was changed since it was claimed.
    StaleLease,
    /// A field is not acceptable in the light of what is stored.
    Invalid { field: &'static str, message: String },
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for StoreError {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<QueryError> for StoreError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::NotFound => Self::NotFound,
            error => Self::Db(error.into()),
        }
    }
}

/// Which part of a list by id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// The id after which it begins; the nil id for the beginning.
    pub(crate) after: Uuid,
    /// How many items at most.
    pub(crate) limit: u32,
}

impl Part {
    /// One more than asked for, which tells whether there is another page.
    fn fetch(self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// Which part of a list that is sorted by id or by name.
#[derive(Clone, Debug)]
pub(crate) struct Sorted {
    /// The order.
    pub(crate) sort: ListSort,
    /// The name and the id after which it begins; `None` for the beginning.
    pub(crate) after: Option<(String, Uuid)>,
    /// How many items at most.
    pub(crate) limit: u32,
}

impl Sorted {
    /// One more than asked for, which tells whether there is another page.
    fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// Sorts a boxed query on a table with `id` and `name`, from where the part begins.
///
/// The first condition bounds the range of the index, the second leaves out the rows with the same name that the
/// page before had. Rows that are added meanwhile move nothing: a page goes on behind a row, not behind a number
/// of rows.
macro_rules! sorted {
    ($query:expr, $table:ident, $part:expr) => {{
        let (query, part): (_, &$crate::store::Sorted) = ($query, $part);
        match (part.sort, part.after.clone()) {
            (rest_client::ListSort::CreatedAt, None) => query.order($table::id.asc()),
            (rest_client::ListSort::CreatedAt, Some((_, id))) => {
                query.filter($table::id.gt(Id(id))).order($table::id.asc())
            }
            (rest_client::ListSort::NewestFirst, None) => query.order($table::id.desc()),
            (rest_client::ListSort::NewestFirst, Some((_, id))) => {
                query.filter($table::id.lt(Id(id))).order($table::id.desc())
            }
            (rest_client::ListSort::Name, None) => query.order(($table::name.asc(), $table::id.asc())),
            (rest_client::ListSort::Name, Some((name, id))) => query
                .filter($table::name.ge(name.clone()))
                .filter($table::name.gt(name).or($table::id.gt(Id(id))))
                .order(($table::name.asc(), $table::id.asc())),
            (rest_client::ListSort::NameBackwards, None) => {
                query.order(($table::name.desc(), $table::id.desc()))
            }
            (rest_client::ListSort::NameBackwards, Some((name, id))) => query
                .filter($table::name.le(name.clone()))
                .filter($table::name.lt(name).or($table::id.lt(Id(id))))
                .order(($table::name.desc(), $table::id.desc())),
        }
    }};
}

pub(crate) use sorted;

/// The page that the fetched items are: the one too many is cut off and a cursor put in its place.
fn page<R, T: From<R>>(rows: Vec<R>, limit: u32, cursor: impl Fn(&T) -> String) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    let items: Vec<T> = rows.into_iter().take(limit).map(T::from).collect();
    let next_cursor = items.last().filter(|_| more).map(cursor);
    Page { items, next_cursor }
}

/// A new id that sorts by the time it was made (RFC 9562 §5.7).
pub(crate) fn new_id(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(
        uuid::NoContext,
        seconds,
        now.timestamp_subsec_nanos(),
    ))
}
