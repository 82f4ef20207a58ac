//! Telegram in and out: updates become user messages on the bus, replies from the bus become messages.
//!
//! In: `incoming::updates` polls, `incoming::access` decides who may talk, `incoming` publishes; only then is an
//! update confirmed. Out: `outgoing::delivery` renders, splits, paces, sends and records. The bot's own words go
//! out the same way.

mod callback;
mod check;
mod commands;
mod hearing;
mod incoming;
mod notices;
pub mod outgoing;
mod place;
mod presses;
mod reach;
mod settings;
mod telegram;
mod typing;
mod words;

use std::{sync::Arc, time::Duration};

use bus::Bus;
use messages::{Channel, Event};
use serde::Deserialize;
use service_kit::{Lifecycle, OperatorError, http, ops, retry::wait_for};
use teloxide::payloads::GetMe;
use tokio::sync::Semaphore;

pub use check::{Bot, Checkup, SetWebhook};
use hearing::Hearing;
use incoming::{
    Incoming, Me,
    access::Access,
    updates,
    webhook::{self, Webhook},
};
use notices::Notices;
use outgoing::{LOOKUPS_AT_ONCE, Outbox, Pace, Previews, Uploads};
use presses::Presses;
use reach::Reach;
pub use settings::{Settings, token as bot_token};
use telegram::{Telegram, TelegramError};
use typing::Typing;
pub use words::usage;

/// What the service is, for `--help`.
pub const ABOUT: &str = "Takes messages from Telegram and brings answers and reminders back.";

/// How long the bot's commands are tried to be set at the start.
const COMMANDS_LIMIT: Duration = Duration::from_secs(60);

/// Runs the bot until the process stops.
///
/// # Errors
/// The token is not a bot's, the bus URL is none, or the ops address is taken.
pub async fn run(settings: Settings, lifecycle: Lifecycle) -> Result<(), OperatorError> {
    let service_key = &settings.rest.key.service_key;
    ops::listen(settings.tg_bot_listen, "TG_BOT_LISTEN", service_key, &lifecycle).await?;
    let webhook = match (
        settings.telegram_webhook_url,
        settings.telegram_webhook_secret,
        settings.telegram_webhook_listen,
    ) {
        (Some(url), Some(secret), Some(address)) => Some(Webhook {
            url,
            secret,
            listener: http::bind(address, "TELEGRAM_WEBHOOK_LISTEN").await?,
        }),
        _ => None,
    };
    let telegram = Telegram::new(settings.telegram_api_url, settings.telegram_bot_token)?;
    let hearing = Hearing::new(settings.hearing)?;
    let rest = rest_client::Client::open(&settings.rest, &lifecycle)?;
    let Some(bus) = bus::open(&settings.bus, &lifecycle).await? else {
        return Ok(());
    };
    let reachable = updates::Reachable::default();
    let checked = reachable.clone();
    lifecycle.health().check("telegram", move || {
        let outcome = checked.check();
        async move { outcome }
    });
    if wait_for(&lifecycle, "rest_service", || rest.ready())
        .await
        .is_none()
    {
        return Ok(());
    }
    let Some(me) = who_am_i(&telegram, hearing.is_some(), &lifecycle).await? else {
        return Ok(());
    };
    reachable.answered();
    tracing::info!(bot_id = me.id, username = me.username, "serving Telegram");

    let notices = Notices::new(bus.clone(), lifecycle.clock().clone());
    let pace = Arc::new(Pace::new(
        settings.telegram_messages_per_second,
        settings.telegram_chat_messages_per_second,
    ));
    let previews = Previews::new(telegram.clone(), pace.clone(), rest.clone());
    let typing = Typing::new(telegram.clone(), pace.clone(), previews.clone());
    let presses = Presses::new(telegram.clone());
    let reach = Reach::new(rest.clone());
    let access = Arc::new(Access::new(
        rest.clone(),
        notices.clone(),
        settings.telegram_owner_id,
        settings.telegram_owner_code,
    ));
    let incoming = Arc::new(Incoming {
        me,
        telegram: telegram.clone(),
        bus: bus.clone(),
        rest: rest.clone(),
        access: access.clone(),
        notices: notices.clone(),
        typing: typing.clone(),
        pace: pace.clone(),
        presses: presses.clone(),
        albums: incoming::albums::Answered::default(),
        earlier: incoming::earlier::Earlier::default(),
        files: Semaphore::new(incoming::files::FILES_AT_ONCE),
        hearing,
        reach: reach.clone(),
        spent: std::sync::Mutex::default(),
        clock: lifecycle.clock().clone(),
        owner_zone: settings.telegram_owner_time_zone.or_else(settings::machine_zone),
        asked_for_pin: std::sync::Mutex::default(),
    });
    let outbox = Outbox {
        telegram: telegram.clone(),
        bus: bus.clone(),
        rest,
        pace: pace.clone(),
        lookups: Arc::new(Semaphore::new(LOOKUPS_AT_ONCE)),
        typing,
        presses,
        previews: previews.clone(),
        reach,
        notices,
        uploads: Uploads::default(),
        lifecycle: lifecycle.clone(),
    };
    lifecycle.health().started("tg_bot");
    let owners = access.clone();
    let service_key = settings.rest.key.service_key.clone();
    let (calls, life) = (telegram.clone(), lifecycle.clone());
    let incoming = async move {
        let (telegram, lifecycle) = (calls, life);
        match webhook {
            Some(webhook) => {
                webhook::run(webhook, telegram, incoming, reachable, &service_key, lifecycle).await
            }
            None => updates::run(telegram, incoming, reachable, lifecycle).await,
        }
    };
    tokio::try_join!(
        incoming,
        outbox.run(),
        listen(bus, access, previews, lifecycle.clone()),
        set_commands(telegram, owners, lifecycle),
    )
    .map(drop)
}

/// Asks Telegram who the bot is, until it answers.
async fn who_am_i(
    telegram: &Telegram,
    hears: bool,
    lifecycle: &Lifecycle,
) -> Result<Option<Me>, OperatorError> {
    #[derive(Deserialize)]
    struct Bot {
        id: u64,
        username: String,
    }
    let ask = || async {
        match telegram.call::<_, Bot>(&GetMe::new()).await {
            Err(error) if error.is_transient() => Err(error),
            settled => Ok(settled),
        }
    };
    match wait_for(lifecycle, "Telegram", ask).await {
        None => Ok(None),
        Some(Ok(Bot { id, username })) => Ok(Some(Me { id, username, hears })),
        Some(Err(TelegramError::Unauthorized)) => Err(wrong_token()),
        Some(Err(error)) => Err(OperatorError::new(
            "Telegram does not let the bot in",
            "correct TELEGRAM_API_URL",
        )
        .because(error)),
    }
}

fn wrong_token() -> OperatorError {
    OperatorError::new(
        "Telegram refuses the bot's token: TELEGRAM_BOT_TOKEN is wrong",
        "copy it again from @BotFather (/mybots, API Token), and check TELEGRAM_API_URL if you set it",
    )
}

/// Drops what is cached about people when it changes, and shows answers while they are written.
async fn listen(
    bus: Bus,
    access: Arc<Access>,
    previews: Previews,
    lifecycle: Lifecycle,
) -> Result<(), OperatorError> {
    let Some(mut changes) = wait_for(&lifecycle, "bus", || bus.subscribe()).await else {
        return Ok(());
    };
    while let Some(next) = lifecycle.until_stopping(changes.next()).await {
        let envelope = next.map_err(|error| {
            OperatorError::new("the bus closed its subscription", "restart tg_bot").because(error)
        })?;
        match envelope.event {
            Event::ConfigChangedV1(change) => access.forget(change.resource, change.id),
            Event::ReplyDeltaV1(delta) if delta.to.channel == Channel::Telegram => previews.heard(delta),
            _ => {}
        }
    }
    Ok(())
}

/// Sets the commands in Telegram's menu. Only a courtesy: the bot understands them without.
async fn set_commands(
    telegram: Telegram,
    access: Arc<Access>,
    lifecycle: Lifecycle,
) -> Result<(), OperatorError> {
    let set = wait_for(&lifecycle, "Telegram", || async {
        match publish_commands(&telegram, &access).await {
            Err(error) if error.is_transient() => Err(error),
            settled => Ok(settled),
        }
    });
    match tokio::time::timeout(COMMANDS_LIMIT, set).await {
        Ok(Some(Err(error))) => tracing::warn!(%error, "the commands are not in Telegram's menu"),
        Err(_) => tracing::warn!("the commands are not in Telegram's menu: no answer"),
        Ok(None | Some(Ok(()))) => {}
    }
    Ok(())
}

async fn publish_commands(telegram: &Telegram, access: &Access) -> Result<(), TelegramError> {
    commands::publish(telegram).await?;
    let owners = match access.owner_addresses().await {
        Ok(owners) => owners,
        Err(error) => {
            tracing::debug!(%error, "the owners' menus stay as they are");
            return Ok(());
        }
    };
    for (_, language, address) in owners {
        let Ok(chat) = address.chat.parse() else { continue };
        match commands::publish_for(telegram, chat, language, true).await {
            // They have not opened the chat yet.
            Err(TelegramError::Refused(_) | TelegramError::Forbidden(_)) | Ok(()) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
