//! The people and groups of a test: they write, edit, press buttons, block the bot, and read what it sends.

mod edits;

use super::entities::{Entity, utf16_length};
use super::state::{Chat, Message, Query, Shared, State};
use crate::violations::fail;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A person who talks with the bot.
#[derive(Clone)]
pub struct User {
    shared: Arc<Shared>,
    id: i64,
}

/// A group with the bot in it.
#[derive(Clone)]
pub struct Group {
    shared: Arc<Shared>,
    id: i64,
}

/// A topic of a group that is a forum.
#[derive(Clone)]
pub struct Topic {
    group: Group,
    id: i64,
}

impl User {
    pub(crate) fn new(shared: Arc<Shared>, id: i64) -> Self {
        Self { shared, id }
    }

    /// The person's id, which is also that of the private chat.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Writes to the bot in private; answers the update's id.
    pub fn says(&self, text: &str) -> i64 {
        self.writes(self.id, text)
    }

    /// Writes in a group; answers the update's id.
    pub fn says_in(&self, group: &Group, text: &str) -> i64 {
        self.writes(group.id, text)
    }

    /// Writes in a group with the bot's name in front; answers the update's id.
    pub fn mentions_bot_in(&self, group: &Group, text: &str) -> i64 {
        let name = self.shared.lock().bot["username"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        self.writes(group.id, &format!("@{name} {text}"))
    }

    /// Writes in a topic with the bot's name in front; answers the update's id.
    pub fn mentions_bot_in_topic(&self, topic: &Topic, text: &str) -> i64 {
        let text = {
            let state = self.shared.lock();
            format!("@{} {text}", state.bot["username"].as_str().unwrap_or_default())
        };
        self.writes_with(topic.group.id, |message| {
            message.entities = typed_entities(&text);
            message.text = text;
            message.topic = Some(topic.id);
        })
    }

    /// Answers a message, in the chat and topic it is in; answers the update's id.
    pub fn replies_to(&self, message: &Message, text: &str) -> i64 {
        self.writes_with(message.chat_id, |answer| {
            text.clone_into(&mut answer.text);
            answer.entities = typed_entities(text);
            answer.reply_to = Some(message.message_id);
            answer.topic = message.topic;
        })
    }

    /// Sends a photo with a caption in private; answers the update's id.
    pub fn sends_photo(&self, caption: &str) -> i64 {
        self.writes_with(self.id, |message| {
            let size =
                json!({ "file_id": "AgACfake", "file_unique_id": "AQfake", "width": 90, "height": 90 });
            message.extra.insert("photo".to_owned(), json!([size]));
            if !caption.is_empty() {
                message.extra.insert("caption".to_owned(), caption.into());
            }
        })
    }

    /// Sends a message with any fields of the Bot API's `Message` in private; answers the update's id.
    pub fn sends(&self, fields: &Value) -> i64 {
        self.writes_with(self.id, |message| {
            message.extra = fields.as_object().cloned().unwrap_or_default();
        })
    }

    /// Sends a message with any fields of the Bot API's `Message` in a group; answers the update's id.
    pub fn sends_in(&self, group: &Group, fields: &Value) -> i64 {
        self.writes_with(group.id, |message| {
            message.extra = fields.as_object().cloned().unwrap_or_default();
        })
    }

    /// Presses the button that a message put in place of the keyboard and that shares where the person is; answers
    /// the update's id.
    ///
    /// # Panics
    /// When the message has no such button.
    pub fn shares_location(&self, message: &Message, latitude: f64, longitude: f64) -> i64 {
        if message.location_button.is_none() {
            fail("the message asks for no location");
        }
        self.sends(&json!({ "location": { "latitude": latitude, "longitude": longitude } }))
    }

    /// Presses the button with this label under the message as it stands now; answers the update's id.
    ///
    /// # Panics
    /// When the message has no such button, or the button sends nothing to the bot.
    pub fn presses(&self, message: &Message, label: &str) -> i64 {
        self.shared.change(|state| {
            let current = state
                .messages
                .get(&(message.chat_id, message.message_id))
                .cloned();
            let data = current
                .as_ref()
                .and_then(|current| current.button(label))
                .map(|b| b.callback_data.clone());
            let (Some(current), Some(Some(data))) = (current, data) else {
                fail(&format!(
                    "the message {} has no button \"{label}\" to press",
                    message.message_id
                ))
            };
            let id = format!("{}{:06}", self.id, state.queries.len() + 1);
            let date = state.now();
            state.queries.insert(
                id.clone(),
                Query {
                    user_id: self.id,
                    date,
                    answered: false,
                },
            );
            let query = json!({
                "id": id, "from": state.users.get(&self.id), "message": state.message_json(&current),
                "chat_instance": format!("{}", message.chat_id), "data": data,
            });
            state.queue("callback_query", query)
        })
    }

    /// Sets the language of the person's app.
    pub fn speaks(&self, language_code: &str) {
        self.shared.change(|state| {
            if let Some(user) = state.users.get_mut(&self.id) {
                user["language_code"] = language_code.into();
            }
        });
    }

    /// Blocks the bot: it hears of it, and can write no more.
    pub fn blocks_bot(&self) {
        self.sets_blocked(true);
    }

    /// Lets the bot write again.
    pub fn unblocks_bot(&self) {
        self.sets_blocked(false);
    }

    /// Blocks the bot, and the update that says so is lost: Telegram keeps them for a day.
    pub fn blocks_bot_unheard(&self) {
        self.sets_unheard(true);
    }

    /// Lets the bot write again, and the update that says so is lost.
    pub fn unblocks_bot_unheard(&self) {
        self.sets_unheard(false);
    }

    fn sets_unheard(&self, is_blocked: bool) {
        self.shared.change(|state| {
            if let Some(chat) = state.chats.get_mut(&self.id) {
                chat.blocked = is_blocked;
            }
        });
    }

    /// The bot's next message in the private chat that no test has taken yet.
    ///
    /// # Panics
    /// When none comes within the limit.
    pub async fn next_message(&self, limit: Duration) -> Message {
        next_message(&self.shared, self.id, limit).await
    }

    /// Like [`User::next_message`], with `None` when none comes within the limit.
    pub async fn try_next_message(&self, limit: Duration) -> Option<Message> {
        try_next_message(&self.shared, self.id, limit).await
    }

    /// The bot's messages in the private chat as they stand now, oldest first, without deleted ones.
    #[must_use]
    pub fn bot_messages(&self) -> Vec<Message> {
        bot_messages(&self.shared, self.id)
    }

    /// The message as it stands now, after edits.
    #[must_use]
    pub fn sees(&self, message: &Message) -> Option<Message> {
        let state = self.shared.lock();
        state
            .messages
            .get(&(message.chat_id, message.message_id))
            .filter(|message| !message.deleted)
            .cloned()
    }

    /// Deletes a message of the private chat, for both sides.
    pub fn deletes(&self, message: &Message) {
        self.shared.change(|state| {
            let key = (message.chat_id, message.message_id);
            if let Some(message) = state.messages.get_mut(&key) {
                message.deleted = true;
            }
        });
    }

    fn sets_blocked(&self, blocked: bool) {
        self.shared
            .change(|state| membership(state, self.id, self.id, blocked));
    }

    fn writes(&self, chat_id: i64, text: &str) -> i64 {
        self.writes_with(chat_id, |message| {
            text.clone_into(&mut message.text);
            message.entities = typed_entities(text);
        })
    }

    fn writes_with(&self, chat_id: i64, fill: impl FnOnce(&mut Message)) -> i64 {
        self.shared.change(|state| {
            if let Some(chat) = state.chats.get_mut(&chat_id) {
                chat.started = true;
            }
            let mut message = state.blank_message(chat_id, self.id);
            fill(&mut message);
            let message = state.store(message);
            let json = state.message_json(&message);
            state.queue("message", json)
        })
    }
}

impl Group {
    pub(crate) fn new(shared: Arc<Shared>, id: i64) -> Self {
        Self { shared, id }
    }

    /// The group's chat id, below zero.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Opens a topic in a forum.
    #[must_use]
    pub fn opens_topic(&self, by: &User, name: &str) -> Topic {
        let id = self.shared.change(|state| {
            let mut message = state.blank_message(self.id, by.id);
            let created = json!({ "name": name, "icon_color": 7_322_096 });
            message.extra.insert("forum_topic_created".to_owned(), created);
            let id = state.store(message).message_id;
            if let Some(chat) = state.chats.get_mut(&self.id) {
                chat.topics.insert(id);
            }
            id
        });
        Topic {
            group: self.clone(),
            id,
        }
    }

    /// Somebody takes the bot out of the group.
    pub fn removes_bot(&self, by: &User) {
        self.shared
            .change(|state| membership(state, self.id, by.id, true));
    }

    /// Somebody takes the bot in again.
    pub fn adds_bot(&self, by: &User) {
        self.shared
            .change(|state| membership(state, self.id, by.id, false));
    }

    /// A basic group becomes a supergroup with another id; the bot is told in both (Bot API, `migrate_to_chat_id`).
    #[must_use]
    pub fn becomes_supergroup(&self, by: &User) -> Group {
        let id = self.shared.change(|state| {
            state.next_user_id += 1;
            let id = -1_000_000_000_000 - state.next_user_id;
            let Some(old) = state.chats.get_mut(&self.id) else {
                fail("there is no such group")
            };
            old.migrated_to = Some(id);
            let mut json = old.json.clone();
            json["id"] = id.into();
            json["type"] = "supergroup".into();
            state.chats.insert(id, Chat::new(json, true));
            for (chat, field, other) in [
                (self.id, "migrate_to_chat_id", id),
                (id, "migrate_from_chat_id", self.id),
            ] {
                let mut message = state.blank_message(chat, by.id);
                message.extra.insert(field.to_owned(), other.into());
                let message = state.store(message);
                let json = state.message_json(&message);
                state.queue("message", json);
            }
            id
        });
        Group::new(Arc::clone(&self.shared), id)
    }

    /// The bot's next message in the group that no test has taken yet.
    ///
    /// # Panics
    /// When none comes within the limit.
    pub async fn next_message(&self, limit: Duration) -> Message {
        next_message(&self.shared, self.id, limit).await
    }

    /// Like [`Group::next_message`], with `None` when none comes within the limit.
    pub async fn try_next_message(&self, limit: Duration) -> Option<Message> {
        try_next_message(&self.shared, self.id, limit).await
    }

    /// The bot's messages in the group as they stand now, oldest first, without deleted ones.
    #[must_use]
    pub fn bot_messages(&self) -> Vec<Message> {
        bot_messages(&self.shared, self.id)
    }
}

impl Topic {
    /// The topic's id: that of the message that began it.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.id
    }

    /// Deletes the topic: nothing can be written there any more.
    pub fn is_deleted(&self) {
        self.group.shared.change(|state| {
            if let Some(chat) = state.chats.get_mut(&self.group.id) {
                chat.topics.remove(&self.id);
            }
        });
    }
}

/// The bot is out of a chat, or back in it, and hears of it.
fn membership(state: &mut State, chat_id: i64, by: i64, is_out: bool) {
    let Some(chat) = state.chats.get_mut(&chat_id) else {
        return;
    };
    chat.blocked = is_out;
    let chat = chat.json.clone();
    let bot = state.bot.clone();
    let member = |is_out: bool| {
        let status = if is_out { "kicked" } else { "member" };
        let mut member = json!({ "user": bot, "status": status });
        if is_out {
            member["until_date"] = 0.into();
        }
        member
    };
    let change = json!({
        "chat": chat, "from": state.users.get(&by), "date": state.now(),
        "old_chat_member": member(!is_out), "new_chat_member": member(is_out),
    });
    state.queue("my_chat_member", change);
}

async fn next_message(shared: &Shared, chat_id: i64, limit: Duration) -> Message {
    match try_next_message(shared, chat_id, limit).await {
        Some(message) => message,
        None => {
            let violations = shared.lock().violations.list();
            fail(&format!(
                "no message came to chat {chat_id} within {limit:?}; violations so far: {violations:?}"
            ))
        }
    }
}

async fn try_next_message(shared: &Shared, chat_id: i64, limit: Duration) -> Option<Message> {
    let deadline = Instant::now() + limit;
    let mut changed = shared.changed.subscribe();
    loop {
        {
            let mut state = shared.lock();
            while let Some(id) = state.untaken.get_mut(&chat_id).and_then(VecDeque::pop_front) {
                let message = state
                    .messages
                    .get(&(chat_id, id))
                    .filter(|message| !message.deleted);
                if let Some(message) = message {
                    return Some(message.clone());
                }
            }
        }
        if Instant::now() >= deadline {
            return None;
        }
        // Either there is news, or the time is over: the loop's head tells which.
        let _ = tokio::time::timeout_at(deadline, changed.changed()).await;
    }
}

fn bot_messages(shared: &Shared, chat_id: i64) -> Vec<Message> {
    let state = shared.lock();
    let bot = state.bot_id();
    let chat = (chat_id, i64::MIN)..=(chat_id, i64::MAX);
    let messages = state.messages.range(chat).map(|(_, message)| message);
    messages
        .filter(|message| message.from_id == bot && !message.deleted)
        .cloned()
        .collect()
}

/// The entities that Telegram finds by itself in what people type: commands and mentions.
fn typed_entities(text: &str) -> Vec<Entity> {
    let mut entities = Vec::new();
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let name = word.trim_end();
        let is_name = |rest: &str| {
            !rest.is_empty()
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@'))
        };
        let kind = match name.split_at_checked(1) {
            Some(("/", rest)) if is_name(rest) => Some("bot_command"),
            Some(("@", rest)) if is_name(rest) => Some("mention"),
            _ => None,
        };
        if let Some(kind) = kind {
            entities.push(Entity::new(kind, offset, utf16_length(name)));
        }
        offset += utf16_length(word);
    }
    entities
}
