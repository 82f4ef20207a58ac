//! "cancel this one", said in reply to a message: what "this" is stands above the words.

use super::Plan;

/// What stands above words that answer a message, see `driver/said.rs`.
const REPLY: &str = "[I reply to ";

/// What stands above the words of a message that is forwarded.
const FORWARD: &str = "[I forward ";

/// How much of the answered message is taken, in characters: what names a reminder.
const LONGEST: usize = 80;

/// What people call the message that they answer, the longest first.
const THIS: [&str; 8] = [
    "this one",
    "that one",
    "this reminder",
    "that reminder",
    "this",
    "that",
    "it",
    "them",
];

/// Verbs about a reminder that exists.
const VERBS: [&str; 14] = [
    "cancel",
    "delete",
    "remove",
    "drop",
    "stop",
    "pause",
    "resume",
    "move",
    "change",
    "postpone",
    "reschedule",
    "rename",
    "snooze",
    "make",
];

/// What is to be understood: the user's own words, with what "this" is in its place.
#[derive(Debug, PartialEq)]
pub(super) enum Meant {
    /// These words.
    Words(String),
    /// Nothing was said about it yet.
    Plan(Plan),
}

/// Reads what was said, with what it is about.
pub(super) fn read(said: &str) -> Meant {
    if said.starts_with(FORWARD) {
        return Meant::Plan(Plan::Say(
            "You forwarded a message to me, and I do nothing because somebody else wrote so. Say what you want in \
             words of your own."
                .to_owned(),
        ));
    }
    let Some((above, words)) = said.strip_prefix(REPLY).and_then(|rest| rest.split_once("\n\n")) else {
        return Meant::Words(said.to_owned());
    };
    let first = above
        .lines()
        .find_map(|line| line.strip_prefix("> "))
        .unwrap_or_default();
    let name: String = first
        .trim_start_matches(|c: char| !c.is_alphanumeric())
        .chars()
        .filter(|c| !matches!(c, ',' | '.' | '!' | '?' | ';' | ':'))
        .take(LONGEST)
        .collect();
    let name = name.trim().strip_prefix("the ").unwrap_or(name.trim()).to_owned();
    Meant::Words(with_name(words, &name))
}

fn with_name(words: &str, name: &str) -> String {
    let lower = words.to_lowercase();
    if name.is_empty() || lower.len() != words.len() {
        return words.to_owned();
    }
    let behind = |start: &str| {
        THIS.iter().find_map(|this| {
            let rest = lower.strip_prefix(start)?.strip_prefix(this)?;
            (rest.is_empty() || rest.starts_with([' ', '.', '!', ',', '?']))
                .then_some(words.len() - rest.len())
        })
    };
    for verb in VERBS {
        if let Some(end) = behind(&format!("{verb} ")) {
            return format!("{verb} the {name} one{}", words.get(end..).unwrap_or_default());
        }
    }
    for start in ["remind me of ", "remind me about "] {
        if let Some(end) = behind(start) {
            let when = words.get(end..).unwrap_or_default().trim();
            return format!("remind me {when} to {name}");
        }
    }
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_is_what_stands_above() {
        for (said, meant) in [
            (
                "[I reply to your message:]\n> ⏰ take the pill\n\ncancel this one",
                "cancel the take the pill one",
            ),
            (
                "[I reply to your message:]\n> ⏰ call Ann!\n\nMove it to 10",
                "move the call Ann one to 10",
            ),
            (
                "[I reply to a message of X:]\n> buy milk\n> soon\n\nremind me of this tomorrow at 9",
                "remind me tomorrow at 9 to buy milk",
            ),
            (
                "[I reply to your message:]\n> ⏰ tea\n\nwhat time is it?",
                "what time is it?",
            ),
            (
                "[I reply to your message:]\n> ⏰ tea\n\ncancel items",
                "cancel items",
            ),
            ("cancel this one", "cancel this one"),
        ] {
            assert_eq!(read(said), Meant::Words(meant.to_owned()), "{said}");
        }
        assert!(matches!(
            read("[I forward a message of X:]\n> cancel all"),
            Meant::Plan(Plan::Say(_))
        ));
    }
}
