//! OpenAI's chat completions, and everything that speaks them, by base URL.
//!
//! async-openai carries the calls, with our own types (many servers leave out what OpenAI always sends) and our
//! own HTTP service: its built-in retries obey any `Retry-After`, know no deadline and say nothing.

use std::{fmt, time::Duration};

use async_openai::Client;
use async_trait::async_trait;
use futures::StreamExt;
use secrecy::SecretString;
use service_kit::{OperatorError, retry::RetryPolicy};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};
use url::Url;

use super::{Model, ModelAnswer, ModelError, ModelRequest};

mod assembly;
mod endpoint;
mod errors;
mod wire;

use assembly::Assembly;
use endpoint::Endpoint;

/// The longest `Retry-After` that is waited out; a longer one ends the call at once.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(10);

/// Where the model is and how long to try.
#[derive(Clone, Debug)]
pub struct OpenAiSettings {
    /// The API's base, such as `https://api.openai.com/v1`.
    pub base_url: Url,
    /// The key, where the server wants one.
    pub api_key: Option<SecretString>,
    /// The model for requests that name none.
    pub model: String,
    /// How long one call may take, from the connection to the last token.
    pub call_limit: Duration,
    /// How often to try.
    pub retries: RetryPolicy,
}

impl OpenAiSettings {
    /// Five tries within about eight seconds of waiting.
    pub const RETRIES: RetryPolicy = RetryPolicy {
        attempts: 5,
        first_wait: Duration::from_millis(400),
        longest_wait: Duration::from_secs(4),
    };
}

/// A model behind an OpenAI-compatible API.
pub struct OpenAi {
    client: Client<Endpoint>,
    model: String,
    call_limit: Duration,
    retries: RetryPolicy,
}

impl OpenAi {
    /// Makes the client; nothing is sent yet.
    ///
    /// # Errors
    /// The TLS stack cannot be set up, or the key cannot travel in a header.
    pub fn new(settings: OpenAiSettings) -> Result<Self, OperatorError> {
        // Ours ends first: this limit only makes sure that no call lives on without us.
        let http = service_kit::http::client(settings.call_limit + Duration::from_secs(1))?;
        let endpoint = Endpoint::new(&settings.base_url, settings.api_key)?;
        let client = Client::build(http.clone(), endpoint).with_http_service(endpoint::transport(http));
        Ok(Self {
            client,
            model: settings.model,
            call_limit: settings.call_limit,
            retries: settings.retries,
        })
    }

    /// One try.
    async fn try_once(
        &self,
        request: &ModelRequest,
        live: &watch::Sender<String>,
    ) -> Result<ModelAnswer, ModelError> {
        live.send_modify(String::clear);
        let body = wire::request(request, &self.model);
        let mut stream = self
            .client
            .chat()
            .create_stream_byot::<_, wire::Chunk>(body)
            .await
            .map_err(errors::meaning)?;
        let mut assembly = Assembly::default();
        while let Some(chunk) = stream.next().await {
            let text = assembly.add(chunk.map_err(errors::meaning)?)?;
            if !text.is_empty() {
                live.send_modify(|live| live.push_str(&text));
            }
        }
        assembly.finish()
    }
}

#[async_trait]
impl Model for OpenAi {
    fn name(&self) -> &str {
        &self.model
    }

    async fn answer(
        &self,
        request: &ModelRequest,
        live: &watch::Sender<String>,
    ) -> Result<ModelAnswer, ModelError> {
        let mut waits = self.retries.waits();
        loop {
            let left = request.deadline.saturating_duration_since(Instant::now());
            let limit = left.min(self.call_limit);
            let error = match timeout(limit, self.try_once(request, live)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => error,
                Err(_) => ModelError::Deadline(limit),
            };
            let asked = match &error {
                ModelError::Refused(_) | ModelError::Deadline(_) => None,
                ModelError::Unavailable { retry_after, .. } | ModelError::RateLimited { retry_after } => {
                    Some(retry_after.unwrap_or_default())
                }
                ModelError::Broken(_) => Some(Duration::ZERO),
            };
            let (Some(asked), Some(backoff)) = (asked, waits.next()) else {
                return Err(error);
            };
            let wait = asked.max(backoff);
            let left = request.deadline.saturating_duration_since(Instant::now());
            if asked > LONGEST_RETRY_AFTER || wait >= left {
                return Err(error);
            }
            let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(%error, wait_ms, "model call failed; trying again");
            metrics::counter!("assistant_model_retries_total").increment(1);
            tokio::time::sleep(wait).await;
        }
    }
}

impl fmt::Debug for OpenAi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAi")
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}
