//! Takes what users wrote out of what a server says, before it goes into a log.

use std::collections::HashSet;

use super::super::{Message, ModelRequest};

/// So many letters and digits in a row that also stand in the conversation are taken for a quotation of it.
const TELLING: usize = 8;

/// How much of a server's own words is kept for the operator, in characters.
const SHOWN: usize = 300;

/// The words, without what they quote from the conversation.
pub(super) fn without(words: &str, request: &ModelRequest) -> String {
    let words: String = words.chars().take(SHOWN * 8).collect();
    let mut quotable = HashSet::new();
    let mut short = HashSet::new();
    for message in &request.messages {
        for text in texts(message) {
            let letters: Vec<char> = letters(text).map(|(_, c)| c).collect();
            if letters.len() < TELLING {
                short.insert(letters);
            } else {
                quotable.extend(letters.windows(TELLING).filter_map(run));
            }
        }
    }
    let found: Vec<(usize, char)> = letters(&words).collect();
    let mut is_quoted = vec![false; words.len()];
    let mut mark = |quoted: &[(usize, char)]| {
        if let (Some((first, _)), Some((last, c))) = (quoted.first(), quoted.last())
            && let Some(places) = is_quoted.get_mut(*first..last + c.len_utf8())
        {
            places.fill(true);
        }
    };
    for window in found.windows(TELLING) {
        let text: Vec<char> = window.iter().map(|(_, c)| *c).collect();
        if run(&text).is_some_and(|run| quotable.contains(&run)) {
            mark(window);
        }
    }
    // A whole message that is short is told by its borders.
    for word in found.chunk_by(|(one, c), (next, _)| one + c.len_utf8() == *next) {
        let text: Vec<char> = word.iter().map(|(_, c)| *c).collect();
        if short.contains(&text) && text.iter().any(|c| !c.is_alphabetic()) {
            mark(word);
        }
    }
    let mut kept = String::new();
    for (place, c) in words.char_indices() {
        if !is_quoted.get(place).copied().unwrap_or(false) {
            kept.push(if c.is_control() { ' ' } else { c });
        } else if !kept.ends_with('…') {
            kept.push('…');
        }
    }
    kept.chars().take(SHOWN).collect()
}

fn run(letters: &[char]) -> Option<[char; TELLING]> {
    letters.try_into().ok()
}

fn texts(message: &Message) -> Vec<&str> {
    match message {
        Message::User(text) => vec![text],
        Message::Assistant { text, tool_calls, .. } => std::iter::once(text.as_str())
            .chain(tool_calls.iter().map(|call| call.arguments.as_str()))
            .collect(),
        Message::Tool { content, .. } => vec![content],
    }
}

/// Letters and digits alone, so that quotation marks, escapes and line breaks between them hide nothing.
fn letters(text: &str) -> impl Iterator<Item = (usize, char)> {
    text.char_indices()
        .filter(|(_, c)| c.is_alphanumeric())
        .map(|(place, c)| (place, c.to_lowercase().next().unwrap_or(c)))
}
