//! OpenAI's chat completions, and everything that speaks them, by base URL.
//!
//! `reading` reads answers of any shape, `wire` writes requests in the `dialect` that the server was found to
//! speak, `trouble` says what a failure means. Here they are put together: what is sent again, when, and how often.
//! Anthropic, Gemini and Ollama are reached by their OpenAI-compatible endpoints, which stream and call tools.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use secrecy::SecretString;
use service_kit::{OperatorError, retry::RetryPolicy};
use tokio::{
    sync::{Semaphore, SemaphorePermit, watch},
    time::{Instant, timeout_at},
};
use url::Url;

use super::{Cost, Message, Model, ModelAnswer, ModelError, ModelRequest, Usage, catalogue::Catalogue};

mod arguments;
mod assembly;
mod calls;
mod chunk;
mod dialect;
mod endpoint;
mod frames;
mod history;
mod price;
mod prose;
mod reading;
mod redact;
mod repeats;
mod retry_after;
mod roles;
mod spoken;
mod trouble;
mod usage;
mod wire;

use dialect::Dialect;
use endpoint::Endpoint;
use prose::Shown;
use reading::Reading;
use trouble::{Remedy, Trouble};
use wire::Outgoing;

/// The longest `Retry-After` that is waited out; a longer one ends the call at once.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(10);

/// How often an answer is paid for before it is given up: what is broken twice is broken.
const PAID: u32 = 2;

/// A server may count so many times what we do, at most.
const MISCOUNT: u32 = 4;

/// How often a request is changed after a refusal. Refusals cost nothing.
const CHANGES: u32 = 12;

/// How long the tokens are waited for behind the end of an answer, where the server keeps the connection open.
const AFTER_END: Duration = Duration::from_secs(2);

/// Where the model is and how long to try.
#[derive(Clone, Debug)]
pub struct OpenAiSettings {
    /// The API's base, such as `https://api.openai.com/v1`.
    pub base_url: Url,
    /// The key, where the server wants one.
    pub api_key: Option<SecretString>,
    /// The model for requests that name none.
    pub model: String,
    /// How long a model may take until the first word of its answer.
    pub first_word: Duration,
    /// How long it may be silent in the midst of its answer. How long the whole takes is not limited: an answer that
    /// is coming is waited for.
    pub silence: Duration,
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

/// Models behind an OpenAI-compatible API.
pub struct OpenAi {
    endpoint: Endpoint,
    settings: OpenAiSettings,
    catalogue: Arc<Catalogue>,
    /// What each model does not take.
    dialects: Mutex<HashMap<String, Dialect>>,
    /// How many calls may run at once.
    slots: Semaphore,
}

/// One call that is tried until it succeeds or is given up.
struct Call<'c> {
    request: &'c ModelRequest,
    model: &'c str,
    /// The conversation, or what is left of it.
    messages: Cow<'c, [Message]>,
    dialect: Dialect,
    /// What failed tries cost.
    usage: Usage,
}

impl Call<'_> {
    fn outgoing<'o>(&'o self, server: &'o str) -> Outgoing<'o> {
        Outgoing {
            request: self.request,
            messages: &self.messages,
            model: self.model,
            server,
            dialect: &self.dialect,
        }
    }
}

impl OpenAi {
    /// Makes the client; nothing is sent yet.
    ///
    /// # Errors
    /// The TLS stack cannot be set up, or the key cannot travel in a header.
    pub fn new(settings: OpenAiSettings) -> Result<Self, OperatorError> {
        Ok(Self {
            endpoint: Endpoint::new(&settings.base_url, settings.api_key.as_ref())?,
            settings,
            catalogue: Arc::default(),
            dialects: Mutex::default(),
            slots: Semaphore::new(Semaphore::MAX_PERMITS),
        })
    }

    /// The same, which has so many calls at once; others wait, the oldest first.
    #[must_use]
    pub fn at_once(self, calls: usize) -> Self {
        Self {
            slots: Semaphore::new(calls),
            ..self
        }
    }

    /// The same, which knows how much its models read.
    #[must_use]
    pub fn knowing(self, catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue, ..self }
    }

    /// Asks one model. When another one stands by, this one is not tried as long.
    pub(crate) async fn ask(
        &self,
        model: &str,
        request: &ModelRequest,
        live: &watch::Sender<String>,
        has_stand_in: bool,
    ) -> Result<ModelAnswer, ModelError> {
        let mut call = Call {
            request,
            model,
            messages: Cow::Borrowed(&request.messages),
            dialect: self.dialect(model),
            usage: Usage::default(),
        };
        // It was refused before, or is more than the model reads: not sent as long as that.
        let most = self.room(model, request);
        let refused = call.dialect.too_long.unwrap_or(usize::MAX);
        while history::size(&call.messages) >= most.min(refused) && history::shorten(call.messages.to_mut()) {
        }
        let outcome = self.until_settled(&mut call, live, has_stand_in).await;
        if outcome.is_err() {
            // Leaving everything out did not help.
            call.dialect.is_plain = self.dialect(model).is_plain;
        }
        self.remember(model, call.dialect);
        let mut answer = outcome.map_err(|trouble| trouble.meaning(request))?;
        answer.usage = answer.usage.plus(call.usage);
        model.clone_into(&mut answer.model);
        Ok(answer)
    }

    async fn until_settled(
        &self,
        call: &mut Call<'_>,
        live: &watch::Sender<String>,
        has_stand_in: bool,
    ) -> Result<ModelAnswer, Trouble> {
        let mut waits = self.settings.retries.waits();
        let mut waits_left = if has_stand_in { 1 } else { usize::MAX };
        let mut paid = 0;
        let mut changes = 0;
        loop {
            let outgoing = call.outgoing(self.endpoint.name());
            let body = serde_json::to_string(&outgoing);
            let body = body.map_err(|_| Trouble::broken("the request cannot be written"))?;
            let worst = || price::worst(&self.catalogue, &outgoing, body.len());
            let worst = call.request.purse.is_some().then(worst);
            let trouble = match self.try_paying(call, body, worst, live).await {
                Ok(answer) => return Ok(answer),
                Err(trouble) => trouble,
            };
            paid += u32::from(trouble.was_paid());
            if paid >= PAID {
                return Err(trouble);
            }
            let wait = match trouble.remedy() {
                Remedy::None => return Err(trouble),
                Remedy::Again => self.settings.retries.first_wait,
                Remedy::Shorter | Remedy::Otherwise => {
                    changes += 1;
                    if changes > CHANGES || !self.change(call, &trouble) {
                        return Err(trouble);
                    }
                    continue;
                }
                Remedy::Wait(asked) => {
                    let backoff = waits
                        .next()
                        .filter(|_| waits_left > 0 && asked <= LONGEST_RETRY_AFTER);
                    waits_left = waits_left.saturating_sub(1);
                    match backoff {
                        Some(backoff) => asked.max(backoff),
                        None => return Err(trouble),
                    }
                }
            };
            let left = call.request.deadline.saturating_duration_since(Instant::now());
            if wait >= left {
                return Err(trouble);
            }
            let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            let error = trouble.meaning(call.request);
            tracing::warn!(%error, model = call.model, wait_ms, "model call failed; trying again");
            metrics::counter!("assistant_model_retries_total").increment(1);
            tokio::time::sleep(wait).await;
        }
    }

    /// Changes a call that was refused; `false` when nothing is left to change.
    fn change(&self, call: &mut Call<'_>, trouble: &Trouble) -> bool {
        let Trouble::Said(said) = trouble else {
            return false;
        };
        let error = trouble.meaning(call.request);
        let server = self.endpoint.name();
        if trouble.remedy() == Remedy::Shorter {
            let size = history::size(&call.messages);
            call.dialect.too_long = Some(call.dialect.too_long.map_or(size, |known| known.min(size)));
            let is_shorter = history::shorten(call.messages.to_mut());
            if is_shorter {
                tracing::info!(%error, model = call.model, server, "the conversation is too long for the model; older messages are left out");
            }
            return is_shorter;
        }
        let body = serde_json::to_value(call.outgoing(server)).unwrap_or_default();
        let Some(what) = call.dialect.learn(said, &body) else {
            return false;
        };
        tracing::warn!(%error, model = call.model, server, what, "the model's server does not take this; it is left out from now on");
        true
    }

    /// One try, for which there must be a budget.
    async fn try_paying(
        &self,
        call: &mut Call<'_>,
        body: String,
        worst: Option<Cost>,
        live: &watch::Sender<String>,
    ) -> Result<ModelAnswer, Trouble> {
        // Before anything is held back: what waits here costs nothing yet.
        let _slot = self.slot(call.request.deadline).await?;
        let (Some(purse), Some(worst), model) = (&call.request.purse, worst, call.model) else {
            return self.try_once(call, body, live).await;
        };
        purse.hold(model, worst).await.map_err(Trouble::Unpaid)?;
        let before = call.usage;
        let mut tried = self.try_once(call, body, live).await;
        let usage = match &mut tried {
            Ok(answer) => {
                // Not every server counts, and one that counts more than there can be counts nothing.
                let most = Usage {
                    input: worst.usage.input.saturating_mul(MISCOUNT),
                    output: worst.usage.output.saturating_mul(MISCOUNT),
                };
                answer.usage.input = answer.usage.input.min(most.input);
                answer.usage.output = answer.usage.output.min(most.output);
                if answer.usage == Usage::default() {
                    let calls = answer.tool_calls.iter();
                    let written = answer.text.len() + calls.map(|call| call.arguments.len()).sum::<usize>();
                    answer.usage = Usage {
                        input: worst.usage.input,
                        output: price::tokens(written),
                    };
                }
                answer.usage
            }
            Err(trouble) => {
                let told = call.usage.less(before);
                match trouble.may_be_charged() && told == Usage::default() {
                    true => worst.usage,
                    false => told,
                }
            }
        };
        purse.paid(price::cost(&self.catalogue, model, usage));
        tried
    }

    /// A place among the calls that run at once: whoever has waited longest is next. What is waited for here is none of
    /// the server's silence.
    async fn slot(&self, deadline: Instant) -> Result<SemaphorePermit<'_>, Trouble> {
        let asked = Instant::now();
        let slot = timeout_at(deadline, self.slots.acquire()).await;
        let waited = asked.elapsed();
        metrics::histogram!("assistant_model_wait_seconds").record(waited.as_secs_f64());
        match slot {
            Ok(Ok(slot)) => Ok(slot),
            // It is never closed.
            Ok(Err(_)) | Err(_) => Err(Trouble::Silent(waited)),
        }
    }

    /// One try.
    async fn try_once(
        &self,
        call: &mut Call<'_>,
        body: String,
        live: &watch::Sender<String>,
    ) -> Result<ModelAnswer, Trouble> {
        live.send_if_modified(|live| !std::mem::take(live).is_empty());
        let begun = Instant::now();
        let left = call.request.deadline.saturating_duration_since(begun);
        // A server that does not stream says nothing until it is done.
        let first_word = match call.dialect.no_stream {
            true => left,
            false => left.min(self.settings.first_word),
        };
        let mut reading = Reading::new(&call.request.tools);
        let outcome = self.read(&mut reading, body, live, begun, first_word).await;
        if outcome.is_err() {
            call.usage = call.usage.plus(reading.usage());
        }
        outcome?;
        let usage = reading.usage();
        let answer = reading.finish(self.endpoint.name());
        if answer.is_err() {
            call.usage = call.usage.plus(usage);
        }
        answer
    }

    /// Reads until the answer is there.
    async fn read(
        &self,
        reading: &mut Reading<'_>,
        body: String,
        live: &watch::Sender<String>,
        begun: Instant,
        first_word: Duration,
    ) -> Result<(), Trouble> {
        let silent = |limit: Duration| move |_| Trouble::Silent(limit);
        let mut until = begun + first_word;
        let mut limit = first_word;
        let mut response = timeout_at(until, self.endpoint.complete(body))
            .await
            .map_err(silent(limit))??;
        while !reading.is_done() {
            let bytes = match timeout_at(until, response.chunk()).await {
                Ok(Ok(Some(bytes))) => bytes,
                Ok(Ok(None)) => break,
                // It is whole; what follows would only have been the tokens.
                Ok(Err(_)) | Err(_) if reading.has_ended() => break,
                Ok(Err(error)) => return Err(endpoint::failed(&error)),
                Err(elapsed) => return Err(silent(limit)(elapsed)),
            };
            let step = reading.push(&bytes)?;
            for shown in step.shown {
                live.send_modify(|live| match shown {
                    Shown::Nothing => {}
                    Shown::More(text) => live.push_str(&text),
                    Shown::Instead(text) => *live = text,
                });
            }
            if step.is_progress {
                limit = match reading.has_ended() {
                    true => self.settings.silence.min(AFTER_END),
                    false => self.settings.silence,
                };
                until = Instant::now() + limit;
            }
        }
        Ok(())
    }

    /// How many bytes of conversation a model reads beside the instructions, the tools and its answer.
    fn room(&self, model: &str, request: &ModelRequest) -> usize {
        let Some(facts) = self.catalogue.of(model) else {
            return usize::MAX;
        };
        let tools = request.tools.iter().map(super::ToolSpec::size);
        let taken = request.instructions.len() + tools.sum::<usize>();
        let tokens = facts.context.saturating_sub(request.max_output_tokens);
        // Three bytes to a token: text of other languages than English has fewer than four.
        usize::try_from(tokens)
            .unwrap_or(usize::MAX)
            .saturating_mul(3)
            .saturating_sub(taken)
    }

    fn dialect(&self, model: &str) -> Dialect {
        let dialects = self.dialects.lock().unwrap_or_else(PoisonError::into_inner);
        dialects.get(model).cloned().unwrap_or_default()
    }

    fn remember(&self, model: &str, dialect: Dialect) {
        if dialect != Dialect::default() {
            let mut dialects = self.dialects.lock().unwrap_or_else(PoisonError::into_inner);
            dialects.insert(model.to_owned(), dialect);
        }
    }
}

#[async_trait]
impl Model for OpenAi {
    fn name(&self) -> &str {
        &self.settings.model
    }

    async fn answer(
        &self,
        request: &ModelRequest,
        live: &watch::Sender<String>,
    ) -> Result<ModelAnswer, ModelError> {
        let model = request.model.as_deref().unwrap_or(&self.settings.model);
        self.ask(model, request, live, false).await
    }
}

impl fmt::Debug for OpenAi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAi")
            .field("model", &self.settings.model)
            .finish_non_exhaustive()
    }
}
