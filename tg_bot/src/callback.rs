//! What a button carries through Telegram: its action, and a mark of whose it is.
//!
//! The mark only lets us tell others in a group politely that a button is not theirs. What keeps a button worthless
//! to them is that its action names a thing of one user's, and that whoever handles it looks among the presser's
//! own things.

use messages::Button;
use uuid::Uuid;

/// The action of a button that asks the person's app for their location. It never comes back as a press.
pub(crate) const SHARE_LOCATION: &str = "ask:location";

/// The longest callback data, in bytes (Bot API "InlineKeyboardButton").
const LONGEST_DATA: usize = 64;

/// Stands between an action and the mark.
const MARK: char = '~';

/// How many digits of the user's id the mark has: the last ones, which are random.
const MARK_DIGITS: usize = 8;

const _: () = assert!(Button::LONGEST_ACTION + 1 + MARK_DIGITS <= LONGEST_DATA);

/// The callback data of a user's button.
pub(crate) fn data(action: &str, user: Uuid) -> String {
    format!("{action}{MARK}{}", mark(user))
}

/// The action in callback data, and whether the button was made for `presser`; buttons of earlier versions do not
/// say.
pub(crate) fn read(data: &str, presser: Uuid) -> (&str, bool) {
    match split(data) {
        (action, Some(owner)) => (action, owner == mark(presser)),
        (action, None) => (action, true),
    }
}

/// The action in callback data.
pub(crate) fn action(data: &str) -> &str {
    split(data).0
}

/// Whether it is about a reminder that has fired. What becomes of that stands in the reminder itself, with buttons anew.
pub(crate) fn is_in_place(action: &str) -> bool {
    let is_fired = |what: &str| matches!(what, "done" | "10m" | "1h" | "1d" | "back");
    action
        .strip_prefix("task:")
        .and_then(|rest| rest.split(':').next())
        .is_some_and(is_fired)
}

fn split(data: &str) -> (&str, Option<&str>) {
    match data.rsplit_once(MARK) {
        Some((action, mark)) if mark.len() == MARK_DIGITS && mark.bytes().all(|c| c.is_ascii_hexdigit()) => {
            (action, Some(mark))
        }
        _ => (data, None),
    }
}

fn mark(user: Uuid) -> String {
    let digits = user.simple().to_string();
    digits[digits.len() - MARK_DIGITS..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_knows_its_user() {
        let (ann, bob) = (Uuid::from_u128(0xa11), Uuid::from_u128(0xb0b));
        let data = data("task:done:1795176000:01900000000070008000000000000002", ann);
        assert!(data.len() <= LONGEST_DATA, "{data}");
        let action = "task:done:1795176000:01900000000070008000000000000002";
        assert_eq!(read(&data, ann), (action, true));
        assert_eq!(read(&data, bob), (action, false));
        // As versions made them that put no mark.
        assert_eq!(read("undo:1~2", bob), ("undo:1~2", true));
    }
}
