//! What a request may cost at most, and what it did.

use serde_json::Value;

use super::{
    super::{Cost, ModelRequest, Usage, catalogue::Catalogue},
    dialect::LIMITS,
};

/// No language that people write has more tokens than one in three bytes.
const BYTES_TO_A_TOKEN: usize = 3;

/// The most that a request may cost: its bytes as tokens, and the longest answer.
pub(super) fn worst(catalogue: &Catalogue, model: &str, request: &ModelRequest, body: &Value) -> Cost {
    // What is not said to the server by one name or another is not kept to.
    let said = LIMITS.iter().find_map(|name| body.get(*name)?.as_u64());
    let longest = catalogue.of(model).and_then(|facts| facts.answer);
    let answer = match said {
        Some(said) => u32::try_from(said).unwrap_or(u32::MAX),
        None => longest.unwrap_or(request.max_output_tokens),
    };
    let answers = body.get("n").and_then(Value::as_u64).unwrap_or(1);
    let answers = u32::try_from(answers.max(1)).unwrap_or(u32::MAX);
    cost(
        catalogue,
        model,
        Usage {
            input: tokens(body.to_string().len()),
            output: answer.saturating_mul(answers),
        },
    )
}

/// What so many bytes are in tokens, rather too many than too few.
pub(super) fn tokens(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(BYTES_TO_A_TOKEN)).unwrap_or(u32::MAX)
}

/// What tokens cost with a model.
pub(super) fn cost(catalogue: &Catalogue, model: &str, usage: Usage) -> Cost {
    Cost {
        usage,
        micros: catalogue.of(model).map(|facts| facts.micros(usage)),
    }
}
