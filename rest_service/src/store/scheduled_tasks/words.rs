//! Tasks with what people read of them: their schedule in words, in their user's language, and their next instants.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use rest_client::{ScheduledTask, TaskStatus, limits};
use schedule::{Language, parse_zone};
use uuid::Uuid;

use crate::{
    db::{Db, Id, schema::users},
    store::StoreError,
};

/// Puts tasks into words, with one question to the database for all of them.
pub(crate) async fn worded(db: &Db, mut tasks: Vec<ScheduledTask>) -> Result<Vec<ScheduledTask>, StoreError> {
    let mut whose: Vec<Id> = tasks.iter().map(|task| Id(task.user_id)).collect();
    whose.sort_unstable_by_key(|id| id.0);
    whose.dedup_by_key(|id| id.0);
    if whose.is_empty() {
        return Ok(tasks);
    }
    let locales: Vec<(Id, String)> = db
        .read(async |c| {
            users::table
                .filter(users::id.eq_any(whose.clone()))
                .select((users::id, users::locale))
                .load(c)
                .await
        })
        .await?;
    let locales: HashMap<Uuid, String> = locales.into_iter().map(|(id, locale)| (id.0, locale)).collect();
    for task in &mut tasks {
        let locale = locales.get(&task.user_id).map_or("", String::as_str);
        put_into_words(task, Language::of(locale));
    }
    Ok(tasks)
}

/// The same of one.
pub(crate) async fn one_worded(db: &Db, task: ScheduledTask) -> Result<ScheduledTask, StoreError> {
    let mut worded = worded(db, vec![task]).await?;
    worded.pop().ok_or(StoreError::NotFound)
}

fn put_into_words(task: &mut ScheduledTask, language: Language) {
    let zone = parse_zone(&task.time_zone).unwrap_or_default();
    task.description = Some(task.schedule.shown_in(language, zone));
    let Some(first) = task.next_run_at.filter(|_| task.status == TaskStatus::Active) else {
        return;
    };
    let following = |at: &DateTime<Utc>| task.schedule.next_after(*at, zone);
    task.next_runs = std::iter::successors(Some(first), following)
        .take(limits::NEXT_RUNS)
        .collect();
}
