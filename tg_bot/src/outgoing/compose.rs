//! A reply as the messages that carry it: the same reply always gives the same messages.

use messages::{Button, ReplyKind, ReplyV1};
use teloxide::types::{
    ButtonRequest, ChatId, InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, KeyboardMarkup,
    ReplyMarkup,
};
use url::{Host, Url};

use super::{
    render::{RichText, render},
    split::{MAX_UNITS, Part, split, split_to},
};
use crate::callback;

/// The most buttons of one message.
const MAX_BUTTONS: usize = 100;

/// How many letters the labels of one row may have together before a phone cuts them.
const LETTERS_IN_A_ROW: usize = 40;

/// What "(12/34)" takes of a message.
const NUMBER: usize = 16;

/// The text and receipts of a reply, in order, and the pages that no button can open; at least one message.
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
    for button in &reply.buttons {
        if let Some(url) = button.url.as_deref().filter(|_| page(button).is_none()) {
            rich.push(&format!("\n\n{}: {url}", button.label));
        }
    }
    let mut parts = split(&rich);
    if parts.len() > 1 {
        parts = split_to(&rich, MAX_UNITS - NUMBER);
        let all = parts.len();
        for (number, part) in (1..).zip(&mut parts) {
            part.text.push_str(&format!("\n\n({number}/{all})"));
        }
    }
    if parts.is_empty() {
        parts.push(Part {
            text: "…".to_owned(),
            entities: Vec::new(),
        });
    }
    parts
}

/// What is shown with the last message. A button that shares where somebody is takes the place of their keyboard, and
/// is one in private chats only (Bot API, "KeyboardButton").
pub(super) fn markup(reply: &ReplyV1, chat: ChatId) -> Option<ReplyMarkup> {
    let share = reply
        .buttons
        .iter()
        .find(|button| button.action == callback::SHARE_LOCATION);
    match share {
        Some(share) if chat.0 > 0 => {
            let button = KeyboardButton::new(&share.label).request(ButtonRequest::Location);
            let keyboard = KeyboardMarkup::new([[button]])
                .resize_keyboard()
                .one_time_keyboard();
            Some(keyboard.into())
        }
        _ => keyboard(reply).map(ReplyMarkup::from),
    }
}

/// The buttons below the last message: each undo in a row of its own, then the reply's own.
pub fn keyboard(reply: &ReplyV1) -> Option<InlineKeyboardMarkup> {
    let usable = |button| usable(reply, button);
    let undo = reply.receipts.iter().filter_map(|receipt| receipt.undo.as_ref());
    let mut rows: Vec<Vec<_>> = undo.filter_map(usable).map(|button| vec![button]).collect();
    let own: Vec<_> = reply.buttons.iter().filter_map(usable).collect();
    let letters: usize = own.iter().map(|button| button.text.chars().count()).sum();
    let in_a_row = if own.len() <= 4 && letters <= LETTERS_IN_A_ROW {
        4
    } else {
        2
    };
    rows.extend(own.chunks(in_a_row).map(<[_]>::to_vec));
    rows.truncate(MAX_BUTTONS / 4);
    (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows))
}

/// One button that Telegram would refuse must not cost the whole message.
fn usable(reply: &ReplyV1, button: &Button) -> Option<InlineKeyboardButton> {
    if button.action == callback::SHARE_LOCATION {
        return None;
    }
    if split(&RichText::plain(&button.label)).is_empty() {
        tracing::error!(event_id = %reply.event_id, "left out a button without a label");
        return None;
    }
    if button.url.is_some() {
        // Otherwise it stands in the text.
        let url = page(button)?;
        return Some(InlineKeyboardButton::url(&button.label, url));
    }
    if !(1..=Button::LONGEST_ACTION).contains(&button.action.len()) {
        tracing::error!(event_id = %reply.event_id, "left out a button that Telegram would refuse");
        return None;
    }
    let data = callback::data(&button.action, reply.user_id);
    Some(InlineKeyboardButton::callback(&button.label, data))
}

/// The page that a button opens, when Telegram takes it: a host without a dot, such as `localhost`, it refuses.
fn page(button: &Button) -> Option<Url> {
    let url: Url = button.url.as_ref()?.parse().ok()?;
    let is_known = match url.host()? {
        Host::Domain(name) => name.trim_matches('.').contains('.'),
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    };
    (is_known && matches!(url.scheme(), "http" | "https")).then_some(url)
}
