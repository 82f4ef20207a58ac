//! What an assistant said, as lines that are safe to print. Pure.

use messages::ReplyV1;
use unicode_width::UnicodeWidthChar;

/// How wide a tab is shown.
const TAB: &str = "    ";

/// The text of a reply with its receipts below, each on its own line.
fn shown(reply: &ReplyV1) -> String {
    let text = safe(reply.text.trim_end());
    let receipts = reply
        .receipts
        .iter()
        .map(|receipt| safe(&receipt.text).replace('\n', " "));
    std::iter::once(text)
        .chain(receipts)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The buttons that were shown last, which a line presses by its number.
#[derive(Default)]
pub(super) struct Offered(Vec<String>);

impl Offered {
    /// The reply as it is shown, with its buttons numbered, which are the ones that can be pressed from now on.
    pub(super) fn show(&mut self, reply: &ReplyV1) -> String {
        let undo = reply.receipts.iter().filter_map(|receipt| receipt.undo.as_ref());
        let buttons: Vec<_> = undo.chain(&reply.buttons).collect();
        let mut lines = vec![shown(reply)];
        let pressable: Vec<_> = buttons.iter().filter(|button| button.url.is_none()).collect();
        if !pressable.is_empty() {
            let labels = (1..).zip(&pressable).map(|(number, button)| {
                let label = safe(&button.label).replace('\n', " ");
                format!("[/{number} {label}]")
            });
            lines.push(labels.collect::<Vec<_>>().join(" "));
            self.0 = pressable.iter().map(|button| button.action.clone()).collect();
        }
        for button in &buttons {
            if let Some(url) = &button.url {
                lines.push(format!("{}: {}", safe(&button.label), safe(url)).replace('\n', " "));
            }
        }
        lines.join("\n")
    }

    /// What a line means: `/1` and the like name buttons.
    pub(super) fn meant(&self, line: &str) -> Meant<'_> {
        let number = line.trim().strip_prefix('/').map(str::parse::<usize>);
        let Some(Ok(number)) = number else {
            return Meant::Words;
        };
        let action = number.checked_sub(1).and_then(|i| self.0.get(i));
        action.map_or(Meant::NoButton, |action| Meant::Press(action))
    }
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meant<'a> {
    /// Something said.
    Words,
    /// The press of a button with this action.
    Press(&'a str),
    /// The press of a button that was not shown here.
    NoButton,
}

/// What whoever presses a button that is not there reads.
pub(super) const NO_BUTTON: &str =
    "There is no such button here. Buttons are pressed in the conversation that shows them.";

/// The text without what a terminal obeys instead of showing: a model's words must not move the cursor, rename
/// the window, or fill the clipboard. Characters that turn the direction of writing go too.
pub(super) fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' => safe.push('\n'),
            '\t' => safe.push_str(TAB),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() => {}
            c => safe.push(c),
        }
    }
    safe
}

/// The rows that a safe text takes on a terminal that is `width` columns wide.
pub(super) fn rows(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut rows = Vec::new();
    for line in text.split('\n') {
        let (mut row, mut used) = (String::new(), 0);
        for c in line.chars() {
            let columns = c.width().unwrap_or(0);
            if used + columns > width {
                rows.push(std::mem::take(&mut row));
                used = 0;
            }
            row.push(c);
            used += columns;
        }
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_shown() {
        let hostile = "a\u{1b}[2Jb\u{1b}]0;title\u{7}c\u{9b}31md\rE\u{8}f\u{7f}\u{202e}g\0\u{85}h";
        assert_eq!(safe(hostile), "a[2Jb]0;titlec31mdEfgh");
        assert!(!safe(hostile).chars().any(char::is_control));
        assert_eq!(safe("one\r\ntwo\n\tthree"), "one\ntwo\n    three");
        assert_eq!(safe("👩‍👩‍👧 ünï 漢字"), "👩‍👩‍👧 ünï 漢字");
    }

    #[test]
    fn buttons_are_pressed_by_their_numbers() {
        let mut reply = ReplyV1 {
            event_id: messages::EventId::new("e"),
            user_id: uuid::Uuid::nil(),
            to: messages::Address {
                channel: messages::Channel::Api,
                chat: "1".to_owned(),
            },
            kind: messages::ReplyKind::Answer,
            text: "Done.".to_owned(),
            receipts: vec![messages::Receipt {
                text: "a change".to_owned(),
                undo: Some(messages::Button::press("Undo", "undo:1")),
            }],
            buttons: vec![
                messages::Button::link("Page", "https://example.org/"),
                messages::Button::press("Yes", "confirm:2"),
            ],
            in_reply_to: None,
            toast: None,
        };
        let mut offered = Offered::default();
        assert_eq!(
            offered.show(&reply),
            "Done.\na change\n[/1 Undo] [/2 Yes]\nPage: https://example.org/"
        );
        assert_eq!(
            (offered.meant("/1"), offered.meant(" /2 ")),
            (Meant::Press("undo:1"), Meant::Press("confirm:2"))
        );
        assert_eq!(
            (offered.meant("/3"), offered.meant("/0")),
            (Meant::NoButton, Meant::NoButton)
        );
        assert_eq!(
            (offered.meant("1"), offered.meant("/1st")),
            (Meant::Words, Meant::Words)
        );
        // A reply without buttons leaves the last ones.
        (reply.receipts, reply.buttons) = (Vec::new(), Vec::new());
        assert_eq!(offered.show(&reply), "Done.");
        assert_eq!(offered.meant("/1"), Meant::Press("undo:1"));
    }

    #[test]
    fn rows_are_as_wide_as_the_terminal() {
        assert_eq!(rows("abcdef", 3), ["abc", "def"]);
        assert_eq!(rows("漢字漢", 4), ["漢字", "漢"]);
        assert_eq!(rows("a\n\nb", 10), ["a", "", "b"]);
        assert_eq!(rows("", 10), [""]);
        assert_eq!(rows("漢", 0), ["漢"]);
    }
}
