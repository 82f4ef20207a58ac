//! Budgets: what models may cost, and what is held back for calls that are under way.
//!
//! Before a call is made, the most that it may cost is held back; the turn's own transaction counts what it really
//! cost and gives back what was held. So of any number of replicas none spends what another one is about to: whoever
//! holds back has locked the user, and the installation where that is limited, and sees in one statement what is spent
//! and what is held. A hold is found again by its id, which follows from the event: a call that is made again after a
//! crash is held back once. What nobody gives back, since its event is never handled again, expires.
//!
//! Days and months are those of UTC, as usage counts them; a hold counts in whatever period it is looked at.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};
use diesel::{
    ExpressionMethods, QueryDsl, SelectableHelper,
    dsl::sql,
    prelude::Insertable,
    sql_query,
    sql_types::{BigInt, Nullable},
};
use diesel_async::RunQueryDsl;
use rest_client::{Budget, BudgetOf, BudgetPeriod, BudgetUnit, Budgeted, Held, NewHold, NewSpending};
use uuid::Uuid;

use super::{
    StoreError,
    usage::{self, DAY, UsageRow},
    users::UserRow,
    versions::Versioned,
};
use crate::{
    db::{
        At, Conn, Db, DbKind, Id,
        schema::{budget_holds, usage as used, users},
    },
    settings::BudgetSettings,
};

/// For how long something is held back that nobody gives back: longer than any call lives, which is an hour.
const HELD: TimeDelta = TimeDelta::minutes(75);

/// How a month is written.
const MONTH: &str = "%Y-%m";

/// One at a time holds back of what all users share; SQLite's writing transactions are that already.
const ONE_AT_A_TIME: &str = "SELECT pg_advisory_xact_lock(7316886, hashtext(coalesce(current_schema(), '')))";

#[derive(Insertable)]
#[diesel(table_name = budget_holds)]
struct HoldRow {
    user_id: Id,
    id: String,
    event_id: String,
    tokens: i64,
    micros: i64,
    expires_at: At,
}

/// What may be spent by one, or by all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) day_micros: Option<i64>,
    pub(crate) month_micros: Option<i64>,
    pub(crate) day_tokens: Option<i64>,
    pub(crate) month_tokens: Option<i64>,
}

impl Limits {
    /// A user's own, and the default where they have none.
    pub(super) fn of_user(user: &UserRow, settings: &BudgetSettings) -> Self {
        let default = settings.of_user();
        Self {
            day_micros: user.budget_day_micros.or(default.day_micros),
            month_micros: user.budget_month_micros.or(default.month_micros),
            day_tokens: user.budget_day_tokens.or(default.day_tokens),
            month_tokens: user.budget_month_tokens.or(default.month_tokens),
        }
    }

    /// Which units are limited.
    fn units(self) -> Budgeted {
        Budgeted {
            money: self.day_micros.is_some() || self.month_micros.is_some(),
            tokens: self.day_tokens.is_some() || self.month_tokens.is_some(),
        }
    }

    fn each(self) -> impl Iterator<Item = (BudgetPeriod, BudgetUnit, i64)> {
        use BudgetPeriod::{Day, Month};
        use BudgetUnit::{Micros, Tokens};
        [
            (Day, Micros, self.day_micros),
            (Month, Micros, self.month_micros),
            (Day, Tokens, self.day_tokens),
            (Month, Tokens, self.month_tokens),
        ]
        .into_iter()
        .filter_map(|(period, unit, limit)| Some((period, unit, limit?)))
    }
}

/// What a turn of a user's is told: whether its calls are limited.
pub(super) fn limited(user: &UserRow, settings: &BudgetSettings) -> Budgeted {
    let (own, all) = (
        Limits::of_user(user, settings).units(),
        settings.of_installation().units(),
    );
    Budgeted {
        money: own.money || all.money,
        tokens: own.tokens || all.tokens,
    }
}

/// Holds back what a call may cost, if no budget is crossed by it.
pub(crate) async fn hold(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    settings: &BudgetSettings,
    new: &NewHold,
) -> Result<Held, StoreError> {
    let all = settings.of_installation();
    db.transaction(async |c| {
        // The user first: whoever has that one row for long would keep everybody waiting behind the other lock.
        let row = UserRow::lock(c, user).await?;
        if all.units().is_limited() && c.kind() == DbKind::Postgres {
            sql_query(ONE_AT_A_TIME).execute(c).await?;
        }
        for ended in &new.ended {
            diesel::update(budget_holds::table.find((Id(user), &ended.id)))
                .set((
                    budget_holds::tokens.eq(ended.tokens),
                    budget_holds::micros.eq(ended.micros),
                ))
                .execute(c)
                .await?;
        }
        let mut budgets = budgets(c, now, Some(&row), Limits::of_user(&row, settings), &new.id).await?;
        budgets.extend(
            self::budgets(c, now, None, all, &new.id)
                .await?
                .into_iter()
                .map(|budget| Budget {
                    told: was_told(&row, now, budget.period),
                    ..budget
                }),
        );
        let crosses = |budget: &&Budget| {
            let worst = match budget.unit {
                BudgetUnit::Micros => new.micros,
                BudgetUnit::Tokens => new.tokens,
            };
            let sum = [budget.spent, budget.held, worst]
                .map(i128::from)
                .iter()
                .sum::<i128>();
            worst > 0 && sum > i128::from(budget.limit)
        };
        // Of several, the one that lasts longest: before it ends nothing goes on.
        let refused = budgets
            .iter()
            .filter(crosses)
            .max_by_key(|budget| budget.resets_at)
            .cloned();
        if refused.is_none() {
            let hold = HoldRow {
                user_id: Id(user),
                id: new.id.clone(),
                event_id: new.event_id.as_str().to_owned(),
                tokens: new.tokens,
                micros: new.micros,
                expires_at: At(now.checked_add_signed(HELD).unwrap_or(now)),
            };
            diesel::insert_into(budget_holds::table)
                .values(&hold)
                .on_conflict((budget_holds::user_id, budget_holds::id))
                .do_update()
                .set((
                    budget_holds::tokens.eq(hold.tokens),
                    budget_holds::micros.eq(hold.micros),
                    budget_holds::expires_at.eq(hold.expires_at),
                ))
                .execute(c)
                .await?;
        }
        Ok::<_, StoreError>(Held { refused, budgets })
    })
    .await
}

/// Gives back what was held for an event, in the transaction that counts what it cost.
pub(super) async fn give_back(c: &mut Conn, user: Uuid, event: &str) -> diesel::QueryResult<()> {
    diesel::delete(budget_holds::table)
        .filter(budget_holds::user_id.eq(Id(user)))
        .filter(budget_holds::event_id.eq(event))
        .execute(c)
        .await
        .map(drop)
}

/// Notes of which periods a user was told that little is left.
pub(super) async fn note_told(
    c: &mut Conn,
    now: DateTime<Utc>,
    user: Uuid,
    told: &[BudgetPeriod],
) -> diesel::QueryResult<()> {
    let row: UserRow = users::table
        .find(Id(user))
        .select(UserRow::as_select())
        .first(c)
        .await?;
    let names: Vec<String> = [BudgetPeriod::Day, BudgetPeriod::Month]
        .into_iter()
        .filter(|period| told.contains(period) || was_told(&row, now, *period))
        .map(|period| name(now, period))
        .collect();
    diesel::update(users::table.find(Id(user)))
        .set(users::budget_told.eq(names.join(" ")))
        .execute(c)
        .await
        .map(drop)
}

/// Counts what models have cost a user outside of a turn, and gives back what was held for it.
pub(crate) async fn spend(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    new: NewSpending,
) -> Result<(), StoreError> {
    let row = UsageRow {
        user_id: Id(user),
        day: now.format(DAY).to_string(),
        model: new.model,
        turns: 0,
        model_calls: new.model_calls.into(),
        prompt_tokens: new.prompt_tokens.into(),
        completion_tokens: new.completion_tokens.into(),
        cost_micros: new.cost_micros,
    };
    db.transaction(async |c| {
        users::table
            .find(Id(user))
            .select(users::id)
            .first::<Id>(c)
            .await?;
        usage::count_up(c, &row).await?;
        give_back(c, user, new.event_id.as_str()).await?;
        Ok::<_, StoreError>(())
    })
    .await
}

/// What a user may spend, and has.
pub(crate) async fn of_user(
    db: &Db,
    now: DateTime<Utc>,
    user: Uuid,
    settings: &BudgetSettings,
) -> Result<Vec<Budget>, StoreError> {
    db.read(async |c| {
        let row: UserRow = users::table
            .find(Id(user))
            .select(UserRow::as_select())
            .first(c)
            .await?;
        budgets(c, now, Some(&row), Limits::of_user(&row, settings), "").await
    })
    .await
}

/// What all may spend together, and have.
pub(crate) async fn of_all(
    db: &Db,
    now: DateTime<Utc>,
    settings: &BudgetSettings,
) -> Result<Vec<Budget>, StoreError> {
    let limits = settings.of_installation();
    db.read(async |c| budgets(c, now, None, limits, "").await).await
}

/// Drops what was held by those who never came back.
pub(super) async fn drop_expired(db: &Db, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let gone = db
        .write(async |c| {
            diesel::delete(budget_holds::table)
                .filter(budget_holds::expires_at.le(At(now)))
                .execute(c)
                .await
        })
        .await?;
    Ok(u64::try_from(gone).unwrap_or(u64::MAX))
}

/// The limits of one user or of all, with what is spent and what is held but for one call: seen in one statement, so
/// that a turn that is stored meanwhile is in one of the two.
async fn budgets(
    c: &mut Conn,
    now: DateTime<Utc>,
    user: Option<&UserRow>,
    limits: Limits,
    call: &str,
) -> Result<Vec<Budget>, StoreError> {
    if !limits.units().is_limited() {
        return Ok(Vec::new());
    }
    let today = now.date_naive();
    let first = today.with_day(1).unwrap_or(today);
    let day = |day: NaiveDate| day.format(DAY).to_string();
    macro_rules! spent {
        ($since:expr, $sum:literal) => {{
            let mut rows = used::table
                .filter(used::day.ge(day($since)))
                .filter(used::day.le(day(today)))
                .select(sql::<Nullable<BigInt>>(concat!(
                    "CAST(sum(",
                    $sum,
                    ") AS bigint)"
                )))
                .into_boxed();
            if let Some(user) = user {
                rows = rows.filter(used::user_id.eq(user.id));
            }
            rows.single_value()
        }};
    }
    macro_rules! held {
        ($sum:literal) => {{
            let mut rows = budget_holds::table
                .filter(budget_holds::expires_at.gt(At(now)))
                .filter(budget_holds::id.ne(call.to_owned()))
                .select(sql::<Nullable<BigInt>>(concat!(
                    "CAST(sum(",
                    $sum,
                    ") AS bigint)"
                )))
                .into_boxed();
            if let Some(user) = user {
                rows = rows.filter(budget_holds::user_id.eq(user.id));
            }
            rows.single_value()
        }};
    }
    type Sum = Option<i64>;
    let (day_micros, month_micros, day_tokens, month_tokens, held_micros, held_tokens): (
        Sum,
        Sum,
        Sum,
        Sum,
        Sum,
        Sum,
    ) = diesel::select((
        spent!(today, "cost_micros"),
        spent!(first, "cost_micros"),
        spent!(today, "prompt_tokens + completion_tokens"),
        spent!(first, "prompt_tokens + completion_tokens"),
        held!("micros"),
        held!("tokens"),
    ))
    .get_result(c)
    .await?;
    let each = limits.each().map(|(period, unit, limit)| {
        let (spent, held) = match (period, unit) {
            (BudgetPeriod::Day, BudgetUnit::Micros) => (day_micros, held_micros),
            (BudgetPeriod::Month, BudgetUnit::Micros) => (month_micros, held_micros),
            (BudgetPeriod::Day, BudgetUnit::Tokens) => (day_tokens, held_tokens),
            (BudgetPeriod::Month, BudgetUnit::Tokens) => (month_tokens, held_tokens),
        };
        Budget {
            of: match user {
                Some(_) => BudgetOf::User,
                None => BudgetOf::Installation,
            },
            period,
            unit,
            limit,
            spent: spent.unwrap_or(0),
            held: held.unwrap_or(0),
            resets_at: next(now, period),
            told: user.is_some_and(|user| was_told(user, now, period)),
        }
    });
    Ok(each.collect())
}

fn was_told(user: &UserRow, now: DateTime<Utc>, period: BudgetPeriod) -> bool {
    let name = name(now, period);
    user.budget_told.split(' ').any(|told| told == name)
}

/// What a period is called: `2026-11-27`, `2026-11`.
fn name(now: DateTime<Utc>, period: BudgetPeriod) -> String {
    let format = match period {
        BudgetPeriod::Day => DAY,
        BudgetPeriod::Month => MONTH,
    };
    now.format(format).to_string()
}

/// When the next period begins.
fn next(now: DateTime<Utc>, period: BudgetPeriod) -> DateTime<Utc> {
    let today = now.date_naive();
    let day = match period {
        BudgetPeriod::Day => today.checked_add_days(Days::new(1)),
        BudgetPeriod::Month => today
            .with_day(1)
            .and_then(|first| first.checked_add_months(Months::new(1))),
    };
    day.and_then(|day| day.and_hms_opt(0, 0, 0))
        .map_or(DateTime::<Utc>::MAX_UTC, |midnight| midnight.and_utc())
}
