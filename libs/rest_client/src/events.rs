//! A user's event stream, over as many connections as it takes.

use std::time::Duration;

use secrecy::ExposeSecret;
use service_kit::{
    answer,
    sse::{EventStream, SseError, SseEvent},
};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{Client, Error, UserEvent, client::LONGEST_ANSWER};

/// How long the server may take to open the stream.
const OPEN_LIMIT: Duration = Duration::from_secs(12);

/// How long the server may be silent; it says something every 15 s.
const SILENCE_LIMIT: Duration = Duration::from_secs(40);

/// The most bytes of one event: far more than the longest reply takes.
const LONGEST_EVENT: usize = 16 * 1024 * 1024;

/// How long one connection is used; then another one goes on where it ended.
const CONNECTION_LIMIT: Duration = Duration::from_secs(24 * 3600);

/// The wait before the second try to connect, doubling up to the last; the first try again is at once.
const WAITS: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// What a user is told, in order: no reply missed, none twice, through restarts of the server and the network.
#[derive(Debug)]
pub struct Events {
    client: Client,
    user: Uuid,
    /// The last reply that was handed out, or where the stream was opened.
    position: Option<i64>,
    connection: Option<EventStream>,
    wait: Duration,
    not_before: Option<Instant>,
}

impl Events {
    pub(crate) fn new(client: Client, user: Uuid, after: Option<i64>) -> Self {
        Self {
            client,
            user,
            position: after,
            connection: None,
            wait: Duration::ZERO,
            not_before: None,
        }
    }

    /// The next event; connects, and connects again, as needed. Cancel-safe.
    ///
    /// # Errors
    /// What trying again does not mend: [`Error::NotFound`], [`Error::Unauthorized`], [`Error::Invalid`],
    /// [`Error::Protocol`]. A server that cannot be reached is waited for.
    pub async fn next(&mut self) -> Result<UserEvent, Error> {
        loop {
            let failed = match &mut self.connection {
                Some(connection) => match next_of(connection).await {
                    Ok(event) => match self.understand(&event)? {
                        Some(event) => return Ok(event),
                        None => continue,
                    },
                    Err(error) => error,
                },
                None => match self.connect().await {
                    Ok(connection) => {
                        self.connection = Some(connection);
                        continue;
                    }
                    Err(error) => error,
                },
            };
            self.connection = None;
            if !failed.is_retryable() {
                return Err(failed);
            }
            tracing::debug!(user_id = %self.user, error = ?failed, "event stream lost; connecting again");
            self.not_before = Some(Instant::now() + self.wait);
            self.wait = (self.wait * 2).clamp(WAITS.0, WAITS.1);
        }
    }

    async fn connect(&mut self) -> Result<EventStream, Error> {
        if let Some(at) = self.not_before {
            tokio::time::sleep_until(at).await;
        }
        let url = self
            .client
            .url(&["users", &self.user.to_string(), "events"], None)?;
        let mut request = self
            .client
            .http
            .get(url)
            .timeout(CONNECTION_LIMIT)
            .bearer_auth(self.client.key.expose_secret())
            .header("accept", "text/event-stream");
        if let Some(position) = self.position {
            request = request.header("last-event-id", position);
        }
        let opening = async {
            let response = request.send().await.map_err(super::client::unavailable)?;
            let status = response.status();
            if status == reqwest::StatusCode::OK {
                return Ok(EventStream::new(response, LONGEST_EVENT, SILENCE_LIMIT));
            }
            let body = answer::read(response, LONGEST_ANSWER).await?;
            Err(Error::from_answer(status.as_u16(), &body))
        };
        tokio::time::timeout(OPEN_LIMIT, opening)
            .await
            .unwrap_or(Err(Error::Unavailable(None)))
    }

    /// What an event of the wire means; `None` for one from the future, or one that was seen.
    fn understand(&mut self, event: &SseEvent) -> Result<Option<UserEvent>, Error> {
        let unreadable = |error: serde_json::Error| Error::Protocol {
            status: 200,
            source: Some(Box::new(error)),
        };
        let id = event.id.as_deref().and_then(|id| id.parse::<i64>().ok());
        match (event.name.as_str(), id) {
            ("hello", _) => {
                let hello: crate::Hello = serde_json::from_str(&event.data).map_err(unreadable)?;
                self.wait = Duration::ZERO;
                self.not_before = None;
                self.position = Some(hello.position);
                Ok(Some(UserEvent::Hello(hello)))
            }
            ("reply", Some(id)) if self.position.is_none_or(|seen| id > seen) => {
                let reply = serde_json::from_str(&event.data).map_err(unreadable)?;
                self.position = Some(id);
                Ok(Some(UserEvent::Reply { id, reply }))
            }
            ("delta", _) => {
                let delta = serde_json::from_str(&event.data).map_err(unreadable)?;
                Ok(Some(UserEvent::Delta(delta)))
            }
            _ => Ok(None),
        }
    }
}

/// The next event of a connection; it ending is an error to retry.
async fn next_of(connection: &mut EventStream) -> Result<SseEvent, Error> {
    match connection.next().await {
        Ok(Some(event)) => Ok(event),
        Ok(None) => Err(Error::Unavailable(None)),
        Err(error @ (SseError::Silent(_) | SseError::Cut(_))) => {
            Err(Error::Unavailable(Some(Box::new(error))))
        }
        Err(error) => Err(Error::Protocol {
            status: 200,
            source: Some(Box::new(error)),
        }),
    }
}
