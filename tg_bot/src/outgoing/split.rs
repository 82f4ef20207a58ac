//! Rendered text into messages that Telegram takes, cut where a reader would cut.

use std::ops::Range;

use teloxide::types::{MessageEntity, MessageEntityKind};
use unicode_segmentation::GraphemeCursor;

use super::render::{RichText, Span, Style};

/// The longest text of a message, in UTF-16 code units (Bot API `sendMessage`).
pub const MAX_UNITS: usize = 4096;

/// More entities than this in one message are ignored by Telegram.
pub const MAX_ENTITIES: usize = 100;

/// A message is not cut for its entities where less than one part of so many would be filled; then those go that are
/// missed least.
const LEAST_FILLED: usize = 2;

/// What a cut costs, in parts of a full message: a cut is made earlier if that saves more than the room it
/// wastes.
mod cost {
    pub(super) const PARAGRAPH: f64 = 0.0;
    pub(super) const LINE: f64 = 0.25;
    pub(super) const SENTENCE: f64 = 0.35;
    pub(super) const WORD: f64 = 0.5;
    /// Within a grapheme's neighbours, where there is nothing better.
    pub(super) const HARD: f64 = 4.0;
    /// On top: a link or an emphasis is torn.
    pub(super) const TORN_STYLE: f64 = 0.1;
    /// On top: a code block is torn that would have fit into a message of its own.
    pub(super) const TORN_BLOCK: f64 = 1.5;
}

/// One message: its text and formatting.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The text, with something visible in it.
    pub text: String,
    /// Its formatting, in UTF-16 code units.
    pub entities: Vec<MessageEntity>,
}

/// Splits a text into messages, in order; none when nothing in it is visible.
pub fn split(rich: &RichText) -> Vec<Part> {
    split_to(rich, MAX_UNITS)
}

/// As [`split`], with at most so many UTF-16 code units in a message.
pub(super) fn split_to(rich: &RichText, most: usize) -> Vec<Part> {
    let text = rich.text();
    let mut parts = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = cut(rich, start, most);
        parts.extend(part(rich, start..end));
        start = end;
    }
    parts
}

/// Where the message that starts at `start` ends.
fn cut(rich: &RichText, start: usize, most: usize) -> usize {
    let text = rich.text();
    let start = skip_blank(rich, start);
    let limit = room(rich, start, most);
    if limit == text.len() {
        return limit;
    }
    let spans: Vec<&Span> = touching(rich.spans(), &(start..limit)).collect();
    let window = text.get(start..limit).unwrap_or_default();
    let full = units(window) as f64;
    let mut best = (1.0 - cost::HARD, grapheme_border(text, start, limit));
    let mut filled = 0;
    let mut previous = '\n';
    // The character behind the window counts too: when it is white space, the whole window is a message.
    let behind = text.get(limit..).and_then(|rest| rest.chars().next());
    for (offset, character) in window
        .char_indices()
        .chain(behind.map(|character| (window.len(), character)))
    {
        let at = start + offset;
        if character.is_whitespace() && offset > 0 {
            let score =
                filled as f64 / full - cut_cost(text, at, character, previous) - tear_cost(&spans, at);
            if score >= best.0 && has_visible(text.get(start..at).unwrap_or_default()) {
                best = (score, at);
            }
        }
        filled += character.len_utf16();
        previous = character;
    }
    best.1
}

fn cut_cost(text: &str, at: usize, character: char, previous: char) -> f64 {
    let rest = text.get(at..).unwrap_or_default();
    match character {
        '\n' if rest.starts_with("\n\n") => cost::PARAGRAPH,
        '\n' => cost::LINE,
        _ if matches!(previous, '.' | '!' | '?' | '…' | ':' | ';') => cost::SENTENCE,
        _ => cost::WORD,
    }
}

fn tear_cost(spans: &[&Span], at: usize) -> f64 {
    let torn = spans
        .iter()
        .filter(|span| span.range.start < at && at < span.range.end);
    torn.map(|span| match span.style {
        Style::Pre { .. } if span.range.len() <= MAX_UNITS => cost::TORN_BLOCK,
        Style::Pre { .. } | Style::Quote | Style::Details => 0.0,
        _ => cost::TORN_STYLE,
    })
    .sum()
}

/// The farthest place where the message may end: by its length, and by its number of entities.
fn room(rich: &RichText, start: usize, most: usize) -> usize {
    let text = rich.text();
    let mut used = 0;
    let rest = text.get(start..).unwrap_or_default();
    let by_length = rest
        .char_indices()
        .find(|(_, character)| {
            used += character.len_utf16();
            used > most
        })
        .map_or(text.len(), |(offset, _)| start + offset);
    // Spans are sorted, so the first one too many says where the message must have ended.
    let ends_before = |mut spans: Box<dyn Iterator<Item = &Span> + '_>| {
        spans
            .nth(MAX_ENTITIES)
            .filter(|span| span.range.start > start)
            .map(|span| span.range.start)
    };
    let window = start..by_length;
    let all = touching(rich.spans(), &window);
    let needed = touching(rich.spans(), &window).filter(|span| worth(&span.style) == NEEDED);
    let is_filled = |end: &usize| units(text.get(start..*end).unwrap_or_default()) >= most / LEAST_FILLED;
    ends_before(Box::new(all))
        .filter(is_filled)
        .or_else(|| ends_before(Box::new(needed)))
        .unwrap_or(by_length)
}

/// What is lost with a style: an address, or that something is a secret.
const NEEDED: u8 = 0;

/// How soon a style goes where there are too many: the higher the sooner.
fn worth(style: &Style) -> u8 {
    match style {
        Style::Link(_) | Style::Spoiler => NEEDED,
        Style::Pre { .. } | Style::Strikethrough => 1,
        Style::Quote | Style::Details => 2,
        Style::Code => 3,
        Style::Bold => 4,
        Style::Italic | Style::Underline => 5,
    }
}

fn touching<'s>(spans: &'s [Span], range: &Range<usize>) -> impl Iterator<Item = &'s Span> {
    let Range { start, end } = *range;
    spans
        .iter()
        .take_while(move |span| span.range.start < end)
        .filter(move |span| span.range.end > start)
}

/// The last border between graphemes at or before `limit`; between characters if one grapheme fills the
/// message.
fn grapheme_border(text: &str, start: usize, limit: usize) -> usize {
    let mut cursor = GraphemeCursor::new(limit, text.len(), true);
    let border = match cursor.is_boundary(text, 0) {
        Ok(true) => Some(limit),
        _ => cursor.prev_boundary(text, 0).ok().flatten(),
    };
    border.filter(|border| *border > start).unwrap_or(limit)
}

/// The message in this range, without white space around it; `None` when nothing in it is visible.
fn part(rich: &RichText, range: Range<usize>) -> Option<Part> {
    let start = skip_blank(rich, range.start);
    let text = rich.text().get(start..range.end)?.trim_end();
    if !has_visible(text) {
        return None;
    }
    let range = start..start + text.len();
    let spans = most_worth(touching(rich.spans(), &range).collect());
    let entities = spans.into_iter().filter_map(|span| {
        let inner = span.range.start.max(range.start)..span.range.end.min(range.end);
        let inner = trimmed(rich.text(), inner, &span.style)?;
        let offset = units(rich.text().get(range.start..inner.start)?);
        let length = units(rich.text().get(inner)?);
        Some(MessageEntity::new(kind(&span.style), offset, length))
    });
    Some(Part {
        entities: entities.collect(),
        text: text.to_owned(),
    })
}

/// As many as a message may have, in their order.
fn most_worth(spans: Vec<&Span>) -> Vec<&Span> {
    if spans.len() <= MAX_ENTITIES {
        return spans;
    }
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|index| spans.get(*index).map(|span| worth(&span.style)));
    order.truncate(MAX_ENTITIES);
    order.sort_unstable();
    order
        .into_iter()
        .filter_map(|index| spans.get(index).copied())
        .collect()
}

/// A styled range without white space at its ends, except the indentation of a code block's first line.
fn trimmed(text: &str, range: Range<usize>, style: &Style) -> Option<Range<usize>> {
    let inner = text.get(range.clone())?;
    let end = range.start + inner.trim_end().len();
    let start = range.end
        - match style {
            // A quotation may begin with such a block, and must not begin behind it.
            Style::Pre { .. } | Style::Quote | Style::Details => inner.trim_start_matches('\n').len(),
            _ => inner.trim_start().len(),
        };
    (start < end).then_some(start..end)
}

/// Behind the white space at `start`; within a code block, behind the empty lines.
fn skip_blank(rich: &RichText, start: usize) -> usize {
    let rest = rich.text().get(start..).unwrap_or_default();
    let visible = start + (rest.len() - rest.trim_start().len());
    let is_indented_code = touching(rich.spans(), &(visible..visible + 1))
        .find(|span| matches!(span.style, Style::Pre { .. }))
        .map(|span| span.range.start);
    match is_indented_code {
        Some(block) => {
            let line = rich
                .text()
                .get(start..visible)
                .and_then(|blank| blank.rfind('\n'))
                .map_or(start, |newline| start + newline + 1);
            line.max(block.min(visible))
        }
        None => visible,
    }
}

fn kind(style: &Style) -> MessageEntityKind {
    match style {
        Style::Bold => MessageEntityKind::Bold,
        Style::Italic => MessageEntityKind::Italic,
        Style::Strikethrough => MessageEntityKind::Strikethrough,
        Style::Code => MessageEntityKind::Code,
        Style::Pre { language } => MessageEntityKind::Pre {
            language: language.clone(),
        },
        Style::Link(url) => MessageEntityKind::TextLink { url: url.clone() },
        Style::Underline => MessageEntityKind::Underline,
        Style::Spoiler => MessageEntityKind::Spoiler,
        Style::Quote => MessageEntityKind::Blockquote,
        Style::Details => MessageEntityKind::ExpandableBlockquote,
    }
}

/// The length as Telegram counts it.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Whether Telegram would see a text here: it calls a message empty that has only these characters.
fn has_visible(text: &str) -> bool {
    text.chars().any(|character| {
        !(character.is_whitespace()
            || character.is_control()
            || matches!(
                character,
                '\u{ad}'
                    | '\u{34f}'
                    | '\u{61c}'
                    | '\u{115f}'
                    | '\u{1160}'
                    | '\u{17b4}'
                    | '\u{17b5}'
                    | '\u{180b}'..='\u{180e}'
                    | '\u{200b}'..='\u{200f}'
                    | '\u{202a}'..='\u{202e}'
                    | '\u{2060}'..='\u{206f}'
                    | '\u{2800}'
                    | '\u{3164}'
                    | '\u{fe00}'..='\u{fe0f}'
                    | '\u{feff}'
                    | '\u{ffa0}'
                    | '\u{e0000}'..='\u{e0fff}'
            ))
    })
}
