//! Connected calendar accounts, as ciphertext, and the links that connect them.

use messages::Address;
use rest_client::{
    CalendarAccount, CalendarAccountEntry, CalendarAccountPatch, CalendarChores, CalendarLink,
    CalendarLinkStart, ChoreDone, NewCalendarAccount, NewCalendarLink, Page, PageQuery, RefreshLease, Sealed,
    TakeRefresh, UseCalendarLink, limits,
};
use uuid::Uuid;

use super::{
    App,
    answer::{Created, NoContent, Paged},
    check::Check,
    error::ApiError,
    extract::{Json, Path, Query, State},
    oldest_first,
};
use crate::store::{calendar_accounts, calendar_links};

/// The longest ciphertext, in characters of base64.
const CIPHERTEXT: usize = 16_000;

pub(super) async fn get(
    State(app): State<App>,
    Path(user): Path<Uuid>,
) -> Result<Json<CalendarAccount>, ApiError> {
    Ok(Json(calendar_accounts::get(&app.db, user).await?))
}

pub(super) async fn put(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(new): Json<NewCalendarAccount>,
) -> Result<Json<CalendarAccount>, ApiError> {
    let mut check = Check::default();
    check.text("email", &new.email, 1..=320);
    check.text("scopes", &new.scopes, 1..=2_000);
    sealed(&mut check, "tokens", &new.tokens);
    check.instant("access_expires_at", new.access_expires_at);
    if let Some(at) = new.refresh_expires_at {
        check.instant("refresh_expires_at", at);
    }
    address(&mut check, &new.reply_to);
    check.done()?;
    Ok(Json(calendar_accounts::put(&app.db, app.now(), user, new).await?))
}

pub(super) async fn update(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(patch): Json<CalendarAccountPatch>,
) -> Result<Json<CalendarAccount>, ApiError> {
    let mut check = Check::default();
    if let Some(tokens) = &patch.tokens {
        sealed(&mut check, "tokens", tokens);
    }
    if let Some(at) = patch.access_expires_at {
        check.instant("access_expires_at", at);
    }
    if let Some(at) = patch.refresh_expires_at {
        check.instant("refresh_expires_at", at);
    }
    check.done()?;
    Ok(Json(
        calendar_accounts::update(&app.db, app.now(), user, patch).await?,
    ))
}

pub(super) async fn erase(
    State(app): State<App>,
    Path((user, grant)): Path<(Uuid, Uuid)>,
) -> Result<NoContent, ApiError> {
    calendar_accounts::erase(&app.db, user, grant).await?;
    Ok(NoContent)
}

pub(super) async fn take_refresh(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(ask): Json<TakeRefresh>,
) -> Result<Json<RefreshLease>, ApiError> {
    let mut check = Check::default();
    check.number(
        "lease_seconds",
        ask.lease_seconds,
        1..=limits::REFRESH_LEASE_SECONDS,
    );
    check.done()?;
    Ok(Json(
        calendar_accounts::take_refresh(&app.db, app.now(), user, ask).await?,
    ))
}

pub(super) async fn release_refresh(
    State(app): State<App>,
    Path((user, lease)): Path<(Uuid, Uuid)>,
) -> Result<NoContent, ApiError> {
    calendar_accounts::release_refresh(&app.db, user, lease).await?;
    Ok(NoContent)
}

pub(super) async fn chore_done(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(done): Json<ChoreDone>,
) -> Result<NoContent, ApiError> {
    calendar_accounts::chore_done(&app.db, user, done).await?;
    Ok(NoContent)
}

pub(super) async fn chores(
    State(app): State<App>,
    Json(ask): Json<CalendarChores>,
) -> Result<Json<Page<CalendarAccount>>, ApiError> {
    let mut check = Check::default();
    check.instant("warn_before", ask.warn_before);
    check.limit(Some(ask.limit));
    check.done()?;
    Ok(Json(calendar_accounts::chores(&app.db, app.now(), ask).await?))
}

pub(super) async fn list(
    State(app): State<App>,
    Query(query): Query<PageQuery>,
) -> Result<Paged<CalendarAccountEntry>, ApiError> {
    Ok(Paged(
        calendar_accounts::list(&app.db, oldest_first(&query)?).await?,
    ))
}

pub(super) async fn create_link(
    State(app): State<App>,
    Path(user): Path<Uuid>,
    Json(new): Json<NewCalendarLink>,
) -> Result<Created<CalendarLink>, ApiError> {
    let mut check = Check::default();
    address(&mut check, &new.reply_to);
    check.instant("expires_at", new.expires_at);
    check.done()?;
    let link = calendar_links::create(&app.db, app.now(), user, new).await?;
    Ok(Created(link))
}

pub(super) async fn link(
    State(app): State<App>,
    Path((user, link)): Path<(Uuid, Uuid)>,
) -> Result<Json<CalendarLink>, ApiError> {
    Ok(Json(calendar_links::get(&app.db, user, link).await?))
}

pub(super) async fn start_link(
    State(app): State<App>,
    Path((user, link)): Path<(Uuid, Uuid)>,
    Json(start): Json<CalendarLinkStart>,
) -> Result<Json<CalendarLink>, ApiError> {
    let mut check = Check::default();
    check.text("state_hash", &start.state_hash, 1..=100);
    check.text("browser_hash", &start.browser_hash, 1..=100);
    sealed(&mut check, "verifier", &start.verifier);
    check.instant("expires_at", start.expires_at);
    check.done()?;
    Ok(Json(
        calendar_links::start(&app.db, app.now(), user, link, start).await?,
    ))
}

pub(super) async fn use_link(
    State(app): State<App>,
    Path((user, link)): Path<(Uuid, Uuid)>,
    Json(ask): Json<UseCalendarLink>,
) -> Result<Json<CalendarLink>, ApiError> {
    Ok(Json(
        calendar_links::take(&app.db, app.now(), user, link, &ask.state_hash).await?,
    ))
}

fn sealed(check: &mut Check, field: &str, sealed: &Sealed) {
    check.text(format!("{field}.key_id"), &sealed.key_id, 1..=64);
    check.text(format!("{field}.ciphertext"), &sealed.ciphertext, 1..=CIPHERTEXT);
}

fn address(check: &mut Check, to: &Address) {
    check.text("reply_to.chat", &to.chat, 1..=200);
}
