//! What is to be done about accounts, from their rows: tell users, tell Google, erase.
//!
//! A chore is stored with the change that made it necessary, and struck off when it is done. Killed between the
//! two, or done by two replicas: a message has the same id each time and is delivered once, and a grant that was
//! revoked is revoked.

use std::{sync::Arc, time::Duration};

use bus::Bus;
use chrono::{TimeDelta, Utc};
use messages::{Button, Envelope, Event, EventId, ReplyKind, ReplyV1, Topic, TraceId};
use rest_client::{CalendarAccount, CalendarChore, CalendarChores, ChoreDone};
use schedule::{format_instant, parse_zone};
use service_kit::{Lifecycle, OperatorError, settings::BusSettings};

use crate::{
    accounts::{Accounts, LinkError, OFFERED_LINK_LIFE},
    setup::Setup,
    tokens::Secrets,
};

/// How long before an account ends by itself its user is warned.
const WARNING: TimeDelta = TimeDelta::days(1);

/// How long Google is told again that a grant is no longer wanted, before it is erased all the same.
const REVOKE_PATIENCE: TimeDelta = TimeDelta::days(7);

/// How many accounts are looked at in one go.
const BATCH: u32 = 100;

/// Why a chore is not done yet; it is tried again.
#[derive(Debug, thiserror::Error)]
enum ChoreError {
    #[error("rest_service did not take it")]
    Rest(#[from] rest_client::Error),
    #[error("the bus did not take it")]
    Bus(#[from] bus::BusError),
    #[error("no link could be made")]
    Link(#[from] LinkError),
    #[error("Google could not be told")]
    Google(#[from] crate::oauth::OAuthError),
}

/// Does what is to be done, when woken and every `poll`, until the process stops.
///
/// # Errors
/// The settings name no bus.
pub(crate) async fn run(
    accounts: Accounts,
    setup: Arc<Setup>,
    settings: BusSettings,
    poll: Duration,
    lifecycle: Lifecycle,
) -> Result<(), OperatorError> {
    let Some(bus) = bus::open(&settings, &lifecycle).await? else {
        return Ok(());
    };
    lifecycle.health().started("calendar_service");
    loop {
        // Broken off anywhere, a chore is done again after the next start, under the same ids.
        let round = async {
            all(&accounts, &setup, &bus).await;
            tokio::select! {
                () = accounts.chores.notified() => {}
                () = tokio::time::sleep(poll) => {}
            }
        };
        if lifecycle.until_stopping(round).await.is_none() {
            return Ok(());
        }
    }
}

async fn all(accounts: &Accounts, setup: &Setup, bus: &Bus) {
    let ask = CalendarChores {
        warn_before: accounts.now() + WARNING,
        limit: BATCH,
    };
    let due = match accounts.rest.calendar_chores(&ask).await {
        Ok(page) => page.items,
        Err(error) => {
            tracing::debug!(%error, "cannot see what is to be done about accounts; looking again later");
            return;
        }
    };
    for account in due {
        let user = account.user_id;
        let Some(chore) = account.chore else { continue };
        match one(accounts, setup, bus, &account, chore).await {
            Ok(()) => tracing::info!(%user, ?chore, "done"),
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%user, ?chore, %error, cause, "not done yet; trying again later");
            }
        }
    }
}

async fn one(
    accounts: &Accounts,
    setup: &Setup,
    bus: &Bus,
    account: &CalendarAccount,
    chore: CalendarChore,
) -> Result<(), ChoreError> {
    let email = plain(&account.email);
    let (text, button) = match chore {
        CalendarChore::Revoke => return revoke(accounts, setup, account).await,
        CalendarChore::TellConnected => (format!("Calendar connected: {email}"), None),
        CalendarChore::TellReconnect => {
            let text = format!(
                "Google no longer lets me into the calendar of {email}. Connect it again and I can go on; the link works once, for 7 days."
            );
            (text, Some(connect_again(accounts, account).await?))
        }
        CalendarChore::TellExpiring => {
            let when = ends_when(accounts, account).await?;
            let text = format!(
                "My connection to the calendar of {email} ends {when}: Google ends it after 7 days while this assistant is registered as a test. Connect it again before that, and nothing is interrupted."
            );
            (text, Some(connect_again(accounts, account).await?))
        }
    };
    tell(accounts, bus, account, chore, text, button).await?;
    let done = ChoreDone {
        grant_id: account.grant_id,
        chore,
    };
    accounts.rest.calendar_chore_done(account.user_id, &done).await?;
    Ok(())
}

/// Tells Google that a grant is no longer wanted, and erases it.
async fn revoke(accounts: &Accounts, setup: &Setup, account: &CalendarAccount) -> Result<(), ChoreError> {
    let user = account.user_id;
    // What does not decrypt cannot be revoked, and is erased.
    if let Ok(secrets) = Secrets::open(&setup.vault, account)
        && let Err(error) = setup.oauth.revoke(&secrets.refresh).await
    {
        if accounts.now() < account.updated_at + REVOKE_PATIENCE {
            return Err(error.into());
        }
        tracing::warn!(%user, %error, "a grant is erased without Google's word that it is revoked");
    }
    accounts
        .rest
        .erase_calendar_account(user, account.grant_id)
        .await?;
    Ok(())
}

async fn tell(
    accounts: &Accounts,
    bus: &Bus,
    account: &CalendarAccount,
    chore: CalendarChore,
    text: String,
    button: Option<Button>,
) -> Result<(), ChoreError> {
    let about = match chore {
        CalendarChore::TellConnected => "connected",
        CalendarChore::TellReconnect => "reconnect",
        CalendarChore::TellExpiring => "expiring",
        CalendarChore::Revoke => "revoked",
    };
    let event_id = EventId::new(format!("calendar:{}:{about}", account.grant_id));
    let reply = ReplyV1 {
        event_id: event_id.clone(),
        user_id: account.user_id,
        to: account.reply_to.clone(),
        kind: ReplyKind::Notice,
        text,
        receipts: Vec::new(),
        buttons: button.into_iter().collect(),
        in_reply_to: None,
        toast: None,
    };
    let envelope = Envelope {
        id: event_id.child(0),
        trace_id: TraceId::random(),
        at: accounts.now(),
        event: Event::ReplyV1(reply),
    };
    let topic = Topic::outbox(account.reply_to.channel);
    bus.publish(&topic, &account.reply_to.key(), &envelope).await?;
    Ok(())
}

async fn connect_again(accounts: &Accounts, account: &CalendarAccount) -> Result<Button, ChoreError> {
    let link = accounts
        .link(account.user_id, account.reply_to.clone(), OFFERED_LINK_LIFE)
        .await?;
    Ok(Button::link("Connect Google Calendar", link.url))
}

/// When an account ends, in its user's zone.
async fn ends_when(accounts: &Accounts, account: &CalendarAccount) -> Result<String, ChoreError> {
    let user = accounts.rest.user(account.user_id).await?;
    let zone = parse_zone(&user.time_zone).unwrap_or(chrono_tz::UTC);
    let at: Option<chrono::DateTime<Utc>> = account.refresh_expires_at;
    Ok(at.map_or_else(
        || "soon".to_owned(),
        |at| format!("on {}", format_instant(at, zone)),
    ))
}

/// A text that Markdown takes for nothing else.
fn plain(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if c.is_ascii_punctuation() && !matches!(c, '@' | '.' | '-' | '+') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
