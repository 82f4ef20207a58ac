//! Which model answers, and what a turn may spend.

use std::{sync::Arc, time::Duration};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use service_kit::{OperatorError, settings::http_url};
use url::Url;

use crate::{
    driver::TurnSettings,
    model::{
        Model,
        offline::Offline,
        openai::{OpenAi, OpenAiSettings},
    },
    turn::Limits,
};

const OPENAI: &str = "https://api.openai.com/v1";

const DEFAULT_MODEL: &str = "gpt-4.1-mini";

/// The settings of the model and of turns. Without a key and without a base URL the offline model answers.
#[derive(Args, Clone, Debug)]
pub struct ModelSettings {
    /// The key of OpenAI, or of the server at OPENAI_BASE_URL where it wants one.
    #[arg(
        long,
        env = "OPENAI_API_KEY",
        hide_env_values = true,
        value_name = "KEY",
        help_heading = "Model"
    )]
    pub openai_api_key: Option<SecretString>,
    /// The base URL of an OpenAI-compatible API; OpenAI's own when absent.
    #[arg(long, env = "OPENAI_BASE_URL", value_name = "URL", help_heading = "Model")]
    pub openai_base_url: Option<String>,
    /// The model's name, for assistants that name none.
    #[arg(
        long,
        env = "OPENAI_MODEL",
        value_name = "NAME",
        default_value = DEFAULT_MODEL,
        help_heading = "Model"
    )]
    pub openai_model: String,
    /// How long one model call may take, in seconds.
    #[arg(long, env = "MODEL_DEADLINE", value_name = "SECONDS", default_value = "45", value_parser = seconds, help_heading = "Model")]
    pub model_deadline: Duration,
    /// How long an answer may take in all, in seconds; then the user is told so.
    #[arg(long, env = "TURN_DEADLINE", value_name = "SECONDS", default_value = "60", value_parser = seconds, help_heading = "Model")]
    pub turn_deadline: Duration,
    /// How much of a conversation the model is sent, in tokens (about four bytes each).
    #[arg(
        long,
        env = "CONTEXT_TOKENS",
        value_name = "TOKENS",
        default_value = "32000",
        help_heading = "Model"
    )]
    pub context_tokens: usize,
    /// The most tokens that one answer of the model may have.
    #[arg(
        long,
        env = "ANSWER_TOKENS",
        value_name = "TOKENS",
        default_value = "4096",
        help_heading = "Model"
    )]
    pub answer_tokens: u32,
}

impl ModelSettings {
    /// What clap cannot check.
    pub(crate) fn problems(&self) -> Vec<String> {
        let problem = self.base_url().err();
        problem
            .map(|problem| format!("OPENAI_BASE_URL cannot be used ({problem})"))
            .into_iter()
            .collect()
    }

    /// The model that answers.
    pub(crate) fn model(&self) -> Result<Arc<dyn Model>, OperatorError> {
        let Some((base_url, api_key)) = self.endpoint()? else {
            tracing::info!("the offline model answers; set OPENAI_API_KEY to connect a real one");
            return Ok(Arc::new(Offline));
        };
        Ok(Arc::new(OpenAi::new(OpenAiSettings {
            base_url,
            api_key,
            model: self.name(),
            call_limit: self.model_deadline,
            retries: OpenAiSettings::RETRIES,
        })?))
    }

    /// Where the model is, and the key where there is one; `None` for the offline model.
    pub(crate) fn endpoint(&self) -> Result<Option<(Url, Option<SecretString>)>, OperatorError> {
        let base_url = self
            .base_url()
            .map_err(|problem| OperatorError::new(problem, "set OPENAI_BASE_URL to the API's base URL"))?;
        // An empty variable is how Compose files say "not set".
        let api_key = self
            .openai_api_key
            .clone()
            .filter(|key| !key.expose_secret().trim().is_empty());
        if api_key.is_none() && base_url.is_none() {
            return Ok(None);
        }
        let default = || {
            OPENAI
                .parse()
                .map_err(|_| OperatorError::new("no base URL", "set OPENAI_BASE_URL"))
        };
        Ok(Some((base_url.map_or_else(default, Ok)?, api_key)))
    }

    /// The model's name, for assistants that name none.
    pub(crate) fn name(&self) -> String {
        match self.openai_model.trim() {
            "" => DEFAULT_MODEL.to_owned(),
            name => name.to_owned(),
        }
    }

    /// What turns may spend.
    pub(crate) fn turns(&self) -> TurnSettings {
        TurnSettings {
            limits: Limits {
                time: self.turn_deadline,
                ..Limits::default()
            },
            context_tokens: self.context_tokens,
            answer_tokens: self.answer_tokens,
        }
    }

    fn base_url(&self) -> Result<Option<Url>, String> {
        let text = self.openai_base_url.as_deref().unwrap_or_default().trim();
        (!text.is_empty()).then(|| http_url(text)).transpose()
    }
}

/// Whole or fractional seconds, more than none.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .trim()
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|limit| !limit.is_zero() && *limit <= Duration::from_secs(3600))
        .ok_or_else(|| "not between 0 and 3600 seconds".to_owned())
}
