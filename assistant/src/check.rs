//! Whether the model can be reached and knows its key. For the operator's tools; it costs no tokens.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde::Deserialize;
use service_kit::{OperatorError, answer, http};
use url::Url;

use crate::model_settings::ModelSettings;

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
    /// Asks the server for its models, within `limit`.
    ///
    /// # Errors
    /// It does not answer, refuses the key, or does not have the model.
    pub async fn check(&self, limit: Duration) -> Result<ModelState, OperatorError> {
        let Some((base, key)) = self.endpoint()? else {
            return Ok(ModelState::Offline);
        };
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
        let model = self.name();
        match answer.status().as_u16() {
            401 | 403 => Err(OperatorError::new(
                format!("the model's server at {} refuses the key", shown(&base)),
                "copy OPENAI_API_KEY again from where the key was made, and check that it belongs to OPENAI_BASE_URL",
            )),
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
