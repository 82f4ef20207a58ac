//! A model whose answers are measured: how long they took, and what they cost.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::{sync::watch, time::Instant};

use super::{Model, ModelAnswer, ModelError, ModelRequest};

/// Measures another model.
pub(crate) struct Measured(pub(crate) Arc<dyn Model>);

#[async_trait]
impl Model for Measured {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn is_language_model(&self) -> bool {
        self.0.is_language_model()
    }

    async fn answer(
        &self,
        request: &ModelRequest,
        live: &watch::Sender<String>,
    ) -> Result<ModelAnswer, ModelError> {
        let begun = Instant::now();
        let outcome = self.0.answer(request, live).await;
        // The names of models are whatever an admin wrote into an assistant, and may be any number.
        let model = match &request.model {
            Some(name) if name != self.name() => "assistant's own",
            _ => "default",
        };
        let told = if outcome.is_ok() { "answered" } else { "failed" };
        metrics::histogram!("assistant_model_seconds", "model" => model, "outcome" => told)
            .record(begun.elapsed().as_secs_f64());
        if let Ok(answer) = &outcome {
            for (kind, tokens) in [("input", answer.usage.input), ("output", answer.usage.output)] {
                metrics::counter!("assistant_model_tokens_total", "model" => model, "kind" => kind)
                    .increment(tokens.into());
            }
        }
        outcome
    }
}
