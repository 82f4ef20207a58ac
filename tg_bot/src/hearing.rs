//! What people say aloud, transcribed by a server that speaks OpenAI's API (`POST /audio/transcriptions`): OpenAI's own,
//! or another that offers the same.

use std::time::Duration;

use axum::body::Bytes;
use clap::Args;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use service_kit::{OperatorError, answer, http, settings::http_url};
use tokio::{sync::Semaphore, time::Instant};
use url::Url;

/// Where what is said aloud is written down.
#[derive(Args, Clone, Debug)]
pub struct HearingSettings {
    /// The base URL of an OpenAI-compatible server that transcribes voice messages, such as https://api.openai.com/v1;
    /// without it, voice messages are not heard.
    #[arg(long, env = "TRANSCRIPTION_BASE_URL", value_name = "URL", value_parser = http_url, help_heading = "Voice")]
    pub transcription_base_url: Option<Url>,
    /// Its key, where it wants one.
    #[arg(
        long,
        env = "TRANSCRIPTION_API_KEY",
        hide_env_values = true,
        value_name = "KEY",
        help_heading = "Voice"
    )]
    pub transcription_api_key: Option<SecretString>,
    /// The model that transcribes.
    #[arg(
        long,
        env = "TRANSCRIPTION_MODEL",
        value_name = "MODEL",
        default_value = "whisper-1",
        help_heading = "Voice"
    )]
    pub transcription_model: String,
}

/// How many recordings are in memory at once: each may have as many bytes as Telegram hands out.
const AT_ONCE: usize = 2;

/// How long one call may take.
const LIMIT: Duration = Duration::from_secs(60);

/// How long after the first failure the server is asked again; each later wait is twice as long.
const AGAIN: Duration = Duration::from_millis(700);

/// How often a recording is sent: each time may be paid for.
const MOST_TRIES: u32 = 3;

/// The most bytes of an answer: of hours of talk.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// Why a recording was not written down.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HearingError {
    /// It may work later: the server cannot be reached, has too much to do, or is broken.
    #[error("the transcription server did not answer: {0}")]
    Away(String),
    /// It took too long, and would again.
    #[error("the transcription server took too long")]
    Slow,
    /// It will not work however often it is tried.
    #[error("the transcription server refused it with status {0}; check {1}")]
    Refused(u16, &'static str),
    /// It can be no transcript.
    #[error("the transcription server's answer is no transcript, check TRANSCRIPTION_BASE_URL: {0}")]
    Foreign(String),
    /// Nobody says anything in it.
    #[error("nothing is said in it")]
    Silent,
}

/// Writes down what is said aloud.
pub(crate) struct Hearing {
    http: reqwest::Client,
    url: Url,
    key: Option<HeaderValue>,
    model: String,
    /// Who may have a recording in memory.
    pub(crate) places: Semaphore,
}

impl Hearing {
    /// `None` where no server is set.
    pub(crate) fn new(settings: HearingSettings) -> Result<Option<Self>, OperatorError> {
        let Some(mut url) = settings.transcription_base_url else {
            return Ok(None);
        };
        // A base without path segments is refused with the settings.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["audio", "transcriptions"]);
        }
        let key = settings.transcription_api_key.map(|key| {
            let value = HeaderValue::try_from(format!("Bearer {}", key.expose_secret()));
            let mut value = value.map_err(|_| {
                OperatorError::new(
                    "the key of the transcription server has characters that no key has",
                    "set TRANSCRIPTION_API_KEY to the key alone, without line breaks",
                )
            })?;
            value.set_sensitive(true);
            Ok::<_, OperatorError>(value)
        });
        Ok(Some(Self {
            http: http::client(LIMIT)?,
            url,
            key: key.transpose()?,
            model: settings.transcription_model,
            places: Semaphore::new(AT_ONCE),
        }))
    }

    /// What is said in a recording; `name` ends in what kind of file it is. Asked again until `until`, while that can help.
    pub(crate) async fn write_down(
        &self,
        name: &str,
        recording: Vec<u8>,
        until: Instant,
    ) -> Result<String, HearingError> {
        // What stands in no recording.
        let boundary = format!("----{}", uuid::Uuid::new_v4().simple());
        let field = |name: &str, value: &str| {
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let head = format!(
            "{}{}--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n",
            field("model", &self.model),
            field("response_format", "json"),
        );
        let end = format!("\r\n--{boundary}--\r\n");
        let body = Bytes::from([head.as_bytes(), &recording, end.as_bytes()].concat());
        drop(recording);
        let form = format!("multipart/form-data; boundary={boundary}");
        let mut wait = AGAIN;
        for _ in 1..MOST_TRIES {
            match self.try_once(&form, body.clone()).await {
                Err(HearingError::Away(reason)) if Instant::now() + wait < until => {
                    tracing::debug!(reason, "a recording is not transcribed yet; trying again");
                    tokio::time::sleep(wait).await;
                    wait = wait.saturating_mul(2);
                }
                settled => return settled,
            }
        }
        self.try_once(&form, body).await
    }

    async fn try_once(&self, form: &str, body: Bytes) -> Result<String, HearingError> {
        #[derive(Deserialize)]
        struct Transcript {
            text: String,
        }
        let mut request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, form)
            .body(body);
        if let Some(key) = &self.key {
            request = request.header(AUTHORIZATION, key.clone());
        }
        let response = request.send().await.map_err(|error| {
            if error.is_timeout() {
                HearingError::Slow
            } else if error.is_connect() {
                HearingError::Away("no connection".to_owned())
            } else {
                HearingError::Away("the connection was lost".to_owned())
            }
        })?;
        match response.status().as_u16() {
            200 => {}
            status @ (408 | 425 | 429 | 500..) => return Err(HearingError::Away(format!("status {status}"))),
            status @ (401 | 403) => return Err(HearingError::Refused(status, "TRANSCRIPTION_API_KEY")),
            status @ (301..=308 | 404 | 405) => {
                return Err(HearingError::Refused(
                    status,
                    "TRANSCRIPTION_BASE_URL and TRANSCRIPTION_MODEL",
                ));
            }
            status => return Err(HearingError::Refused(status, "TRANSCRIPTION_MODEL")),
        }
        let read = answer::read(response, LONGEST_ANSWER).await;
        let read = read.map_err(|error| HearingError::Away(error.to_string()))?;
        let transcript: Transcript =
            serde_json::from_slice(&read).map_err(|error| HearingError::Foreign(error.to_string()))?;
        // PostgreSQL takes no NUL in text.
        let text = transcript.text.replace('\0', "");
        match text.trim() {
            "" => Err(HearingError::Silent),
            text => Ok(text.to_owned()),
        }
    }
}
