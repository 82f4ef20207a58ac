//! Deliveries: what channels have sent.

use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use messages::{Address, Channel, EventId};
use rest_client::{Delivery, DeliveryStatus, NewDelivery};
use uuid::Uuid;

use super::{StoreError, new_id, turns::count};
use crate::db::{
    At, Db, DbError, Id, Named,
    schema::{deliveries, users},
};

/// A reply of the longest text makes far fewer parts than this.
const MOST_PARTS: i64 = 1000;

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = deliveries, treat_none_as_default_value = false)]
pub(super) struct DeliveryRow {
    pub(super) id: Id,
    user_id: Id,
    reply_id: String,
    part: i64,
    channel: Named<Channel>,
    chat: String,
    external_message_id: Option<String>,
    status: Named<DeliveryStatus>,
    error: Option<String>,
    created_at: At,
}

impl From<DeliveryRow> for Delivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id.0,
            user_id: row.user_id.0,
            reply_id: EventId::new(row.reply_id),
            part: count(row.part),
            to: Address {
                channel: row.channel.0,
                chat: row.chat,
            },
            external_message_id: row.external_message_id,
            status: row.status.0,
            error: row.error,
            created_at: row.created_at.0,
        }
    }
}

/// Records a delivery: one that was sent stays as it is, one that failed becomes what it is now.
pub(crate) async fn put(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    reply: &str,
    part: u32,
    new: NewDelivery,
) -> Result<Delivery, StoreError> {
    let row = DeliveryRow {
        id: Id(new_id(now)),
        user_id: Id(user),
        reply_id: reply.to_owned(),
        part: part.into(),
        channel: Named(new.to.channel),
        chat: new.to.chat,
        external_message_id: new.external_message_id,
        status: Named(new.status),
        error: new.error,
        created_at: At(now),
    };
    let inserted: Option<DeliveryRow> = db
        .write(async |c| {
            let inserted = diesel::insert_into(deliveries::table)
                .values(&row)
                .on_conflict((deliveries::reply_id, deliveries::part))
                .do_nothing()
                .returning(DeliveryRow::as_returning())
                .get_result(c)
                .await
                .optional();
            inserted.map_err(|error| match DbError::from(error) {
                // The only thing that it refers to is the user.
                DbError::Reference(_) => StoreError::NotFound,
                error => error.into(),
            })
        })
        .await?;
    let stored = match inserted {
        Some(stored) => stored,
        None => put_again(db, &row).await?,
    };
    Ok(stored.into())
}

/// Renews a delivery that is there, if it failed, and gives what is stored then.
async fn put_again(db: &Db, row: &DeliveryRow) -> Result<DeliveryRow, StoreError> {
    db.transaction(async |c| {
        let of_part = deliveries::table
            .filter(deliveries::reply_id.eq(&row.reply_id))
            .filter(deliveries::part.eq(row.part));
        diesel::update(of_part)
            .filter(deliveries::user_id.eq(row.user_id))
            .filter(deliveries::status.eq(Named(DeliveryStatus::Failed)))
            .set((
                deliveries::channel.eq(row.channel),
                deliveries::chat.eq(&row.chat),
                deliveries::external_message_id.eq(&row.external_message_id),
                deliveries::status.eq(row.status),
                deliveries::error.eq(&row.error),
                deliveries::created_at.eq(row.created_at),
            ))
            .execute(c)
            .await?;
        let stored: DeliveryRow = of_part.select(DeliveryRow::as_select()).first(c).await?;
        if stored.user_id == row.user_id {
            return Ok(stored);
        }
        // Whoever is nobody is told so first.
        users::table
            .find(row.user_id)
            .select(users::id)
            .first::<Id>(c)
            .await?;
        Err(StoreError::Taken)
    })
    .await
}

/// The parts of a reply that were tried, in order.
pub(crate) async fn of_reply(db: &Db, user: Uuid, reply: &str) -> Result<Vec<Delivery>, StoreError> {
    let of_reply = deliveries::user_id
        .eq(users::id)
        .and(deliveries::reply_id.eq(reply));
    // A user without any is a row of nothing; nobody is no row.
    let rows: Vec<Option<DeliveryRow>> = db
        .read(async |c| {
            users::table
                .find(Id(user))
                .left_join(deliveries::table.on(of_reply))
                .order(deliveries::part)
                .limit(MOST_PARTS)
                .select(Option::<DeliveryRow>::as_select())
                .load(c)
                .await
        })
        .await?;
    if rows.is_empty() {
        return Err(StoreError::NotFound);
    }
    Ok(rows.into_iter().flatten().map(Delivery::from).collect())
}
