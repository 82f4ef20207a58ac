//! From Telegram to the bus: who wrote, may they, and what becomes of it.

pub(crate) mod access;
mod addressed;
pub(crate) mod buttons;
pub(crate) mod updates;

use std::{error::Error, sync::Arc};

use bus::{Bus, BusError};
use messages::{Address, Channel, Envelope, Event, EventId, Topic, TraceId, UserMessageV1};
use rest_client::{Client, CloseThreads};
use service_kit::Clock;
use teloxide::types::{Message, MessageKind, Update, UpdateKind};
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    commands::{Command, Parsed},
    notices::{Notice, Notices},
    telegram::Telegram,
    texts,
    typing::Typing,
};
use access::{Access, Standing};
use addressed::Said;

/// Who the bot is.
#[derive(Clone, Debug)]
pub(crate) struct Me {
    /// Its id; update ids are unique per bot only.
    pub(crate) id: u64,
    /// Its name without `@`.
    pub(crate) username: String,
}

/// Handles updates.
pub(crate) struct Incoming {
    /// Who the bot is.
    pub(crate) me: Me,
    /// The Bot API.
    pub(crate) telegram: Telegram,
    /// Where messages go.
    pub(crate) bus: Bus,
    /// Who is who.
    pub(crate) rest: Client,
    /// Who may talk to the bot.
    pub(crate) access: Arc<Access>,
    /// The bot's own words.
    pub(crate) notices: Notices,
    /// "typing…".
    pub(crate) typing: Typing,
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
}

/// Why an update was not handled. Nothing it caused is lost or doubled when it is handled again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandleError {
    /// rest_service did not do its part.
    #[error("rest_service did not do its part")]
    Rest(#[from] rest_client::Error),
    /// The bus did not take a message.
    #[error("the bus did not take the message")]
    Bus(#[from] BusError),
}

impl HandleError {
    /// Whether handling the update again can succeed.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            // A wrong key is the operator's to correct; until then nothing may be lost.
            Self::Rest(error) => error.is_retryable() || matches!(error, rest_client::Error::Unauthorized),
            Self::Bus(error) => !matches!(error, BusError::InvalidName { .. } | BusError::Encode(_)),
        }
    }

    /// The error with the one below it, for the log.
    pub(crate) fn with_cause(&self) -> String {
        match self.source() {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        }
    }
}

impl Incoming {
    /// Handles one update; when it returns `Ok`, everything that follows from it is on the bus.
    ///
    /// # Errors
    /// See [`HandleError`].
    pub(crate) async fn handle(&self, update: &Update) -> Result<(), HandleError> {
        let trace_id = TraceId::random();
        let span = tracing::info_span!("update", %trace_id, update_id = update.id.0);
        let event_id = EventId::telegram(self.me.id, update.id.0);
        async {
            match &update.kind {
                UpdateKind::Message(message) => self.message(message, event_id, trace_id).await,
                UpdateKind::CallbackQuery(query) => self.pressed(query, event_id, trace_id).await,
                // An edit changes nothing: the message as it was first has its answer, or will have.
                _ => {
                    tracing::debug!("ignored an update");
                    Ok(())
                }
            }
        }
        .instrument(span)
        .await
    }

    async fn message(
        &self,
        message: &Message,
        event_id: EventId,
        trace_id: TraceId,
    ) -> Result<(), HandleError> {
        // Without a sender it is a channel's or an anonymous administrator's; other kinds than common ones are
        // events of the chat: somebody joined, a message was pinned.
        let Some(account) = message.from.as_ref().filter(|account| !account.is_bot) else {
            return Ok(());
        };
        if !matches!(message.kind, MessageKind::Common(_)) {
            return Ok(());
        }
        let Some(said) = addressed::said(message, &self.me) else {
            return Ok(());
        };
        let parsed = match &said {
            Said::Text(text) => Parsed::of(text, &self.me.username),
            Said::Other => Parsed::Text,
        };
        let is_private = message.chat.is_private();
        let code = match (&said, &parsed) {
            _ if !is_private => None,
            (_, Parsed::Command(Command::Start(payload))) => Some(payload.as_str()),
            (Said::Text(text), _) => Some(text.as_str()),
            (Said::Other, _) => None,
        };
        let to = Address {
            channel: Channel::Telegram,
            chat: message.chat.id.to_string(),
        };
        let standing = match self.access.standing(account, code).await? {
            Standing::OwnerById(user) => {
                self.welcome_owner(&user, account, &to, trace_id).await?;
                // `/start` is answered by the welcome; anything else is for the assistant.
                if matches!(parsed, Parsed::Command(Command::Start(_))) {
                    return Ok(());
                }
                Standing::Member(user)
            }
            other => other,
        };
        let (user, answer) = match standing {
            Standing::Blocked => return Ok(()),
            Standing::Stranger(user) if is_private => {
                return self.access.turn_away(account, &user, to, trace_id).await;
            }
            // A group need not learn who may talk to whose assistant.
            Standing::Stranger(_) => return Ok(()),
            Standing::NewOwner(user) | Standing::OwnerById(user) => {
                return self.welcome_owner(&user, account, &to, trace_id).await;
            }
            Standing::Member(user) => {
                let answer = match parsed {
                    Parsed::NotForUs => return Ok(()),
                    Parsed::Unknown => Some(texts::UNKNOWN_COMMAND.to_owned()),
                    Parsed::Command(command) => Some(
                        self.command(command, &account.first_name, user.id, &to, trace_id)
                            .await?,
                    ),
                    Parsed::Text => matches!(said, Said::Other).then(|| texts::ONLY_TEXT.to_owned()),
                };
                (user, answer)
            }
        };
        match (answer, said) {
            (Some(text), _) => {
                let notice = Notice {
                    event_id,
                    user_id: user.id,
                    to,
                    text,
                    buttons: Vec::new(),
                };
                self.notices.say(trace_id, notice).await?;
            }
            (None, Said::Text(text)) => {
                self.publish(message, text, user.id, to, event_id, trace_id)
                    .await?;
            }
            (None, Said::Other) => {}
        }
        Ok(())
    }

    /// Tells somebody, once, that the bot is theirs. The notice's id comes from the person: the id of their
    /// message is the assistant's to answer under.
    async fn welcome_owner(
        &self,
        user: &rest_client::User,
        account: &teloxide::types::User,
        to: &Address,
        trace_id: TraceId,
    ) -> Result<(), HandleError> {
        let notice = Notice {
            event_id: EventId::new(format!("access:{}:owner", user.id)),
            user_id: user.id,
            to: to.clone(),
            text: texts::welcome_owner(&account.first_name),
            buttons: Vec::new(),
        };
        Ok(self.notices.say(trace_id, notice).await?)
    }

    /// What a command does, and its answer.
    async fn command(
        &self,
        command: Command,
        name: &str,
        user_id: Uuid,
        to: &Address,
        trace_id: TraceId,
    ) -> Result<String, HandleError> {
        Ok(match command {
            Command::Start(_) => texts::welcome(name),
            Command::Help => texts::HELP.to_owned(),
            Command::New => {
                let conversation = CloseThreads {
                    conversation: to.key(),
                };
                self.rest
                    .with_trace(trace_id)
                    .close_threads(user_id, &conversation)
                    .await?;
                texts::NEW_CONVERSATION.to_owned()
            }
        })
    }

    async fn publish(
        &self,
        message: &Message,
        text: String,
        user_id: Uuid,
        from: Address,
        event_id: EventId,
        trace_id: TraceId,
    ) -> Result<(), HandleError> {
        let key = from.key();
        let envelope = Envelope {
            id: event_id,
            trace_id,
            at: self.clock.now(),
            event: Event::UserMessageV1(UserMessageV1 {
                user_id,
                from,
                message_ref: Some(message.id.to_string()),
                text,
                sent_at: message.date,
            }),
        };
        self.bus.publish(&Topic::ASSISTANT_INBOX, &key, &envelope).await?;
        tracing::info!(event_id = %envelope.id, %user_id, "message accepted");
        self.typing.start(message.chat.id.0);
        Ok(())
    }
}
