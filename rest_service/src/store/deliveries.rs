//! Deliveries: what channels have sent.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, QueryDsl, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
};
use diesel_async::RunQueryDsl;
use messages::{Address, Channel, EventId};
use rest_client::{Delivery, DeliveryStatus, NewDelivery};
use uuid::Uuid;

use super::{StoreError, new_id, turns::count};
use crate::db::{
    At, Db, Id, Named,
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
    let stored: DeliveryRow = db
        .transaction(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            let inserted = diesel::insert_into(deliveries::table)
                .values(&row)
                .on_conflict((deliveries::reply_id, deliveries::part))
                .do_nothing()
                .execute(c)
                .await?;
            if inserted == 0 {
                diesel::update(deliveries::table)
                    .filter(deliveries::reply_id.eq(reply))
                    .filter(deliveries::part.eq(row.part))
                    .filter(deliveries::user_id.eq(Id(user)))
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
            }
            let stored: DeliveryRow = deliveries::table
                .filter(deliveries::reply_id.eq(reply))
                .filter(deliveries::part.eq(row.part))
                .select(DeliveryRow::as_select())
                .first(c)
                .await?;
            if stored.user_id == Id(user) {
                Ok(stored)
            } else {
                Err(StoreError::Taken)
            }
        })
        .await?;
    Ok(stored.into())
}

/// The parts of a reply that were tried, in order.
pub(crate) async fn of_reply(db: &Db, user: Uuid, reply: &str) -> Result<Vec<Delivery>, StoreError> {
    let rows: Vec<DeliveryRow> = db
        .read(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            deliveries::table
                .filter(deliveries::reply_id.eq(reply))
                .filter(deliveries::user_id.eq(Id(user)))
                .order(deliveries::part)
                .limit(MOST_PARTS)
                .select(DeliveryRow::as_select())
                .load(c)
                .await
        })
        .await?;
    Ok(rows.into_iter().map(Delivery::from).collect())
}
