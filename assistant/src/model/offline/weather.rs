//! Sentences about the weather.

use serde_json::{Map, Value};
use texts::{Language, Text};

use super::{super::Message, Plan, moments, numbers, sentence::Sentence};

/// Reads a question about the weather.
pub(super) fn plan(sentence: &Sentence, messages: &[Message], language: Language) -> Option<Plan> {
    let sentence = sentence.bare();
    let words = sentence.plain();
    if !is_about_weather(&words) {
        return None;
    }
    let mut arguments = Map::new();
    // Words that say something else than the place.
    let mut used = vec![false; words.len()];
    if let Some((start, taken, day)) = day(&words) {
        used[start..start + taken].fill(true);
        arguments.insert("day".to_owned(), day.into());
    }
    for (at, word) in words.iter().enumerate() {
        let units = matches!(*word, "fahrenheit" | "celsius");
        if units {
            arguments.insert("units".to_owned(), (*word).into());
        }
        if matches!(*word, "hourly") || words.get(at..at + 3) == Some(&["hour", "by", "hour"]) {
            arguments.insert("hourly".to_owned(), true.into());
            used[at..]
                .iter_mut()
                .take(if *word == "hourly" { 1 } else { 3 })
                .for_each(|used| *used = true);
        }
        if units || matches!(*word, "now" | "right" | "currently" | "please") {
            used[at] = true;
            if at > 0 && units {
                used[at - 1] = true;
            }
        }
    }
    let place = place(&sentence, &words, &used).or_else(|| last_place(messages));
    let Some(place) = place else {
        let (question, example) = (&Text::WeatherWhere, &Text::WeatherExample);
        return Some(Plan::Say(format!(
            "{} {}",
            language.say(question),
            language.say(example)
        )));
    };
    arguments.insert("place".to_owned(), place.into());
    Some(call(arguments))
}

/// Reads a message as the answer to a question of ours; `asked` is what had been asked for.
pub(super) fn follow_up(
    sentence: &Sentence,
    question: &str,
    asked: &str,
    messages: &[Message],
    language: Language,
) -> Option<Plan> {
    let bare = sentence.bare();
    let words = bare.plain();
    let text = bare.written(0, bare.len());
    let text = text.trim_end_matches(['?', '!']).trim();
    if words.is_empty() || words.len() > 6 || is_about_weather(&words) {
        return None;
    }
    if question.starts_with(&language.say(&Text::WeatherWhere)) {
        let text = text
            .strip_prefix("in ")
            .or_else(|| text.strip_prefix("In "))
            .unwrap_or(text);
        return plan(&Sentence::read(&format!("{asked} in {text}")), &[], language);
    }
    if is_which(question, language) {
        let (mut arguments, candidates) = last_call(messages)?;
        let number = words.iter().find_map(|word| {
            numbers::ordinal(word).or_else(|| numbers::digits(word.trim_start_matches('#')))
        });
        let listed = number.and_then(|n| candidates.get(usize::try_from(n).ok()?.checked_sub(1)?).cloned());
        // Candidates are "Springfield, Illinois, United States".
        let area = text
            .rsplit(" in ")
            .next()
            .unwrap_or(text)
            .trim_start_matches("in ")
            .to_lowercase();
        let named = candidates.iter().find(|candidate| {
            candidate.split(',').skip(1).any(|part| {
                area.split(',')
                    .any(|said| part.trim().to_lowercase() == said.trim())
            })
        });
        let place = listed.or_else(|| named.cloned())?;
        arguments.insert("place".to_owned(), place.into());
        return Some(call(arguments));
    }
    None
}

/// Whether a question asks which of several places is meant.
fn is_which(question: &str, language: Language) -> bool {
    let whole = language.say(&Text::WeatherWhich { name: "\u{0}" });
    let first = question.lines().next().unwrap_or_default();
    whole
        .split_once('\u{0}')
        .is_some_and(|(front, behind)| first.starts_with(front) && first.ends_with(behind))
}

/// What to say about a result of the tool.
pub(super) fn answer(result: &Value, language: Language) -> String {
    let candidates = |front: &str| {
        let lines = list(&result["candidates"]);
        let lines = (1..).zip(lines).map(|(n, line)| format!("{n}. {line}"));
        std::iter::once(front.to_owned())
            .chain(lines)
            .collect::<Vec<_>>()
            .join("\n")
    };
    if let Some(name) = result["ambiguous"].as_str() {
        let name = name.split(',').next().unwrap_or_default();
        let name = &super::answers::escaped(name);
        return candidates(&language.say(&Text::WeatherWhich { name }));
    }
    if let Some(name) = result["unknown_place"].as_str() {
        let name = &super::answers::escaped(name);
        let unknown = language.say(&Text::WeatherNoPlace { name });
        return if result["candidates"].is_array() {
            candidates(&language.say(&Text::WeatherThereAre { what: &unknown }))
        } else {
            unknown
        };
    }
    let place = result["place"].as_str().unwrap_or_default();
    if result["hours"].is_array() {
        let hours = list(&result["hours"]).map(|hour| format!("- {hour}"));
        let front = format!("{place}, {}:", result["day"].as_str().unwrap_or_default());
        return std::iter::once(front).chain(hours).collect::<Vec<_>>().join("\n");
    }
    if let Some(days) = result["days"].as_array() {
        let days = days.iter().map(|day| format!("- {}", of_day(day, language)));
        return std::iter::once(format!("{place}:"))
            .chain(days)
            .collect::<Vec<_>>()
            .join("\n");
    }
    if result["now"].is_object() {
        let unknown = language.say(&Text::WeatherUnknown);
        let text = |name: &str| result["now"][name].as_str().unwrap_or(&unknown);
        let now = language.say(&Text::WeatherNow {
            place,
            weather: text("weather"),
            temperature: text("temperature"),
            feels: text("feels_like"),
            wind: text("wind"),
        });
        let day = &of_day(&result["today"], language);
        return format!("{now}\n{}", language.say(&Text::WeatherToday { day }));
    }
    format!("{place}, {}.", of_day(&result["forecast"], language))
}

fn of_day(day: &Value, language: Language) -> String {
    let unknown = language.say(&Text::WeatherUnknown);
    let text = |name: &str| day[name].as_str().unwrap_or(&unknown);
    language.say(&Text::WeatherDay {
        day: text("day"),
        weather: text("weather"),
        low: text("low"),
        high: text("high"),
        chance: text("chance_of_rain"),
        amount: text("precipitation"),
        wind: text("wind"),
    })
}

fn list(values: &Value) -> impl Iterator<Item = String> + '_ {
    let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
    values.iter().filter_map(|value| Some(value.as_str()?.to_owned()))
}

fn is_about_weather(words: &[&str]) -> bool {
    let has = |names: &[&str]| words.iter().any(|word| names.contains(word));
    if has(&["remind", "reminder"]) {
        return false;
    }
    let asks = matches!(
        words.first(),
        Some(
            &("what"
                | "what's"
                | "whats"
                | "how"
                | "how's"
                | "will"
                | "is"
                | "does"
                | "do"
                | "should"
                | "and")
        )
    );
    has(&["weather", "forecast"])
        || (asks
            && has(&[
                "rain",
                "raining",
                "snow",
                "snowing",
                "sunny",
                "cloudy",
                "windy",
                "umbrella",
                "temperature",
                "hot",
                "cold",
                "warm",
            ]))
}

/// Where the day stands, how many words it takes, and what the tool is told.
fn day(words: &[&str]) -> Option<(usize, usize, String)> {
    (0..words.len()).find_map(|start| {
        match words.get(start..)? {
            ["this" | "next" | "the", word @ ("week" | "weekend"), ..] => {
                return Some((start, 2, (*word).to_owned()));
            }
            [word @ ("week" | "weekend"), ..] => return Some((start, 1, (*word).to_owned())),
            _ => {}
        }
        let (moment, taken) = moments::leading(words.get(start..)?)?;
        Some((start, taken, moment.day()?.to_owned()))
    })
}

/// The words behind "in" (or "for", "at"), or behind "weather" itself.
fn place(sentence: &Sentence, words: &[&str], used: &[bool]) -> Option<String> {
    let is_free = |at: usize| used.get(at) == Some(&false);
    let after = |from: usize| {
        let end = (from..words.len())
            .find(|at| !is_free(*at))
            .unwrap_or(words.len());
        (end > from).then(|| sentence.written(from, end))
    };
    let preposition = (0..words.len()).find(|at| {
        matches!(words[*at], "in" | "for" | "at" | "near" | "en" | "в") && is_free(*at) && is_free(at + 1)
    });
    let found = match preposition {
        Some(at) => after(at + 1),
        None if matches!(words.first(), Some(&("weather" | "forecast"))) => after(1),
        None => None,
    };
    let found = found?.trim_end_matches(['?', '!', '.', ',']).trim().to_owned();
    (!found.is_empty()).then_some(found)
}

/// The place of the newest question, which the next one means too.
fn last_place(messages: &[Message]) -> Option<String> {
    let (arguments, _) = last_call(messages)?;
    Some(arguments.get("place")?.as_str()?.to_owned())
}

/// The arguments of the newest call of the tool, and the candidates it answered with.
fn last_call(messages: &[Message]) -> Option<(Map<String, Value>, Vec<String>)> {
    messages.iter().enumerate().rev().find_map(|(at, message)| {
        let Message::Assistant { tool_calls, .. } = message else {
            return None;
        };
        let call = tool_calls.iter().rfind(|call| call.name == "weather")?;
        let arguments = serde_json::from_str(&call.arguments).ok()?;
        let result = messages[at..].iter().find_map(|message| match message {
            Message::Tool { call_id, content } if *call_id == call.id => {
                serde_json::from_str::<Value>(content).ok()
            }
            _ => None,
        });
        let candidates = list(&result.unwrap_or_default()["candidates"]).collect();
        Some((arguments, candidates))
    })
}

fn call(arguments: Map<String, Value>) -> Plan {
    Plan::Call {
        tool: "weather",
        arguments: Value::Object(arguments),
    }
}
