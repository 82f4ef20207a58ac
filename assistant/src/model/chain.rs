//! Models that stand in for each other: the next one is asked when one cannot answer.
//!
//! A chain is written as names with commas between: `gpt-4.1-mini, claude-haiku-4-5@anthropic, qwen3:8b@ollama`. Behind
//! the `@` stands the server; without it, it is the first that is set up. An assistant with a chain of its own falls back
//! within it alone: one that is to use a local model sends nothing anywhere else.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{sync::watch, time::Instant};

use super::{Model, ModelAnswer, ModelError, ModelRequest, openai::OpenAi};

/// How long a model that could not be reached is left alone, while another one answers.
const REST: Duration = Duration::from_secs(30);

/// The longest time that a model is left alone because it asked for it.
const LONGEST_REST: Duration = Duration::from_secs(600);

/// Servers, and the models of theirs that answer in turn.
pub struct Chain {
    servers: Vec<(String, Arc<OpenAi>)>,
    /// Names that settings know, whether or not they are set up.
    known: Vec<String>,
    own: Vec<Link>,
    name: String,
    resting: Mutex<HashMap<Link, Instant>>,
}

/// A model of a server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Link {
    server: usize,
    model: String,
}

impl Chain {
    /// Of these servers, of which the first is meant where none is named; `models` answer requests that name none.
    pub fn new(servers: Vec<(String, OpenAi)>, known: Vec<String>, models: &str) -> Self {
        let servers = servers
            .into_iter()
            .map(|(name, server)| (name, Arc::new(server)))
            .collect();
        let mut chain = Self {
            servers,
            known,
            own: Vec::new(),
            name: models.to_owned(),
            resting: Mutex::default(),
        };
        chain.own = chain.links(models).unwrap_or_default();
        chain.name = first_of(models);
        chain
    }

    /// The models that a list names.
    ///
    /// # Errors
    /// The servers that it names and that are not set up, when no other is left.
    fn links(&self, models: &str) -> Result<Vec<Link>, ModelError> {
        let mut missing = Vec::new();
        let mut links = Vec::new();
        for name in models.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let (model, server) = match name.rsplit_once('@') {
                Some((model, server)) if self.is_known(server.trim()) => (model.trim(), server.trim()),
                _ => (name, ""),
            };
            let place = match server {
                "" => Some(0),
                server => self.servers.iter().position(|(name, _)| name == server),
            };
            match place {
                Some(server) => links.push(Link {
                    server,
                    model: model.to_owned(),
                }),
                None => missing.push(server.to_owned()),
            }
        }
        if links.is_empty() {
            return Err(ModelError::Refused(match missing.as_slice() {
                [] => "no model is named".to_owned(),
                missing => format!("no server {} is set up", missing.join(", ")),
            }));
        }
        if !missing.is_empty() {
            tracing::warn!(
                missing = missing.join(", "),
                "servers that a chain of models names are not set up"
            );
        }
        Ok(links)
    }

    /// The models that answer requests which name none: their names, their servers, and what the servers call them.
    pub(crate) fn own(&self) -> Vec<(String, Arc<OpenAi>, String)> {
        let links = self.own.iter();
        links
            .filter_map(|link| {
                let (name, server) = self.servers.get(link.server)?;
                Some((
                    format!("{}@{name}", link.model),
                    Arc::clone(server),
                    link.model.clone(),
                ))
            })
            .collect()
    }

    fn is_known(&self, server: &str) -> bool {
        self.servers.iter().any(|(name, _)| name == server) || self.known.iter().any(|name| name == server)
    }

    /// Those that are not resting; all of them when every one is.
    fn awake(&self, links: Vec<Link>) -> Vec<Link> {
        let now = Instant::now();
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.retain(|_, until| *until > now);
        let is_awake = |link: &&Link| !resting.contains_key(link);
        let awake: Vec<Link> = links.iter().filter(is_awake).cloned().collect();
        match awake.is_empty() {
            true => links,
            false => awake,
        }
    }

    fn rest(&self, link: &Link, error: &ModelError) {
        let wait = match error {
            ModelError::Unavailable { retry_after, .. } | ModelError::RateLimited { retry_after } => {
                retry_after.unwrap_or(REST).min(LONGEST_REST)
            }
            ModelError::Deadline(_) => REST,
            ModelError::Refused(_)
            | ModelError::TooLong(_)
            | ModelError::Broken(_)
            | ModelError::Budget { .. } => return,
        };
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.insert(link.clone(), Instant::now() + wait);
    }
}

/// The first of several names.
pub(crate) fn first_of(models: &str) -> String {
    models.split(',').next().unwrap_or_default().trim().to_owned()
}

#[async_trait]
impl Model for Chain {
    fn name(&self) -> &str {
        &self.name
    }

    async fn answer(
        &self,
        request: &ModelRequest,
        live: &watch::Sender<String>,
    ) -> Result<ModelAnswer, ModelError> {
        let links = match &request.model {
            Some(models) => self.links(models)?,
            None => self.own.clone(),
        };
        let several = links.len() > 1;
        let links = self.awake(links);
        let mut failed: Option<ModelError> = None;
        for (n, link) in (1..).zip(&links) {
            let Some((name, server)) = self.servers.get(link.server) else {
                continue;
            };
            let error = match server.ask(&link.model, request, live, n < links.len()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if several {
                self.rest(link, &error);
                metrics::counter!("assistant_model_fallbacks_total").increment(1);
                tracing::warn!(%error, server = name, model = link.model, "the model does not answer; the next one is asked");
            }
            // What passes by itself tells the user more than what only the operator can mend.
            let is_passing = |error: &ModelError| !matches!(error, ModelError::Refused(_));
            failed = match failed {
                Some(first) if is_passing(&first) || !is_passing(&error) => Some(first),
                _ => Some(error),
            };
            if Instant::now() >= request.deadline {
                break;
            }
        }
        Err(failed.unwrap_or_else(|| ModelError::Refused("no model is set up".to_owned())))
    }
}
