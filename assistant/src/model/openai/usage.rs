//! The tokens of a call, however a server counts them: under several names, as floats, as text, below zero.

use serde_json::Value;

use super::super::Usage;

const INPUT: [&str; 4] = [
    "prompt_tokens",
    "input_tokens",
    "promptTokens",
    "prompt_eval_count",
];

const OUTPUT: [&str; 4] = [
    "completion_tokens",
    "output_tokens",
    "completionTokens",
    "eval_count",
];

/// Takes over what a chunk counts. Some servers count in each chunk, and nothing in the last: the most is right.
pub(super) fn add(usage: &mut Usage, chunk: &Value) {
    let choice = chunk.get("choices").and_then(|choices| choices.get(0));
    let places = [
        // Ollama's own API counts at the top.
        Some(chunk),
        chunk.get("usage"),
        chunk.get("x_groq").and_then(|own| own.get("usage")),
        choice.and_then(|choice| choice.get("usage")),
        choice.and_then(|choice| choice.get("delta")?.get("usage")),
    ];
    for counts in places.into_iter().flatten() {
        usage.input = usage.input.max(first(counts, &INPUT));
        usage.output = usage.output.max(first(counts, &OUTPUT));
    }
}

fn first(counts: &Value, names: &[&str]) -> u32 {
    names
        .iter()
        .find_map(|name| count(counts.get(name)?))
        .unwrap_or(0)
}

fn count(value: &Value) -> Option<u32> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float takes the nearest number that there is"
    )]
    number.is_finite().then_some(number.round() as u32)
}
