//! Users.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
    prelude::{AsChangeset, Insertable, Queryable, Selectable},
    sql_query,
};
use diesel_async::RunQueryDsl;
use messages::Channel;
use rest_client::{
    Assistant, AssistantKind, DEFAULT_ASSISTANT, NewUser, Page, Role, TaskStatus, User, UserPatch, UserState,
};
use uuid::Uuid;

use super::{
    Changed, IfMatch, Sorted, StoreError,
    assistants::AssistantRow,
    cursor, new_id, page,
    scheduled_tasks::TaskRow,
    sorted,
    versions::{Changes, Versioned, is_as_wanted, locked, versioned},
};
use crate::db::{
    At, Db, DbError, DbKind, Id, Named,
    schema::{assistants, identities, scheduled_tasks, users},
};

/// How many tasks are read at a time when a user's zone changes.
const ZONE_BATCH: i64 = 200;

#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(super) struct UserRow {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) locale: String,
    pub(super) time_zone: String,
    pub(super) role: Named<Role>,
    pub(super) state: Named<UserState>,
    pub(super) secretary_id: Option<Id>,
    pub(super) version: i64,
    pub(super) created_at: At,
    pub(super) updated_at: At,
    pub(super) budget_day_micros: Option<i64>,
    pub(super) budget_month_micros: Option<i64>,
    pub(super) budget_day_tokens: Option<i64>,
    pub(super) budget_month_tokens: Option<i64>,
    pub(super) budget_told: String,
}

#[derive(AsChangeset, Default)]
#[diesel(table_name = users)]
pub(super) struct UserChanges {
    name: Option<String>,
    locale: Option<String>,
    time_zone: Option<String>,
    role: Option<Named<Role>>,
    state: Option<Named<UserState>>,
    secretary_id: Option<Option<Id>>,
    budget_day_micros: Option<Option<i64>>,
    budget_month_micros: Option<Option<i64>>,
    budget_day_tokens: Option<Option<i64>>,
    budget_month_tokens: Option<Option<i64>>,
}

versioned!(users, UserRow, UserChanges);

impl Changes<UserRow> for UserChanges {
    fn are_in(&self, row: &UserRow) -> bool {
        is_as_wanted(self.name.as_ref(), &row.name)
            && is_as_wanted(self.locale.as_ref(), &row.locale)
            && is_as_wanted(self.time_zone.as_ref(), &row.time_zone)
            && is_as_wanted(self.role.as_ref().map(|role| &role.0), &row.role.0)
            && is_as_wanted(self.state.as_ref().map(|state| &state.0), &row.state.0)
            && is_as_wanted(self.secretary_id.as_ref(), &row.secretary_id)
            && is_as_wanted(self.budget_day_micros.as_ref(), &row.budget_day_micros)
            && is_as_wanted(self.budget_month_micros.as_ref(), &row.budget_month_micros)
            && is_as_wanted(self.budget_day_tokens.as_ref(), &row.budget_day_tokens)
            && is_as_wanted(self.budget_month_tokens.as_ref(), &row.budget_month_tokens)
    }
}

impl UserRow {
    pub(super) fn new(now: DateTime<Utc>, new: NewUser) -> Self {
        Self {
            id: Id(new_id(now)),
            name: new.name,
            locale: new.locale.unwrap_or_else(|| "en".to_owned()),
            time_zone: new.time_zone.unwrap_or_else(|| "UTC".to_owned()),
            role: Named(new.role.unwrap_or(Role::Member)),
            state: Named(new.state.unwrap_or(UserState::Pending)),
            secretary_id: None,
            version: 1,
            created_at: At(now),
            updated_at: At(now),
            budget_day_micros: None,
            budget_month_micros: None,
            budget_day_tokens: None,
            budget_month_tokens: None,
            budget_told: String::new(),
        }
    }
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id.0,
            name: row.name,
            locale: row.locale,
            time_zone: row.time_zone,
            role: row.role.0,
            state: row.state.0,
            secretary_id: row.secretary_id.map(|id| id.0),
            budget_day_micros: row.budget_day_micros,
            budget_month_micros: row.budget_month_micros,
            budget_day_tokens: row.budget_day_tokens,
            budget_month_tokens: row.budget_month_tokens,
            version: row.version,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
        }
    }
}

pub(crate) async fn create(db: &Db, now: DateTime<Utc>, new: NewUser) -> Result<User, StoreError> {
    let row = UserRow::new(now, new);
    let stored = db
        .write(async |c| {
            diesel::insert_into(users::table)
                .values(&row)
                .returning(UserRow::as_returning())
                .get_result(c)
                .await
        })
        .await?;
    Ok(stored.into())
}

pub(crate) async fn get(db: &Db, id: Uuid) -> Result<User, StoreError> {
    let row = db
        .read(async |c| {
            users::table
                .find(Id(id))
                .select(UserRow::as_select())
                .first(c)
                .await
        })
        .await?;
    Ok(row.into())
}

/// The states of those of these users that there are.
pub(crate) async fn states(db: &Db, ids: &[Uuid]) -> Result<Vec<(Uuid, UserState)>, DbError> {
    let rows: Vec<(Id, Named<UserState>)> = db
        .read(async |c| {
            users::table
                .filter(users::id.eq_any(ids.iter().copied().map(Id)))
                .select((users::id, users::state))
                .load(c)
                .await
        })
        .await?;
    Ok(rows.into_iter().map(|(id, state)| (id.0, state.0)).collect())
}

/// Which users a list has.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserFilter {
    pub(crate) state: Option<UserState>,
    pub(crate) role: Option<Role>,
    /// How the name begins.
    pub(crate) name: Option<String>,
}

pub(crate) async fn list(db: &Db, which: &UserFilter, part: &Sorted) -> Result<Page<User>, StoreError> {
    let rows: Vec<UserRow> = db
        .read(async |c| {
            let mut query = users::table
                .select(UserRow::as_select())
                .limit(part.fetch())
                .into_boxed();
            if let Some(state) = which.state {
                query = query.filter(users::state.eq(Named(state)));
            }
            if let Some(role) = which.role {
                query = query.filter(users::role.eq(Named(role)));
            }
            if let Some(prefix) = &which.name {
                query = query.filter(users::name.ge(prefix));
                if let Some(end) = behind_all_with(prefix) {
                    query = query.filter(users::name.lt(end));
                }
            }
            sorted!(query, users, part).load(c).await
        })
        .await?;
    Ok(page(rows, part.limit, |user: &User| {
        cursor::encode(part.sort, &user.name, user.id)
    }))
}

/// The first text behind all that begin with the prefix, in the order of code points; `None` when there is none.
fn behind_all_with(prefix: &str) -> Option<String> {
    let mut text: Vec<char> = prefix.chars().collect();
    while let Some(last) = text.pop() {
        // The code points of surrogates are no characters, and are passed over.
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            text.push(next);
            return Some(text.into_iter().collect());
        }
    }
    None
}

/// Changes a user; when their zone changes, their recurring local tasks that were in the old one follow in
/// the same transaction.
pub(crate) async fn update(
    db: &Db,
    now: DateTime<Utc>,
    id: Uuid,
    if_match: &IfMatch,
    patch: UserPatch,
    new_zone: Option<Tz>,
) -> Result<Changed<User>, StoreError> {
    let changes = UserChanges {
        name: patch.name,
        locale: patch.locale,
        time_zone: new_zone.map(|zone| zone.name().to_owned()),
        role: patch.role.map(Named),
        state: patch.state.map(Named),
        secretary_id: None,
        budget_day_micros: patch.budget_day_micros,
        budget_month_micros: patch.budget_month_micros,
        budget_day_tokens: patch.budget_day_tokens,
        budget_month_tokens: patch.budget_month_tokens,
    };
    let updated: Changed<UserRow> = db
        .transaction(async |c| {
            // While the row is locked, no task is planned in the old zone.
            let before: UserRow = locked(c, id, if_match).await?;
            if changes.are_in(&before) {
                return Ok(Changed {
                    after: before.clone(),
                    before,
                });
            }
            if let Some(zone) = new_zone.filter(|zone| zone.name() != before.time_zone) {
                // `UTC` is what a user has who never said where they are; who wants it has `Etc/UTC`.
                let is_first = before.time_zone == Tz::UTC.name();
                let mut after = Id(Uuid::nil());
                loop {
                    let batch: Vec<TaskRow> = scheduled_tasks::table
                        .filter(scheduled_tasks::user_id.eq(Id(id)))
                        .filter(scheduled_tasks::id.gt(after))
                        .filter(scheduled_tasks::time_zone.eq(&before.time_zone))
                        .filter(
                            scheduled_tasks::status
                                .eq_any([Named(TaskStatus::Active), Named(TaskStatus::Paused)]),
                        )
                        .order(scheduled_tasks::id)
                        .limit(ZONE_BATCH)
                        .select(TaskRow::as_select())
                        .load(c)
                        .await?;
                    let Some(last) = batch.last() else { break };
                    after = last.id;
                    for task in &batch {
                        let Some((status, next)) = task.after_zone_change(now, zone, is_first) else {
                            continue;
                        };
                        diesel::update(scheduled_tasks::table.find(task.id))
                            .set((
                                scheduled_tasks::time_zone.eq(zone.name()),
                                scheduled_tasks::status.eq(Named(status)),
                                scheduled_tasks::next_run_at.eq(next.map(At)),
                                // Whoever fires it now would plan its next time in the old zone: it is claimed
                                // again, and its event's id stays the same.
                                scheduled_tasks::lease_token.eq(None::<Id>),
                                scheduled_tasks::lease_until.eq(None::<At>),
                                scheduled_tasks::version.eq(scheduled_tasks::version + 1),
                                scheduled_tasks::updated_at.eq(At(now)),
                            ))
                            .execute(c)
                            .await?;
                    }
                }
            }
            let after = UserRow::set(c, id, now, &changes).await?;
            Ok::<_, StoreError>(Changed { before, after })
        })
        .await?;
    Ok(updated.map(User::from))
}

/// The assistant that serves a user: their own if it is active, or else the default one.
pub(crate) async fn secretary(db: &Db, id: Uuid) -> Result<Assistant, StoreError> {
    let rows: (Option<Id>, Vec<AssistantRow>) = db
        .read(async |c| {
            let own = users::table
                .find(Id(id))
                .select(users::secretary_id)
                .first::<Option<Id>>(c)
                .await?;
            let candidates = assistants::table
                .filter(assistants::id.eq_any([own.unwrap_or(Id(DEFAULT_ASSISTANT)), Id(DEFAULT_ASSISTANT)]))
                .select(AssistantRow::as_select())
                .load(c)
                .await?;
            Ok::<_, StoreError>((own, candidates))
        })
        .await?;
    serving(rows.0, rows.1)
}

/// Chooses the assistant that serves a user; `None` for the default one.
pub(crate) async fn set_secretary(
    db: &Db,
    now: DateTime<Utc>,
    id: Uuid,
    assistant: Option<Uuid>,
) -> Result<Changed<User>, StoreError> {
    let changed: Changed<UserRow> = db
        .transaction(async |c| {
            if let Some(assistant) = assistant {
                let chosen: Option<(Named<AssistantKind>, bool)> = assistants::table
                    .find(Id(assistant))
                    .select((assistants::kind, assistants::active))
                    .first(c)
                    .await
                    .optional()?;
                if !matches!(chosen, Some((Named(AssistantKind::Secretary), true))) {
                    return Err(StoreError::Invalid {
                        field: "assistant_id",
                        message: "is not an active secretary".to_owned(),
                    });
                }
            }
            let before: UserRow = locked(c, id, &IfMatch::Any).await?;
            let changes = UserChanges {
                secretary_id: Some(assistant.map(Id)),
                ..UserChanges::default()
            };
            if changes.are_in(&before) {
                return Ok(Changed {
                    after: before.clone(),
                    before,
                });
            }
            let after = UserRow::set(c, id, now, &changes).await?;
            Ok::<_, StoreError>(Changed { before, after })
        })
        .await?;
    Ok(changed.map(User::from))
}

/// One claim at a time; SQLite's writing transactions are that already.
const CLAIM: &str = "SELECT pg_advisory_xact_lock(7316885, hashtext(coalesce(current_schema(), '')))";

/// Makes a user the active owner, unless another one owns the installation on the channel; says whether they own it.
pub(crate) async fn claim(
    db: &Db,
    now: DateTime<Utc>,
    id: Uuid,
    channel: Channel,
) -> Result<(Changed<User>, bool), StoreError> {
    let (changed, granted): (Changed<UserRow>, bool) = db
        .transaction(async |c| {
            if c.kind() == DbKind::Postgres {
                sql_query(CLAIM).execute(c).await?;
            }
            let owners = users::table
                .filter(users::role.eq(Named(Role::Owner)))
                .filter(users::state.eq(Named(UserState::Active)))
                .select(users::id);
            let owner: Option<Id> = identities::table
                .filter(identities::channel.eq(Named(channel)))
                .filter(identities::user_id.eq_any(owners))
                .select(identities::user_id)
                .first(c)
                .await
                .optional()?;
            let before: UserRow = locked(c, id, &IfMatch::Any).await?;
            let changes = UserChanges {
                role: Some(Named(Role::Owner)),
                state: Some(Named(UserState::Active)),
                ..UserChanges::default()
            };
            let is_anothers = owner.is_some_and(|owner| owner.0 != id);
            if is_anothers || changes.are_in(&before) {
                let unchanged = Changed {
                    after: before.clone(),
                    before,
                };
                return Ok((unchanged, !is_anothers));
            }
            let after = UserRow::set(c, id, now, &changes).await?;
            Ok::<_, StoreError>((Changed { before, after }, true))
        })
        .await?;
    Ok((changed.map(User::from), granted))
}

/// Which of the user's own and the default assistant serves.
pub(super) fn serving(own: Option<Id>, candidates: Vec<AssistantRow>) -> Result<Assistant, StoreError> {
    let mut candidates = candidates;
    candidates.sort_by_key(|row| Some(row.id) != own || !row.active);
    candidates
        .into_iter()
        .next()
        .map(Assistant::from)
        .ok_or(StoreError::NotFound)
}
