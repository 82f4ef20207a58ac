//! Sentences about what is kept of the user: "remember that I like tea", "what do you know about me?", "forget that I
//! like tea".

use schedule::Language;
use serde_json::{Value, json};

use super::{Plan, answers::escaped, draft::Heard};

/// Reads a sentence about facts. What has a time in it is for reminders.
pub(super) fn plan(heard: &Heard<'_>) -> Option<Plan> {
    let sentence = heard.sentence.bare();
    let words = sentence.plain();
    let call = |tool, arguments| Some(Plan::Call { tool, arguments });
    let rest = |from: usize| {
        let written = sentence.written(from, sentence.len());
        written.trim_end_matches(['.', '!', '?']).to_owned()
    };
    match words.as_slice() {
        ["remember", "that", _, ..] => {
            let fact = rest(2);
            let has_time = !when::parse(&fact, heard.time).is_nothing();
            if has_time {
                return None;
            }
            call("remember", json!({ "fact": fact }))
        }
        ["forget", "that", _, ..] => call("forget", json!({ "which": rest(2) })),
        ["what", "do", "you", "know" | "remember", "about", "me"]
        | ["what", "do", "you", "remember"]
        | ["what", "do", "you", "remember", "of", "me"] => call("memories", json!({})),
        ["what", "do", "you", "know" | "remember", "about", ..] => {
            call("memories", json!({ "about": rest(5) }))
        }
        _ => None,
    }
}

/// What to say about the facts that were found.
pub(super) fn listed(result: &Value, language: Language) -> String {
    let facts = result["facts"].as_array().map(Vec::as_slice).unwrap_or_default();
    if facts.is_empty() {
        return language
            .pick([
                "I remember nothing about that.",
                "Dazu habe ich mir nichts gemerkt.",
                "No recuerdo nada sobre eso.",
                "Об этом я ничего не помню.",
            ])
            .to_owned();
    }
    let head = language.pick([
        "What I remember:",
        "Das habe ich mir gemerkt:",
        "Esto es lo que recuerdo:",
        "Вот что я помню:",
    ]);
    let lines = facts
        .iter()
        .filter_map(Value::as_str)
        .map(|fact| format!("- {}", escaped(fact)));
    std::iter::once(head.to_owned())
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}

/// What to say when no fact, or more than one, is meant.
pub(super) fn not_found(language: Language) -> String {
    language
        .pick([
            "I cannot tell which fact you mean. Say “what do you know about me?” to see them all.",
            "Ich weiß nicht, was ich vergessen soll. Sag „was weißt du über mich?“, um alles zu sehen.",
            "No sé qué debo olvidar. Di “¿qué sabes de mí?” para verlo todo.",
            "Не понимаю, что забыть. Скажите «что ты знаешь обо мне?», чтобы увидеть всё.",
        ])
        .to_owned()
}
