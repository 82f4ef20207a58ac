//! What the bus does within a transaction: publish, hand out, settle, take over.

use std::time::Duration;

use diesel::{
    OptionalExtension, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::{BigInt, Binary, Nullable, Text},
};

use super::kept::Keep;
use crate::{BusError, delivery::Settlement, names::GroupName};

/// What identifies one handing-out: the same message handed out again has another number of attempts.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub(crate) group_id: i64,
    pub(crate) key: String,
    pub(crate) seq: i64,
    pub(crate) holder: i64,
    pub(crate) attempts: i64,
}

/// A message that was handed out.
#[derive(Debug, QueryableByName)]
pub(crate) struct Head {
    #[diesel(sql_type = Text)]
    pub(crate) key: String,
    #[diesel(sql_type = BigInt)]
    pub(crate) seq: i64,
    /// With this one.
    #[diesel(sql_type = BigInt)]
    pub(crate) attempts: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) last_reason: Option<String>,
    #[diesel(sql_type = Binary)]
    pub(crate) payload: Vec<u8>,
}

/// What [`hand_out`] found.
pub(crate) struct HandedOut {
    /// The consumer's id, which is new when it had been declared dead.
    pub(crate) holder: i64,
    pub(crate) heads: Vec<Head>,
    /// When the next head is due, of those that nobody holds.
    pub(crate) next_due_at: Option<i64>,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct MaybeNumber {
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
}

/// The system clock in Unix milliseconds: what processes on one file agree on.
#[expect(
    clippy::disallowed_methods,
    reason = "leases are between processes that share no other clock; no decision of the product rests on it"
)]
pub(crate) fn now_ms() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
        .and_then(|time| i64::try_from(time.as_millis()).ok())
        .unwrap_or_default()
}

fn ms(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 4)
}

/// The group's id; a new group gets every message that is still there.
pub(crate) fn ensure_group(db: &mut SqliteConnection, name: &GroupName) -> Result<i64, BusError> {
    if let Some(id) = find_group(db, name)? {
        return Ok(id);
    }
    let id = sql_query("INSERT INTO bus_group (topic, name) VALUES (?, ?) RETURNING id AS number")
        .bind::<Text, _>(&*name.topic)
        .bind::<Text, _>(&*name.group)
        .kept()
        .get_result::<Number>(db)?
        .number;
    sql_query("UPDATE bus_message SET groups = groups + 1 WHERE topic = ?")
        .bind::<Text, _>(&*name.topic)
        .kept()
        .execute(db)?;
    sql_query(
        "INSERT INTO bus_waiting (group_id, key, seq) SELECT ?, key, seq FROM bus_message WHERE topic = ?",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(&*name.topic)
    .kept()
    .execute(db)?;
    sql_query(
        "INSERT INTO bus_head (group_id, key, seq, due_at)
         SELECT ?1, key, min(seq), 0 FROM bus_message WHERE topic = ?2 GROUP BY key",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(&*name.topic)
    .kept()
    .execute(db)?;
    Ok(id)
}

/// The group's id, if anyone ever joined it.
pub(crate) fn find_group(db: &mut SqliteConnection, name: &GroupName) -> Result<Option<i64>, BusError> {
    let found = sql_query("SELECT id AS number FROM bus_group WHERE topic = ? AND name = ?")
        .bind::<Text, _>(&*name.topic)
        .bind::<Text, _>(&*name.group)
        .kept()
        .get_result::<Number>(db)
        .optional()?;
    Ok(found.map(|row| row.number))
}

/// What waits behind a message that is held, in order.
pub(crate) fn behind(db: &mut SqliteConnection, hold: &Hold, limit: usize) -> Result<Vec<Vec<u8>>, BusError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Binary)]
        payload: Vec<u8>,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT m.payload FROM bus_waiting w JOIN bus_message m ON m.seq = w.seq
         WHERE w.group_id = ? AND w.key = ? AND w.seq > ? ORDER BY w.seq LIMIT ?",
    )
    .bind::<BigInt, _>(hold.group_id)
    .bind::<Text, _>(&hold.key)
    .bind::<BigInt, _>(hold.seq)
    .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
    .kept()
    .load(db)?;
    Ok(rows.into_iter().map(|row| row.payload).collect())
}

/// Puts the messages behind all others of their keys, for every group of the topic.
pub(crate) fn publish(
    db: &mut SqliteConnection,
    topic: &str,
    items: &[(String, Vec<u8>)],
) -> Result<(), BusError> {
    let groups: Vec<Number> = sql_query("SELECT id AS number FROM bus_group WHERE topic = ?")
        .bind::<Text, _>(topic)
        .kept()
        .load(db)?;
    let groups: Vec<i64> = groups.into_iter().map(|row| row.number).collect();
    let now = now_ms();
    for (key, payload) in items {
        publish_to(db, topic, key, payload, &groups, now)?;
    }
    Ok(())
}

/// Puts one message behind all others of its key, for the given groups.
pub(crate) fn publish_to(
    db: &mut SqliteConnection,
    topic: &str,
    key: &str,
    payload: &[u8],
    groups: &[i64],
    now: i64,
) -> Result<(), BusError> {
    let seq = sql_query(
        "INSERT INTO bus_message (topic, key, payload, published_at, groups) VALUES (?, ?, ?, ?, ?)
         RETURNING seq AS number",
    )
    .bind::<Text, _>(topic)
    .bind::<Text, _>(key)
    .bind::<Binary, _>(payload)
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(i64::try_from(groups.len()).unwrap_or(i64::MAX))
    .kept()
    .get_result::<Number>(db)?
    .number;
    for group_id in groups {
        sql_query("INSERT INTO bus_waiting (group_id, key, seq) VALUES (?, ?, ?)")
            .bind::<BigInt, _>(group_id)
            .bind::<Text, _>(key)
            .bind::<BigInt, _>(seq)
            .kept()
            .execute(db)?;
        sql_query("INSERT OR IGNORE INTO bus_head (group_id, key, seq, due_at) VALUES (?, ?, ?, ?)")
            .bind::<BigInt, _>(group_id)
            .bind::<Text, _>(key)
            .bind::<BigInt, _>(seq)
            .bind::<BigInt, _>(now)
            .kept()
            .execute(db)?;
    }
    Ok(())
}

/// Hands out up to `limit` heads that are due, and counts the attempt of each. A consumer that is not (or no
/// longer) registered gets a new id first.
pub(crate) fn hand_out(
    db: &mut SqliteConnection,
    group_id: i64,
    holder: i64,
    lease: Duration,
    limit: usize,
) -> Result<HandedOut, BusError> {
    let now = now_ms();
    bury_consumers(db, group_id, holder, now)?;
    let holder = ensure_alive(db, group_id, holder, now.saturating_add(ms(lease)))?;
    let heads: Vec<Head> = sql_query(
        "SELECT h.key, h.seq, h.attempts + 1 AS attempts, h.last_reason, m.payload
         FROM bus_head h JOIN bus_message m ON m.seq = h.seq
         WHERE h.group_id = ? AND h.holder IS NULL AND h.due_at <= ?
         ORDER BY h.due_at, h.seq LIMIT ?",
    )
    .bind::<BigInt, _>(group_id)
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
    .kept()
    .load(db)?;
    for head in &heads {
        sql_query(
            "UPDATE bus_head SET holder = ?, attempts = ?, first_attempt_at = coalesce(first_attempt_at, ?)
             WHERE group_id = ? AND key = ?",
        )
        .bind::<BigInt, _>(holder)
        .bind::<BigInt, _>(head.attempts)
        .bind::<BigInt, _>(now)
        .bind::<BigInt, _>(group_id)
        .bind::<Text, _>(&head.key)
        .kept()
        .execute(db)?;
    }
    let next_due_at = sql_query(
        "SELECT min(due_at) AS number FROM bus_head INDEXED BY bus_head_due
         WHERE group_id = ? AND holder IS NULL",
    )
    .bind::<BigInt, _>(group_id)
    .kept()
    .get_result::<MaybeNumber>(db)?
    .number;
    Ok(HandedOut {
        holder,
        heads,
        next_due_at,
    })
}

fn ensure_alive(
    db: &mut SqliteConnection,
    group_id: i64,
    holder: i64,
    alive_until: i64,
) -> Result<i64, BusError> {
    let alive = sql_query("SELECT id AS number FROM bus_consumer WHERE id = ?")
        .bind::<BigInt, _>(holder)
        .kept()
        .get_result::<Number>(db)
        .optional()?;
    if alive.is_some() {
        return Ok(holder);
    }
    let registered =
        sql_query("INSERT INTO bus_consumer (group_id, alive_until) VALUES (?, ?) RETURNING id AS number")
            .bind::<BigInt, _>(group_id)
            .bind::<BigInt, _>(alive_until)
            .kept()
            .get_result::<Number>(db)?;
    Ok(registered.number)
}

/// Says that the consumer is alive.
pub(crate) fn heartbeat(db: &mut SqliteConnection, holder: i64, lease: Duration) -> Result<(), BusError> {
    sql_query("UPDATE bus_consumer SET alive_until = ? WHERE id = ?")
        .bind::<BigInt, _>(now_ms().saturating_add(ms(lease)))
        .bind::<BigInt, _>(holder)
        .kept()
        .execute(db)?;
    Ok(())
}

/// Takes what other consumers of the group held out of their hands, if those are dead. Never from oneself: after the
/// machine has slept, one's own lease is over, but nobody else has taken anything.
fn bury_consumers(db: &mut SqliteConnection, group_id: i64, holder: i64, now: i64) -> Result<(), BusError> {
    let dead: Vec<Number> =
        sql_query("SELECT id AS number FROM bus_consumer WHERE group_id = ? AND id <> ? AND alive_until < ?")
            .bind::<BigInt, _>(group_id)
            .bind::<BigInt, _>(holder)
            .bind::<BigInt, _>(now)
            .kept()
            .load(db)?;
    for consumer in &dead {
        sql_query("UPDATE bus_head SET holder = NULL WHERE holder = ?")
            .bind::<BigInt, _>(consumer.number)
            .kept()
            .execute(db)?;
        retire(db, consumer.number)?;
        tracing::warn!(consumer = consumer.number, "took over from a consumer that died");
    }
    Ok(())
}

/// Takes a consumer off the list of the living.
pub(crate) fn retire(db: &mut SqliteConnection, holder: i64) -> Result<(), BusError> {
    sql_query("DELETE FROM bus_consumer WHERE id = ?")
        .bind::<BigInt, _>(holder)
        .kept()
        .execute(db)?;
    Ok(())
}

/// Gives a message back; `uncounted` when no handler ever saw it. Nothing happens when it is held no more.
pub(crate) fn give_back(db: &mut SqliteConnection, hold: &Hold, uncounted: bool) -> Result<(), BusError> {
    sql_query(
        "UPDATE bus_head SET holder = NULL, attempts = attempts - ?
         WHERE group_id = ? AND key = ? AND seq = ? AND holder = ? AND attempts = ?",
    )
    .bind::<BigInt, _>(i64::from(uncounted))
    .bind::<BigInt, _>(hold.group_id)
    .bind::<Text, _>(&hold.key)
    .bind::<BigInt, _>(hold.seq)
    .bind::<BigInt, _>(hold.holder)
    .bind::<BigInt, _>(hold.attempts)
    .kept()
    .execute(db)?;
    Ok(())
}

/// Settles what is held.
///
/// # Errors
/// [`BusError::LeaseLost`] when it is held no more.
pub(crate) fn settle(
    db: &mut SqliteConnection,
    hold: &Hold,
    settlement: &Settlement,
) -> Result<(), BusError> {
    let held = sql_query(
        "SELECT 1 AS number FROM bus_head
         WHERE group_id = ? AND key = ? AND seq = ? AND holder = ? AND attempts = ?",
    )
    .bind::<BigInt, _>(hold.group_id)
    .bind::<Text, _>(&hold.key)
    .bind::<BigInt, _>(hold.seq)
    .bind::<BigInt, _>(hold.holder)
    .bind::<BigInt, _>(hold.attempts)
    .kept()
    .get_result::<Number>(db)
    .optional()?;
    if held.is_none() {
        return Err(BusError::LeaseLost);
    }
    match settlement {
        Settlement::Ack => finish(db, hold),
        Settlement::Fail { reason, attempts } => {
            bury(db, hold, reason, *attempts)?;
            finish(db, hold)
        }
        Settlement::Retry { after, reason } => {
            sql_query(
                "UPDATE bus_head SET holder = NULL, due_at = ?, last_reason = ? WHERE group_id = ? AND key = ?",
            )
            .bind::<BigInt, _>(now_ms().saturating_add(ms(*after)))
            .bind::<Text, _>(reason)
            .bind::<BigInt, _>(hold.group_id)
            .bind::<Text, _>(&hold.key)
            .kept().execute(db)?;
            Ok(())
        }
    }
}

fn bury(db: &mut SqliteConnection, hold: &Hold, reason: &str, attempts: u32) -> Result<(), BusError> {
    sql_query(
        "INSERT INTO bus_dead
             (group_id, key, payload, reason, attempts, published_at, first_attempt_at, failed_at)
         SELECT h.group_id, h.key, m.payload, ?1, ?2, m.published_at, iif(?2 > 0, h.first_attempt_at, NULL), ?3
         FROM bus_head h JOIN bus_message m ON m.seq = h.seq WHERE h.group_id = ?4 AND h.key = ?5",
    )
    .bind::<Text, _>(reason)
    .bind::<BigInt, _>(i64::from(attempts))
    .bind::<BigInt, _>(now_ms())
    .bind::<BigInt, _>(hold.group_id)
    .bind::<Text, _>(&hold.key)
    .kept().execute(db)?;
    Ok(())
}

/// The group is done with the message: the next one of its key becomes the head, and the last group to be done
/// deletes it.
fn finish(db: &mut SqliteConnection, hold: &Hold) -> Result<(), BusError> {
    sql_query("DELETE FROM bus_waiting WHERE group_id = ? AND key = ? AND seq = ?")
        .bind::<BigInt, _>(hold.group_id)
        .bind::<Text, _>(&hold.key)
        .bind::<BigInt, _>(hold.seq)
        .kept()
        .execute(db)?;
    let next = sql_query("SELECT min(seq) AS number FROM bus_waiting WHERE group_id = ? AND key = ?")
        .bind::<BigInt, _>(hold.group_id)
        .bind::<Text, _>(&hold.key)
        .kept()
        .get_result::<MaybeNumber>(db)?
        .number;
    if let Some(seq) = next {
        sql_query(
            "UPDATE bus_head SET seq = ?1, holder = NULL, attempts = 0, first_attempt_at = NULL,
                 last_reason = NULL, due_at = (SELECT published_at FROM bus_message WHERE seq = ?1)
             WHERE group_id = ?2 AND key = ?3",
        )
        .bind::<BigInt, _>(seq)
        .bind::<BigInt, _>(hold.group_id)
        .bind::<Text, _>(&hold.key)
        .kept()
        .execute(db)?;
    } else {
        sql_query("DELETE FROM bus_head WHERE group_id = ? AND key = ?")
            .bind::<BigInt, _>(hold.group_id)
            .bind::<Text, _>(&hold.key)
            .kept()
            .execute(db)?;
    }
    let deleted = sql_query("DELETE FROM bus_message WHERE seq = ? AND groups <= 1")
        .bind::<BigInt, _>(hold.seq)
        .kept()
        .execute(db)?;
    if deleted == 0 {
        sql_query("UPDATE bus_message SET groups = groups - 1 WHERE seq = ?")
            .bind::<BigInt, _>(hold.seq)
            .kept()
            .execute(db)?;
    }
    Ok(())
}
