//! Whether the models can be reached, know their keys, and can call tools. For the operator's tools.

use std::{borrow::Cow, sync::Arc, time::Duration};

use chrono::DateTime;
use chrono_tz::Tz;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Map, json};
use service_kit::{OperatorError, answer, http};
use tokio::{sync::watch, time::Instant};
use url::Url;

use crate::{
    model::{Message, ModelAnswer, ModelError, ModelRequest, ToolSpec},
    model_settings::{ModelSettings, Server},
    tools::when,
};

/// The tool that a model is to call when it is tried out.
const TOOL: &str = "check";

/// The most tokens of the answer: room for the thoughts of models that cannot do without.
const TOKENS: u32 = 1_000;

/// How the model is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelState {
    /// No model is set: the offline one answers.
    Offline,
    /// It can be used.
    Ready {
        /// Its name.
        model: String,
        /// Whether the server says that it has the model; `false` when it lists none.
        is_listed: bool,
    },
}

/// The most bytes of it that are read; the longest lists have about one million.
const LONGEST_LIST: usize = 8 * 1024 * 1024;

/// What a real call came to.
#[derive(Debug)]
pub struct Tried {
    /// The model, with its server.
    pub model: String,
    /// Whether it called the tool that it was to call; or why there is no answer.
    pub outcome: Result<bool, OperatorError>,
}

/// `GET /models`, as far as it is read.
#[derive(Deserialize)]
struct Models {
    #[serde(default)]
    data: Vec<ListedModel>,
}

#[derive(Deserialize)]
struct ListedModel {
    id: String,
}

impl ModelSettings {
    /// Asks each model of the installation's own chain to call a tool, within `limit`, side by side. It costs some
    /// hundred tokens each.
    ///
    /// # Errors
    /// The settings contradict each other.
    pub async fn try_out(&self, limit: Duration) -> Result<Vec<Tried>, OperatorError> {
        let catalogue = Arc::new(self.catalogue()?);
        let Some(chain) = self.chain(&catalogue)? else {
            return Ok(Vec::new());
        };
        let request = trial(limit);
        let each = chain.own().into_iter().map(|(name, server, model)| {
            let request = &request;
            async move {
                let (live, _) = watch::channel(String::new());
                let answer = server.ask(&model, request, &live, false).await;
                Tried {
                    outcome: answer
                        .map(|answer| has_called(&answer))
                        .map_err(|error| told(&name, &error)),
                    model: name,
                }
            }
        });
        Ok(futures::future::join_all(each).await)
    }

    /// The models of the installation's own chain of which no price is known: budgets in money do not count them.
    ///
    /// # Errors
    /// The settings contradict each other.
    pub fn unpriced(&self) -> Result<Vec<String>, OperatorError> {
        let catalogue = Arc::new(self.catalogue()?);
        let own = self.chain(&catalogue)?.map(|chain| chain.own());
        let unknown = own
            .into_iter()
            .flatten()
            .filter(|(.., model)| catalogue.of(model).is_none());
        Ok(unknown.map(|(name, ..)| name).collect())
    }

    /// Asks the first server for its models, within `limit`. It costs no tokens.
    ///
    /// # Errors
    /// It does not answer, refuses the key, or does not have the model.
    pub async fn check(&self, limit: Duration) -> Result<ModelState, OperatorError> {
        let catalogue = self.catalogue()?;
        let servers = self.servers.set_up(&catalogue)?;
        let names = self.names(&servers);
        let Some(Server {
            name, url: base, key, ..
        }) = servers.into_iter().next()
        else {
            return Ok(ModelState::Offline);
        };
        // The model of a chain that is at this server.
        let of_this = names
            .split(',')
            .map(str::trim)
            .find_map(|model| match model.rsplit_once('@') {
                Some((model, server)) if catalogue.servers().iter().any(|known| known.name == server) => {
                    (server == name).then(|| model.to_owned())
                }
                _ => Some(model.to_owned()),
            });
        let model = of_this.unwrap_or_default();
        let mut request = http::client(limit)?.get(models_url(&base));
        if let Some(key) = &key {
            request = request.bearer_auth(key.expose_secret());
        }
        let silent = |error: reqwest::Error| {
            OperatorError::new(
                format!("the model's server does not answer at {}", shown(&base)),
                "check OPENAI_BASE_URL, that the server runs, and this machine's way to it",
            )
            .because(error.without_url())
        };
        let answer = request.send().await.map_err(silent)?;
        match answer.status().as_u16() {
            401 | 403 => Err(OperatorError::new(
                format!("the model's server at {} refuses the key", shown(&base)),
                "copy OPENAI_API_KEY again from where the key was made, and check that it belongs to OPENAI_BASE_URL",
            )),
            200 if model.is_empty() => Ok(ModelState::Ready {
                model: name,
                is_listed: false,
            }),
            200 => {
                let list = answer::read(answer, LONGEST_LIST).await.unwrap_or_default();
                let Ok(models) = serde_json::from_slice::<Models>(&list) else {
                    return Err(OperatorError::new(
                        format!("what answers at {} is no OpenAI-compatible API", shown(&base)),
                        "set OPENAI_BASE_URL to the API's base, which mostly ends in /v1",
                    ));
                };
                let names: Vec<_> = models.data.iter().map(|listed| listed.id.as_str()).collect();
                if names.is_empty() || names.contains(&model.as_str()) {
                    let is_listed = !names.is_empty();
                    return Ok(ModelState::Ready { model, is_listed });
                }
                Err(OperatorError::new(
                    format!("the model's server at {} has no model {model:?}", shown(&base)),
                    format!("set OPENAI_MODEL to one that it has: {}", some_of(&names)),
                ))
            }
            // Not every server lists its models; that it answers must do.
            404 | 405 | 501 => Ok(ModelState::Ready {
                model,
                is_listed: false,
            }),
            status => Err(OperatorError::new(
                format!(
                    "the model's server at {} answered with status {status}",
                    shown(&base)
                ),
                "check OPENAI_BASE_URL, or try again in a minute",
            )),
        }
    }
}

fn trial(limit: Duration) -> ModelRequest {
    let tool = ToolSpec {
        name: Cow::Borrowed(TOOL),
        description: Cow::Borrowed("Takes a number."),
        parameters: json!({
            "type": "object",
            "properties": { "number": { "type": "integer", "description": "the number" } },
            "required": ["number"],
        }),
    };
    ModelRequest {
        model: None,
        instructions: "You test whether tools can be called.".to_owned(),
        messages: vec![Message::User(format!("Call the tool {TOOL} with the number 7."))],
        tools: Arc::new([tool]),
        parameters: Map::new(),
        max_output_tokens: TOKENS,
        // Nothing in the trial speaks of time.
        time: when::context(DateTime::UNIX_EPOCH, Tz::UTC, "en"),
        now: DateTime::UNIX_EPOCH,
        deadline: Instant::now() + limit,
        purse: None,
    }
}

fn has_called(answer: &ModelAnswer) -> bool {
    answer.tool_calls.iter().any(|call| call.name == TOOL)
}

/// The error, with what to do.
fn told(model: &str, error: &ModelError) -> OperatorError {
    let advice = match error {
        ModelError::Refused(_) => {
            "check the key, the model's name (OPENAI_MODEL) and what the account may use"
        }
        ModelError::RateLimited { .. } => "wait a minute, or raise the account's limits",
        ModelError::Unavailable { .. } => {
            "check the address, that the server runs, and this machine's way to it"
        }
        ModelError::Broken(_) | ModelError::TooLong(_) => "choose another model (OPENAI_MODEL)",
        ModelError::Budget { .. } => "raise the budget",
        ModelError::Deadline(_) => "choose a faster model, or raise MODEL_DEADLINE",
    };
    OperatorError::new(format!("{model}: {error}"), advice)
}

fn models_url(base: &Url) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push("models");
    }
    url
}

/// The address without what may be a password.
fn shown(base: &Url) -> String {
    let path = base.path().trim_end_matches('/');
    format!("{}{path}", base.origin().ascii_serialization())
}

/// The first few names: some servers have hundreds.
fn some_of(names: &[&str]) -> String {
    const MOST: usize = 8;
    let mut text = names.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    if names.len() > MOST {
        text.push_str(&format!(" and {} more", names.len() - MOST));
    }
    text
}
