//! Usage: what turns have cost.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use rest_client::{UsageQuery, UsageReport, limits};
use uuid::Uuid;

use super::{
    App,
    check::Check,
    error::ApiError,
    extract::{Json, Path, Query, State},
};
use crate::store::{budgets, usage};

/// How many days a report covers when nothing else is asked for.
const DAYS: i64 = 30;

pub(super) async fn of_user(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Query(query): Query<UsageQuery>,
) -> Result<Json<UsageReport>, ApiError> {
    let (from, to) = days(&query, app.now())?;
    let items = usage::of_user(&app.db, user, from, to).await?;
    let budgets = budgets::of_user(&app.db, app.now(), user, &app.budgets).await?;
    Ok(Json(UsageReport {
        from,
        to,
        items,
        budgets,
    }))
}

pub(super) async fn of_all(
    State(app): State<App>,
    Query(query): Query<UsageQuery>,
) -> Result<Json<UsageReport>, ApiError> {
    let (from, to) = days(&query, app.now())?;
    let items = usage::of_all(&app.db, from, to).await?;
    let budgets = budgets::of_all(&app.db, app.now(), &app.budgets).await?;
    Ok(Json(UsageReport {
        from,
        to,
        items,
        budgets,
    }))
}

/// The first and the last day.
fn days(query: &UsageQuery, now: DateTime<Utc>) -> Result<(NaiveDate, NaiveDate), ApiError> {
    let mut check = Check::default();
    let to = query.to.unwrap_or(now.date_naive());
    let from = query
        .from
        .or_else(|| to.checked_sub_signed(TimeDelta::days(DAYS - 1)))
        .unwrap_or(to);
    for (field, day) in [("from", from), ("to", to)] {
        check.that(
            field,
            (1970..=9999).contains(&day.year()),
            "must be in the years 1970 to 9999",
        );
    }
    let count = (to - from).num_days() + 1;
    if from > to {
        check.wrong("from", "must not be later than to");
    } else if count > limits::USAGE_DAYS {
        check.wrong(
            "from",
            format!("must be at most {} days before to", limits::USAGE_DAYS),
        );
    }
    check.done()?;
    Ok((from, to))
}
