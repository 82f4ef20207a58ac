//! The text of a message to send: parsed, trimmed and measured as Telegram does.

use super::entities::{self, FormattedText, normalise, submitted, utf16_length};
use super::error::ApiError;
use super::params::Params;
use super::state::State;

/// Bot API, sendMessage: 1 to 4096 characters after entities parsing, counted in UTF-16 code units.
pub(crate) const MAX_UNITS: usize = 4096;

/// Reads `text` with its `parse_mode` or `entities`; `too_long` is the method's own word for that.
pub(crate) fn read(
    state: &State,
    method: &str,
    params: &Params,
    too_long: &str,
) -> Result<FormattedText, ApiError> {
    let raw = params
        .text("text")
        .ok_or_else(|| ApiError::bad("message text is empty"))?;
    let array = params.structure("entities")?;
    let cant_parse = |reason: String| ApiError::bad(&format!("can't parse entities: {reason}"));
    let mode = params.text("parse_mode").map(|mode| mode.to_ascii_lowercase());
    if mode.is_some() && array.is_some() {
        state.violations.record(
            method,
            "both parse_mode and entities: Telegram ignores the latter",
        );
    }
    let formatted = match (mode.as_deref(), array) {
        (Some("html"), _) => entities::parse_html(&raw).map_err(cant_parse)?,
        (Some("markdownv2"), _) => entities::parse_markdown_v2(&raw).map_err(cant_parse)?,
        (Some("none"), _) | (None, None) => FormattedText {
            text: raw,
            ..FormattedText::default()
        },
        (Some(_), _) => return Err(ApiError::bad("unsupported parse_mode")),
        (None, Some(array)) => submitted::check(&raw, &array).map_err(|reason| ApiError::bad(&reason))?,
    };
    let formatted = trim(normalise::normalise(formatted));
    if formatted.text.is_empty() {
        return Err(ApiError::bad("text must be non-empty"));
    }
    if utf16_length(&formatted.text) > MAX_UNITS {
        return Err(ApiError::bad(too_long));
    }
    for dropped in &formatted.dropped {
        state
            .violations
            .record(method, format!("Telegram would drop {dropped} without a word"));
    }
    if formatted.entities.len() > submitted::MAX_ENTITIES {
        let count = formatted.entities.len();
        state.violations.record(
            method,
            format!("{count} entities: Telegram keeps only the first 100"),
        );
    }
    Ok(formatted)
}

/// Takes out carriage returns and white space at both ends, and moves the entities accordingly.
fn trim(formatted: FormattedText) -> FormattedText {
    let FormattedText {
        text,
        mut entities,
        dropped,
    } = formatted;
    let mut returns = Vec::new();
    let mut offset = 0;
    for character in text.chars() {
        if character == '\r' {
            returns.push(offset);
        }
        offset += character.len_utf16();
    }
    let text = text.replace('\r', "");
    let front = text.trim_start();
    let cut = utf16_length(&text) - utf16_length(front);
    let trimmed = front.trim_end().to_owned();
    let units = utf16_length(&trimmed);
    let moved = |offset: usize| {
        let returns_before = returns.partition_point(|place| *place < offset);
        offset
            .saturating_sub(returns_before)
            .saturating_sub(cut)
            .min(units)
    };
    for entity in &mut entities {
        let end = moved(entity.end());
        entity.offset = moved(entity.offset);
        entity.length = end - entity.offset;
    }
    entities.retain(|entity| entity.length > 0);
    FormattedText {
        text: trimmed,
        entities,
        dropped,
    }
}
