//! Which models answer, and what a turn may spend.

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use service_kit::{OperatorError, settings::http_url};
use url::Url;

use crate::{
    driver::TurnSettings,
    model::{
        Model,
        catalogue::Catalogue,
        chain::Chain,
        ollama::Found,
        openai::{OpenAi, OpenAiSettings},
    },
    turn::Limits,
};

mod servers;

pub(crate) use servers::Server;
pub use servers::ServerSettings;

/// The settings of models and of turns. Where no server is set up, a local Ollama answers that is found by itself, or
/// else the offline model.
#[derive(Args, Clone, Debug)]
pub struct ModelSettings {
    /// The servers that models are at.
    #[command(flatten)]
    pub servers: ServerSettings,
    /// The model's name, for assistants that name none; several with commas between stand in for each other, each with
    /// its server behind an @ where it is not the first one. The servers' own choice when absent.
    #[arg(long, env = "OPENAI_MODEL", value_name = "NAMES", help_heading = "Model")]
    pub openai_model: Option<String>,
    /// Whether to look for Ollama on this machine when the service starts and no server is set up.
    #[arg(
        long,
        env = "FIND_OLLAMA",
        value_name = "BOOL",
        default_value = "true",
        action = clap::ArgAction::Set,
        help_heading = "Model"
    )]
    pub find_ollama: bool,
    /// A JSON file with more models: their context, prices and abilities, as in assistant/src/model/models.json.
    #[arg(long, env = "MODELS_FILE", value_name = "FILE", help_heading = "Model")]
    pub models_file: Option<PathBuf>,
    /// How long a model may take until the first word of its answer, in seconds.
    #[arg(long, env = "MODEL_DEADLINE", value_name = "SECONDS", default_value = "45", value_parser = seconds, help_heading = "Model")]
    pub model_deadline: Duration,
    /// How many calls of models run at once, for each server; others wait for their turn, the oldest first. 1 is right
    /// for a local server that answers one after the other.
    #[arg(long, env = "MODEL_CALLS_AT_ONCE", value_name = "N", default_value = "32", value_parser = calls, help_heading = "Model")]
    pub model_calls_at_once: usize,
    /// How long a model may be silent in the midst of its answer, in seconds.
    #[arg(long, env = "MODEL_SILENCE", value_name = "SECONDS", default_value = "30", value_parser = seconds, help_heading = "Model")]
    pub model_silence: Duration,
    /// For how long the steps of an answer may begin, in seconds; then the user is told so. What is being written by
    /// then is waited for.
    #[arg(long, env = "TURN_DEADLINE", value_name = "SECONDS", default_value = "180", value_parser = seconds, help_heading = "Model")]
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
        let catalogue = match self.catalogue() {
            Ok(catalogue) => catalogue,
            Err(error) => return vec![format!("MODELS_FILE cannot be used ({error})")],
        };
        self.servers.problems(&catalogue)
    }

    /// What is known of models and servers.
    pub(crate) fn catalogue(&self) -> Result<Catalogue, OperatorError> {
        // An empty variable is how Compose files say "not set".
        let own = self
            .models_file
            .as_deref()
            .filter(|path| !path.as_os_str().is_empty());
        Catalogue::load(own)
    }

    /// The model that answers. In a tokio runtime.
    pub(crate) fn model(&self) -> Result<Arc<dyn Model>, OperatorError> {
        let catalogue = Arc::new(self.catalogue()?);
        match self.chain(&catalogue)? {
            Some(chain) => Ok(Arc::new(chain)),
            None => self.without_server(&catalogue),
        }
    }

    /// The models of the servers that are set up; `None` where none is.
    pub(crate) fn chain(&self, catalogue: &Arc<Catalogue>) -> Result<Option<Chain>, OperatorError> {
        let servers = self.servers.set_up(catalogue)?;
        if servers.is_empty() {
            return Ok(None);
        }
        let models = self.names(&servers);
        let servers: Result<Vec<(String, OpenAi)>, OperatorError> = servers
            .into_iter()
            .map(|server| {
                let name = server.name.clone();
                Ok((name, self.reach(server, catalogue)?))
            })
            .collect();
        let known = catalogue.servers().iter().map(|server| server.name.clone());
        Ok(Some(Chain::new(servers?, known.collect(), &models)))
    }

    /// The client of a server.
    pub(crate) fn reach(&self, server: Server, catalogue: &Arc<Catalogue>) -> Result<OpenAi, OperatorError> {
        let settings = OpenAiSettings {
            base_url: server.url,
            api_key: server.key,
            model: server.model.unwrap_or_default(),
            first_word: self.model_deadline,
            silence: self.model_silence,
            retries: OpenAiSettings::RETRIES,
        };
        let server = OpenAi::new(settings)?.knowing(Arc::clone(catalogue));
        Ok(server.at_once(self.model_calls_at_once))
    }

    /// The models that answer requests which name none.
    pub(crate) fn names(&self, servers: &[Server]) -> String {
        let own = self.openai_model.as_deref().unwrap_or_default().trim();
        if !own.is_empty() {
            return own.to_owned();
        }
        let each = servers.iter().filter_map(|server| {
            let model = server.model.as_ref()?;
            Some(format!("{model}@{}", server.name))
        });
        each.collect::<Vec<_>>().join(", ")
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

    /// Ollama, where it runs on this machine, or else the offline model.
    fn without_server(&self, catalogue: &Arc<Catalogue>) -> Result<Arc<dyn Model>, OperatorError> {
        let ollama = catalogue
            .servers()
            .iter()
            .find(|server| server.name == servers::OLLAMA);
        let (Some(ollama), true) = (ollama, self.find_ollama) else {
            tracing::info!("the offline model answers; set OPENAI_API_KEY to connect a real one");
            return Ok(Arc::new(crate::model::offline::Offline));
        };
        let api = http_url(&ollama.url).map_err(|why| OperatorError::new(why, "correct MODELS_FILE"))?;
        let wanted = self.openai_model.clone().filter(|name| !name.trim().is_empty());
        let (settings, catalogue, name) = (self.clone(), Arc::clone(catalogue), ollama.name.clone());
        let make = move |model: String, url: Url| {
            let server = Server {
                name,
                url,
                key: None,
                model: Some(model),
            };
            settings.reach(server, &catalogue).ok()
        };
        Ok(Arc::new(Found::look(api, wanted, Box::new(make))))
    }
}

/// The text of a secret that is set; an empty variable is how Compose files say "not set".
fn is_set(secret: &Option<SecretString>) -> Option<SecretString> {
    secret
        .clone()
        .filter(|key| !key.expose_secret().trim().is_empty())
}

fn calls(text: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(number @ 1..=10_000) => Ok(number),
        _ => Err("use a number from 1 to 10000".to_owned()),
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
