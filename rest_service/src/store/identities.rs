//! Identities: which user an outside account is.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use messages::Channel;
use rest_client::{Identity, NewIdentity, NewUser, Page, ResolveIdentity, Resolved};
use uuid::Uuid;

use super::{Part, StoreError, new_id, page, users::UserRow};
use crate::db::{
    At, Db, Id, Named,
    schema::{identities, users},
};

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = identities)]
pub(super) struct IdentityRow {
    pub(super) id: Id,
    user_id: Id,
    channel: Named<Channel>,
    external_id: String,
    display_name: String,
    created_at: At,
}

impl From<IdentityRow> for Identity {
    fn from(row: IdentityRow) -> Self {
        Self {
            id: row.id.0,
            user_id: row.user_id.0,
            channel: row.channel.0,
            external_id: row.external_id,
            display_name: row.display_name,
            created_at: row.created_at.0,
        }
    }
}

/// Makes an account that nobody has a pending user, unless another call is faster.
pub(crate) async fn resolve(
    db: &Db,
    now: DateTime<Utc>,
    account: ResolveIdentity,
) -> Result<Resolved, StoreError> {
    let name = if account.display_name.trim().is_empty() {
        account.external_id.clone()
    } else {
        account.display_name.clone()
    };
    let user = UserRow::new(
        now,
        NewUser {
            name,
            locale: account.locale.clone(),
            time_zone: account.time_zone.clone(),
            role: None,
            state: None,
        },
    );
    let identity = IdentityRow {
        id: Id(new_id(now)),
        user_id: user.id,
        channel: Named(account.channel),
        external_id: account.external_id.clone(),
        display_name: account.display_name.clone(),
        created_at: At(now),
    };
    let made = db
        .transaction(async |c| {
            diesel::insert_into(users::table).values(&user).execute(c).await?;
            let linked = diesel::insert_into(identities::table)
                .values(&identity)
                .on_conflict((identities::channel, identities::external_id))
                .do_nothing()
                .execute(c)
                .await?;
            // Another call was faster: the user that was just made is taken back.
            if linked == 0 {
                Err(StoreError::AlreadyExists)
            } else {
                Ok(())
            }
        })
        .await;
    match made {
        Ok(()) => Ok(Resolved {
            user: user.into(),
            identity: identity.into(),
            created: true,
        }),
        Err(StoreError::AlreadyExists) => find(db, &account).await?.ok_or(StoreError::NotFound),
        Err(error) => Err(error),
    }
}

/// Links an account to a user; again is the same. Says whether it was new.
pub(crate) async fn link(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    new: NewIdentity,
) -> Result<(Identity, bool), StoreError> {
    let row = IdentityRow {
        id: Id(new_id(now)),
        user_id: Id(user),
        channel: Named(new.channel),
        external_id: new.external_id,
        display_name: new.display_name,
        created_at: At(now),
    };
    let (stored, is_new) = db
        .transaction(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            let linked = diesel::insert_into(identities::table)
                .values(&row)
                .on_conflict((identities::channel, identities::external_id))
                .do_nothing()
                .execute(c)
                .await?;
            let stored = identities::table
                .filter(identities::channel.eq(row.channel))
                .filter(identities::external_id.eq(&row.external_id))
                .select(IdentityRow::as_select())
                .first(c)
                .await?;
            Ok::<_, StoreError>((stored, linked == 1))
        })
        .await?;
    if stored.user_id != Id(user) {
        return Err(StoreError::Taken);
    }
    Ok((stored.into(), is_new))
}

/// One of a user's accounts.
pub(crate) async fn get(db: &Db, user: Uuid, identity: Uuid) -> Result<Identity, StoreError> {
    let row: IdentityRow = db
        .read(async |c| {
            identities::table
                .find(Id(identity))
                .filter(identities::user_id.eq(Id(user)))
                .select(IdentityRow::as_select())
                .first(c)
                .await
        })
        .await?;
    Ok(row.into())
}

/// Takes an account from a user; gives what it was.
pub(crate) async fn unlink(db: &Db, user: Uuid, identity: Uuid) -> Result<Identity, StoreError> {
    let gone: IdentityRow = db
        .write(async |c| {
            diesel::delete(identities::table.find(Id(identity)))
                .filter(identities::user_id.eq(Id(user)))
                .returning(IdentityRow::as_returning())
                .get_result(c)
                .await
        })
        .await?;
    Ok(gone.into())
}

pub(crate) async fn list(db: &Db, user: Uuid, part: Part) -> Result<Page<Identity>, StoreError> {
    let rows: Vec<IdentityRow> = db
        .read(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            identities::table
                .filter(identities::user_id.eq(Id(user)))
                .filter(identities::id.gt(Id(part.after)))
                .order(identities::id)
                .limit(part.fetch())
                .select(IdentityRow::as_select())
                .load(c)
                .await
        })
        .await?;
    Ok(page(rows, part.limit, |identity: &Identity| {
        identity.id.to_string()
    }))
}

/// Who an account is, if anybody.
pub(crate) async fn find(db: &Db, account: &ResolveIdentity) -> Result<Option<Resolved>, StoreError> {
    let found: Option<(IdentityRow, UserRow)> = db
        .read(async |c| {
            identities::table
                .inner_join(users::table)
                .filter(identities::channel.eq(Named(account.channel)))
                .filter(identities::external_id.eq(&account.external_id))
                .select((IdentityRow::as_select(), UserRow::as_select()))
                .first(c)
                .await
                .optional()
        })
        .await?;
    Ok(found.map(|(identity, user)| Resolved {
        user: user.into(),
        identity: identity.into(),
        created: false,
    }))
}
