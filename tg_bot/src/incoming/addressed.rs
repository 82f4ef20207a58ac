//! What a message says to the bot: everything in private; in groups, what mentions it or replies to it.

use teloxide::types::{Message, MessageEntityKind, MessageEntityRef};

use super::Me;

/// What was said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A text, or the caption of a photo or the like.
    Text(String),
    /// A sticker, a voice message, a photo without a word.
    Other,
}

/// What a message says to the bot; `None` when it is not for the bot.
pub(super) fn said(message: &Message, me: &Me) -> Option<Said> {
    let Some(text) = message.text().or_else(|| message.caption()) else {
        return (message.chat.is_private() || is_reply_to(message, me)).then_some(Said::Other);
    };
    if message.chat.is_private() {
        return Some(Said::Text(text.to_owned()));
    }
    let mentions: Vec<_> = mentions_of(message, me);
    let is_command = text.starts_with('/') && names(text.split_whitespace().next().unwrap_or_default(), me);
    if mentions.is_empty() && !is_command && !is_reply_to(message, me) {
        return None;
    }
    // "@bot what's the time?" asks what "what's the time?" asks.
    let text = match mentions.first() {
        Some(mention) if mention.start() == 0 => text
            .get(mention.end()..)
            .unwrap_or_default()
            .trim_start_matches([' ', ',', ':', '\n']),
        _ => text,
    };
    Some(if text.is_empty() {
        Said::Other
    } else {
        Said::Text(text.to_owned())
    })
}

fn is_reply_to(message: &Message, me: &Me) -> bool {
    message
        .reply_to_message()
        .and_then(|replied| replied.from.as_ref())
        .is_some_and(|author| author.id.0 == me.id)
}

fn mentions_of<'m>(message: &'m Message, me: &Me) -> Vec<MessageEntityRef<'m>> {
    let entities = message
        .parse_entities()
        .or_else(|| message.parse_caption_entities());
    entities
        .unwrap_or_default()
        .into_iter()
        .filter(|entity| *entity.kind() == MessageEntityKind::Mention && names(entity.text(), me))
        .collect()
}

/// Whether the word ends in the bot's `@name`; names have no case.
fn names(word: &str, me: &Me) -> bool {
    word.rsplit_once('@')
        .is_some_and(|(_, name)| name.eq_ignore_ascii_case(&me.username))
}
