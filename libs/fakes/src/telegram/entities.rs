//! Message entities: what they are, how Telegram normalises them, and which explicit ones it refuses.

pub(crate) mod html;
pub(crate) mod link;
pub(crate) mod markdown;
pub(crate) mod normalise;
pub(crate) mod submitted;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One formatted range of a text (Bot API "MessageEntity"); offsets and lengths count UTF-16 code units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// The type as the Bot API names it: `bold`, `text_link`, `pre`…
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it starts, in UTF-16 code units.
    pub offset: usize,
    /// How long it is, in UTF-16 code units.
    pub length: usize,
    /// Only for `text_link`: what a tap opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Only for `text_mention`: the mentioned user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Value>,
    /// Only for `pre`: the programming language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Only for `custom_emoji`: the emoji's identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_emoji_id: Option<String>,
}

impl Entity {
    /// An entity of this type over this range, with no argument.
    #[must_use]
    pub fn new(kind: &str, offset: usize, length: usize) -> Self {
        Self {
            kind: kind.to_owned(),
            offset,
            length,
            url: None,
            user: None,
            language: None,
            custom_emoji_id: None,
        }
    }

    /// The first UTF-16 code unit behind the entity.
    #[must_use]
    pub fn end(&self) -> usize {
        self.offset.saturating_add(self.length)
    }
}

/// A text with its entities, as Telegram would store it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormattedText {
    /// The text without its markup.
    pub text: String,
    /// Its entities, sorted by offset.
    pub entities: Vec<Entity>,
    /// What Telegram drops without a word, such as links that are none: a careful client sends no such thing.
    pub dropped: Vec<String>,
}

/// Parses a text in Telegram's "HTML style".
///
/// # Errors
/// The words that the Bot API puts behind `Bad Request: can't parse entities: `.
pub fn parse_html(text: &str) -> Result<FormattedText, String> {
    html::parse(text).map(sorted)
}

/// Parses a text in Telegram's "MarkdownV2 style".
///
/// # Errors
/// The words that the Bot API puts behind `Bad Request: can't parse entities: `.
pub fn parse_markdown_v2(text: &str) -> Result<FormattedText, String> {
    markdown::parse(text).map(sorted)
}

fn sorted(mut formatted: FormattedText) -> FormattedText {
    formatted.entities.sort_by(normalise::order);
    formatted
}

/// The length of a text as Telegram counts it.
#[must_use]
pub fn utf16_length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// A cursor over bytes that answers 0 behind the end, as the parsers of the original do.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl Bytes<'_> {
    /// The byte at this place, or 0 behind the end.
    pub(crate) fn at(&self, index: usize) -> u8 {
        self.0.get(index).copied().unwrap_or(0)
    }

    /// The text between two places, as far as they exist.
    pub(crate) fn text(&self, from: usize, to: usize) -> String {
        let end = to.min(self.0.len());
        String::from_utf8_lossy(self.0.get(from.min(end)..end).unwrap_or_default()).into_owned()
    }
}

/// White space as Telegram's parsers see it; the end of the text (0) counts as such.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0)
}

/// How many UTF-16 code units the character adds that starts with this byte of UTF-8.
pub(crate) fn utf16_units(first_byte: u8) -> usize {
    match first_byte {
        0x80..=0xbf => 0,
        0xf0..=0xff => 2,
        _ => 1,
    }
}
