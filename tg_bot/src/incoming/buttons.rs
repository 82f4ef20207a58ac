//! Pressed buttons: those about access are handled here, all others go to whoever offered them.

use std::time::Duration;

use messages::{Address, Button, ButtonPressedV1, Channel, Envelope, Event, EventId, Topic, TraceId};
use rest_client::{Error, Role, UserPatch, UserState};
use serde_json::{Value, json};
use teloxide::{
    payloads::{AnswerCallbackQuery, AnswerCallbackQuerySetters, EditMessageText},
    types::{CallbackQueryId, ChatId, MessageId},
};
use uuid::Uuid;

use super::{
    HandleError, Incoming, access,
    wire::{Message, Press},
    zone,
};
use crate::{
    callback,
    notices::Notice,
    telegram::{Sent, Telegram, TelegramError},
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

/// How long, and how often, a change of buttons waits for room: three seconds.
const ROOM_WAIT: Duration = Duration::from_millis(100);
const ROOM_TRIES: u32 = 30;

async fn take_away(telegram: &Telegram, edit: &Value) {
    match telegram.ask::<Sent>("EditMessageReplyMarkup", edit).await {
        Ok(_) => {}
        // They are gone already: pressed twice.
        Err(TelegramError::Refused(reason)) => tracing::debug!(reason, "the buttons stay as they are"),
        Err(error) => tracing::debug!(%error, "the buttons stay as they are"),
    }
}

/// What the presser sees over the chat.
enum Told {
    /// Nothing: the answer comes as a message, and the buttons about the same thing are used up.
    Later,
    /// A line that goes away.
    Line(String),
    /// A line that waits to be read.
    Alert(&'static str),
}

impl Incoming {
    /// A button was pressed. The press is always answered, or the button would spin on.
    pub(super) async fn pressed(
        &self,
        query: &Press,
        event_id: EventId,
        trace_id: TraceId,
    ) -> Result<(), HandleError> {
        let action = query.data.as_deref().map(callback::action);
        let told = match action.and_then(Verdict::read) {
            Some((verdict, stranger)) => Told::Line(self.decide(query, verdict, stranger, trace_id).await?),
            None => match self.erasure(query, action).await? {
                Some(line) => Told::Line(line),
                None => self.hand_on(query, event_id, trace_id).await?,
            },
        };
        let answer = AnswerCallbackQuery::new(CallbackQueryId(query.id.clone()));
        let answer = match told {
            Told::Later => answer,
            Told::Line(ref line) => answer.text(texts::toast(line)),
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
        if let (Told::Later, Some(action), Some(message)) = (told, action, &query.message) {
            self.use_up(message, Button::choice(action)).await;
        }
        Ok(())
    }

    /// What is said about a press below /delete_me; the question gives way to it, since no message to somebody who
    /// was erased is delivered.
    async fn erasure(&self, query: &Press, action: Option<&str>) -> Result<Option<String>, HandleError> {
        let Some(action) = action else { return Ok(None) };
        let outcome = self.decides_erasure(query, action).await?;
        if let Some(outcome) = &outcome {
            self.replace_question(query, outcome).await;
        }
        Ok(outcome)
    }

    /// Puts the press on the bus for whoever made the button, and takes away the buttons that it uses up.
    async fn hand_on(
        &self,
        query: &Press,
        event_id: EventId,
        trace_id: TraceId,
    ) -> Result<Told, HandleError> {
        let (Some(data), Some(message)) = (query.data.as_deref(), &query.message) else {
            return Ok(Told::Line(texts::SPENT_BUTTON.to_owned()));
        };
        let access::Standing::Member(presser) = self.access.standing(&query.from.to_user(), None).await?
        else {
            return Ok(Told::Alert(texts::NOT_YOUR_BUTTON));
        };
        let (action, is_theirs) = callback::read(data, presser.id);
        if !is_theirs {
            return Ok(Told::Alert(texts::NOT_YOUR_BUTTON));
        }
        let from = Address {
            channel: Channel::Telegram,
            chat: message.chat.id.to_string(),
        };
        let now = self.clock.now();
        let press = ButtonPressedV1 {
            user_id: presser.id,
            from,
            action: action.to_owned(),
            message_ref: message.message_id.map(|id| id.to_string()),
            pressed_at: now,
        };
        let key = press.key();
        let envelope = Envelope {
            id: event_id,
            trace_id,
            at: now,
            event: Event::ButtonPressedV1(press),
        };
        self.bus.publish(&Topic::ASSISTANT_INBOX, &key, &envelope).await?;
        Ok(Told::Later)
    }

    /// Takes away the buttons about the same thing; only a courtesy: pressed again, they have no further effect.
    async fn use_up(&self, message: &Message, choice: &str) {
        let (Some(keyboard), Some(id)) = (&message.reply_markup, message.message_id) else {
            return;
        };
        let is_left = |button: &&Value| match button["callback_data"].as_str() {
            Some(data) => Button::choice(callback::action(data)) != choice,
            None => true,
        };
        let rows = keyboard.inline_keyboard.iter();
        let rows: Vec<Vec<&Value>> = rows
            .map(|row| row.iter().filter(is_left).collect())
            .filter(|row: &Vec<_>| !row.is_empty())
            .collect();
        // As it came, but for what is used up: buttons may have fields that are newer than this build.
        let edit = json!({
            "chat_id": message.chat.id, "message_id": id, "reply_markup": { "inline_keyboard": rows },
        });
        // Telegram counts a change like a message: where there is no room for it, there will be soon, or it is left.
        for _ in 0..ROOM_TRIES {
            if self.pace.has_room(message.chat.id, 0) {
                return take_away(&self.telegram, &edit).await;
            }
            tokio::time::sleep(ROOM_WAIT).await;
        }
    }

    /// Lets a stranger in or turns them away, if the one who presses owns the bot. Pressing again, or the other
    /// button later, changes nothing.
    async fn decide(
        &self,
        query: &Press,
        verdict: Verdict,
        stranger: Uuid,
        trace_id: TraceId,
    ) -> Result<String, HandleError> {
        let access::Standing::Member(presser) = self.access.standing(&query.from.to_user(), None).await?
        else {
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
            self.welcome(&rest, &user, trace_id).await?;
        }
        let name = messages::plain::name(&user.name);
        let outcome = match user.state {
            UserState::Active => format!("✅ {name} is let in."),
            UserState::Blocked => format!("🚫 {name} is turned away."),
            UserState::Pending => format!("{name} is still waiting."),
        };
        self.replace_question(query, &outcome).await;
        Ok(outcome)
    }

    /// Tells somebody that they are in. The notice's id comes from the person, so it is delivered once.
    async fn welcome(
        &self,
        rest: &rest_client::Client,
        user: &rest_client::User,
        trace_id: TraceId,
    ) -> Result<(), HandleError> {
        let user_id = user.id;
        let Some(to) = access::private_chat(rest, user_id).await? else {
            return Ok(());
        };
        let mut text = texts::LET_IN.to_owned();
        let mut buttons = Vec::new();
        if zone::is_unknown(user) {
            let (question, places) = zone::question(user);
            text.push_str("\n\n");
            text.push_str(&question);
            buttons = places;
        }
        let notice = Notice {
            event_id: EventId::new(format!("access:{user_id}:let-in")),
            user_id,
            to,
            text,
            buttons,
        };
        self.notices.say(trace_id, notice).await?;
        Ok(())
    }

    /// Puts the outcome in the place of the question and its buttons; only a courtesy.
    async fn replace_question(&self, query: &Press, outcome: &str) {
        let Some(question) = &query.message else { return };
        let Some(id) = question.message_id.and_then(|id| i32::try_from(id).ok()) else {
            return;
        };
        let edit = EditMessageText::new(ChatId(question.chat.id), MessageId(id), outcome);
        match self.telegram.call::<_, Sent>(&edit).await {
            Ok(_) => {}
            // It says so already: pressed twice.
            Err(TelegramError::Refused(reason)) => tracing::debug!(reason, "the question stays as it is"),
            Err(error) => tracing::debug!(%error, "the question stays as it is"),
        }
    }
}
