//! Usage: one row per user, day and model, counted up in the transaction that stores a turn.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    ExpressionMethods, QueryDsl, QueryResult, SelectableHelper,
    dsl::sql,
    prelude::{Insertable, Queryable, Selectable},
    sql_types::BigInt,
};
use diesel_async::RunQueryDsl;
use rest_client::{NewTurn, Usage};
use uuid::Uuid;

use super::StoreError;
use crate::db::{
    Conn, Db, Id,
    schema::{usage, users},
};

/// How a day is written: so that days sort as texts.
pub(super) const DAY: &str = "%Y-%m-%d";

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = usage)]
pub(super) struct UsageRow {
    pub(super) user_id: Id,
    pub(super) day: String,
    pub(super) model: String,
    pub(super) turns: i64,
    pub(super) model_calls: i64,
    pub(super) prompt_tokens: i64,
    pub(super) completion_tokens: i64,
    pub(super) cost_micros: i64,
}

impl UsageRow {
    /// What a turn that is stored now has cost; `None` when it asked no model.
    pub(super) fn of(now: DateTime<Utc>, user: Uuid, turn: &NewTurn) -> Option<Self> {
        let is_free = turn.model_calls == 0
            && turn.prompt_tokens == 0
            && turn.completion_tokens == 0
            && turn.cost.micros == 0;
        (!is_free).then(|| Self {
            user_id: Id(user),
            day: now.format(DAY).to_string(),
            model: turn.model.clone().unwrap_or_default(),
            turns: 1,
            model_calls: turn.model_calls.into(),
            prompt_tokens: turn.prompt_tokens.into(),
            completion_tokens: turn.completion_tokens.into(),
            cost_micros: turn.cost.micros,
        })
    }
}

impl From<UsageRow> for Usage {
    fn from(row: UsageRow) -> Self {
        of_columns((
            row.day,
            row.model,
            row.turns,
            row.model_calls,
            row.prompt_tokens,
            row.completion_tokens,
            row.cost_micros,
        ))
    }
}

type Columns = (String, String, i64, i64, i64, i64, i64);

fn of_columns(columns: Columns) -> Usage {
    let (day, model, turns, model_calls, prompt_tokens, completion_tokens, cost_micros) = columns;
    Usage {
        // Only what `DAY` wrote is in the column.
        day: NaiveDate::parse_from_str(&day, DAY).unwrap_or_default(),
        model,
        turns,
        model_calls,
        prompt_tokens,
        completion_tokens,
        cost_micros,
    }
}

/// Adds what a turn has cost to its row, which is made if need be: one statement, in the turn's own transaction.
pub(super) async fn count_up(c: &mut Conn, spent: &UsageRow) -> QueryResult<()> {
    diesel::insert_into(usage::table)
        .values(spent)
        .on_conflict((usage::user_id, usage::day, usage::model))
        .do_update()
        .set((
            usage::turns.eq(usage::turns + spent.turns),
            usage::model_calls.eq(usage::model_calls + spent.model_calls),
            usage::prompt_tokens.eq(usage::prompt_tokens + spent.prompt_tokens),
            usage::completion_tokens.eq(usage::completion_tokens + spent.completion_tokens),
            usage::cost_micros.eq(usage::cost_micros + spent.cost_micros),
        ))
        .execute(c)
        .await
        .map(drop)
}

/// What a user's turns have cost on these days, both included.
pub(crate) async fn of_user(
    db: &Db,
    user: Uuid,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Usage>, StoreError> {
    let rows: Vec<UsageRow> = db
        .read(async |c| {
            users::table
                .find(Id(user))
                .select(users::id)
                .first::<Id>(c)
                .await?;
            usage::table
                .filter(usage::user_id.eq(Id(user)))
                .filter(usage::day.ge(from.format(DAY).to_string()))
                .filter(usage::day.le(to.format(DAY).to_string()))
                .order((usage::day, usage::model))
                .select(UsageRow::as_select())
                .load(c)
                .await
        })
        .await?;
    Ok(rows.into_iter().map(Usage::from).collect())
}

/// What all turns have cost on these days, both included. It reads the days' rows of all users: the days are
/// bounded, and the counting of turns has no row that all of them would wait for.
pub(crate) async fn of_all(db: &Db, from: NaiveDate, to: NaiveDate) -> Result<Vec<Usage>, StoreError> {
    let rows: Vec<Columns> = db
        .read(async |c| {
            usage::table
                .filter(usage::day.ge(from.format(DAY).to_string()))
                .filter(usage::day.le(to.format(DAY).to_string()))
                .group_by((usage::day, usage::model))
                .order((usage::day, usage::model))
                .select((
                    usage::day,
                    usage::model,
                    sql::<BigInt>("CAST(sum(turns) AS bigint)"),
                    sql::<BigInt>("CAST(sum(model_calls) AS bigint)"),
                    sql::<BigInt>("CAST(sum(prompt_tokens) AS bigint)"),
                    sql::<BigInt>("CAST(sum(completion_tokens) AS bigint)"),
                    sql::<BigInt>("CAST(sum(cost_micros) AS bigint)"),
                ))
                .load(c)
                .await
        })
        .await?;
    Ok(rows.into_iter().map(of_columns).collect())
}
