//! What Telegram makes of the entities that a parser or a client hands over: sorted, merged, none inside code.

use super::{Entity, FormattedText};

/// Styles that Telegram splits at the borders of others and merges with their neighbours.
const STYLES: [&str; 5] = ["bold", "italic", "underline", "strikethrough", "spoiler"];

/// Sorts the entities, takes styles out of code blocks, merges touching ones of one style.
pub(crate) fn normalise(formatted: FormattedText) -> FormattedText {
    let FormattedText {
        text,
        entities,
        dropped,
    } = formatted;
    let (styles, mut blocks): (Vec<_>, Vec<_>) = entities
        .into_iter()
        .partition(|entity| STYLES.contains(&entity.kind.as_str()));
    blocks.sort_by(order);
    let mut kept: Vec<Entity> = Vec::new();
    for block in blocks {
        let is_quote = block.kind.ends_with("blockquote");
        let overlaps = |other: &Entity| other.offset < block.end() && block.offset < other.end();
        let refused = kept
            .iter()
            .any(|other| other.kind.ends_with("blockquote") == is_quote && overlaps(other));
        if !refused {
            kept.push(block);
        }
    }
    let code: Vec<(usize, usize)> = kept
        .iter()
        .filter(|entity| is_code(&entity.kind))
        .map(|entity| (entity.offset, entity.end()))
        .collect();
    for style in STYLES {
        let ranges = styles
            .iter()
            .filter(|entity| entity.kind == style)
            .map(|entity| (entity.offset, entity.end()));
        for (start, end) in without(merged(ranges.collect()), &code) {
            kept.push(Entity::new(style, start, end - start));
        }
    }
    kept.sort_by(order);
    FormattedText {
        text,
        entities: kept,
        dropped,
    }
}

/// Whether nothing may be formatted inside an entity of this type.
pub(crate) fn is_code(kind: &str) -> bool {
    matches!(kind, "code" | "pre")
}

/// By offset; of two that start together the longer first, then in Telegram's order of types.
pub(crate) fn order(left: &Entity, right: &Entity) -> std::cmp::Ordering {
    let key = |entity: &Entity| (entity.offset, usize::MAX - entity.length, priority(&entity.kind));
    key(left).cmp(&key(right))
}

/// Telegram's order of types that cover the same range.
fn priority(kind: &str) -> usize {
    match kind {
        "blockquote" | "expandable_blockquote" => 0,
        "pre" => 11,
        "code" => 20,
        "bold" => 90,
        "italic" => 91,
        "underline" => 92,
        "strikethrough" => 93,
        "spoiler" => 94,
        "custom_emoji" => 99,
        _ => 50,
    }
}

fn merged(mut ranges: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    ranges.sort_unstable();
    let mut result: Vec<(usize, usize)> = Vec::new();
    for (start, end) in ranges {
        match result.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => result.push((start, end)),
        }
    }
    result
}

/// The ranges with the holes cut out of them; both are sorted.
fn without(ranges: Vec<(usize, usize)>, holes: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut result = Vec::new();
    for (mut start, end) in ranges {
        for hole in holes {
            if hole.0 >= end || hole.1 <= start {
                continue;
            }
            if hole.0 > start {
                result.push((start, hole.0));
            }
            start = hole.1;
        }
        if start < end {
            result.push((start, end));
        }
    }
    result
}
