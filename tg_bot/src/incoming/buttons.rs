//! Pressed buttons: those about access are handled here, all others go to whoever offered them.

use messages::{Address, Button, ButtonPressedV1, Channel, Envelope, Event, EventId, Topic, TraceId};
use rest_client::{Error, Role, UserPatch, UserState};
use teloxide::{
    payloads::{
        AnswerCallbackQuery, AnswerCallbackQuerySetters, EditMessageReplyMarkup,
        EditMessageReplyMarkupSetters, EditMessageText,
    },
    types::{
        CallbackQuery, InlineKeyboardButton, InlineKeyboardButtonKind, InlineKeyboardMarkup,
        MaybeInaccessibleMessage, Message,
    },
};
use uuid::Uuid;

use super::{HandleError, Incoming, access};
use crate::{
    callback,
    notices::Notice,
    telegram::{Sent, TelegramError},
    texts,
};

/// What an owner decides about a stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Let in.
    Approve,
    /// Turn away.
    Decline,
}

impl Verdict {
    /// What the button says.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Approve => "Approve",
            Self::Decline => "Decline",
        }
    }

    /// The callback data: worth nothing by itself, since who presses is checked.
    pub(crate) fn action(self, stranger: Uuid) -> String {
        format!("{}{}", self.prefix(), stranger.simple())
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Approve => "access:approve:",
            Self::Decline => "access:decline:",
        }
    }

    fn read(action: &str) -> Option<(Self, Uuid)> {
        [Self::Approve, Self::Decline].into_iter().find_map(|verdict| {
            let id = action.strip_prefix(verdict.prefix())?.parse().ok()?;
            Some((verdict, id))
        })
    }
}

/// What the presser sees over the chat.
enum Told {
    /// Nothing: the answer comes as a message.
    Nothing,
    /// A line that goes away.
    Line(String),
    /// A line that waits to be read.
    Alert(&'static str),
}

impl Incoming {
    /// A button was pressed. The press is always answered, or the button would spin on.
    pub(super) async fn pressed(
        &self,
        query: &CallbackQuery,
        event_id: EventId,
        trace_id: TraceId,
    ) -> Result<(), HandleError> {
        let action = query.data.as_deref().map(callback::action);
        let told = match action.and_then(Verdict::read) {
            Some((verdict, stranger)) => Told::Line(self.decide(query, verdict, stranger, trace_id).await?),
            None => self.hand_on(query, event_id, trace_id).await?,
        };
        let answer = AnswerCallbackQuery::new(query.id.clone());
        let answer = match told {
            Told::Nothing => answer,
            Told::Line(line) => answer.text(texts::toast(&line)),
            Told::Alert(line) => answer.text(line).show_alert(true),
        };
        match self.telegram.call::<_, bool>(&answer).await {
            Ok(_) => {}
            // Pressed long ago, or answered before a restart.
            Err(TelegramError::Refused(reason)) => {
                tracing::debug!(reason, "the press is not waiting any more");
            }
            Err(error) => tracing::warn!(%error, "the press was not answered"),
        }
        Ok(())
    }

    /// Puts the press on the bus for whoever made the button, and takes away the buttons that it uses up.
    async fn hand_on(
        &self,
        query: &CallbackQuery,
        event_id: EventId,
        trace_id: TraceId,
    ) -> Result<Told, HandleError> {
        let (Some(data), Some(message)) = (query.data.as_deref(), &query.message) else {
            return Ok(Told::Line(texts::SPENT_BUTTON.to_owned()));
        };
        let access::Standing::Member(presser) = self.access.standing(&query.from, None).await? else {
            return Ok(Told::Alert(texts::NOT_YOUR_BUTTON));
        };
        let (action, is_theirs) = callback::read(data, presser.id);
        if !is_theirs {
            return Ok(Told::Alert(texts::NOT_YOUR_BUTTON));
        }
        let from = Address {
            channel: Channel::Telegram,
            chat: message.chat().id.to_string(),
        };
        let key = from.key();
        let now = self.clock.now();
        let envelope = Envelope {
            id: event_id,
            trace_id,
            at: now,
            event: Event::ButtonPressedV1(ButtonPressedV1 {
                user_id: presser.id,
                from,
                action: action.to_owned(),
                message_ref: Some(message.id().to_string()),
                pressed_at: now,
            }),
        };
        self.bus.publish(&Topic::ASSISTANT_INBOX, &key, &envelope).await?;
        self.use_up(message, Button::choice(action)).await;
        Ok(Told::Nothing)
    }

    /// Takes away the buttons about the same thing; only a courtesy: pressed again, they have no further effect.
    async fn use_up(&self, message: &MaybeInaccessibleMessage, choice: &str) {
        let Some(keyboard) = message.regular_message().and_then(Message::reply_markup) else {
            return;
        };
        let is_left = |button: &InlineKeyboardButton| match &button.kind {
            InlineKeyboardButtonKind::CallbackData(data) => Button::choice(callback::action(data)) != choice,
            _ => true,
        };
        let rows = keyboard.inline_keyboard.iter();
        let rows: Vec<Vec<_>> = rows
            .map(|row| row.iter().filter(|button| is_left(button)).cloned().collect())
            .filter(|row: &Vec<_>| !row.is_empty())
            .collect();
        let edit = EditMessageReplyMarkup::new(message.chat().id, message.id())
            .reply_markup(InlineKeyboardMarkup::new(rows));
        match self.telegram.call::<_, Sent>(&edit).await {
            Ok(_) => {}
            // They are gone already: pressed twice.
            Err(TelegramError::Refused(reason)) => tracing::debug!(reason, "the buttons stay as they are"),
            Err(error) => tracing::debug!(%error, "the buttons stay as they are"),
        }
    }

    /// Lets a stranger in or turns them away, if the one who presses owns the bot. Pressing again, or the other
    /// button later, changes nothing.
    async fn decide(
        &self,
        query: &CallbackQuery,
        verdict: Verdict,
        stranger: Uuid,
        trace_id: TraceId,
    ) -> Result<String, HandleError> {
        let access::Standing::Member(presser) = self.access.standing(&query.from, None).await? else {
            return Ok("Only the owner can decide that.".to_owned());
        };
        if presser.role != Role::Owner {
            return Ok("Only the owner can decide that.".to_owned());
        }
        let rest = self.rest.with_trace(trace_id);
        let mut user = match rest.user(stranger).await {
            Ok(user) => user,
            Err(Error::NotFound) => return Ok("This person is not known any more.".to_owned()),
            Err(error) => return Err(error.into()),
        };
        if user.state == UserState::Pending {
            let state = match verdict {
                Verdict::Approve => UserState::Active,
                Verdict::Decline => UserState::Blocked,
            };
            let patch = UserPatch {
                state: Some(state),
                ..UserPatch::default()
            };
            user = rest.update_user(stranger, &patch).await?;
            self.access.forget(messages::Resource::User, stranger);
            tracing::info!(user_id = %stranger, ?verdict, "the owner decided about a stranger");
        }
        if verdict == Verdict::Approve && user.state == UserState::Active {
            self.welcome(&rest, stranger, trace_id).await?;
        }
        let outcome = match user.state {
            UserState::Active => format!("✅ {} is let in.", user.name),
            UserState::Blocked => format!("🚫 {} is turned away.", user.name),
            UserState::Pending => format!("{} is still waiting.", user.name),
        };
        self.replace_question(query, &outcome).await;
        Ok(outcome)
    }

    /// Tells somebody that they are in. The notice's id comes from the person, so it is delivered once.
    async fn welcome(
        &self,
        rest: &rest_client::Client,
        user_id: Uuid,
        trace_id: TraceId,
    ) -> Result<(), HandleError> {
        let Some(to) = access::private_chat(rest, user_id).await? else {
            return Ok(());
        };
        let notice = Notice {
            event_id: EventId::new(format!("access:{user_id}:let-in")),
            user_id,
            to,
            text: texts::LET_IN.to_owned(),
            buttons: Vec::new(),
        };
        self.notices.say(trace_id, notice).await?;
        Ok(())
    }

    /// Puts the outcome in the place of the question and its buttons; only a courtesy.
    async fn replace_question(&self, query: &CallbackQuery, outcome: &str) {
        let Some(question) = &query.message else { return };
        let edit = EditMessageText::new(question.chat().id, question.id(), outcome);
        match self.telegram.call::<_, Sent>(&edit).await {
            Ok(_) => {}
            // It says so already: pressed twice.
            Err(TelegramError::Refused(reason)) => tracing::debug!(reason, "the question stays as it is"),
            Err(error) => tracing::debug!(%error, "the question stays as it is"),
        }
    }
}
