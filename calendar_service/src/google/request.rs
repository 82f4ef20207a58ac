//! Sends a request until it is answered for good: a refused token is renewed once, rate limits and outages are
//! waited out for a while.

use std::time::Duration;

use reqwest::{Method, header};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde_json::Value;
use service_kit::{answer, retry::RetryPolicy};
use tokio::time::{sleep, timeout};
use url::Url;
use uuid::Uuid;

use super::{Google, GoogleError};
use crate::tokens::{AccessToken, AccountError};

/// Four tries within some two seconds, as long as Google answers at once.
const RETRIES: RetryPolicy = RetryPolicy {
    attempts: 4,
    first_wait: Duration::from_millis(250),
    longest_wait: Duration::from_secs(2),
};

/// The longest `Retry-After` that is waited for; a longer one is told to the caller at once.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(5);

/// How long a call may take with all its tries and waits.
const CALL_LIMIT: Duration = Duration::from_secs(20);

/// The most bytes of an answer that are read: a page of 2,500 common events has about 3 million.
const LONGEST_ANSWER: usize = 32 * 1024 * 1024;

/// A request to the API. Every one may be sent again: it reads, or it names the event and the version.
pub(crate) struct Request<'a> {
    method: Method,
    path: Vec<&'a str>,
    query: Vec<(&'static str, String)>,
    if_match: Option<&'a str>,
    body: Option<Value>,
}

impl<'a> Request<'a> {
    pub(crate) fn new(method: Method, path: &[&'a str]) -> Self {
        Self {
            method,
            path: path.to_vec(),
            query: Vec::new(),
            if_match: None,
            body: None,
        }
    }

    #[must_use]
    pub(crate) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    #[must_use]
    pub(crate) fn if_match(mut self, etag: Option<&'a str>) -> Self {
        self.if_match = etag;
        self
    }

    #[must_use]
    pub(crate) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    fn url(&self, base: &Url) -> Result<Url, GoogleError> {
        // These would name another resource than was meant.
        if self
            .path
            .iter()
            .any(|segment| matches!(*segment, "" | "." | ".."))
        {
            return Err(GoogleError::NotFound);
        }
        let mut url = base.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => segments.pop_if_empty().extend(&self.path),
            Err(()) => return Err(GoogleError::NotFound),
        };
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }
}

impl Google {
    /// The answer to a request of a user's.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        user: Uuid,
        request: &Request<'_>,
    ) -> Result<T, GoogleError> {
        let bytes = timeout(CALL_LIMIT, self.answer(user, request))
            .await
            .unwrap_or_else(|elapsed| Err(GoogleError::Unavailable(Box::new(elapsed))))?;
        // "No content" reads as unit.
        let bytes: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        serde_json::from_slice(bytes).map_err(|error| GoogleError::Unavailable(Box::new(error)))
    }

    async fn answer(&self, user: Uuid, request: &Request<'_>) -> Result<Vec<u8>, GoogleError> {
        let url = request.url(&self.base)?;
        let mut token = self.tokens.access(user).await?;
        let mut is_renewed = false;
        let mut waits = RETRIES.waits();
        loop {
            let error = match self.send(request, &url, &token).await {
                Ok(bytes) => return Ok(bytes),
                Err(GoogleError::Unauthorized) if !is_renewed => {
                    token = self.tokens.refreshed_after(user, &token).await?;
                    is_renewed = true;
                    continue;
                }
                // A token that Google has just made.
                Err(GoogleError::Unauthorized) => return Err(AccountError::ReconnectNeeded.into()),
                Err(error) => error,
            };
            let Some(wait) = wait_for(&error, &mut waits) else {
                return Err(error);
            };
            tracing::debug!(%error, wait_ms = wait.as_millis(), "asking Google again");
            sleep(wait).await;
        }
    }

    async fn send(
        &self,
        request: &Request<'_>,
        url: &Url,
        token: &AccessToken,
    ) -> Result<Vec<u8>, GoogleError> {
        let mut sent = self
            .http
            .request(request.method.clone(), url.clone())
            .bearer_auth(token.secret().expose_secret());
        if let Some(etag) = request.if_match {
            sent = sent.header(header::IF_MATCH, etag);
        }
        if let Some(body) = &request.body {
            sent = sent.json(body);
        }
        // The URL holds calendars' addresses, which need not be in log lines.
        let unreachable = |error: reqwest::Error| GoogleError::Unavailable(Box::new(error.without_url()));
        let answer = sent.send().await.map_err(unreachable)?;
        let status = answer.status();
        let retry_after = answer
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map(Duration::from_secs);
        let bytes = answer::read(answer, LONGEST_ANSWER)
            .await
            .map_err(|error| GoogleError::Unavailable(Box::new(error)))?;
        if status.is_success() {
            // A body that broke off is an answer that never came.
            if !bytes.is_empty() && serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).is_err() {
                return Err(GoogleError::Unavailable("an answer that is not JSON".into()));
            }
            Ok(bytes)
        } else {
            Err(GoogleError::from_answer(status.as_u16(), retry_after, &bytes))
        }
    }
}

/// How long to wait before the next try; `None` when there is to be none.
fn wait_for(error: &GoogleError, waits: &mut impl Iterator<Item = Duration>) -> Option<Duration> {
    match error {
        GoogleError::RateLimited {
            retry_after: Some(asked),
        } => {
            let wait = waits.next()?;
            (*asked <= LONGEST_RETRY_AFTER).then(|| wait.max(*asked))
        }
        GoogleError::RateLimited { retry_after: None } | GoogleError::Unavailable(_) => waits.next(),
        _ => None,
    }
}
