//! The typed client: one method per call, with a deadline.

use std::{fmt, time::Duration};

use messages::TraceId;
use reqwest::{Method, header};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use service_kit::{
    OperatorError,
    answer::{self, AnswerError},
    http,
    retry::RetryPolicy,
    trace::TRACEPARENT,
};
use url::Url;

use crate::Error;

mod accounts;
mod events;

/// How long one try may take; the server gives up on Google earlier, so that its own answer is seen.
const TRY_LIMIT: Duration = Duration::from_secs(30);

/// The most bytes of an answer that are read: a page of the longest events has less.
const LONGEST_ANSWER: usize = 32 * 1024 * 1024;

/// A client of calendar_service. Clones share their connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    key: SecretString,
    trace: Option<TraceId>,
}

/// One call before it is sent. Each may be sent again: it reads, or its key makes its effect happen once.
struct Call<'a, Q: Serialize = (), B: Serialize = ()> {
    method: Method,
    path: &'a [&'a str],
    query: Option<&'a Q>,
    body: Option<&'a B>,
}

/// A failed try.
struct Failure {
    error: Error,
    is_transient: bool,
}

impl Client {
    /// A client for the calendar_service at `base`, which `key` opens.
    ///
    /// # Errors
    /// The TLS stack cannot be set up.
    pub fn new(base: Url, key: SecretString) -> Result<Self, OperatorError> {
        Ok(Self {
            http: http::client(TRY_LIMIT)?,
            base,
            key,
            trace: None,
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

    async fn get<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, Error> {
        self.call::<T, (), ()>(Call::new(Method::GET, path)).await
    }

    async fn get_with<T: DeserializeOwned>(&self, path: &[&str], query: &impl Serialize) -> Result<T, Error> {
        let mut call = Call::<_, ()>::new(Method::GET, path);
        call.query = Some(query);
        self.call(call).await
    }

    async fn delete<T: DeserializeOwned>(&self, path: &[&str]) -> Result<T, Error> {
        self.call::<T, (), ()>(Call::new(Method::DELETE, path)).await
    }

    async fn delete_with<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &impl Serialize,
    ) -> Result<T, Error> {
        let mut call = Call::<_, ()>::new(Method::DELETE, path);
        call.query = Some(query);
        self.call(call).await
    }

    async fn send_body<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<T, Error> {
        let mut call = Call::<(), _>::new(method, path);
        call.body = Some(body);
        self.call(call).await
    }

    async fn call<T: DeserializeOwned, Q: Serialize, B: Serialize>(
        &self,
        call: Call<'_, Q, B>,
    ) -> Result<T, Error> {
        let url = self.url(&call)?;
        let body = call
            .body
            .map(serde_json::to_vec)
            .transpose()
            .map_err(|error| protocol(0, error))?;
        // The server has tried its peers again already: only an answer that never came is asked for again.
        RetryPolicy::CALL
            .run(
                |failure: &Failure| failure.is_transient,
                || self.send(&call.method, &url, body.as_deref()),
            )
            .await
            .map_err(|failure| failure.error)
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&[u8]>,
    ) -> Result<T, Failure> {
        let mut request = self
            .http
            .request(method.clone(), url.clone())
            .bearer_auth(self.key.expose_secret());
        if let Some(trace) = self.trace {
            request = request.header(TRACEPARENT, trace.to_traceparent());
        }
        if let Some(body) = body {
            request = request
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.to_vec());
        }
        let answer = request.send().await.map_err(unavailable)?;
        let status = answer.status();
        let bytes = answer::read(answer, LONGEST_ANSWER)
            .await
            .map_err(|error| unreadable(status.as_u16(), error))?;
        if !status.is_success() {
            return Err(Error::from_answer(status.as_u16(), &bytes).into());
        }
        // "No content" reads as unit.
        let bytes: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        serde_json::from_slice(bytes).map_err(|error| protocol(status.as_u16(), error).into())
    }

    fn url<Q: Serialize, B: Serialize>(&self, call: &Call<'_, Q, B>) -> Result<Url, Error> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Error::Protocol {
                status: 0,
                source: None,
            })?
            .pop_if_empty()
            .extend(call.path);
        let fields = call
            .query
            .map(serde_json::to_value)
            .transpose()
            .map_err(|error| protocol(0, error))?;
        for (name, value) in fields.iter().filter_map(serde_json::Value::as_object).flatten() {
            match value {
                serde_json::Value::String(text) => url.query_pairs_mut().append_pair(name, text),
                other => url.query_pairs_mut().append_pair(name, &other.to_string()),
            };
        }
        Ok(url)
    }
}

impl<'a, Q: Serialize, B: Serialize> Call<'a, Q, B> {
    fn new(method: Method, path: &'a [&'a str]) -> Self {
        Self {
            method,
            path,
            query: None,
            body: None,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            is_transient: false,
        }
    }
}

fn unavailable(error: reqwest::Error) -> Failure {
    Failure {
        // One that took too long has taken all the time there is.
        is_transient: !error.is_timeout(),
        // The URL says nothing new, and ids in it need not be in every log line.
        error: Error::Unavailable(Some(Box::new(error.without_url()))),
    }
}

fn unreadable(status: u16, error: AnswerError) -> Failure {
    let is_transient = !error.is_timeout();
    match error {
        AnswerError::TooLong(_) => Error::Protocol {
            status,
            source: Some(Box::new(error)),
        }
        .into(),
        AnswerError::Cut(_) => Failure {
            is_transient,
            error: Error::Unavailable(Some(Box::new(error))),
        },
    }
}

fn protocol(status: u16, error: serde_json::Error) -> Error {
    Error::Protocol {
        status,
        source: Some(Box::new(error)),
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base.as_str())
            .field("trace", &self.trace)
            .finish_non_exhaustive()
    }
}
