//! What the operator reads: plain lines, in colour only on a terminal.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the command line is where printing belongs"
)]

use std::io::{IsTerminal, stderr, stdout};

/// A line of the command's own output.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// A remark beside the command's own output, on standard error.
pub(crate) fn aside(text: &str) {
    eprintln!("{text}");
}

/// A label and its value, aligned with others of the same list.
pub(crate) fn entry(label: &str, value: &str) {
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
    eprintln!("{label} {error:#}");
}
