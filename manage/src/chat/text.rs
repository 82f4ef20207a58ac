//! What an assistant said, as lines that are safe to print. Pure.

use messages::ReplyV1;
use unicode_width::UnicodeWidthChar;

/// How wide a tab is shown.
const TAB: &str = "    ";

/// The text of a reply with its receipts below, each on its own line.
pub(super) fn shown(reply: &ReplyV1) -> String {
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
    fn rows_are_as_wide_as_the_terminal() {
        assert_eq!(rows("abcdef", 3), ["abc", "def"]);
        assert_eq!(rows("漢字漢", 4), ["漢字", "漢"]);
        assert_eq!(rows("a\n\nb", 10), ["a", "", "b"]);
        assert_eq!(rows("", 10), [""]);
        assert_eq!(rows("漢", 0), ["漢"]);
    }
}
