//! Sentences about where the user is: "I'm in Berlin now", "my time zone is Europe/Berlin", "set my time zone to UTC+2".

use serde_json::json;

use super::{Plan, sentence::Sentence};

/// What stands before a place that is surely one: the user's zone is named.
const NAMED: [&str; 12] = [
    "my time zone is now",
    "my time zone is",
    "my timezone is now",
    "my timezone is",
    "my time zone to",
    "my timezone to",
    "the time zone to",
    "the timezone to",
    "time zone to",
    "timezone to",
    "time zone",
    "timezone",
];

/// What stands before a place, or before anything else.
const BEFORE: [&str; 12] = [
    "i'm now in",
    "i am now in",
    "i'm in",
    "i am in",
    "i'm currently in",
    "i am currently in",
    "i live in",
    "i moved to",
    "i've moved to",
    "i have moved to",
    "i arrived in",
    "i'm living in",
];

/// Verbs that may stand before the name of the zone.
const VERBS: [&str; 5] = ["set", "change", "switch", "make", "use"];

/// Reads a sentence about where the user is.
pub(super) fn plan(sentence: &Sentence) -> Option<Plan> {
    let sentence = sentence.bare();
    let words = sentence.plain();
    let from = usize::from(words.first().is_some_and(|word| VERBS.contains(word)));
    let behind = |phrases: &[&str], from: usize| {
        phrases.iter().find_map(|phrase| {
            let phrase: Vec<&str> = phrase.split(' ').collect();
            words
                .get(from..)?
                .starts_with(&phrase)
                .then_some(from + phrase.len())
        })
    };
    let (start, is_named) = match behind(&NAMED, from) {
        Some(start) => (start, true),
        None => (behind(&BEFORE, 0)?, false),
    };
    let place = sentence.written(start, sentence.len());
    let place = without_end(&place);
    if place.is_empty() {
        return None;
    }
    // "I'm in a meeting" is no place; what is named as a zone is told to be none.
    if !is_named && !is_place(place) {
        return None;
    }
    Some(Plan::Call {
        tool: "timezone_set",
        arguments: json!({ "place": place }),
    })
}

fn without_end(place: &str) -> &str {
    let place = place.trim_end_matches(['!', '?', '.', ',']);
    let ends = [" right now", " now", " today", " at the moment", " this week"];
    let end = ends.iter().find_map(|end| {
        let at = place.len().checked_sub(end.len())?;
        place.get(at..)?.eq_ignore_ascii_case(end).then_some(at)
    });
    place.get(..end.unwrap_or(place.len())).unwrap_or_default().trim()
}

/// Whether the words are a place's name, and not only nearly so.
fn is_place(words: &str) -> bool {
    places::is_name(words)
}
