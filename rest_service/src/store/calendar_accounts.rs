//! Connected calendar accounts: ciphertext, who refreshes it, and what is to be done about it.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, SelectableHelper,
    prelude::{AsChangeset, Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use messages::{Address, Channel};
use rest_client::{
    CalendarAccount, CalendarAccountEntry, CalendarAccountPatch, CalendarAccountState, CalendarChore,
    CalendarChores, ChoreDone, NewCalendarAccount, Page, RefreshLease, Sealed, TakeRefresh,
};
use uuid::Uuid;

use super::{Part, StoreError, page};
use crate::db::{
    At, Db, Id, Named,
    schema::{calendar_accounts, users},
};

#[derive(AsChangeset, Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = calendar_accounts, treat_none_as_null = true, treat_none_as_default_value = false)]
struct AccountRow {
    user_id: Id,
    grant_id: Id,
    email: String,
    state: Named<CalendarAccountState>,
    scopes: String,
    key_id: String,
    ciphertext: String,
    access_expires_at: At,
    refresh_expires_at: Option<At>,
    warned: bool,
    channel: Named<Channel>,
    chat: String,
    chore: Option<Named<CalendarChore>>,
    lease_token: Option<Id>,
    lease_until: Option<At>,
    version: i64,
    created_at: At,
    updated_at: At,
}

impl From<AccountRow> for CalendarAccount {
    fn from(row: AccountRow) -> Self {
        Self {
            user_id: row.user_id.0,
            grant_id: row.grant_id.0,
            email: row.email,
            state: row.state.0,
            scopes: row.scopes,
            tokens: Sealed {
                key_id: row.key_id,
                ciphertext: row.ciphertext,
            },
            access_expires_at: row.access_expires_at.0,
            refresh_expires_at: row.refresh_expires_at.map(|at| at.0),
            reply_to: Address {
                channel: row.channel.0,
                chat: row.chat,
            },
            chore: row.chore.map(|chore| chore.0),
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        }
    }
}

impl AccountRow {
    fn apply(&mut self, now: DateTime<Utc>, patch: CalendarAccountPatch) {
        if let Some(state) = patch.state.filter(|state| *state != self.state.0) {
            self.state = Named(state);
            self.chore = match state {
                CalendarAccountState::Active => None,
                CalendarAccountState::Reconnect => Some(Named(CalendarChore::TellReconnect)),
                CalendarAccountState::Closed => Some(Named(CalendarChore::Revoke)),
            };
        }
        if let Some(tokens) = patch.tokens {
            self.key_id = tokens.key_id;
            self.ciphertext = tokens.ciphertext;
        }
        if let Some(at) = patch.access_expires_at {
            self.access_expires_at = At(at);
        }
        if let Some(at) = patch.refresh_expires_at {
            self.refresh_expires_at = Some(At(at));
        }
        self.lease_token = None;
        self.lease_until = None;
        self.version += 1;
        self.updated_at = At(now);
    }
}

pub(crate) async fn get(db: &Db, user: Uuid) -> Result<CalendarAccount, StoreError> {
    let row = db
        .read(async |c| {
            calendar_accounts::table
                .find(Id(user))
                .select(AccountRow::as_select())
                .first(c)
                .await
        })
        .await?;
    Ok(row.into())
}

/// Connects an account in place of the one that was there; the same grant again changes nothing.
pub(crate) async fn put(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    new: NewCalendarAccount,
) -> Result<CalendarAccount, StoreError> {
    let row = db
        .transaction(async |c| {
            // Writing nothing locks the user: two accounts are not connected side by side.
            diesel::update(users::table.find(Id(user)))
                .set(users::version.eq(users::version))
                .returning(users::id)
                .get_result::<Id>(c)
                .await?;
            let before: Option<AccountRow> = calendar_accounts::table
                .find(Id(user))
                .select(AccountRow::as_select())
                .first(c)
                .await
                .optional()?;
            if let Some(known) = before.as_ref().filter(|row| row.grant_id.0 == new.grant_id) {
                return Ok::<AccountRow, StoreError>(known.clone());
            }
            let row = AccountRow {
                user_id: Id(user),
                grant_id: Id(new.grant_id),
                email: new.email.clone(),
                state: Named(CalendarAccountState::Active),
                scopes: new.scopes.clone(),
                key_id: new.tokens.key_id.clone(),
                ciphertext: new.tokens.ciphertext.clone(),
                access_expires_at: At(new.access_expires_at),
                refresh_expires_at: new.refresh_expires_at.map(At),
                warned: false,
                channel: Named(new.reply_to.channel),
                chat: new.reply_to.chat.clone(),
                chore: Some(Named(CalendarChore::TellConnected)),
                lease_token: None,
                lease_until: None,
                // Whoever read the former account must not write into this one.
                version: before.map_or(0, |row| row.version) + 1,
                created_at: At(now),
                updated_at: At(now),
            };
            let stored = diesel::insert_into(calendar_accounts::table)
                .values(&row)
                .on_conflict(calendar_accounts::user_id)
                .do_update()
                .set(&row)
                .returning(AccountRow::as_returning())
                .get_result(c)
                .await?;
            Ok(stored)
        })
        .await?;
    Ok(row.into())
}

/// Changes an account that still has the version that was read.
pub(crate) async fn update(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    patch: CalendarAccountPatch,
) -> Result<CalendarAccount, StoreError> {
    let row = db
        .transaction(async |c| {
            // Writing nothing locks the account: what is decided below is decided about what is stored.
            let mut row: AccountRow = diesel::update(calendar_accounts::table.find(Id(user)))
                .set(calendar_accounts::version.eq(calendar_accounts::version))
                .returning(AccountRow::as_returning())
                .get_result(c)
                .await?;
            if row.version != patch.version {
                return Err(StoreError::StaleLease);
            }
            row.apply(now, patch.clone());
            let stored = diesel::update(calendar_accounts::table.find(Id(user)))
                .set(&row)
                .returning(AccountRow::as_returning())
                .get_result(c)
                .await?;
            Ok::<AccountRow, StoreError>(stored)
        })
        .await?;
    Ok(row.into())
}

/// Erases an account, if it still is this grant's.
pub(crate) async fn erase(db: &Db, user: Uuid, grant: Uuid) -> Result<(), StoreError> {
    db.write(async |c| {
        diesel::delete(calendar_accounts::table.find(Id(user)))
            .filter(calendar_accounts::grant_id.eq(Id(grant)))
            .execute(c)
            .await
    })
    .await?;
    Ok(())
}

/// Gives one caller the right to refresh; the others have a stale lease.
pub(crate) async fn take_refresh(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    ask: TakeRefresh,
) -> Result<RefreshLease, StoreError> {
    let lease = RefreshLease {
        lease_token: Uuid::new_v4(),
        lease_until: now + TimeDelta::seconds(ask.lease_seconds.into()),
    };
    let taken = db
        .write(async |c| {
            diesel::update(calendar_accounts::table.find(Id(user)))
                .filter(calendar_accounts::version.eq(ask.version))
                .filter(
                    calendar_accounts::lease_until
                        .is_null()
                        .or(calendar_accounts::lease_until.le(Some(At(now)))),
                )
                .set((
                    calendar_accounts::lease_token.eq(Some(Id(lease.lease_token))),
                    calendar_accounts::lease_until.eq(Some(At(lease.lease_until))),
                ))
                .execute(c)
                .await
        })
        .await?;
    if taken == 0 {
        Err(StoreError::StaleLease)
    } else {
        Ok(lease)
    }
}

/// Takes the right to refresh back from whoever has this lease.
pub(crate) async fn release_refresh(db: &Db, user: Uuid, lease_token: Uuid) -> Result<(), StoreError> {
    db.write(async |c| {
        diesel::update(calendar_accounts::table.find(Id(user)))
            .filter(calendar_accounts::lease_token.eq(Some(Id(lease_token))))
            .set((
                calendar_accounts::lease_token.eq(None::<Id>),
                calendar_accounts::lease_until.eq(None::<At>),
            ))
            .execute(c)
            .await
    })
    .await?;
    Ok(())
}

/// Strikes off what was done about an account, unless it is another grant by now or something else is to be done.
pub(crate) async fn chore_done(db: &Db, user: Uuid, done: ChoreDone) -> Result<(), StoreError> {
    db.write(async |c| {
        diesel::update(calendar_accounts::table.find(Id(user)))
            .filter(calendar_accounts::grant_id.eq(Id(done.grant_id)))
            .filter(calendar_accounts::chore.eq(Some(Named(done.chore))))
            .set(calendar_accounts::chore.eq(None::<Named<CalendarChore>>))
            .execute(c)
            .await
    })
    .await?;
    Ok(())
}

/// The accounts about which something is to be done; those that will end by themselves are among them, once.
pub(crate) async fn chores(
    db: &Db,
    now: DateTime<Utc>,
    ask: CalendarChores,
) -> Result<Page<CalendarAccount>, StoreError> {
    let rows: Vec<AccountRow> = db
        .transaction(async |c| {
            diesel::update(calendar_accounts::table)
                .filter(calendar_accounts::refresh_expires_at.le(Some(At(ask.warn_before))))
                .filter(calendar_accounts::state.eq(Named(CalendarAccountState::Active)))
                .filter(calendar_accounts::warned.eq(false))
                // What is to be told already comes first; this one's turn is the next.
                .filter(calendar_accounts::chore.is_null())
                .set((
                    calendar_accounts::warned.eq(true),
                    calendar_accounts::chore.eq(Some(Named(CalendarChore::TellExpiring))),
                    calendar_accounts::updated_at.eq(At(now)),
                ))
                .execute(c)
                .await?;
            let rows = calendar_accounts::table
                .filter(calendar_accounts::chore.is_not_null())
                .order(calendar_accounts::user_id)
                .limit(ask.limit.into())
                .select(AccountRow::as_select())
                .load(c)
                .await?;
            Ok::<Vec<AccountRow>, StoreError>(rows)
        })
        .await?;
    Ok(Page {
        items: rows.into_iter().map(CalendarAccount::from).collect(),
        next_cursor: None,
    })
}

/// All accounts, without their tokens.
pub(crate) async fn list(db: &Db, part: Part) -> Result<Page<CalendarAccountEntry>, StoreError> {
    let rows: Vec<(AccountRow, String)> = db
        .read(async |c| {
            calendar_accounts::table
                .inner_join(users::table.on(users::id.eq(calendar_accounts::user_id)))
                .filter(calendar_accounts::user_id.gt(Id(part.after)))
                .order(calendar_accounts::user_id)
                .limit(part.fetch())
                .select((AccountRow::as_select(), users::name))
                .load(c)
                .await
        })
        .await?;
    let entries = rows.into_iter().map(entry).collect();
    Ok(page(entries, part.limit, |entry: &CalendarAccountEntry| {
        entry.user_id.to_string()
    }))
}

fn entry((row, user_name): (AccountRow, String)) -> CalendarAccountEntry {
    CalendarAccountEntry {
        user_id: row.user_id.0,
        user_name,
        email: row.email,
        state: row.state.0,
        key_id: row.key_id,
        refresh_expires_at: row.refresh_expires_at.map(|at| at.0),
        created_at: row.created_at.0,
    }
}
