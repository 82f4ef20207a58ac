//! What a request may cost at most, and what it did.

use serde_json::Value;

use super::{
    super::{Cost, Usage, catalogue::Catalogue},
    dialect::LIMITS,
    wire::Outgoing,
};

/// No language that people write has more tokens than one in three bytes.
const BYTES_TO_A_TOKEN: usize = 3;

/// The most that a request of so many bytes may cost: they as tokens, and the longest answer.
pub(super) fn worst(catalogue: &Catalogue, outgoing: &Outgoing<'_>, bytes: usize) -> Cost {
    let (model, said_beside) = (outgoing.model, outgoing.parameters());
    // What is not said to the server by one name or another is not kept to.
    let said = LIMITS.iter().find_map(|name| said_beside.get(*name)?.as_u64());
    let longest = catalogue.of(model).and_then(|facts| facts.answer);
    let answer = match said {
        Some(said) => u32::try_from(said).unwrap_or(u32::MAX),
        None => longest.unwrap_or(outgoing.request.max_output_tokens),
    };
    let answers = said_beside.get("n").and_then(Value::as_u64).unwrap_or(1);
    let answers = u32::try_from(answers.max(1)).unwrap_or(u32::MAX);
    cost(
        catalogue,
        model,
        Usage {
            input: tokens(bytes),
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
