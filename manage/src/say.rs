//! What the operator reads: plain lines, in colour only on a terminal.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the command line is where printing belongs"
)]

use std::io::{IsTerminal, stderr, stdout};

/// A text without what a terminal obeys instead of showing, and without what cannot be seen or turns the direction of
/// writing: names and texts that others chose stand in most lines.
fn safe(text: &str) -> String {
    let is_shown = |c: &char| match c {
        '\n' | '\t' => true,
        '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'
        | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}' => false,
        c => !c.is_control(),
    };
    text.chars().filter(is_shown).collect()
}

/// A text that has one line to itself: nothing in it begins another.
fn on_one_line(text: &str) -> String {
    safe(&text.replace(['\n', '\r', '\t'], " "))
}

/// A line of the command's own output, or several.
pub(crate) fn line(text: &str) {
    println!("{}", safe(text));
}

/// JSON, as other programs read it; on a terminal as [`line()`].
pub(crate) fn json(text: &str) {
    if stdout().is_terminal() {
        line(text);
    } else {
        println!("{text}");
    }
}

/// A remark beside the command's own output, on standard error.
pub(crate) fn aside(text: &str) {
    eprintln!("{}", safe(text));
}

/// A label and its value, aligned with others of the same list.
pub(crate) fn entry(label: &str, value: &str) {
    let (label, value) = (on_one_line(label), on_one_line(value));
    if stdout().is_terminal() {
        println!("  \x1b[2m{label:<12}\x1b[0m {value}");
    } else {
        println!("  {label:<12} {value}");
    }
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mark {
    /// As it should be.
    Good,
    /// To be looked at.
    Doubtful,
    /// Wrong.
    Bad,
}

/// What was looked at, and how it is.
pub(crate) fn finding(mark: Mark, label: &str, text: &str) {
    let (sign, colour) = match mark {
        Mark::Good => ("✓", "32"),
        Mark::Doubtful => ("!", "33"),
        Mark::Bad => ("✗", "31"),
    };
    let text = safe(text);
    if stdout().is_terminal() {
        println!("\x1b[{colour};1m{sign}\x1b[0m {label:<12} {text}");
    } else {
        println!("{sign} {label:<12} {text}");
    }
}

/// A question, whose answer is typed behind it.
pub(crate) fn question(text: &str) {
    print!("{text}");
}

/// A heading.
pub(crate) fn heading(text: &str) {
    let text = on_one_line(text);
    if stdout().is_terminal() {
        println!("\x1b[1m{text}\x1b[0m");
    } else {
        println!("{text}");
    }
}

/// The line that says why a command could not be done.
pub(crate) fn failure(error: &anyhow::Error) {
    let label = if stderr().is_terminal() {
        "\x1b[31;1merror:\x1b[0m"
    } else {
        "error:"
    };
    eprintln!("{label} {}", safe(&format!("{error:#}")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_moves_no_cursor_and_forges_no_line() {
        let hostile = "Sam\u{1b}[2J\u{9b}1A\u{202e}\u{2067}\u{200b}\u{feff}\u{7}\rowner";
        assert_eq!(safe(hostile), "Sam[2J1Aowner");
        assert_eq!(
            on_one_line("Sam\nowner  active\u{2028}x\u{85}y"),
            "Sam owner  activexy"
        );
        assert_eq!(safe("one\n\ttwo  three é 👩‍👩‍👧"), "one\n\ttwo  three é 👩‍👩‍👧");
    }
}
