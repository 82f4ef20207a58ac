//! What a message says to the bot: everything in private; in groups, what mentions it or replies to it.

use serde_json::Value;
use texts::{Language, Text};

use super::{
    Me, files,
    wire::{Location, Message},
};

/// What was said.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    /// A text, the caption of a photo or the like, the emoji of a sticker.
    Text(String),
    /// A place on the map: latitude and longitude.
    Pin(f64, f64),
    /// A file that may be text, a recording that is written down, or a contact; nothing was said with it.
    File,
    /// What cannot be read; the answer says so.
    Unreadable(Unreadable),
}

/// What a message without words has instead.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Unreadable {
    /// Nothing but the bot's name.
    Nothing,
    /// Something of this kind, as the catalogue names it.
    Kind(&'static str),
    /// A die, or the like.
    Thrown {
        /// Which.
        emoji: String,
        /// What it shows.
        value: i64,
    },
}

impl Unreadable {
    /// What it is answered.
    pub(super) fn answer(&self, language: Language) -> String {
        match self {
            Self::Nothing => language.say(&Text::NothingSaid),
            Self::Kind(kind) => language.say(&Text::CannotRead { kind }),
            Self::Thrown { emoji, value } => language.say(&Text::Thrown { emoji, value: *value }),
        }
    }
}

/// What Telegram itself writes into a chat (Bot API, "Message"): nobody says it, and nobody waits for an answer.
const EVENTS: [&str; 54] = [
    "new_chat_members",
    "left_chat_member",
    "chat_owner_left",
    "chat_owner_changed",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
    "message_auto_delete_timer_changed",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
    "successful_payment",
    "refunded_payment",
    "users_shared",
    "user_shared",
    "chat_shared",
    "gift",
    "unique_gift",
    "gift_upgrade_sent",
    "connected_website",
    "write_access_allowed",
    "passport_data",
    "proximity_alert_triggered",
    "boost_added",
    "chat_background_set",
    "checklist_tasks_done",
    "checklist_tasks_added",
    "direct_message_price_changed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "giveaway_created",
    "giveaway_winners",
    "giveaway_completed",
    "managed_bot_created",
    "paid_message_price_changed",
    "poll_option_added",
    "poll_option_deleted",
    "suggested_post_approved",
    "suggested_post_approval_failed",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_participants_invited",
    "web_app_data",
];

/// What people send besides text, and what they are told that it is.
const KINDS: [(&str, &str); 19] = [
    ("voice", "voice"),
    ("video_note", "video-notes"),
    ("audio", "recordings"),
    ("live_photo", "pictures"),
    ("photo", "pictures"),
    ("animation", "animations"),
    ("video", "videos"),
    ("document", "files"),
    ("paid_media", "paid-media"),
    ("story", "stories"),
    ("sticker", "sticker"),
    ("contact", "contacts"),
    ("poll", "polls"),
    ("checklist", "checklists"),
    ("invoice", "invoices"),
    ("game", "games"),
    ("giveaway", "giveaways"),
    ("venue", "place"),
    ("location", "place"),
];

/// The most of a rich message that is read, in bytes; as much as a long text has.
const LONGEST_RICH: usize = 16_384;

/// What a message says to the bot; `None` when it is not for the bot.
pub(super) fn said(message: &Message, me: &Me) -> Option<Said> {
    let is_private = message.chat.is_private();
    let Some(text) = words(message) else {
        if EVENTS.iter().any(|event| message.has(event)) || !(is_private || is_reply_to(message, me)) {
            return None;
        }
        return Some(without_words(message, me));
    };
    if is_private {
        return Some(Said::Text(text));
    }
    let mention = mentions(&text, &me.username).next();
    let is_command = text.starts_with('/') && names(text.split_whitespace().next().unwrap_or_default(), me);
    if mention.is_none() && !is_command && !is_reply_to(message, me) {
        return None;
    }
    // "@bot what's the time?" asks what "what's the time?" asks.
    let text = match mention {
        Some((0, end)) => text
            .get(end..)
            .unwrap_or_default()
            .trim_start_matches([' ', ',', ':', '\n'])
            .to_owned(),
        _ => text,
    };
    Some(if text.is_empty() {
        Said::Unreadable(Unreadable::Nothing)
    } else {
        Said::Text(text)
    })
}

/// The words of a message: its text, the captions of it and of its album, a rich message's, a sticker's emoji.
fn words(message: &Message) -> Option<String> {
    let of_album = message.album.iter().map(|part| part.caption.as_ref());
    let own = std::iter::once(message.text.as_ref().or(message.caption.as_ref()));
    let own: Vec<&str> = own
        .chain(of_album)
        .flatten()
        .map(String::as_str)
        .filter(|text| !text.trim().is_empty())
        .collect();
    let own = Some(own.join("\n")).filter(|text| !text.is_empty());
    own.or_else(|| rich_text(message))
        .or_else(|| message.sticker.as_ref()?.emoji.clone())
}

/// What a message without words is answered.
fn without_words(message: &Message, me: &Me) -> Said {
    let venue = || message.field::<Venue>("venue").map(|venue| venue.location);
    if let Some(place) = message.location.or_else(venue) {
        return Said::Pin(place.latitude, place.longitude);
    }
    if let Some(dice) = &message.dice {
        return Said::Unreadable(Unreadable::Thrown {
            emoji: dice.emoji.clone().unwrap_or_else(|| "🎲".to_owned()),
            value: dice.value,
        });
    }
    let is_file = |part: &Message| files::is_text(part) || me.hears && files::is_recording(part);
    if message.has("contact") || is_file(message) || message.album.iter().any(is_file) {
        return Said::File;
    }
    let kind = KINDS.iter().find(|(field, _)| message.has(field));
    let kind = kind.map(|(_, what)| *what);
    // These are read above where they are as they should be.
    let kind = kind.or(message.sticker.as_ref().map(|_| "sticker"));
    Said::Unreadable(Unreadable::Kind(kind.unwrap_or("other")))
}

/// A place with a name.
#[derive(serde::Deserialize)]
struct Venue {
    location: Location,
}

/// The text of a rich message (Bot API, "RichMessage"): whatever stands under `text` in its blocks, a line for each.
fn rich_text(message: &Message) -> Option<String> {
    let rich: Value = message.field("rich_message")?;
    let mut lines = Vec::new();
    collect(&rich, &mut lines);
    let mut text = lines.join("\n");
    let end = (0..=LONGEST_RICH.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or(0));
    (!text.trim().is_empty()).then_some(text)
}

fn collect(block: &Value, lines: &mut Vec<String>) {
    match block {
        Value::Array(blocks) => blocks.iter().for_each(|block| collect(block, lines)),
        Value::Object(fields) => {
            for (name, value) in fields {
                if matches!(name.as_str(), "text" | "summary") {
                    let mut line = String::new();
                    inline(value, &mut line);
                    lines.push(line);
                } else {
                    collect(value, lines);
                }
            }
        }
        _ => {}
    }
}

/// A `RichText`: a string, a list of such, or an object with one.
fn inline(text: &Value, line: &mut String) {
    match text {
        Value::String(text) => line.push_str(text),
        Value::Array(parts) => parts.iter().for_each(|part| inline(part, line)),
        Value::Object(fields) => {
            if let Some(text) = fields.get("text") {
                inline(text, line);
            }
        }
        _ => {}
    }
}

fn is_reply_to(message: &Message, me: &Me) -> bool {
    let replied = message.reply_to_message.as_ref();
    replied
        .and_then(|replied| replied.from.as_ref())
        .is_some_and(|author| author.id == me.id)
}

/// Where a text has `@name`, from and to in bytes. Found in the text itself: entities may be of kinds that are newer
/// than this build, and a mention is a mention all the same.
fn mentions(text: &str, name: &str) -> impl Iterator<Item = (usize, usize)> {
    let is_part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices('@').filter_map(move |(at, _)| {
        let end = at + 1 + name.len();
        let found = text.get(at + 1..end)?;
        let before = text[..at].chars().next_back();
        let after = text[end..].chars().next();
        let stands_alone = !before.is_some_and(is_part_of_name) && !after.is_some_and(is_part_of_name);
        (stands_alone && found.eq_ignore_ascii_case(name)).then_some((at, end))
    })
}

/// Whether the word ends in the bot's `@name`; names have no case.
fn names(word: &str, me: &Me) -> bool {
    word.rsplit_once('@')
        .is_some_and(|(_, name)| name.eq_ignore_ascii_case(&me.username))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{super::wire, *};

    /// What people send, as the Bot API hands it out.
    const CONTENTS: &str = include_str!("../../tests/updates.json");

    fn me() -> Me {
        Me {
            id: 700_000_001,
            username: "assistant_fake_bot".to_owned(),
            hears: false,
        }
    }

    fn contents() -> Vec<Value> {
        serde_json::from_str(CONTENTS).unwrap()
    }

    fn update(content: &Value) -> Value {
        let mut message = json!({
            "message_id": 9, "date": 1_795_176_000,
            "from": { "id": 42, "is_bot": false, "first_name": "Ann", "language_code": "en" },
            "chat": { "id": 42, "type": "private", "first_name": "Ann" },
        });
        let fields = message.as_object_mut().unwrap();
        fields.extend(content.as_object().unwrap().clone());
        json!({ "update_id": 7, "message": message })
    }

    fn heard(update: &Value) -> Option<Said> {
        let update = wire::Update::read(&update.to_string())?;
        assert_eq!((update.id, update.chat()), (7, 42));
        match update.kind {
            wire::Kind::Message(message) => said(&message, &me()),
            _ => None,
        }
    }

    #[test]
    fn whatever_people_send_is_answered() {
        for content in contents() {
            assert!(heard(&update(&content)).is_some(), "{content}");
        }
        let text = |content: Value| match heard(&update(&content)) {
            Some(Said::Text(text)) => text,
            other => panic!("{other:?}"),
        };
        let rich = contents()
            .into_iter()
            .find(|content| content["rich_message"]["blocks"][1].is_object());
        assert_eq!(text(rich.unwrap()), "Shopping\nbuy milk\neggs");
        assert_eq!(text(json!({ "sticker": { "emoji": "👍" } })), "👍");
        assert_eq!(text(json!({ "text": 5, "caption": "below" })), "below");
        let event = json!({ "pinned_message": { "message_id": 1 } });
        assert_eq!(heard(&update(&event)), None, "nobody said that");
    }

    #[test]
    fn a_mention_is_found_without_entities() {
        let found = |text: &str| mentions(text, "assistant_fake_bot").next();
        assert_eq!(found("@Assistant_Fake_Bot hi"), Some((0, 19)));
        assert_eq!(found("hey @assistant_fake_bot!"), Some((4, 23)));
        for text in [
            "me@assistant_fake_bot",
            "@assistant_fake_bots",
            "@assistant",
            "@",
            "é@",
            "",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    /// Every place in a value, by its JSON pointer.
    fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
        let below: Vec<(String, &Value)> = match value {
            Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
            Value::Array(values) => (0..).map(|n: usize| n.to_string()).zip(values).collect(),
            _ => Vec::new(),
        };
        for (name, value) in below {
            let pointer = format!("{at}/{name}");
            pointers(value, &pointer, all);
            all.push(pointer);
        }
    }

    fn junk() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(|number| json!(number)),
            ".{0,40}".prop_map(Value::from),
            Just(json!([])),
            Just(json!({})),
            Just(json!([[[{ "offset": -1, "length": u64::MAX, "url": 7 }]]])),
            Just(json!({ "id": 42, "text": { "text": [{ "text": "deep" }] }, "emoji": {}, "value": "6" })),
            Just(json!([{ "offset": 1, "length": 1, "url": "https://example.com" }, 5, null])),
            Just(Value::from("x".repeat(10_000))),
        ]
    }

    proptest! {
        /// Whatever else is wrong with an update: where chat and sender can be read, the person gets an answer.
        #[test]
        fn no_wrong_field_costs_an_answer(
            which in any::<prop::sample::Index>(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), junk(), any::<bool>()), 1..4),
        ) {
            let contents = contents();
            let mut update = update(which.get(&contents));
            for (place, junk, removes) in changes {
                let mut places = Vec::new();
                pointers(&update, "", &mut places);
                places.retain(|place| !matches!(
                    place.as_str(),
                    "/update_id" | "/message" | "/message/chat" | "/message/chat/id" | "/message/from"
                        | "/message/from/id" | "/message/from/is_bot"
                ));
                let place = place.get(&places);
                let (above, name) = place.rsplit_once('/').unwrap();
                match update.pointer_mut(above).unwrap() {
                    Value::Object(fields) if removes => drop(fields.remove(name)),
                    Value::Object(fields) => drop(fields.insert(name.to_owned(), junk)),
                    Value::Array(values) => values[name.parse::<usize>().unwrap()] = junk,
                    _ => unreachable!(),
                }
            }
            prop_assert!(heard(&update).is_some(), "{update}");
        }

        /// No text at all makes the reader panic.
        #[test]
        fn no_text_is_too_odd_to_be_read(text in ".{0,200}", cut in 0_usize..400) {
            let _ = wire::Update::read(&text);
            let whole = update(&contents()[4]).to_string();
            let _ = wire::Update::read(whole.get(..cut.min(whole.len())).unwrap_or_default());
        }
    }
}
