//! An OpenAI chat completions server for tests: strict about requests, and with every way an answer can go wrong.
//!
//! ```no_run
//! # async fn example() {
//! use fakes::openai::{OpenAiServer, Step};
//! use serde_json::json;
//!
//! let openai = OpenAiServer::start().await;
//! openai.calls_tool("create_reminder", json!({ "text": "drink water" }));
//! openai.answers("Done.");
//! openai.script([Step::rate_limited(1), Step::text("Hello").split_anywhere(7).cut_after(2)]);
//! // … start what asks the model, with `openai.url()` and any key …
//! # }
//! ```

mod frames;
mod messages;
pub mod providers;
mod request;
mod schema;
mod server;
mod step;
mod transcriptions;
mod validate;

pub use providers::{PROVIDERS, Provider, provider};
pub use request::Request;
pub use step::{Step, ToolCall};
pub use transcriptions::Recording;

use crate::clock::{Now, default_clock};
use crate::violations::{Violation, Violations, fail};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Answers a request when the script has nothing for it.
pub type Handler = Arc<dyn Fn(&Request) -> Step + Send + Sync>;

/// What a server is started with; `Options::default()` suits a test.
pub struct Options {
    /// The only key that is taken; `None` takes any.
    pub key: Option<String>,
    /// Whether no key is asked for, as Ollama asks for none.
    pub is_open: bool,
    /// The models that `/v1/models` lists; a request may name others only when this is empty.
    pub models: Vec<String>,
    /// The time in `created`; the default starts on 2026-01-01.
    pub clock: Option<Now>,
    /// The server that this one is instead of OpenAI's own.
    pub provider: Option<Provider>,
    /// Whether requests are kept for [`OpenAiServer::requests`]; a long benchmark goes without.
    pub keeps_requests: bool,
    /// Whether dropping the server with unread violations or unused steps fails the test.
    pub leftovers_fail: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            key: None,
            is_open: false,
            models: Vec::new(),
            clock: None,
            provider: None,
            keeps_requests: true,
            leftovers_fail: true,
        }
    }
}

/// What the handlers share.
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    pub(crate) violations: Violations,
    pub(crate) now: Now,
    pub(crate) key: Option<String>,
    pub(crate) is_open: bool,
    pub(crate) models: Vec<String>,
    pub(crate) provider: Option<Provider>,
    keeps_requests: bool,
}

#[derive(Default)]
struct State {
    script: VecDeque<Step>,
    handler: Option<Handler>,
    requests: Vec<Request>,
    served: u64,
    refused: u64,
    answered: u64,
    recordings: Vec<Recording>,
    /// The statuses with which the next recordings are refused.
    deaf: VecDeque<u16>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a request was refused for what the server does not take.
    pub(crate) fn refused(&self) {
        self.lock().refused += 1;
    }

    /// Notes that an answer is sent, whole or not.
    pub(crate) fn answered(&self) {
        self.lock().answered += 1;
    }

    /// Notes a recording; the status with which it is refused, if it is.
    pub(crate) fn next_transcription(&self, recording: Recording) -> Option<u16> {
        let mut state = self.lock();
        state.recordings.push(recording);
        state.deaf.pop_front()
    }

    /// Notes the request and finds its answer: the next step of the script, or else the handler's, or an echo.
    pub(crate) fn next_step(&self, request: &Request) -> (Step, u64) {
        let mut state = self.lock();
        state.served += 1;
        let number = state.served;
        let step = state.script.pop_front();
        let handler = state.handler.clone();
        if self.keeps_requests {
            state.requests.push(request.clone());
        }
        drop(state);
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
        let step = step.unwrap_or_else(|| match handler {
            Some(handler) => handler(request),
            None => Step::text(request.last_user_text()),
        });
        (step, number)
    }
}

/// A running server; dropping it stops it and fails the test when a violation or an unused step is left.
pub struct OpenAiServer {
    shared: Arc<Shared>,
    url: String,
    leftovers_fail: bool,
    task: JoinHandle<()>,
}

impl OpenAiServer {
    /// Starts a server with default options on a free local port; without a script it echoes the user.
    ///
    /// # Panics
    /// When no local port can be bound.
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// Starts a server on a free local port.
    ///
    /// # Panics
    /// When no local port can be bound.
    pub async fn start_with(options: Options) -> Self {
        match TcpListener::bind(("127.0.0.1", 0)).await {
            Ok(listener) => Self::serve(listener, options),
            Err(error) => fail(&format!("no free port for the fake OpenAI: {error}")),
        }
    }

    /// Serves on a socket of the caller's, such as one that a container publishes.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn serve(listener: TcpListener, options: Options) -> Self {
        let address = listener
            .local_addr()
            .map_or_else(|_| String::new(), |address| address.to_string());
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: watch::Sender::new(0),
            violations: Violations::default(),
            now: options.clock.unwrap_or_else(default_clock),
            key: options.key,
            is_open: options.is_open,
            models: options.models,
            provider: options.provider,
            keeps_requests: options.keeps_requests,
        });
        let task = tokio::spawn(server::serve(listener, Arc::clone(&shared)));
        Self {
            shared,
            url: format!("http://{address}/v1"),
            leftovers_fail: options.leftovers_fail,
            task,
        }
    }

    /// The base address for `OPENAI_BASE_URL`, ending in `/v1`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Adds a plain answer to the script.
    pub fn answers(&self, text: impl Into<String>) {
        self.script([Step::text(text)]);
    }

    /// Adds an answer to the script that calls one tool.
    pub fn calls_tool(&self, name: &str, arguments: Value) {
        self.script([Step::tool_call(name, arguments)]);
    }

    /// Adds steps to the script: each request takes the next one.
    pub fn script(&self, steps: impl IntoIterator<Item = Step>) {
        self.shared.lock().script.extend(steps);
    }

    /// Answers every request that finds the script empty.
    pub fn answers_with(&self, handler: impl Fn(&Request) -> Step + Send + Sync + 'static) {
        self.shared.lock().handler = Some(Arc::new(handler));
    }

    /// Refuses the next recordings with these statuses.
    pub fn refuses_recordings(&self, statuses: impl IntoIterator<Item = u16>) {
        self.shared.lock().deaf.extend(statuses);
    }

    /// The recordings so far that were to be transcribed, oldest first.
    #[must_use]
    pub fn recordings(&self) -> Vec<Recording> {
        self.shared.lock().recordings.clone()
    }

    /// The valid requests so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }

    /// How many valid requests there were.
    #[must_use]
    pub fn served(&self) -> u64 {
        self.shared.lock().served
    }

    /// How many requests were refused by the rules of its [`Provider`]. They are no violations: whoever asks learns.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.shared.lock().refused
    }

    /// How many answers were sent, whole or not: what is paid for.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.shared.lock().answered
    }

    /// How many steps of the script are left.
    #[must_use]
    pub fn steps_left(&self) -> usize {
        self.shared.lock().script.len()
    }

    /// Takes back the steps that nothing asked for.
    pub fn clear_script(&self) {
        self.shared.lock().script.clear();
    }

    /// Waits until there were this many valid requests; `false` when the limit comes first.
    pub async fn wait_for_requests(&self, count: u64, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let mut changed = self.shared.changed.subscribe();
        while self.served() < count {
            if tokio::time::timeout_at(deadline, changed.changed())
                .await
                .is_err()
            {
                return self.served() >= count;
            }
        }
        true
    }

    /// What was done against the rules so far; it stays on the list.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.violations.list()
    }

    /// What was done against the rules so far; the list is empty afterwards.
    #[must_use]
    pub fn take_violations(&self) -> Vec<Violation> {
        self.shared.violations.take()
    }

    /// Fails when a violation is on the list or a step of the script is left.
    ///
    /// # Panics
    /// When one is.
    pub fn assert_clean(&self) {
        let left = std::mem::take(&mut self.shared.lock().script).len();
        if left > 0 {
            self.shared
                .violations
                .record("script", format!("{left} steps were never asked for"));
        }
        self.shared.violations.assert_clean("the fake OpenAI");
    }
}

impl Drop for OpenAiServer {
    fn drop(&mut self) {
        self.task.abort();
        if self.leftovers_fail {
            self.assert_clean();
        }
    }
}
