//! What the server knows: chats, messages, pending updates, and the log that tests read.

use super::entities::Entity;
use super::fault::Faults;
use super::keyboard::Button;
use super::rate::RateLimiter;
use crate::clock::Now;
use crate::violations::Violations;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio::time::Instant;

/// A message of a chat, as it stands now.
#[derive(Clone, Debug)]
pub struct Message {
    /// The chat it is in; a private chat has the user's id.
    pub chat_id: i64,
    /// Its number, unique in this server.
    pub message_id: i64,
    /// The user who wrote it; the bot's id for the bot's own.
    pub from_id: i64,
    /// Seconds since 1970 by the server's clock.
    pub date: i64,
    /// When it was last edited, likewise.
    pub edit_date: Option<i64>,
    /// The text without markup; empty for a message that has none.
    pub text: String,
    /// The formatting of the text.
    pub entities: Vec<Entity>,
    /// The inline keyboard, row by row.
    pub keyboard: Vec<Vec<Button>>,
    /// The button in place of the keyboard that shares where the user is.
    pub location_button: Option<String>,
    /// The message it answers.
    pub reply_to: Option<i64>,
    /// The topic of the forum that it is in; none for the General topic.
    pub topic: Option<i64>,
    /// When the server took it, for measuring.
    pub received_at: Instant,
    /// How often it was edited.
    pub edits: u32,
    /// Whether it was deleted.
    pub deleted: bool,
    /// The file that the bot sent: its name and its text.
    pub file: Option<(String, String)>,
    /// Fields beyond these: photos, captions.
    pub(crate) extra: Map<String, Value>,
}

impl Message {
    /// The button with this label.
    #[must_use]
    pub fn button(&self, label: &str) -> Option<&Button> {
        self.keyboard.iter().flatten().find(|button| button.text == label)
    }
}

/// One call of the Bot API, for the log.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method as the client spelled it.
    pub method: String,
    /// Its parameters.
    pub parameters: Value,
    /// When it arrived.
    pub at: Instant,
    /// The HTTP status that it got; `None` while it is open and when the connection was cut.
    pub status: Option<u16>,
}

impl Call {
    /// Whether this is a call of the method, in any case.
    #[must_use]
    pub fn is(&self, method: &str) -> bool {
        self.method.eq_ignore_ascii_case(method)
    }
}

/// "Typing…" and its like, as a chat saw it.
#[derive(Clone, Debug)]
pub struct ChatAction {
    /// The chat that saw it.
    pub chat_id: i64,
    /// The topic of the forum that saw it.
    pub topic: Option<i64>,
    /// `typing`, `upload_photo`…
    pub action: String,
    /// When.
    pub at: Instant,
}

/// The bot's answer to a pressed button.
#[derive(Clone, Debug)]
pub struct CallbackAnswer {
    /// The callback query that it answers.
    pub query_id: String,
    /// Who had pressed.
    pub user_id: i64,
    /// What was shown; empty for none.
    pub text: String,
    /// Whether as an alert instead of a notice.
    pub show_alert: bool,
}

/// A private chat or a group.
#[derive(Clone, Debug)]
pub(crate) struct Chat {
    pub(crate) json: Value,
    pub(crate) is_group: bool,
    pub(crate) blocked: bool,
    /// Whether the bot may write: a private chat needs a first word of the user.
    pub(crate) started: bool,
    /// The topics of a forum; each is the id of the message that began it.
    pub(crate) topics: BTreeSet<i64>,
    /// The id of the supergroup that it became.
    pub(crate) migrated_to: Option<i64>,
}

impl Chat {
    pub(crate) fn new(json: Value, is_group: bool) -> Self {
        Self {
            json,
            is_group,
            blocked: false,
            started: is_group,
            topics: BTreeSet::new(),
            migrated_to: None,
        }
    }
}

/// A button press that may be answered once.
pub(crate) struct Query {
    pub(crate) user_id: i64,
    pub(crate) date: i64,
    pub(crate) answered: bool,
}

/// Everything behind the server's lock.
pub(crate) struct State {
    pub(crate) bot: Value,
    pub(crate) chats: BTreeMap<i64, Chat>,
    pub(crate) users: BTreeMap<i64, Value>,
    pub(crate) messages: BTreeMap<(i64, i64), Message>,
    /// The bot's messages by chat that no test has taken yet.
    pub(crate) untaken: BTreeMap<i64, VecDeque<i64>>,
    pub(crate) updates: VecDeque<(i64, Value)>,
    pub(crate) next_update_id: i64,
    pub(crate) next_message_id: i64,
    pub(crate) next_user_id: i64,
    pub(crate) allowed_updates: BTreeSet<String>,
    /// Whether @BotFather took the token back.
    pub(crate) is_revoked: bool,
    pub(crate) webhook: Option<Value>,
    /// What is shown to the webhook.
    pub(crate) webhook_secret: Option<String>,
    /// Counts getUpdates calls: a waiting one that sees a newer one gives way.
    pub(crate) poller: u64,
    pub(crate) queries: BTreeMap<String, Query>,
    pub(crate) answers: Vec<CallbackAnswer>,
    /// Files by their id.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) commands: BTreeMap<String, Value>,
    pub(crate) keeps_calls: bool,
    pub(crate) calls: Vec<Call>,
    pub(crate) actions: Vec<ChatAction>,
    pub(crate) faults: Faults,
    pub(crate) limiter: Option<RateLimiter>,
    pub(crate) violations: Violations,
    pub(crate) now: Now,
}

/// Update kinds that a bot receives only when it asks for them by name (Bot API, getUpdates).
const ON_REQUEST: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

impl State {
    pub(crate) fn now(&self) -> i64 {
        (self.now)()
    }

    pub(crate) fn bot_id(&self) -> i64 {
        self.bot["id"].as_i64().unwrap_or_default()
    }

    /// Queues an update of this kind, unless the bot does not receive such; answers its id.
    pub(crate) fn queue(&mut self, kind: &str, content: Value) -> i64 {
        let id = self.next_update_id;
        self.next_update_id += 1;
        let wanted = if self.allowed_updates.is_empty() {
            !ON_REQUEST.contains(&kind)
        } else {
            self.allowed_updates.contains(kind)
        };
        if wanted {
            let mut update = Map::new();
            update.insert("update_id".to_owned(), id.into());
            update.insert(kind.to_owned(), content);
            self.updates.push_back((id, Value::Object(update)));
        }
        id
    }

    /// Stores a message and answers its number.
    pub(crate) fn store(&mut self, mut message: Message) -> Message {
        message.message_id = self.next_message_id;
        self.next_message_id += 1;
        self.messages
            .insert((message.chat_id, message.message_id), message.clone());
        message
    }

    /// A new message without content, not stored yet.
    pub(crate) fn blank_message(&self, chat_id: i64, from_id: i64) -> Message {
        Message {
            chat_id,
            message_id: 0,
            from_id,
            date: self.now(),
            edit_date: None,
            text: String::new(),
            entities: Vec::new(),
            keyboard: Vec::new(),
            location_button: None,
            reply_to: None,
            topic: None,
            received_at: Instant::now(),
            edits: 0,
            deleted: false,
            file: None,
            extra: Map::new(),
        }
    }

    /// A message in the Bot API's form, with the message it answers one level deep.
    pub(crate) fn message_json(&self, message: &Message) -> Value {
        let mut json = self.flat_json(message);
        // What answers nothing in a topic answers the message that began it (Bot API, "Message").
        let replied = message
            .reply_to
            .or(message.topic)
            .and_then(|id| self.messages.get(&(message.chat_id, id)));
        if let Some(replied) = replied {
            json["reply_to_message"] = self.flat_json(replied);
        }
        json
    }

    fn flat_json(&self, message: &Message) -> Value {
        let chat = self.chats.get(&message.chat_id).map(|chat| chat.json.clone());
        let from = if message.from_id == self.bot_id() {
            let mut bot = Map::new();
            for field in ["id", "is_bot", "first_name", "username"] {
                bot.insert(field.to_owned(), self.bot[field].clone());
            }
            Value::Object(bot)
        } else {
            self.users.get(&message.from_id).cloned().unwrap_or_default()
        };
        let mut json = json!({
            "message_id": message.message_id, "from": from, "chat": chat, "date": message.date,
        });
        if let Some(date) = message.edit_date {
            json["edit_date"] = date.into();
        }
        if !message.text.is_empty() {
            json["text"] = message.text.clone().into();
        }
        if !message.entities.is_empty() {
            json["entities"] = json!(message.entities);
        }
        if !message.keyboard.is_empty() {
            json["reply_markup"] = json!({ "inline_keyboard": message.keyboard });
        }
        if let Some(topic) = message.topic {
            json["message_thread_id"] = topic.into();
            json["is_topic_message"] = true.into();
        }
        if let Value::Object(fields) = &mut json {
            fields.extend(message.extra.clone());
        }
        json
    }
}

/// The state behind its lock, and the bell that rings at every change.
pub(crate) struct Shared {
    state: Mutex<State>,
    pub(crate) changed: watch::Sender<u64>,
}

impl Shared {
    pub(crate) fn new(state: State) -> Self {
        Self {
            state: Mutex::new(state),
            changed: watch::Sender::new(0),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes whoever waits for it.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
        result
    }
}
