//! Dead letters and figures of a group, in SQLite.

use diesel::{
    OptionalExtension, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::{BigInt, Binary, Nullable, Text},
};

use super::{kept::Keep, store};
use crate::{BusError, DeadLetter, GroupStats, dead_letter::instant, names::GroupName};

#[derive(QueryableByName)]
struct DeadRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Binary)]
    payload: Vec<u8>,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = BigInt)]
    attempts: i64,
    #[diesel(sql_type = BigInt)]
    published_at: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    first_attempt_at: Option<i64>,
    #[diesel(sql_type = BigInt)]
    failed_at: i64,
}

#[derive(QueryableByName)]
struct Figures {
    #[diesel(sql_type = BigInt)]
    all: i64,
    #[diesel(sql_type = BigInt)]
    held: i64,
    #[diesel(sql_type = BigInt)]
    dead: i64,
}

impl From<DeadRow> for DeadLetter {
    fn from(row: DeadRow) -> Self {
        Self {
            id: row.id.to_string(),
            key: row.key,
            payload: row.payload,
            reason: row.reason,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            published_at: instant(row.published_at),
            first_attempt_at: row.first_attempt_at.map(instant),
            failed_at: instant(row.failed_at),
        }
    }
}

/// The group's dead letters, oldest first.
pub(crate) fn list(
    db: &mut SqliteConnection,
    name: &GroupName,
    after: i64,
    limit: usize,
) -> Result<Vec<DeadLetter>, BusError> {
    let Some(group_id) = store::find_group(db, name)? else {
        return Ok(Vec::new());
    };
    let rows: Vec<DeadRow> =
        sql_query("SELECT * FROM bus_dead WHERE group_id = ? AND id > ? ORDER BY id LIMIT ?")
            .bind::<BigInt, _>(group_id)
            .bind::<BigInt, _>(after)
            .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
            .kept()
            .load(db)?;
    Ok(rows.into_iter().map(DeadLetter::from).collect())
}

/// Publishes a dead letter to its group again.
pub(crate) fn retry(db: &mut SqliteConnection, name: &GroupName, id: i64) -> Result<bool, BusError> {
    let Some(group_id) = store::find_group(db, name)? else {
        return Ok(false);
    };
    let row = sql_query("SELECT * FROM bus_dead WHERE group_id = ? AND id = ?")
        .bind::<BigInt, _>(group_id)
        .bind::<BigInt, _>(id)
        .kept()
        .get_result::<DeadRow>(db)
        .optional()?;
    let Some(row) = row else { return Ok(false) };
    store::publish_to(
        db,
        &name.topic,
        &row.key,
        &row.payload,
        &[group_id],
        store::now_ms(),
    )?;
    purge(db, name, id)
}

/// Deletes a dead letter.
pub(crate) fn purge(db: &mut SqliteConnection, name: &GroupName, id: i64) -> Result<bool, BusError> {
    let Some(group_id) = store::find_group(db, name)? else {
        return Ok(false);
    };
    let deleted = sql_query("DELETE FROM bus_dead WHERE group_id = ? AND id = ?")
        .bind::<BigInt, _>(group_id)
        .bind::<BigInt, _>(id)
        .kept()
        .execute(db)?;
    Ok(deleted > 0)
}

/// The group's figures.
pub(crate) fn stats(db: &mut SqliteConnection, name: &GroupName) -> Result<GroupStats, BusError> {
    let Some(group_id) = store::find_group(db, name)? else {
        return Ok(GroupStats::default());
    };
    let figures = sql_query(
        "SELECT (SELECT count(*) FROM bus_waiting WHERE group_id = ?1) AS \"all\",
                (SELECT count(*) FROM bus_head WHERE group_id = ?1 AND holder IS NOT NULL) AS held,
                (SELECT count(*) FROM bus_dead WHERE group_id = ?1) AS dead",
    )
    .bind::<BigInt, _>(group_id)
    .kept()
    .get_result::<Figures>(db)?;
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    Ok(GroupStats {
        waiting: count(figures.all - figures.held),
        in_flight: count(figures.held),
        dead: count(figures.dead),
        partitions_without_consumer: 0,
    })
}
