//! Sentences that hand work to a sub-assistant, and what the offline model says in a sub-assistant's place.

use serde_json::{Value, json};

use super::{super::ToolSpec, Plan, sentence::Sentence};

/// Reads "ask the cook for a soup": the sub-assistants are the tools whose names begin with `ask_`.
pub(super) fn plan(sentence: &Sentence, tools: &[ToolSpec]) -> Option<Plan> {
    let sentence = sentence.bare();
    let words = sentence.plain();
    let mut from = match words.first()? {
        &("ask" | "tell" | "have" | "let") => 1,
        _ => return None,
    };
    if matches!(words.get(from), Some(&("the" | "my" | "our"))) {
        from += 1;
    }
    let asks = || {
        tools
            .iter()
            .filter_map(|tool| Some((tool, tool.name.strip_prefix("ask_")?)))
    };
    let found = asks()
        .filter_map(|(tool, name)| {
            let parts: Vec<&str> = name.split('_').collect();
            let said = words.get(from..from + parts.len())?;
            let is_it = said.iter().zip(&parts).all(|(word, part)| plain(word) == *part);
            is_it.then_some((tool, parts.len()))
        })
        .max_by_key(|(_, length)| *length);
    let Some((tool, length)) = found else {
        let names: Vec<String> = asks().map(|(_, name)| name.replace('_', " ")).collect();
        let is_asked = words.first() == Some(&"ask") && !names.is_empty();
        return is_asked.then(|| Plan::Say(format!("I can ask these: {}.", names.join(", "))));
    };
    let mut start = from + length;
    if matches!(
        words.get(start),
        Some(&("for" | "to" | "about" | "if" | "whether" | "that"))
    ) {
        start += 1;
    }
    let request = sentence.written(start, sentence.len());
    if request.is_empty() {
        return Some(Plan::Say(
            "Ask what? For example: “ask the cook for a soup”.".to_owned(),
        ));
    }
    Some(Plan::Ask {
        tool: tool.name.clone().into_owned(),
        arguments: json!({ "request": request }),
    })
}

/// What to say about a sub-assistant's answer.
pub(super) fn answer(result: &Value) -> String {
    let text = |name: &str| result[name].as_str().unwrap_or_default();
    format!("{}: {}", super::answers::escaped(text("from")), text("answer"))
}

/// What the offline model says when it stands in for a sub-assistant and cannot do what is asked.
pub(super) fn cannot(request: &str, tools: &[ToolSpec]) -> String {
    let request: String = request.chars().take(200).collect();
    let mut known: Vec<&str> = Vec::new();
    for tool in tools {
        let subject = match tool.name.split('_').next() {
            Some("reminder") => "reminders",
            Some("time") => "the time",
            Some("weather") => "the weather",
            _ => continue,
        };
        if !known.contains(&subject) {
            known.push(subject);
        }
    }
    let can = if known.is_empty() {
        "I have no tools of my own either.".to_owned()
    } else {
        format!("What I can do without one is about {}.", known.join(", "))
    };
    format!(
        "“{}” needs a language model, and only the offline one is connected. {can}",
        super::answers::escaped(request.trim())
    )
}

/// A word as it stands in the name of a tool.
fn plain(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).collect()
}
