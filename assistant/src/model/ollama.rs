//! A local Ollama that is found by itself, for whoever has neither key nor address set: looked for once, when the service
//! starts, while it starts.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use tokio::sync::watch;
use url::Url;

use super::{Model, ModelAnswer, ModelError, ModelRequest, offline::Offline, openai::OpenAi};

/// How long each question may take: it is on this machine, or it is not there.
const LIMIT: Duration = Duration::from_millis(700);

/// The longest answer that is read: hundreds of models fit, each with its template and licence.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// How many of its models are asked what they can.
const LOOKED_AT: usize = 12;

/// Makes the model of this name, at this API.
pub(crate) type Make = Box<dyn FnOnce(String, Url) -> Option<OpenAi> + Send>;

/// A model with its name.
type Named = (String, Arc<OpenAi>);

/// Whoever answers: a model of Ollama's, or the offline one.
pub(crate) struct Found {
    model: Shared<BoxFuture<'static, Option<Named>>>,
}

#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    models: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
}

#[derive(Default, Deserialize)]
struct Shown {
    #[serde(default)]
    capabilities: Vec<String>,
}

impl Found {
    /// Looks at `api`, Ollama's OpenAI-compatible one, in the background; a request that comes before it is settled waits for it. `wanted` is taken
    /// when it is there.
    pub(crate) fn look(api: Url, wanted: Option<String>, make: Make) -> Self {
        let looking = async move {
            let Some(name) = choose(&api, wanted).await else {
                tracing::info!(
                    "the offline model answers; set OPENAI_API_KEY, or start Ollama, to connect a real one"
                );
                return None;
            };
            tracing::info!(model = name, "Ollama was found on this machine, and answers");
            Some((name.clone(), Arc::new(make(name, api)?)))
        };
        let model = looking.boxed().shared();
        tokio::spawn(model.clone());
        Self { model }
    }
}

/// What is answered, if it is short enough and makes sense.
async fn read<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Option<T> {
    let answer = request.send().await.ok()?;
    let body = service_kit::answer::read(answer, MOST_BYTES).await.ok()?;
    serde_json::from_slice(&body).ok()
}

/// A model that can call tools, of those that are there.
async fn choose(api: &Url, wanted: Option<String>) -> Option<String> {
    let http = service_kit::http::client(LIMIT).ok()?;
    let tags: Tags = read(http.get(api.join("/api/tags").ok()?)).await?;
    if let Some(wanted) = wanted {
        return tags
            .models
            .into_iter()
            .map(|tag| tag.name)
            .find(|name| *name == wanted);
    }
    // The newest first, as Ollama lists them.
    for tag in tags.models.into_iter().take(LOOKED_AT) {
        let ask = http
            .post(api.join("/api/show").ok()?)
            .json(&json!({ "model": tag.name }));
        let shown: Shown = read(ask).await.unwrap_or_default();
        if shown.capabilities.iter().any(|can| can == "tools") {
            return Some(tag.name);
        }
    }
    None
}

#[async_trait]
impl Model for Found {
    fn name(&self) -> &str {
        match self.model.peek() {
            Some(Some((name, _))) => name,
            _ => "offline",
        }
    }

    fn is_language_model(&self) -> bool {
        matches!(self.model.peek(), Some(Some(_)))
    }

    async fn answer(
        &self,
        request: &ModelRequest,
        live: &watch::Sender<String>,
    ) -> Result<ModelAnswer, ModelError> {
        match self.model.clone().await {
            Some((_, model)) => model.answer(request, live).await,
            None => Offline.answer(request, live).await,
        }
    }
}
