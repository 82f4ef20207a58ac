//! The shared connection: pipelined, replaced when it fails, every operation within a deadline.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, ErrorKind, RedisError, RedisResult, RetryMethod,
    aio::MultiplexedConnection,
};
use tokio::{sync::Mutex, time::Instant};

use crate::BusError;

/// How long an operation may take, with all its attempts.
const DEADLINE: Duration = Duration::from_secs(5);
/// How long one attempt may wait for an answer. A restarting Redis refuses at once; this is for one that hangs.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long making a connection may take.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// 50 ms, 100 ms, 200 ms, then every 400 ms.
const BACKOFF: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
];

/// A connection that many tasks use at the same time.
pub(crate) struct Connection {
    client: Client,
    current: Mutex<Current>,
    /// How often a connection was made.
    generation: AtomicU64,
    /// How often none could be made.
    failures: AtomicU64,
}

#[derive(Default)]
struct Current {
    connection: Option<MultiplexedConnection>,
    failure: Option<RedisError>,
}

impl Connection {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            current: Mutex::default(),
            generation: AtomicU64::new(0),
            failures: AtomicU64::new(0),
        }
    }

    /// How often a connection was made: when it changes, answers may have been lost.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Does something, again if the connection fails, until the deadline. What it does must bear repetition, because an
    /// answer may be lost after the deed, and lateness, because a command that was given up may still arrive.
    pub(crate) async fn run<T, F: Future<Output = RedisResult<T>>>(
        &self,
        operation: impl Fn(MultiplexedConnection) -> F,
    ) -> Result<T, BusError> {
        let deadline = Instant::now() + DEADLINE;
        let mut attempt = 0;
        loop {
            let error = match tokio::time::timeout_at(deadline, self.attempt(&operation)).await {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(error)) => error,
                Err(late) => return Err(BusError::Unavailable(Box::new(late))),
            };
            if !is_transient(&error) {
                return Err(BusError::Store(Box::new(error)));
            }
            let wait = BACKOFF[attempt.min(BACKOFF.len() - 1)];
            attempt += 1;
            if Instant::now() + wait >= deadline {
                return Err(BusError::Unavailable(Box::new(error)));
            }
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt<T, F: Future<Output = RedisResult<T>>>(
        &self,
        operation: &impl Fn(MultiplexedConnection) -> F,
    ) -> RedisResult<T> {
        let (generation, connection) = self.get().await?;
        let result = operation(connection).await;
        if let Err(error) = &result
            && is_transient(error)
        {
            self.forget(generation).await;
        }
        result
    }

    async fn get(&self) -> RedisResult<(u64, MultiplexedConnection)> {
        let failures = self.failures.load(Ordering::SeqCst);
        let mut current = self.current.lock().await;
        if let Some(connection) = &current.connection {
            return Ok((self.generation(), connection.clone()));
        }
        // Somebody else tried meanwhile: what they found holds for all who waited, or each would wait in turn.
        if self.failures.load(Ordering::SeqCst) != failures
            && let Some(failure) = &current.failure
        {
            return Err(failure.clone());
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT));
        let connected = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await;
        match connected {
            Ok(connection) => {
                current.connection = Some(connection.clone());
                Ok((self.generation.fetch_add(1, Ordering::SeqCst) + 1, connection))
            }
            Err(error) => {
                current.failure = Some(error.clone());
                self.failures.fetch_add(1, Ordering::SeqCst);
                Err(error)
            }
        }
    }

    /// A connection on which one answer was late is not used again: it may be to a host that is gone.
    async fn forget(&self, generation: u64) {
        let mut current = self.current.lock().await;
        if self.generation() == generation {
            current.connection = None;
        }
    }
}

/// Whether it may work next time: the network, a restart, a failover; not what the server refuses.
fn is_transient(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Io => true,
        ErrorKind::AuthenticationFailed => false,
        _ => !matches!(error.retry_method(), RetryMethod::NoRetry),
    }
}

/// Whether the stream or its group is gone, by the server's error code.
pub(crate) fn is_group_missing(error: &BusError) -> bool {
    let BusError::Store(source) = error else {
        return false;
    };
    source
        .downcast_ref::<RedisError>()
        .is_some_and(|error| error.code() == Some("NOGROUP"))
}
