//! Where requests go and how they are sent: once, with the key, and with what an error says kept.
//!
//! The address and the key are an async-openai configuration. Its client is not what sends: that reads events alone,
//! and servers answer in JSON, in lists and with errors in between, all of which `reading` reads.

use std::time::Duration;

use async_openai::config::Config;
use reqwest::{
    Client, RequestBuilder, Response,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use service_kit::OperatorError;
use url::Url;

use super::{
    retry_after,
    trouble::{self, Said, Trouble},
};

/// How much of an error's body is read, in bytes.
const MOST_OF_AN_ERROR: usize = 16 * 1024;

/// How long an error's body may take: its status says most of it.
const ERROR_LIMIT: Duration = Duration::from_secs(5);

/// No call lives longer than this, whatever it says: a model of two tokens a second has written its longest answer.
const LONGEST_CALL: Duration = Duration::from_secs(3600);

/// An API's address and key.
#[derive(Clone)]
pub(super) struct Endpoint {
    http: Client,
    base: String,
    /// The parameters that follow an address: Azure's end in the version of its API.
    query: Vec<(String, String)>,
    key: SecretString,
    name: String,
    headers: HeaderMap,
}

impl Config for Endpoint {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        let pairs = self.query.iter();
        pairs
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    fn api_base(&self) -> &str {
        &self.base
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}

impl Endpoint {
    pub(super) fn new(base: &Url, key: Option<&SecretString>) -> Result<Self, OperatorError> {
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
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
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(Self {
            http: service_kit::http::client(LONGEST_CALL)?,
            base: without_query(base),
            query: base.query_pairs().into_owned().collect(),
            key: key.cloned().unwrap_or_default(),
            name: format!(
                "{}{}",
                base.origin().ascii_serialization(),
                base.path().trim_end_matches('/')
            ),
            headers,
        })
    }

    /// The server's address without what may be a password: who it is, for logs and for what only it gets back.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Asks for a completion; what is no success is told.
    pub(super) async fn complete(&self, body: String) -> Result<Response, Trouble> {
        let request = self.post("/chat/completions").body(body);
        let response = request.send().await.map_err(|error| failed(&error))?;
        match response.status().is_success() {
            true => Ok(response),
            false => Err(Trouble::Said(refusal(response).await)),
        }
    }

    fn post(&self, path: &str) -> RequestBuilder {
        let request = self.http.post(self.url(path)).headers(Config::headers(self));
        match self.query().as_slice() {
            [] => request,
            query => request.query(query),
        }
    }
}

fn without_query(base: &Url) -> String {
    let mut base = base.clone();
    base.set_query(None);
    base.set_fragment(None);
    base.as_str().trim_end_matches('/').to_owned()
}

/// What a failed connection means.
pub(super) fn failed(error: &reqwest::Error) -> Trouble {
    if error.is_connect() {
        Trouble::Unreachable(trouble::NO_CONNECTION)
    } else if error.is_timeout() {
        Trouble::Unreachable("no answer in time")
    } else if error.is_body() || error.is_decode() {
        Trouble::broken("the answer was cut")
    } else {
        Trouble::Unreachable("the connection was lost")
    }
}

async fn refusal(mut response: Response) -> Said {
    let status = response.status().as_u16();
    let retry_after = retry_after::of_headers(response.headers());
    let mut body = Vec::new();
    let read = async {
        while body.len() < MOST_OF_AN_ERROR {
            match response.chunk().await {
                Ok(Some(bytes)) => body.extend_from_slice(&bytes),
                Ok(None) | Err(_) => break,
            }
        }
    };
    // What came in time is enough.
    let _ = tokio::time::timeout(ERROR_LIMIT, read).await;
    body.truncate(MOST_OF_AN_ERROR);
    let mut said = Said::of_text(status, &String::from_utf8_lossy(&body));
    said.retry_after = retry_after.or(said.retry_after);
    said
}
