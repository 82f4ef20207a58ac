//! The `entities` array that a client sends instead of a parse mode: Telegram's checks, and stricter ones.

use super::{Entity, FormattedText, link, normalise};
use serde_json::Value;

/// More entities than this are cut off without a word by Telegram.
pub(crate) const MAX_ENTITIES: usize = 100;

const KNOWN: [&str; 20] = [
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "text_mention",
    "custom_emoji",
    "bank_card_number",
];

/// Checks the array against the text.
///
/// The error is the whole description; what Telegram would accept and drop or repair is in `dropped`.
pub(crate) fn check(text: &str, array: &Value) -> Result<FormattedText, String> {
    let Some(items) = array.as_array() else {
        return Err("can't parse entities JSON object: Expected an Array of MessageEntity".to_owned());
    };
    let borders = borders(text);
    let mut entities = Vec::new();
    let mut dropped = Vec::new();
    for item in items {
        let entity: Entity = serde_json::from_value(item.clone())
            .map_err(|error| format!("can't parse MessageEntity: {error}"))?;
        if !KNOWN.contains(&entity.kind.as_str()) {
            return Err("can't parse MessageEntity: Type of the entity is unsupported".to_owned());
        }
        check_range(&borders, &entity)?;
        if entity.kind == "text_link" {
            let address = entity.url.as_deref().unwrap_or_default();
            if matches!(link::check(address), link::Link::Invalid) {
                dropped.push(format!("the link `{address}`"));
                continue;
            }
        }
        entities.push(entity);
    }
    if entities.len() > MAX_ENTITIES {
        dropped.push(format!(
            "{} entities behind the first {MAX_ENTITIES}",
            entities.len() - MAX_ENTITIES
        ));
        entities.truncate(MAX_ENTITIES);
    }
    dropped.extend(nesting_faults(&entities));
    Ok(normalise::normalise(FormattedText {
        text: text.to_owned(),
        entities,
        dropped,
    }))
}

/// For each UTF-16 offset up to the end: whether a character may start or end there.
fn borders(text: &str) -> Vec<bool> {
    let mut borders = Vec::with_capacity(text.len() + 1);
    for character in text.chars() {
        borders.push(true);
        if character.len_utf16() == 2 {
            borders.push(false);
        }
    }
    borders.push(true);
    borders
}

fn check_range(borders: &[bool], entity: &Entity) -> Result<(), String> {
    let (begin, end) = (entity.offset, entity.end());
    if entity.length == 0 {
        return Err(format!("entity {} of length 0 at offset {begin}", entity.kind));
    }
    if begin >= borders.len() - 1 {
        return Err(format!(
            "entity begins after the end of the text at UTF-16 offset {begin}"
        ));
    }
    if end >= borders.len() {
        return Err(format!(
            "entity beginning at UTF-16 offset {begin} ends after the end of the text at UTF-16 offset {end}"
        ));
    }
    if !borders[begin] {
        return Err(format!(
            "entity begins in a middle of a UTF-16 symbol at byte offset {begin}"
        ));
    }
    if !borders[end] {
        return Err(format!(
            "entity beginning at UTF-16 offset {begin} ends in a middle of a UTF-16 symbol at UTF-16 offset {end}"
        ));
    }
    Ok(())
}

/// Overlaps without nesting, and formatting inside code, which Telegram repairs silently.
fn nesting_faults(entities: &[Entity]) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, left) in entities.iter().enumerate() {
        for right in entities.iter().skip(index + 1) {
            let overlap = left.offset < right.end() && right.offset < left.end();
            if !overlap {
                continue;
            }
            let left_inside = right.offset <= left.offset && left.end() <= right.end();
            let right_inside = left.offset <= right.offset && right.end() <= left.end();
            let code = normalise::is_code(&left.kind) || normalise::is_code(&right.kind);
            let quote = left.kind.ends_with("blockquote") != right.kind.ends_with("blockquote");
            if !(left_inside || right_inside) || (code && !quote) {
                faults.push(format!(
                    "the overlap of {} at {} with {} at {}",
                    left.kind, left.offset, right.kind, right.offset
                ));
            }
        }
    }
    faults
}
