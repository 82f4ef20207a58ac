//! Sentences about the time and the date.

use serde_json::{Map, Value};

use super::{Plan, moments, sentence::Sentence};

/// Reads a question about the time, a day or a date.
pub(super) fn plan(sentence: &Sentence) -> Option<Plan> {
    let sentence = sentence.bare();
    let words = sentence.plain();
    let asks = matches!(
        words.first()?,
        &("what"
            | "what's"
            | "whats"
            | "which"
            | "tell"
            | "when"
            | "current"
            | "time"
            | "date"
            | "how"
            | "do"
            | "today")
    );
    if !asks {
        return None;
    }
    let about = |names: &[&str]| words.iter().any(|word| names.contains(word));
    if matches!(
        words.as_slice(),
        ["how", "many", "days", ..] | ["how", "long", ..] | ["how", "far", ..]
    ) {
        let (day, _) = words
            .iter()
            .position(|word| matches!(*word, "until" | "till" | "to" | "is"))
            .and_then(|place| days(&words[place + 1..]))?;
        return Some(call(day));
    }
    if about(&["time", "clock"]) {
        let place = words
            .iter()
            .rposition(|word| matches!(*word, "in" | "at" | "for"))
            .map(|place| sentence.written(place + 1, sentence.len()))
            .map(|place| place.trim_end_matches(['?', '!', '.']).to_owned())
            .map(|place| without_now(place.split(',').next().unwrap_or_default()))
            .filter(|place| !place.is_empty());
        return Some(call(match place {
            Some(place) => Map::from_iter([("place".to_owned(), place.into())]),
            None => Map::new(),
        }));
    }
    if about(&["day", "date", "weekday"]) {
        let found = (0..words.len()).find_map(|start| days(&words[start..]));
        let (day, _) = found.unwrap_or_else(|| (today(), 0));
        return Some(call(day));
    }
    None
}

/// A day at the end of a question, as the tool's arguments.
fn days(words: &[&str]) -> Option<(Map<String, Value>, usize)> {
    if let ["christmas", ..] = words {
        return Some((Map::from_iter([("day".to_owned(), "12-25".into())]), 1));
    }
    let (moment, taken) = moments::leading(words)?;
    if let Some(ahead) = moment.days_ahead() {
        return Some((
            Map::from_iter([
                ("day".to_owned(), "today".into()),
                ("plus_days".to_owned(), ahead.into()),
            ]),
            taken,
        ));
    }
    let day = moment.day()?;
    Some((Map::from_iter([("day".to_owned(), day.into())]), taken))
}

fn today() -> Map<String, Value> {
    Map::from_iter([("day".to_owned(), "today".into())])
}

fn without_now(place: &str) -> String {
    let place = place
        .strip_suffix("right now")
        .or_else(|| place.strip_suffix("now"))
        .unwrap_or(place);
    let place = place.trim();
    if place.eq_ignore_ascii_case("the moment") {
        return String::new();
    }
    place.to_owned()
}

fn call(arguments: Map<String, Value>) -> Plan {
    Plan::Call {
        tool: "time",
        arguments: arguments.into(),
    }
}
