//! Updates as they are read: the few fields that matter, each by itself.
//!
//! Telegram confirms what was polled and never gives it again, so an update that cannot be read is a message that
//! is lost. Hence nothing here is required but who wrote and where: what is unknown is ignored, and an optional field
//! that is not as it was documented is as good as absent, without costing the ones beside it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value, value::RawValue};

/// One update.
#[derive(Debug)]
pub(crate) struct Update {
    /// Its id; the next poll confirms it by a higher one.
    pub(crate) id: i64,
    /// What happened.
    pub(crate) kind: Kind,
    /// The ids of the other parts of an album, where it is one.
    pub(crate) others: Vec<i64>,
}

/// What happened.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Somebody wrote.
    Message(Box<Message>),
    /// Somebody changed what they wrote.
    Edited(Box<Message>),
    /// Somebody pressed a button.
    Pressed(Box<Press>),
    /// The bot was let into a chat, or put out of it.
    Membership(Box<Membership>),
    /// Something that this build does not follow, or that names neither chat nor person.
    Unknown,
}

/// An account: a person, or a bot.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Account {
    /// Telegram's id, which is also that of the private chat.
    pub(crate) id: u64,
    /// Whether it is a bot.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) is_bot: Option<bool>,
    /// The first name.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) first_name: Option<String>,
    /// The last name.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) last_name: Option<String>,
    /// The `@name`, without `@`.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) username: Option<String>,
    /// The language of their app.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) language_code: Option<String>,
}

/// A chat.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Chat {
    /// Telegram's id: below zero for groups and channels.
    pub(crate) id: i64,
    /// What a group or channel is called.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) title: Option<String>,
}

/// A message, as far as we read it.
#[derive(Debug, Deserialize)]
pub(crate) struct Message {
    /// Where it was written.
    pub(crate) chat: Chat,
    /// Who wrote it; nobody for a channel's.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) from: Option<Account>,
    /// Its id in the chat.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) message_id: Option<i64>,
    /// When it was written, in Unix seconds.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) date: Option<i64>,
    /// What was written.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) text: Option<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    entities: Vec<Entity>,
    /// What was written below a picture or the like.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) caption: Option<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    caption_entities: Vec<Entity>,
    /// The message of this chat that it answers.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) reply_to_message: Option<Box<Message>>,
    /// A place.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) location: Option<Location>,
    /// A sticker.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) sticker: Option<Sticker>,
    /// A die that was thrown, or the like.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) dice: Option<Dice>,
    /// The album that it is part of.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) media_group_id: Option<String>,
    /// The other parts of the album, where they came together.
    #[serde(skip)]
    pub(crate) album: Vec<Message>,
    /// The buttons below it, as they came.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) reply_markup: Option<Keyboard>,
    /// All others: what they are named tells what kind of message it is.
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// A formatted or linked part of a text; places count UTF-16 code units.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Entity {
    offset: usize,
    length: usize,
    /// What a tap opens, where the text does not show it.
    #[serde(default, deserialize_with = "lenient")]
    url: Option<String>,
}

/// A place on the earth.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Location {
    /// In degrees, north of the equator.
    pub(crate) latitude: f64,
    /// In degrees, east of Greenwich.
    pub(crate) longitude: f64,
}

/// A sticker.
#[derive(Debug, Deserialize)]
pub(crate) struct Sticker {
    /// The emoji that it stands for.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) emoji: Option<String>,
}

/// A die that was thrown, or the like.
#[derive(Debug, Deserialize)]
pub(crate) struct Dice {
    /// What was thrown.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) emoji: Option<String>,
    /// What came.
    pub(crate) value: i64,
}

/// Buttons below a message, each as it came: what this build does not know of them is sent back as it was.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Keyboard {
    /// The rows.
    pub(crate) inline_keyboard: Vec<Vec<Value>>,
}

/// A button that was pressed.
#[derive(Debug, Deserialize)]
pub(crate) struct Press {
    /// What it is answered by.
    pub(crate) id: String,
    /// Who pressed.
    pub(crate) from: Account,
    /// The message that the button is below.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) message: Option<Message>,
    /// What the button carries.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) data: Option<String>,
}

/// What the bot is in a chat from now on (Bot API, "ChatMemberUpdated").
#[derive(Debug, Deserialize)]
pub(crate) struct Membership {
    /// The chat; a person's when they blocked the bot.
    pub(crate) chat: Chat,
    new_chat_member: Member,
}

#[derive(Debug, Deserialize)]
struct Member {
    status: String,
    /// Of who is restricted: whether they are in it at all.
    #[serde(default, deserialize_with = "lenient")]
    is_member: Option<bool>,
}

impl Membership {
    /// Whether the bot is out.
    pub(crate) fn is_out(&self) -> bool {
        match self.new_chat_member.status.as_str() {
            "left" | "kicked" => true,
            "restricted" => self.new_chat_member.is_member == Some(false),
            _ => false,
        }
    }
}

impl Update {
    /// Reads an update; `None` for what has no id, which no poll can confirm either.
    pub(crate) fn read(json: &str) -> Option<Self> {
        let fields = match serde_json::from_str(json) {
            Ok(Value::Object(fields)) => Some(fields),
            _ => shallow(json, OUR_DEPTH),
        };
        let Some(mut fields) = fields else {
            // Broken off, or no object; its id may still be there.
            return update_id(json).map(|id| Self {
                id,
                kind: Kind::Unknown,
                others: Vec::new(),
            });
        };
        let id = fields.get("update_id").and_then(Value::as_i64)?;
        let mut take = |name: &str| fields.remove(name);
        let kind = if let Some(message) = take("message") {
            read(message).map(Kind::Message)
        } else if let Some(message) = take("edited_message") {
            read(message).map(Kind::Edited)
        } else if let Some(press) = take("callback_query") {
            read(press).map(Kind::Pressed)
        } else if let Some(membership) = take("my_chat_member") {
            read(membership).map(Kind::Membership)
        } else {
            None
        };
        Some(Self {
            id,
            kind: kind.unwrap_or(Kind::Unknown),
            others: Vec::new(),
        })
    }

    /// Its id, and those of what was joined to it.
    pub(crate) fn ids(&self) -> impl Iterator<Item = i64> {
        std::iter::once(self.id).chain(self.others.iter().copied())
    }

    /// The chat that it belongs to; what belongs to none has 0.
    pub(crate) fn chat(&self) -> i64 {
        match &self.kind {
            Kind::Message(message) | Kind::Edited(message) => message.chat.id,
            Kind::Pressed(press) => press.message.as_ref().map_or_else(
                || i64::try_from(press.from.id).unwrap_or(0),
                |message| message.chat.id,
            ),
            Kind::Membership(membership) => membership.chat.id,
            Kind::Unknown => 0,
        }
    }
}

impl Account {
    /// First and last name.
    pub(crate) fn full_name(&self) -> String {
        let names = [self.first_name.as_deref(), self.last_name.as_deref()];
        names.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// As the Bot API's library knows it.
    pub(crate) fn to_user(&self) -> teloxide::types::User {
        teloxide::types::User {
            id: teloxide::types::UserId(self.id),
            is_bot: self.is_bot == Some(true),
            first_name: self.first_name.clone().unwrap_or_default(),
            last_name: self.last_name.clone(),
            username: self.username.clone(),
            language_code: self.language_code.clone(),
            is_premium: false,
            added_to_attachment_menu: false,
        }
    }
}

impl Chat {
    /// Whether it is one person's (Bot API, "Chat": groups and channels have ids below zero).
    pub(crate) fn is_private(&self) -> bool {
        self.id > 0
    }
}

impl Message {
    /// Whether it has a field of this name, readable or not.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.others.get(field).is_some_and(|value| !value.is_null())
    }

    /// A field that is read only where it is needed.
    pub(crate) fn field<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.others.get(name).and_then(|value| T::deserialize(value).ok())
    }

    /// What the links in the text or caption open, where the text does not show it: the words, and the address.
    pub(crate) fn links(&self) -> Vec<(&str, &str)> {
        let (text, entities) = match (&self.text, &self.caption) {
            (Some(text), _) => (text, &self.entities),
            (None, Some(caption)) => (caption, &self.caption_entities),
            (None, None) => return Vec::new(),
        };
        entities
            .iter()
            .filter_map(|entity| Some((entity.of(text)?, entity.url.as_deref()?)))
            .collect()
    }
}

impl Entity {
    /// The part of the text that it is about.
    fn of<'t>(&self, text: &'t str) -> Option<&'t str> {
        let end = self.offset.checked_add(self.length)?;
        let mut units = 0;
        let (mut from, mut to) = (None, None);
        for (at, c) in text.char_indices().chain([(text.len(), '\0')]) {
            if units == self.offset {
                from = Some(at);
            }
            if units == end {
                to = Some(at);
                break;
            }
            units += c.len_utf16();
        }
        text.get(from?..to?)
    }
}

/// How deep what we need of an update lies in it.
const OUR_DEPTH: usize = 4;

/// The fields of an object that is nested deeper than the parser goes: what is too deep is there, and empty.
fn shallow(json: &str, depth: usize) -> Option<Map<String, Value>> {
    let raw: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).ok()?;
    let read = |field: &RawValue| {
        serde_json::from_str(field.get()).unwrap_or_else(|_| {
            let below = depth.checked_sub(1).and_then(|depth| shallow(field.get(), depth));
            Value::Object(below.unwrap_or_default())
        })
    };
    Some(
        raw.into_iter()
            .map(|(name, field)| (name, read(&field)))
            .collect(),
    )
}

/// The id of an update that is otherwise unreadable.
fn update_id(json: &str) -> Option<i64> {
    #[derive(Deserialize)]
    struct Id {
        update_id: i64,
    }
    serde_json::from_str::<Id>(json).ok().map(|id| id.update_id)
}

fn read<T: DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}

/// The field, or nothing when it is not what it should be.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(read(Value::deserialize(deserializer)?))
}

/// Those of the list that are what they should be.
fn lenient_list<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(values) => values.into_iter().filter_map(read).collect(),
        _ => Vec::new(),
    })
}
