//! Calls to the Bot API: teloxide's methods and types, our own HTTP client.
//!
//! teloxide's own client is not used: it drops the error code, waits ten seconds on each 5xx, and its errors
//! print the URL, which holds the token. Errors here are told apart by code and never carry the URL.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use service_kit::{
    OperatorError,
    answer::{self, AnswerError},
    http,
};
use teloxide::{requests::Payload, types::ChatId};
use url::Url;

use crate::place::Place;

/// How long Telegram may hold a poll for updates when there are none.
pub(crate) const POLL: Duration = Duration::from_secs(25);

/// The kinds of updates that are asked for.
const UPDATES: [&str; 4] = ["message", "edited_message", "callback_query", "my_chat_member"];

/// How long any other call may take.
const CALL_LIMIT: Duration = Duration::from_secs(15);

/// How long a file may take on its way, besides a second for so many of its bytes: nobody waits behind it.
const FILE_LIMIT: Duration = Duration::from_secs(60);
const FILE_BYTES_PER_SECOND: usize = 100_000;

/// What a poll's answer may take on top of the time that Telegram may hold it.
const POLL_SLACK: Duration = Duration::from_secs(10);

/// The most bytes of an answer that are read: a hundred of the longest updates have less.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;

/// Why a call failed, sorted by what can be done about it ("Making requests", "ResponseParameters").
#[derive(Debug, thiserror::Error)]
pub(crate) enum TelegramError {
    /// 401, or the 404 that a malformed token gets, in Telegram's own words: the token is not a bot's.
    #[error(
        "Telegram refuses the bot's token: it is wrong or was revoked; set TELEGRAM_BOT_TOKEN to the one that @BotFather shows"
    )]
    Unauthorized,
    /// An answer that is not the Bot API's: a page of something that stands between, such as a proxy.
    #[error("something that is not the Bot API answered at TELEGRAM_API_URL, with status {0}")]
    Foreign(u16),
    /// 409: somebody else receives this bot's updates.
    #[error("somebody else receives this bot's updates: {0}")]
    Conflict(String),
    /// 429: too many messages.
    #[error("Telegram asks to wait {} s", .0.as_secs())]
    TooMany(Duration),
    /// 403: the chat does not want the bot.
    #[error("Telegram forbids it: {0}")]
    Forbidden(String),
    /// The group became a supergroup with another id.
    #[error("the group has moved to another chat id")]
    Migrated(ChatId),
    /// 400 and the like: the request is not acceptable as it is.
    #[error("Telegram refused the request: {0}")]
    Refused(String),
    /// 5xx: Telegram has a problem.
    #[error("Telegram failed with status {0}")]
    Server(u16),
    /// No answer came. Telegram may have done what was asked.
    #[error("Telegram did not answer")]
    Network(#[source] reqwest::Error),
    /// No answer came as soon as it is of use. Telegram may do what was asked.
    #[error("Telegram did not answer soon enough")]
    Late,
    /// A file has more bytes than are read, or than Telegram takes (413).
    #[error("the file is too large")]
    TooLarge,
    /// The answer broke off, or has more than any of the Bot API's.
    #[error("Telegram's answer cannot be read")]
    Unreadable(#[source] AnswerError),
    /// The answer is not what the Bot API promises.
    #[error("Telegram's answer cannot be understood")]
    Malformed(#[source] serde_json::Error),
}

impl TelegramError {
    /// Whether the same request may succeed later.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::TooMany(_)
                | Self::Server(_)
                | Self::Network(_)
                | Self::Late
                | Self::Unreadable(_)
                | Self::Malformed(_)
                | Self::Foreign(_)
                | Self::Conflict(_)
        )
    }
}

/// The Bot API for one bot.
#[derive(Clone)]
pub(crate) struct Telegram {
    http: reqwest::Client,
    base: Url,
    token: SecretString,
}

/// What is needed of a sent message.
#[derive(Debug, Deserialize)]
pub(crate) struct Sent {
    /// The message's id in its chat.
    pub(crate) message_id: i64,
}

/// `getUpdates` (Bot API). The updates are left as they came: one that cannot be read must not cost the rest,
/// and teloxide's parser wants their fields in Telegram's order.
#[derive(Serialize)]
struct GetUpdates {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    limit: u8,
    timeout: u64,
    allowed_updates: [&'static str; 4],
}

/// An answer of the Bot API.
#[derive(Deserialize)]
struct Answer<T> {
    /// What every answer of the Bot API has ("Making requests").
    #[expect(dead_code, reason = "it is there, or the answer is not the Bot API's")]
    ok: bool,
    result: Option<T>,
    error_code: Option<u16>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<ChatId>,
}

impl Telegram {
    /// The bot that `token` belongs to, at `base` (`https://api.telegram.org`).
    ///
    /// # Errors
    /// The TLS stack cannot be set up.
    pub(crate) fn new(base: Url, token: SecretString) -> Result<Self, OperatorError> {
        Ok(Self {
            http: http::client(CALL_LIMIT)?,
            base,
            token,
        })
    }

    /// Calls a method whose answer is all that is needed as `T`, which may be less than the Bot API sends.
    ///
    /// # Errors
    /// See [`TelegramError`].
    pub(crate) async fn call<P: Payload + Serialize, T: DeserializeOwned>(
        &self,
        payload: &P,
    ) -> Result<T, TelegramError> {
        self.post(P::NAME, payload, CALL_LIMIT).await
    }

    /// As [`Self::call`], with the parameters as JSON: where what Telegram sent is to go back as it came.
    ///
    /// # Errors
    /// See [`TelegramError`].
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        parameters: &serde_json::Value,
    ) -> Result<T, TelegramError> {
        self.post(method, parameters, CALL_LIMIT).await
    }

    /// Updates from `offset` on, which confirms all before it; waits up to `timeout` for the first. Without an
    /// offset, from where Telegram's own memory of confirmations stands.
    ///
    /// # Errors
    /// See [`TelegramError`].
    pub(crate) async fn updates(
        &self,
        offset: Option<i64>,
        timeout: Duration,
    ) -> Result<Vec<Box<RawValue>>, TelegramError> {
        let payload = GetUpdates {
            offset,
            limit: 100,
            timeout: timeout.as_secs(),
            allowed_updates: UPDATES,
        };
        self.post("getUpdates", &payload, timeout + POLL_SLACK).await
    }

    /// Has updates sent to `url`, with `secret`, one after the other, so that those of a chat stay in order. What was not
    /// confirmed before is sent there too.
    ///
    /// # Errors
    /// See [`TelegramError`].
    pub(crate) async fn set_webhook(&self, url: &Url, secret: &SecretString) -> Result<(), TelegramError> {
        let parameters = serde_json::json!({
            "url": url, "secret_token": secret.expose_secret(), "allowed_updates": UPDATES, "max_connections": 1,
        });
        self.ask::<bool>("setWebhook", &parameters).await.map(drop)
    }

    /// Where updates are sent; empty when they are asked for.
    ///
    /// # Errors
    /// See [`TelegramError`].
    pub(crate) async fn webhook(&self) -> Result<String, TelegramError> {
        #[derive(Deserialize)]
        struct Info {
            url: String,
        }
        let info: Info = self.ask("getWebhookInfo", &serde_json::json!({})).await?;
        Ok(info.url)
    }

    /// Has updates asked for again; what was not confirmed stays.
    ///
    /// # Errors
    /// See [`TelegramError`].
    pub(crate) async fn delete_webhook(&self) -> Result<(), TelegramError> {
        self.ask::<bool>("deleteWebhook", &serde_json::json!({}))
            .await
            .map(drop)
    }

    /// The bytes of a file, up to `largest`.
    ///
    /// # Errors
    /// [`TelegramError::TooLarge`]; see [`TelegramError`].
    pub(crate) async fn file(&self, file_id: &str, largest: usize) -> Result<Vec<u8>, TelegramError> {
        #[derive(Deserialize)]
        struct File {
            file_path: Option<String>,
        }
        let parameters = serde_json::json!({ "file_id": file_id });
        let file: File = match self.ask("getFile", &parameters).await {
            Err(TelegramError::Refused(reason)) if reason.contains("file is too big") => {
                return Err(TelegramError::TooLarge);
            }
            answered => answered?,
        };
        let Some(path) = file.file_path else {
            return Err(TelegramError::Refused("the file cannot be had".to_owned()));
        };
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments
                .pop_if_empty()
                .push("file")
                .push(&format!("bot{}", self.token.expose_secret()))
                .extend(path.split('/'));
        }
        let answer = self.http.get(url).send().await.map_err(network)?;
        let status = answer.status().as_u16();
        if status != 200 {
            return Err(TelegramError::Foreign(status));
        }
        match answer::read(answer, largest).await {
            Err(AnswerError::TooLong(_)) => Err(TelegramError::TooLarge),
            read => read.map_err(TelegramError::Unreadable),
        }
    }

    async fn post<T: DeserializeOwned>(
        &self,
        method: &str,
        payload: &impl Serialize,
        limit: Duration,
    ) -> Result<T, TelegramError> {
        let request = self.http.post(self.url(method)).timeout(limit).json(payload);
        Self::answered(request).await
    }

    /// Sends a file with this name (`sendDocument`), into a topic where there is one.
    ///
    /// # Errors
    /// See [`TelegramError`].
    pub(crate) async fn send_file(
        &self,
        place: Place,
        name: &str,
        content: &[u8],
    ) -> Result<Sent, TelegramError> {
        // What stands in no file.
        let boundary = format!("----{}", uuid::Uuid::new_v4().simple());
        let chat = place.chat;
        let topic = place.topic().map_or_else(String::new, |topic| {
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"message_thread_id\"\r\n\r\n{topic}\r\n")
        });
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n{chat}\r\n{topic}\
             --{boundary}\r\nContent-Disposition: form-data; name=\"document\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let end = format!("\r\n--{boundary}--\r\n");
        let seconds = u64::try_from(content.len() / FILE_BYTES_PER_SECOND).unwrap_or(u64::MAX);
        let limit = FILE_LIMIT.saturating_add(Duration::from_secs(seconds));
        let body = [head.as_bytes(), content, end.as_bytes()].concat();
        let request = self
            .http
            .post(self.url("sendDocument"))
            .timeout(limit)
            .header(
                "content-type",
                format!("multipart/form-data; boundary={boundary}"),
            )
            .body(body);
        Self::answered(request).await
    }

    async fn answered<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T, TelegramError> {
        let answer = request.send().await.map_err(network)?;
        let status = answer.status().as_u16();
        let body = answer::read(answer, LONGEST_ANSWER)
            .await
            .map_err(TelegramError::Unreadable)?;
        match serde_json::from_slice::<Answer<T>>(&body) {
            Ok(Answer {
                result: Some(result), ..
            }) => Ok(result),
            Ok(answer) => Err(refusal(
                answer.error_code.unwrap_or(status),
                answer.description,
                &answer.parameters,
            )),
            Err(error) if status < 400 => Err(TelegramError::Malformed(error)),
            // A proxy's page rather than Telegram's answer: whatever its status, it says nothing about the request or
            // the token.
            Err(_) if status >= 500 => Err(TelegramError::Server(status)),
            Err(_) => Err(TelegramError::Foreign(status)),
        }
    }

    fn url(&self, method: &str) -> Url {
        let mut url = self.base.clone();
        // A base without path segments is refused with the settings.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty()
                .push(&format!("bot{}", self.token.expose_secret()))
                .push(method);
        }
        url
    }
}

fn refusal(code: u16, description: String, parameters: &Parameters) -> TelegramError {
    if let Some(chat) = parameters.migrate_to_chat_id {
        return TelegramError::Migrated(chat);
    }
    match code {
        401 | 404 => TelegramError::Unauthorized,
        403 => TelegramError::Forbidden(description),
        409 => TelegramError::Conflict(description),
        413 => TelegramError::TooLarge,
        429 => TelegramError::TooMany(Duration::from_secs(parameters.retry_after.unwrap_or(1).max(1))),
        500.. => TelegramError::Server(code),
        _ => TelegramError::Refused(description),
    }
}

fn network(error: reqwest::Error) -> TelegramError {
    // The URL holds the token.
    TelegramError::Network(error.without_url())
}
