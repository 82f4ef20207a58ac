//! The typed client: one method per call, with a deadline, and retries where trying again is safe.

use std::{fmt, time::Duration};

use messages::TraceId;
use reqwest::{Method, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use service_kit::{
    Lifecycle, OperatorError,
    answer::{self, AnswerError},
    http::{
        self,
        local::{self, Local},
    },
    retry::RetryPolicy,
    settings::RestSettings,
    trace::TRACEPARENT,
};
use url::Url;
use uuid::Uuid;

use crate::{DEFAULT_ASSISTANT, Error};

mod api_keys;
mod assistants;
mod audit;
mod calendar_accounts;
mod calendar_writes;
mod channel;
mod configuration;
mod conversations;
mod facts;
mod maintenance;
mod pending_actions;
mod scheduled_tasks;
mod task_documents;
mod users;

/// How long one try may take; the server gives up earlier, so that its own answer is seen.
const TRY_LIMIT: Duration = Duration::from_secs(12);

/// The most bytes of an answer that are read. A page of the longest messages that can be stored has less.
pub(crate) const LONGEST_ANSWER: usize = 64 * 1024 * 1024;

/// A client of rest_service. Clones share its connections.
#[derive(Clone)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    base: Url,
    pub(crate) key: SecretString,
    trace: Option<TraceId>,
    /// The servers of this process: rest_service may be one of them.
    local: Local,
}

/// Whether a call may be sent again when its outcome is not known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    /// It has no effect, or the same one when repeated.
    Safe,
    /// It carries an idempotency key of its own: repeated, it has its effect once and the same answer.
    Once,
    /// It would have its effect twice; it is sent again only if it surely never arrived.
    Unsafe,
}

/// One call before it is sent.
struct Call<'a, B: Serialize = ()> {
    method: Method,
    path: &'a [&'a str],
    query: Option<String>,
    body: Option<&'a B>,
    if_match: Option<i64>,
    again: Again,
}

/// No body.
const NOTHING: Option<&()> = None;

impl Client {
    /// A client for the rest_service at `base`, which `key` opens.
    ///
    /// # Errors
    /// The TLS stack cannot be set up.
    pub fn new(base: Url, key: SecretString) -> Result<Self, OperatorError> {
        Ok(Self {
            http: http::client(TRY_LIMIT)?,
            base,
            key,
            trace: None,
            local: Local::default(),
        })
    }

    /// The same client, whose calls belong to a trace.
    #[must_use]
    pub fn with_trace(&self, trace: TraceId) -> Self {
        Self {
            trace: Some(trace),
            ..self.clone()
        }
    }

    /// The same client, which calls a rest_service in the same process without a socket.
    #[must_use]
    pub fn within(mut self, lifecycle: &Lifecycle) -> Self {
        self.local = lifecycle.local().clone();
        self
    }

    /// The client that a service's settings describe, with its health check: the process is ready when
    /// rest_service serves calls with our key. A rest_service in the same process is called without a socket.
    ///
    /// # Errors
    /// The TLS stack cannot be set up.
    pub fn open(settings: &RestSettings, lifecycle: &Lifecycle) -> Result<Self, OperatorError> {
        let client =
            Self::new(settings.rest_url.clone(), settings.key.service_key.clone())?.within(lifecycle);
        let checked = client.clone();
        lifecycle.health().check("rest_service", move || {
            let client = checked.clone();
            async move { client.ready().await.map_err(|error| error.to_string()) }
        });
        Ok(client)
    }

    /// Whether the server serves calls with this client's key.
    ///
    /// It asks for a row instead of the server's own health: in a process of several services that health
    /// includes this very question.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be reached, [`Error::Unauthorized`] when the keys differ.
    pub async fn ready(&self) -> Result<(), Error> {
        match self.assistant(DEFAULT_ASSISTANT).await {
            Ok(_) | Err(Error::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, Error> {
        self.call(Call::new(Method::GET, path, NOTHING, Again::Safe))
            .await
    }

    async fn get_with<T: DeserializeOwned>(&self, path: &[&str], query: &impl Serialize) -> Result<T, Error> {
        let mut call = Call::new(Method::GET, path, NOTHING, Again::Safe);
        call.query = Some(query_string(query)?);
        self.call(call).await
    }

    async fn put<T: DeserializeOwned>(&self, path: &[&str], body: &impl Serialize) -> Result<T, Error> {
        self.call(Call::new(Method::PUT, path, Some(body), Again::Safe))
            .await
    }

    async fn patch<T: DeserializeOwned>(&self, path: &[&str], body: &impl Serialize) -> Result<T, Error> {
        // The same patch again has the same effect, and would be written in the audit twice.
        self.call(Call::new(Method::PATCH, path, Some(body), Again::Once))
            .await
    }

    /// A patch of a resource that must have this version. It carries a key, because the same patch again would find
    /// the version that the first made.
    async fn patch_if<T: DeserializeOwned>(
        &self,
        path: &[&str],
        version: i64,
        body: &impl Serialize,
    ) -> Result<T, Error> {
        let mut call = Call::new(Method::PATCH, path, Some(body), Again::Once);
        call.if_match = Some(version);
        self.call(call).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &impl Serialize,
        again: Again,
    ) -> Result<T, Error> {
        self.call(Call::new(Method::POST, path, Some(body), again)).await
    }

    async fn delete<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, Error> {
        // Again without a key, it would find nothing to delete.
        self.call(Call::new(Method::DELETE, path, NOTHING, Again::Once))
            .await
    }

    async fn call<T: DeserializeOwned, B: Serialize>(&self, call: Call<'_, B>) -> Result<T, Error> {
        let url = self.url(call.path, call.query.as_deref())?;
        let body = call
            .body
            .map(serde_json::to_vec)
            .transpose()
            .map_err(|error| protocol(0, error))?;
        let conditions = Conditions {
            if_match: call.if_match,
            key: (call.again == Again::Once).then(Uuid::new_v4),
        };
        let is_transient = |failure: &Failure| match call.again {
            Again::Safe | Again::Once => failure.error.is_retryable(),
            Again::Unsafe => failure.never_arrived,
        };
        RetryPolicy::CALL
            .run(is_transient, || {
                self.send(&call.method, &url, body.as_deref(), &conditions)
            })
            .await
            .map_err(|failure| failure.error)
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&[u8]>,
        conditions: &Conditions,
    ) -> Result<T, Failure> {
        let mut request = self
            .http
            .request(method.clone(), url.clone())
            .bearer_auth(self.key.expose_secret());
        if let Some(trace) = self.trace {
            request = request.header(TRACEPARENT, trace.to_traceparent());
        }
        if let Some(version) = conditions.if_match {
            request = request.header(header::IF_MATCH, format!("\"{version}\""));
        }
        if let Some(key) = conditions.key {
            request = request.header("idempotency-key", format!("\"{key}\""));
        }
        if let Some(body) = body {
            request = request
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.to_vec());
        }
        let (status, bytes) = self.carry(request.build().map_err(unavailable)?).await?;
        if !status.is_success() {
            return Err(Error::from_answer(status.as_u16(), &bytes).into());
        }
        // "No content" reads as unit.
        let bytes: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        serde_json::from_slice(bytes).map_err(|error| protocol(status.as_u16(), error).into())
    }

    /// What a GET is answered with, as it comes; asked for once.
    async fn bytes(&self, url: Url) -> Result<Vec<u8>, Error> {
        let mut request = self.http.get(url).bearer_auth(self.key.expose_secret());
        if let Some(trace) = self.trace {
            request = request.header(TRACEPARENT, trace.to_traceparent());
        }
        let request = request.build().map_err(unavailable)?;
        let (status, bytes) = self.carry(request).await.map_err(|failure| failure.error)?;
        if !status.is_success() {
            return Err(Error::from_answer(status.as_u16(), &bytes));
        }
        Ok(bytes)
    }

    /// Carries a request to rest_service, and its answer back.
    async fn carry(&self, request: reqwest::Request) -> Result<(StatusCode, Vec<u8>), Failure> {
        if let Some(routes) = self.local.find(&self.base) {
            let answer = local::call(routes, request, TRY_LIMIT, LONGEST_ANSWER).await;
            return answer.map_err(|error| Error::Unavailable(Some(Box::new(error))).into());
        }
        let answer = self.http.execute(request).await.map_err(|error| Failure {
            never_arrived: error.is_connect(),
            error: unavailable(error),
        })?;
        let status = answer.status();
        let bytes = answer::read(answer, LONGEST_ANSWER).await.map_err(Error::from)?;
        Ok((status, bytes))
    }

    pub(crate) fn url(&self, path: &[&str], query: Option<&str>) -> Result<Url, Error> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Error::Protocol {
                status: 0,
                source: None,
            })?
            .pop_if_empty()
            .extend(path);
        url.set_query(query.filter(|query| !query.is_empty()));
        Ok(url)
    }
}

impl<'a, B: Serialize> Call<'a, B> {
    fn new(method: Method, path: &'a [&'a str], body: Option<&'a B>, again: Again) -> Self {
        Self {
            method,
            path,
            query: None,
            body,
            if_match: None,
            again,
        }
    }
}

/// What a call asks besides.
struct Conditions {
    if_match: Option<i64>,
    key: Option<Uuid>,
}

/// A failed try.
struct Failure {
    error: Error,
    never_arrived: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            never_arrived: false,
        }
    }
}

impl From<AnswerError> for Error {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::TooLong(_) => Self::Protocol {
                status: 200,
                source: Some(Box::new(error)),
            },
            AnswerError::Cut(_) => Self::Unavailable(Some(Box::new(error))),
        }
    }
}

pub(crate) fn unavailable(error: reqwest::Error) -> Error {
    // The URL says nothing new, and ids in it need not be in every log line.
    Error::Unavailable(Some(Box::new(error.without_url())))
}

fn protocol(status: u16, error: serde_json::Error) -> Error {
    Error::Protocol {
        status,
        source: Some(Box::new(error)),
    }
}

fn query_string(query: &impl Serialize) -> Result<String, Error> {
    let fields = serde_json::to_value(query).map_err(|error| protocol(0, error))?;
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields.as_object().into_iter().flatten() {
        match value {
            serde_json::Value::String(text) => pairs.append_pair(name, text),
            other => pairs.append_pair(name, &other.to_string()),
        };
    }
    Ok(pairs.finish())
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base.as_str())
            .field("trace", &self.trace)
            .finish_non_exhaustive()
    }
}
