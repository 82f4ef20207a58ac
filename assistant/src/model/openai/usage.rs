//! The tokens of a call, however a server counts them: under several names, as floats, as text, below zero.

use serde_json::Value;

use super::super::Usage;

/// Where counts stand in a chunk, from its top.
const PLACES: [&str; 5] = [
    "/usage",
    "/x_groq/usage",
    "/choices/0/usage",
    "/choices/0/delta/usage",
    // Ollama's own API counts at the top.
    "",
];

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
    for place in PLACES {
        let Some(counts) = chunk.pointer(place).filter(|counts| counts.is_object()) else {
            continue;
        };
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
