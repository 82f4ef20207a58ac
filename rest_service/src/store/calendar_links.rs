//! The links that connect calendar accounts, each used once.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    ExpressionMethods, QueryDsl, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use messages::{Address, Channel};
use rest_client::{CalendarLink, CalendarLinkStart, NewCalendarLink, Sealed};
use uuid::Uuid;

use super::{StoreError, new_id};
use crate::db::{
    At, Db, Id, Named,
    schema::{calendar_links, users},
};

/// How long a link that has expired is kept, so that whoever opens it is told so.
const KEPT: TimeDelta = TimeDelta::days(1);

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = calendar_links, treat_none_as_default_value = false)]
struct LinkRow {
    id: Id,
    user_id: Id,
    channel: Named<Channel>,
    chat: String,
    expires_at: At,
    state_hash: Option<String>,
    browser_hash: Option<String>,
    key_id: Option<String>,
    verifier: Option<String>,
    state_expires_at: Option<At>,
    used_at: Option<At>,
    created_at: At,
}

impl From<LinkRow> for CalendarLink {
    fn from(row: LinkRow) -> Self {
        let started = match (
            row.state_hash,
            row.browser_hash,
            row.key_id,
            row.verifier,
            row.state_expires_at,
        ) {
            (Some(state_hash), Some(browser_hash), Some(key_id), Some(ciphertext), Some(At(expires_at))) => {
                Some(CalendarLinkStart {
                    state_hash,
                    browser_hash,
                    verifier: Sealed { key_id, ciphertext },
                    expires_at,
                })
            }
            _ => None,
        };
        Self {
            id: row.id.0,
            user_id: row.user_id.0,
            reply_to: Address {
                channel: row.channel.0,
                chat: row.chat,
            },
            expires_at: row.expires_at.0,
            started,
            used_at: row.used_at.map(|at| at.0),
        }
    }
}

/// Makes a link, and forgets the user's that expired long ago.
pub(crate) async fn create(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    new: NewCalendarLink,
) -> Result<CalendarLink, StoreError> {
    let row = LinkRow {
        id: Id(new_id(now)),
        user_id: Id(user),
        channel: Named(new.reply_to.channel),
        chat: new.reply_to.chat,
        expires_at: At(new.expires_at),
        state_hash: None,
        browser_hash: None,
        key_id: None,
        verifier: None,
        state_expires_at: None,
        used_at: None,
        created_at: At(now),
    };
    let stored = db
        .transaction(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            diesel::delete(calendar_links::table)
                .filter(calendar_links::user_id.eq(Id(user)))
                .filter(calendar_links::expires_at.le(At(now - KEPT)))
                .execute(c)
                .await?;
            let stored = diesel::insert_into(calendar_links::table)
                .values(&row)
                .returning(LinkRow::as_returning())
                .get_result(c)
                .await?;
            Ok::<LinkRow, StoreError>(stored)
        })
        .await?;
    Ok(stored.into())
}

pub(crate) async fn get(db: &Db, user: Uuid, link: Uuid) -> Result<CalendarLink, StoreError> {
    let row = db
        .read(async |c| {
            calendar_links::table
                .find(Id(link))
                .filter(calendar_links::user_id.eq(Id(user)))
                .select(LinkRow::as_select())
                .first(c)
                .await
        })
        .await?;
    Ok(row.into())
}

/// Starts a round trip, if the link may still be started.
pub(crate) async fn start(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    link: Uuid,
    start: CalendarLinkStart,
) -> Result<CalendarLink, StoreError> {
    let row = db
        .write(async |c| {
            diesel::update(calendar_links::table.find(Id(link)))
                .filter(calendar_links::user_id.eq(Id(user)))
                .filter(calendar_links::used_at.is_null())
                .filter(calendar_links::expires_at.gt(At(now)))
                .set((
                    calendar_links::state_hash.eq(Some(&start.state_hash)),
                    calendar_links::browser_hash.eq(Some(&start.browser_hash)),
                    calendar_links::key_id.eq(Some(&start.verifier.key_id)),
                    calendar_links::verifier.eq(Some(&start.verifier.ciphertext)),
                    calendar_links::state_expires_at.eq(Some(At(start.expires_at))),
                ))
                .returning(LinkRow::as_returning())
                .get_result(c)
                .await
        })
        .await?;
    Ok(row.into())
}

/// Uses a link up, in one statement: of any number of callers, one succeeds.
pub(crate) async fn take(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    link: Uuid,
    state_hash: &str,
) -> Result<CalendarLink, StoreError> {
    let row = db
        .write(async |c| {
            diesel::update(calendar_links::table.find(Id(link)))
                .filter(calendar_links::user_id.eq(Id(user)))
                .filter(calendar_links::used_at.is_null())
                .filter(calendar_links::state_hash.eq(Some(state_hash)))
                .filter(calendar_links::state_expires_at.gt(Some(At(now))))
                .set(calendar_links::used_at.eq(Some(At(now))))
                .returning(LinkRow::as_returning())
                .get_result(c)
                .await
        })
        .await?;
    Ok(row.into())
}
