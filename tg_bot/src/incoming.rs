//! From Telegram to the bus: who wrote, may they, and what becomes of it.

mod about;
pub(crate) mod access;
mod addressed;
pub(crate) mod albums;
pub(crate) mod buttons;
mod commands;
pub(crate) mod earlier;
pub(crate) mod files;
#[cfg(test)]
mod fuzz;
mod in_hand;
pub(crate) mod updates;
pub(crate) mod webhook;
mod wire;
mod zone;

use std::{
    collections::HashMap,
    error::Error,
    sync::{Arc, Mutex},
};

use bus::{Bus, BusError};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use messages::{Address, Envelope, Event, EventId, MessageEditedV1, Topic, TraceId, UserMessageV2};
use rest_client::Client;
use service_kit::Clock;
use texts::Text;
use tokio::time::Instant;
use tracing::Instrument;

use crate::{
    commands::{Command, Parsed, publish_for},
    hearing::Hearing,
    notices::{Notice, Notices},
    outgoing::Pace,
    place::Place,
    presses::Presses,
    reach::Reach,
    telegram::Telegram,
    typing::Typing,
    words,
};
use access::{Access, Standing};
use addressed::Said;
use commands::Done;
use earlier::{Came, Version};
pub(crate) use wire::Message;
use wire::{Account, Kind, Update};
use zone::{Answer, Asked};

/// Who the bot is.
#[derive(Clone, Debug)]
pub(crate) struct Me {
    /// Its id; update ids are unique per bot only.
    pub(crate) id: u64,
    /// Its name without `@`.
    pub(crate) username: String,
    /// Whether it has what people say aloud written down.
    pub(crate) hears: bool,
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
    /// How fast messages may be changed.
    pub(crate) pace: Arc<Pace>,
    /// Presses whose outcome is awaited.
    pub(crate) presses: Presses,
    /// Albums that were answered.
    pub(crate) albums: albums::Answered,
    /// What messages said and came to.
    pub(crate) earlier: earlier::Earlier,
    /// How many files are read at once.
    pub(crate) files: tokio::sync::Semaphore,
    /// Who writes down what people say aloud.
    pub(crate) hearing: Option<Hearing>,
    /// Which chats can be reached.
    pub(crate) reach: Reach,
    /// The choices that were made below messages, while Telegram may still show their buttons.
    pub(crate) spent: Mutex<HashMap<(i64, i64), Vec<String>>>,
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
    /// The zone that a new owner begins with.
    pub(crate) owner_zone: Option<Tz>,
    /// The chats where a pin on the map is the answer to `/tz`, and since when.
    pub(crate) asked_for_pin: Mutex<HashMap<i64, Instant>>,
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
        let span = tracing::info_span!("update", %trace_id, update_id = update.id);
        let event_id = EventId::telegram(self.me.id, update.id);
        async {
            match &update.kind {
                Kind::Message(message) => self.message(message, event_id, trace_id).await,
                Kind::Pressed(press) => self.pressed(press, event_id, trace_id).await,
                Kind::Membership(membership) if membership.is_out() => {
                    Ok(self.reach.lost(membership.chat.id).await?)
                }
                Kind::Membership(membership) => Ok(self.reach.found(membership.chat.id).await?),
                Kind::Edited(message) => self.edited(message, event_id, trace_id).await,
                Kind::Unknown => {
                    tracing::debug!("ignored an update");
                    Ok(())
                }
            }
        }
        .instrument(span)
        .await
    }

    /// Somebody wrote. What follows from it is remembered when it is on the bus, and not before: then it is tried again.
    async fn message(
        &self,
        message: &Message,
        event_id: EventId,
        trace_id: TraceId,
    ) -> Result<(), HandleError> {
        let said = addressed::said(message, &self.me);
        let came = self.respond(message, said.clone(), event_id, trace_id).await?;
        self.albums.add(message);
        self.earlier.add(message, said.as_ref(), came);
        Ok(())
    }

    async fn respond(
        &self,
        message: &Message,
        said: Option<Said>,
        event_id: EventId,
        trace_id: TraceId,
    ) -> Result<Came, HandleError> {
        if let Some(to) = message.field("migrate_to_chat_id") {
            self.reach.moved(message.chat.id, to).await?;
            return Ok(Came::Settled);
        }
        if let Some(from) = message.field("migrate_from_chat_id") {
            self.reach.moved(from, message.chat.id).await?;
            return Ok(Came::Settled);
        }
        // Without a sender it is a channel's or an anonymous administrator's.
        let Some(account) = message
            .from
            .as_ref()
            .filter(|account| account.is_bot != Some(true))
        else {
            return Ok(Came::Unheard);
        };
        let Some(said) = said else {
            return Ok(Came::Unheard);
        };
        let parsed = match &said {
            // What somebody else wrote is no command.
            Said::Text(_) if message.has("forward_origin") => Parsed::Text,
            Said::Text(text) => Parsed::of(text, &self.me.username),
            Said::Pin(..) | Said::File | Said::Unreadable(_) => Parsed::Text,
        };
        let is_private = message.chat.is_private();
        let code = match (&said, &parsed) {
            _ if !is_private => None,
            (_, Parsed::Command(Command::Start(payload))) => Some(payload.as_str()),
            (Said::Text(text), _) => Some(text.as_str()),
            _ => None,
        };
        let place = Place::of_message(message);
        let to = place.address();
        let standing = match self.access.standing(&account.to_user(), code).await? {
            Standing::OwnerById(user) => {
                self.welcome_owner(&user, account, &to, trace_id).await?;
                // `/start` is answered by the welcome; anything else is for the assistant.
                if matches!(parsed, Parsed::Command(Command::Start(_))) {
                    return Ok(Came::Settled);
                }
                Standing::Member(user)
            }
            other => other,
        };
        let user = match standing {
            Standing::Stranger(user) if is_private => {
                let account = account.to_user();
                self.access.turn_away(&account, &user, to, trace_id).await?;
                return Ok(Came::Settled);
            }
            // A group need not learn who may talk to whose assistant.
            Standing::Blocked | Standing::Stranger(_) => return Ok(Came::Settled),
            Standing::NewOwner(user) | Standing::OwnerById(user) => {
                self.welcome_owner(&user, account, &to, trace_id).await?;
                return Ok(Came::Settled);
            }
            Standing::Member(user) => user,
        };
        self.reach.heard(message.chat.id, user.id).await?;
        let asked = Asked {
            user: &user,
            to: &to,
            place,
            message_ref: message.message_id.map(|id| id.to_string()),
            event_id,
            trace_id,
        };
        let language = words::language(&user);
        let is_known = self.albums.knows(message);
        let asked = match (&message.media_group_id, &said) {
            // Once for the whole album, whoever gets its parts.
            (Some(album), Said::Unreadable(_)) => Asked {
                event_id: EventId::new(format!("album:{}:{}:{album}", self.me.id, message.chat.id)),
                ..asked
            },
            _ => asked,
        };
        if is_known && matches!(said, Said::Unreadable(_)) {
            return Ok(Came::Unheard);
        }
        let (answer, came): (Answer, Came) = match (parsed, said) {
            (Parsed::NotForUs, _) => return Ok(Came::Unheard),
            (Parsed::Unknown, _) => ((language.say(&Text::UnknownCommand), Vec::new()), Came::Unheard),
            (Parsed::Command(command), _) => match self.command(command, account, &asked).await? {
                Done::Answer(answer) => (answer, Came::Settled),
                Done::Nothing => return Ok(Came::Settled),
                Done::Said(words) => {
                    self.publish(message, account, words.to_owned(), &asked, None)
                        .await?;
                    return Ok(Came::Settled);
                }
            },
            (Parsed::Text, Said::Text(text)) => {
                return self.publish(message, account, text, &asked, None).await;
            }
            (Parsed::Text, Said::File) => {
                return self.publish(message, account, String::new(), &asked, None).await;
            }
            (Parsed::Text, Said::Pin(latitude, longitude)) => {
                (self.pin(&asked, latitude, longitude).await?, Came::Settled)
            }
            (Parsed::Text, Said::Unreadable(what)) => ((what.answer(language), Vec::new()), Came::Unheard),
        };
        self.say(&asked, answer).await?;
        Ok(came)
    }

    /// Tells somebody, once, that the bot is theirs. The notice's id comes from the person: the id of their
    /// message is the assistant's to answer under.
    async fn welcome_owner(
        &self,
        user: &rest_client::User,
        account: &Account,
        to: &Address,
        trace_id: TraceId,
    ) -> Result<(), HandleError> {
        let zone = self.owner_zone(user, trace_id).await?;
        if let Ok(chat) = to.whole_chat().parse() {
            let language = words::language(user);
            if let Err(error) = publish_for(&self.telegram, chat, language, true).await {
                tracing::debug!(%error, "the owner's menu stays as it is");
            }
        }
        let mut text = words::welcome_owner(
            words::language(user),
            account.first_name.as_deref().unwrap_or_default(),
        );
        let mut buttons = Vec::new();
        if let Some(zone) = zone {
            text.push_str("\n\n");
            text.push_str(&words::owner_zone(words::language(user), zone));
        } else if zone::is_unknown(user) {
            let (question, places) = zone::question(user);
            text.push_str("\n\n");
            text.push_str(&question);
            buttons = places;
        }
        let notice = Notice {
            event_id: EventId::new(format!("access:{}:owner", user.id)),
            user_id: user.id,
            to: to.clone(),
            text,
            buttons,
        };
        Ok(self.notices.say(trace_id, notice).await?)
    }

    /// Somebody changed what they wrote. What has reached the assistant, it corrects or says that it was answered; what has
    /// not is said now. What is no text for it, such as a pin that moves, stays as it was, and so does what a command did.
    async fn edited(
        &self,
        message: &Message,
        event_id: EventId,
        trace_id: TraceId,
    ) -> Result<(), HandleError> {
        let account = message.from.as_ref().filter(|from| from.is_bot != Some(true));
        let said = addressed::said(message, &self.me);
        let (Some(account), Some(Said::Text(_) | Said::File)) = (account, &said) else {
            return Ok(());
        };
        // Only its caption can have changed: what is said in it is not transcribed, and paid for, once more.
        if self.me.hears && files::is_recording(message) {
            return Ok(());
        }
        let before = self.earlier.version(message);
        match &before {
            Some(version) if version.is_same(message, said.as_ref()) => return Ok(()),
            Some(version) if matches!(version.came, Came::Settled) => return Ok(()),
            Some(version) if matches!(version.came, Came::Unheard) => {
                return self.message(message, event_id, trace_id).await;
            }
            _ => {}
        }
        let text = match &said {
            Some(Said::Text(text)) => text.clone(),
            _ => String::new(),
        };
        if Parsed::of(&text, &self.me.username) != Parsed::Text {
            return Ok(());
        }
        let Standing::Member(user) = self.access.standing(&account.to_user(), None).await? else {
            return Ok(());
        };
        let place = Place::of_message(message);
        let asked = Asked {
            user: &user,
            to: &place.address(),
            place,
            message_ref: message.message_id.map(|id| id.to_string()),
            event_id,
            trace_id,
        };
        let before = before.unwrap_or(Version::UNKNOWN);
        let words = std::iter::once(&text).chain(&before.captions).map(String::as_str);
        let text = words
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        let came = self
            .publish(message, account, text, &asked, Some(&before))
            .await?;
        self.earlier.change(message, said.as_ref(), came, before);
        Ok(())
    }

    async fn tell_assistant(&self, event: Event, asked: &Asked<'_>) -> Result<(), HandleError> {
        let envelope = Envelope {
            id: asked.event_id.clone(),
            trace_id: asked.trace_id,
            at: self.clock.now(),
            event,
        };
        let key = asked.to.key();
        self.bus.publish(&Topic::ASSISTANT_INBOX, &key, &envelope).await?;
        tracing::info!(event_id = %envelope.id, user_id = %asked.user.id, "message accepted");
        Ok(())
    }

    /// Hands a message on to the assistant, as a new one or in the place of an earlier version; where there is nothing in
    /// it to read, its sender is told.
    async fn publish(
        &self,
        message: &Message,
        account: &Account,
        text: String,
        asked: &Asked<'_>,
        before: Option<&Version>,
    ) -> Result<Came, HandleError> {
        let mut said = self.as_said(message, account, text, asked);
        if let Some(before) = before {
            let room = about::MOST_FILES.saturating_sub(said.attachments.len());
            said.attachments.extend(before.album.iter().take(room).cloned());
        }
        let is_slow = before.is_none() && self.reads(&said);
        let shows_typing = || {
            self.typing
                .start(asked.place, &asked.event_id, message.message_id);
        };
        if is_slow {
            shows_typing();
        }
        let unread = self.read_files(&mut said).await;
        let has_words = !said.text.is_empty() || said.attachments.iter().any(|file| file.text.is_some());
        if !has_words {
            self.typing.stop(asked.place, &asked.event_id, None);
            let language = words::language(asked.user);
            let kind = if message.has("contact") {
                "contacts"
            } else {
                "files"
            };
            let text = match unread {
                Some(unread) => unread.answer(language),
                None => language.say(&Text::CannotRead { kind }),
            };
            self.say(asked, (text, Vec::new())).await?;
            return Ok(Came::Unheard);
        }
        let event = match before {
            None => Event::UserMessageV2(said),
            Some(_) => Event::MessageEditedV1(MessageEditedV1 { message: said }),
        };
        self.tell_assistant(event, asked).await?;
        if before.is_none() && !is_slow {
            shows_typing();
        }
        Ok(Came::Heard)
    }

    /// A message with what it is about.
    fn as_said(
        &self,
        message: &Message,
        account: &Account,
        text: String,
        asked: &Asked<'_>,
    ) -> UserMessageV2 {
        let sent_at = message
            .date
            .and_then(|date| DateTime::<Utc>::from_timestamp(date, 0));
        let mut said = UserMessageV2 {
            user_id: asked.user.id,
            from: asked.to.clone(),
            message_ref: message.message_id.map(|id| id.to_string()),
            thread: None,
            text,
            sent_at: sent_at.unwrap_or_else(|| self.clock.now()),
            forwarded_from: None,
            reply_to: None,
            links: Vec::new(),
            attachments: Vec::new(),
        };
        about::add(&mut said, message, account, &self.me);
        said
    }
}
