//! What a message is about: what it answers, whose words it forwards, what it links, what came with it.

use messages::{Attachment, Author, Link, Quoted, UserMessageV2};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Me,
    wire::{Account, Chat, Message},
};

/// How much of an answered message is handed on, in characters: what a long message has.
const LONGEST_QUOTE: usize = 4_096;

/// How much of a file's name is handed on, in characters.
const LONGEST_NAME: usize = 255;

/// How many links of one message are handed on; Telegram's own limit of entities.
const MOST_LINKS: usize = 100;

/// How many files of one message are handed on: an album has ten.
pub(super) const MOST_FILES: usize = 10;

/// What files are called in the Bot API's `Message`. A picture comes in several sizes, the largest last.
const FILES: [&str; 8] = [
    "photo",
    "voice",
    "audio",
    "video_note",
    "video",
    "animation",
    "document",
    "live_photo",
];

/// A part of an answered message that the user chose (Bot API, "TextQuote").
#[derive(Deserialize)]
struct Quote {
    text: String,
}

/// Where a forwarded message comes from (Bot API, "MessageOrigin"): one of these says who wrote it.
#[derive(Deserialize)]
struct Origin {
    #[serde(default)]
    sender_user: Option<Account>,
    #[serde(default)]
    sender_user_name: Option<String>,
    #[serde(default)]
    sender_chat: Option<Chat>,
    #[serde(default)]
    chat: Option<Chat>,
}

/// A message of another chat that is answered (Bot API, "ExternalReplyInfo"); it comes without its text.
#[derive(Deserialize)]
struct External {
    origin: Origin,
}

/// A file (Bot API, "Document" and its like).
#[derive(Deserialize)]
struct File {
    file_id: String,
    #[serde(default)]
    file_name: Option<String>,
    #[serde(default)]
    mime_type: Option<String>,
    #[serde(default)]
    file_size: Option<u64>,
}

/// Adds what a message is about to what it says.
pub(super) fn add(said: &mut UserMessageV2, message: &Message, sender: &Account, me: &Me) {
    if message.has("forward_origin") {
        let origin: Option<Origin> = message.field("forward_origin");
        said.forwarded_from = Some(origin.map_or_else(nobody, |origin| author(origin, sender, me)));
    }
    said.reply_to = quoted(message, sender, me);
    said.thread = message
        .field::<bool>("is_topic_message")
        .filter(|is_topic| *is_topic)
        .and_then(|_| message.field::<i64>("message_thread_id"))
        .map(|id| id.to_string());
    said.links = message
        .links()
        .into_iter()
        .take(MOST_LINKS)
        .map(|(text, url)| Link {
            text: text.to_owned(),
            url: url.to_owned(),
        })
        .collect();
    said.attachments = std::iter::once(message)
        .chain(&message.album)
        .flat_map(files)
        .take(MOST_FILES)
        .collect();
    said.attachments.extend(contact(message));
}

fn quoted(message: &Message, sender: &Account, me: &Me) -> Option<Quoted> {
    let chosen = message.field::<Quote>("quote").map(|quote| quote.text);
    if let Some(replied) = &message.reply_to_message {
        // Within a topic every message answers the one that began it; nobody chose that.
        if replied.has("forum_topic_created") {
            return None;
        }
        let whole = replied.text.clone().or_else(|| replied.caption.clone());
        let by = match &replied.from {
            _ if replied.has("forward_origin") => {
                let origin: Option<Origin> = replied.field("forward_origin");
                origin.map_or_else(nobody, |origin| author(origin, sender, me))
            }
            Some(account) => by(account, sender, me),
            None => nobody(),
        };
        return Some(Quoted {
            message_ref: replied.message_id.map(|id| id.to_string()),
            author: by,
            text: clipped(chosen.or(whole).unwrap_or_default()),
        });
    }
    if !message.has("external_reply") && chosen.is_none() {
        return None;
    }
    let external: Option<External> = message.field("external_reply");
    Some(Quoted {
        message_ref: None,
        author: external.map_or_else(nobody, |external| author(external.origin, sender, me)),
        text: clipped(chosen.unwrap_or_default()),
    })
}

fn author(origin: Origin, sender: &Account, me: &Me) -> Author {
    if let Some(account) = &origin.sender_user {
        return by(account, sender, me);
    }
    let name = origin
        .sender_user_name
        .or_else(|| origin.sender_chat.or(origin.chat).and_then(|chat| chat.title));
    Author::Other {
        name: name.unwrap_or_default(),
    }
}

fn by(account: &Account, sender: &Account, me: &Me) -> Author {
    if account.id == sender.id {
        Author::User
    } else if account.id == me.id {
        Author::Assistant
    } else {
        Author::Other {
            name: account.full_name(),
        }
    }
}

/// A contact, whose words are whoever's wrote it down.
fn contact(message: &Message) -> Option<Attachment> {
    #[derive(Deserialize)]
    struct Contact {
        phone_number: String,
        first_name: String,
        #[serde(default)]
        last_name: Option<String>,
    }
    let contact: Contact = message.field("contact")?;
    let last = contact.last_name.unwrap_or_default();
    let text = format!("{} {last}\n{}", contact.first_name, contact.phone_number);
    Some(Attachment {
        kind: "contact".to_owned(),
        file_ref: String::new(),
        name: None,
        media_type: None,
        bytes: None,
        text: Some(clipped(text)),
    })
}

/// Who cannot be read is somebody else: their words are no orders.
fn nobody() -> Author {
    Author::Other { name: String::new() }
}

/// The files of one message.
pub(super) fn files(message: &Message) -> impl Iterator<Item = Attachment> {
    FILES.iter().filter_map(|kind| attachment(message, kind))
}

/// What stays the same of a file, however often it is sent.
pub(super) fn unique_id(message: &Message, kind: &str) -> Option<String> {
    let file: Value = message.field(kind)?;
    let file = file.as_array().map_or(Some(&file), |sizes| sizes.last())?;
    Some(file["file_unique_id"].as_str()?.to_owned())
}

/// What a file is, as far as the Bot API tells.
pub(super) fn attachment(message: &Message, kind: &str) -> Option<Attachment> {
    let file = match message.field::<Value>(kind)? {
        Value::Array(sizes) => sizes.into_iter().next_back()?,
        file => file,
    };
    let file = File::deserialize(file).ok()?;
    Some(Attachment {
        kind: kind.to_owned(),
        file_ref: file.file_id,
        name: file.file_name.map(the_end_of),
        media_type: file.mime_type.map(clipped),
        bytes: file.file_size,
        text: None,
    })
}

/// A name's end, which says what it is.
fn the_end_of(name: String) -> String {
    match name.char_indices().rev().nth(LONGEST_NAME) {
        Some((before, _)) => name[before..].chars().skip(1).collect(),
        None => name,
    }
}

fn clipped(text: String) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}
