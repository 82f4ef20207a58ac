//! A reply as the messages that carry it: the same reply always gives the same messages.

use messages::{Button, ReplyKind, ReplyV1};
use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};

use super::{
    render::{RichText, render},
    split::{Part, split},
};

/// The longest callback data, in bytes (Bot API "InlineKeyboardButton").
pub const MAX_ACTION: usize = 64;

/// The most buttons of one message.
const MAX_BUTTONS: usize = 100;

/// The text and receipts of a reply, in order; at least one message.
pub fn messages(reply: &ReplyV1) -> Vec<Part> {
    let mut rich = match reply.kind {
        // A reminder's text is the user's own, word for word.
        ReplyKind::Reminder => RichText::plain(&reply.text),
        ReplyKind::Answer | ReplyKind::Notice => render(&reply.text),
    };
    for (number, receipt) in reply.receipts.iter().enumerate() {
        if !rich.text().is_empty() {
            rich.push(if number == 0 { "\n\n" } else { "\n" });
        }
        rich.push(&receipt.text);
    }
    let mut parts = split(&rich);
    if parts.is_empty() {
        parts.push(Part {
            text: "(an empty message)".to_owned(),
            entities: Vec::new(),
        });
    }
    parts
}

/// The buttons below the last message, two in a row: undo first, then the reply's own.
pub fn keyboard(reply: &ReplyV1) -> Option<InlineKeyboardMarkup> {
    let undo = reply.receipts.iter().filter_map(|receipt| receipt.undo.as_ref());
    let buttons: Vec<_> = undo
        .chain(&reply.buttons)
        .filter_map(|button| usable(reply, button))
        .take(MAX_BUTTONS)
        .collect();
    (!buttons.is_empty()).then(|| InlineKeyboardMarkup::new(buttons.chunks(2).map(<[_]>::to_vec)))
}

/// One button that Telegram would refuse must not cost the whole message.
fn usable(reply: &ReplyV1, button: &Button) -> Option<InlineKeyboardButton> {
    let is_usable =
        (1..=MAX_ACTION).contains(&button.action.len()) && !split(&RichText::plain(&button.label)).is_empty();
    if !is_usable {
        tracing::error!(event_id = %reply.event_id, "left out a button that Telegram would refuse");
        return None;
    }
    Some(InlineKeyboardButton::callback(&button.label, &button.action))
}
