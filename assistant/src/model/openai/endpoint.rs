//! Where requests go and how they are sent: no environment, no retries, the error's headers kept.

use std::time::Duration;

use async_openai::{config::Config, error::OpenAIError, middleware::HttpRequestFactory};
use reqwest::{
    Response, StatusCode,
    header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER},
};
use secrecy::{ExposeSecret, SecretString};
use service_kit::OperatorError;
use tower::Service;
use url::Url;

/// How much of an error's body is read, in bytes.
const MOST_OF_AN_ERROR: usize = 8 * 1024;

/// An API's address and key. async-openai's own configuration reads the environment.
#[derive(Clone)]
pub(super) struct Endpoint {
    base: String,
    key: SecretString,
    headers: HeaderMap,
}

impl Endpoint {
    pub(super) fn new(base: &Url, key: Option<SecretString>) -> Result<Self, OperatorError> {
        let mut headers = HeaderMap::new();
        if let Some(key) = &key {
            let value = HeaderValue::try_from(format!("Bearer {}", key.expose_secret()));
            let mut value = value.map_err(|_| {
                OperatorError::new(
                    "the model's key has characters that no key has",
                    "set OPENAI_API_KEY to the key alone, without line breaks",
                )
            })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(Self {
            base: base.as_str().trim_end_matches('/').to_owned(),
            key: key.unwrap_or_default(),
            headers,
        })
    }
}

impl Config for Endpoint {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}

/// An answer that is not a success, with what the library would have dropped.
#[derive(Debug, thiserror::Error)]
#[error("status {status}")]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// In whole seconds; a date is not waited for.
    pub(super) retry_after: Option<Duration>,
    pub(super) body: String,
}

/// Sends each request once.
pub(super) fn transport(
    http: reqwest::Client,
) -> impl Service<HttpRequestFactory, Response = Response, Error = OpenAIError, Future: Send + 'static>
+ Clone
+ Send
+ Sync
+ 'static {
    tower::service_fn(move |factory: HttpRequestFactory| {
        let http = http.clone();
        async move {
            let response = http.execute(factory.build().await?).await?;
            if response.status().is_success() {
                return Ok(response);
            }
            Err(OpenAIError::Boxed(Box::new(refusal(response).await)))
        }
    })
}

async fn refusal(mut response: Response) -> Refusal {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let mut body = Vec::new();
    while body.len() < MOST_OF_AN_ERROR {
        match response.chunk().await {
            Ok(Some(bytes)) => body.extend_from_slice(&bytes),
            // The status says enough.
            Ok(None) | Err(_) => break,
        }
    }
    body.truncate(MOST_OF_AN_ERROR);
    Refusal {
        status,
        retry_after,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}
