//! Pressed buttons: those about access are handled here, all others go to whoever offered them.

use std::{sync::PoisonError, time::Duration};

use messages::{Button, ButtonPressedV1, Envelope, Event, EventId, Topic, TraceId};
use rest_client::{Error, Role, UserPatch, UserState};
use serde_json::{Value, json};
use teloxide::{
    payloads::{AnswerCallbackQuery, AnswerCallbackQuerySetters},
    types::CallbackQueryId,
};
use texts::{Language, Text};
use uuid::Uuid;

use super::{
    HandleError, Incoming, access,
    wire::{Message, Press},
    zone,
};
use crate::{
    callback,
    notices::Notice,
    outgoing::Rank,
    place::Place,
    telegram::{Sent, TelegramError},
    words,
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
    pub(crate) fn label(self) -> Text<'static> {
        match self {
            Self::Approve => Text::Approve,
            Self::Decline => Text::Decline,
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

/// Of how many messages it is remembered what was pressed below them.
const REMEMBERED: usize = 1_000;

/// How long a change of a message waits for its place.
const EDIT_LIMIT: Duration = Duration::from_secs(60);

/// What the presser sees over the chat.
enum Told {
    /// Nothing: the answer comes as a message, and the buttons about the same thing are used up.
    Later,
    /// What it comes to, when that is known; it takes the place of the message.
    InPlace,
    /// A line that goes away.
    Line(String),
    /// A line that waits to be read.
    Alert(String),
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
            None => match self.about_me(query, action).await? {
                Some(line) => Told::Line(line),
                None => self.hand_on(query, event_id, trace_id).await?,
            },
        };
        let answer = AnswerCallbackQuery::new(CallbackQueryId(query.id.clone()));
        let answer = match told {
            Told::Later => answer,
            Told::InPlace => return Ok(()),
            Told::Line(ref line) => answer.text(words::toast(line)),
            Told::Alert(ref line) => answer.text(words::toast(line)).show_alert(true),
        };
        self.presses.answer(&answer).await;
        if let (Told::Later, Some(action), Some(message)) = (told, action, &query.message) {
            self.use_up(message, Button::choice(action));
        }
        Ok(())
    }

    /// What is said about a press below /memory, /language or /delete_me; the question of the last two gives way to it, since no message to
    /// somebody who was erased is delivered.
    async fn about_me(&self, query: &Press, action: Option<&str>) -> Result<Option<String>, HandleError> {
        let Some(action) = action else { return Ok(None) };
        if let Some(outcome) = self.forgets(query, action).await? {
            if let Some(message) = &query.message {
                self.use_up(message, Button::choice(action));
            }
            return Ok(Some(outcome));
        }
        let outcome = match self.decides_language(query, action).await? {
            Some(outcome) => Some(outcome),
            None => self.decides_erasure(query, action).await?,
        };
        if let Some(outcome) = &outcome {
            self.replace_question(query, outcome);
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
        let locale = query.from.language_code.as_deref().unwrap_or_default();
        let (Some(data), Some(message)) = (query.data.as_deref(), &query.message) else {
            return Ok(Told::Line(Language::of(locale).say(&Text::SpentButton)));
        };
        let access::Standing::Member(presser) = self.access.standing(&query.from.to_user(), None).await?
        else {
            return Ok(Told::Alert(Language::of(locale).say(&Text::NotYourButton)));
        };
        let (action, is_theirs) = callback::read(data, presser.id);
        if !is_theirs {
            return Ok(Told::Alert(Language::of(locale).say(&Text::NotYourButton)));
        }
        let from = Place::of_message(message).address();
        let is_in_place = callback::is_in_place(action);
        if is_in_place {
            self.presses.wait(event_id.clone(), query.id.clone());
        }
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
        Ok(if is_in_place { Told::InPlace } else { Told::Later })
    }

    /// Takes away the buttons about the same thing; only a courtesy: pressed again, they have no further effect.
    fn use_up(&self, message: &Message, choice: &str) {
        let (Some(keyboard), Some(id)) = (&message.reply_markup, message.message_id) else {
            return;
        };
        // With what was pressed just before: the message may still have shown those.
        let spent = {
            let mut all = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= REMEMBERED {
                all.clear();
            }
            let spent = all.entry((message.chat.id, id)).or_default();
            spent.push(choice.to_owned());
            spent.clone()
        };
        let is_left = |button: &&Value| match button["callback_data"].as_str() {
            Some(data) => !spent
                .iter()
                .any(|spent| spent == Button::choice(callback::action(data))),
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
        self.edit(message.chat.id, "EditMessageReplyMarkup", edit);
    }

    /// Changes a message when there is a place for it, since Telegram counts it like a message. Only a courtesy: nothing
    /// waits for it, and it is left where it cannot be done.
    fn edit(&self, chat: i64, method: &'static str, edit: Value) {
        let (telegram, pace) = (self.telegram.clone(), self.pace.clone());
        tokio::spawn(async move {
            let Ok(Ok(_slot)) = tokio::time::timeout(EDIT_LIMIT, pace.wait(chat, Rank::Edit)).await else {
                return tracing::debug!("the message stays as it is: no place for the change");
            };
            match telegram.ask::<Sent>(method, &edit).await {
                Ok(_) => {}
                Err(TelegramError::TooMany(wait)) => pace.refused(chat, wait),
                // It says so already: pressed twice.
                Err(error) => tracing::debug!(%error, "the message stays as it is"),
            }
        });
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
            let locale = query.from.language_code.as_deref().unwrap_or_default();
            return Ok(Language::of(locale).say(&Text::OnlyOwnerDecides));
        };
        let language = words::language(&presser);
        if presser.role != Role::Owner {
            return Ok(language.say(&Text::OnlyOwnerDecides));
        }
        let rest = self.rest.with_trace(trace_id);
        let mut user = match rest.user(stranger).await {
            Ok(user) => user,
            Err(Error::NotFound) => return Ok(language.say(&Text::NobodyThere)),
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
            UserState::Active => language.say(&Text::IsLetIn { name: &name }),
            UserState::Blocked => language.say(&Text::IsTurnedAway { name: &name }),
            UserState::Pending => language.say(&Text::IsWaiting { name: &name }),
        };
        self.replace_question(query, &outcome);
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
        let mut text = words::language(user).say(&Text::LetIn);
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
    fn replace_question(&self, query: &Press, outcome: &str) {
        let Some(question) = &query.message else { return };
        let Some(id) = question.message_id else { return };
        let chat = question.chat.id;
        let edit = json!({ "chat_id": chat, "message_id": id, "text": outcome });
        self.edit(chat, "EditMessageText", edit);
    }
}
